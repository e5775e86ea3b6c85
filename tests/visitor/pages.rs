//! Pages: however their addresses are spelt, and as people read them.

use deskbell_functions::submission::{Status, SubmissionContent};
use serde_json::json;

use crate::harness::metered::metered;
use crate::harness::moderation::choose;
use crate::harness::settings::OPEN;
use crate::harness::table::{copy, filed_under};
use crate::harness::world::{Answer, Desk, eventually, link_to};

async fn comment_on(desk: &Desk, page: &str, text: &str) -> Answer {
    let fields = [("page", page), ("author", "Ann"), ("email", "ann@example.org"), ("comment", text)];
    desk.post_for_json("/comments", &fields).await
}

fn encoded(page: &str) -> String {
    let mut url = reqwest::Url::parse("http://localhost/").expect("an address");
    url.query_pairs_mut().append_pair("", page);
    url.query().expect("a query")[1..].to_owned()
}

async fn texts(desk: &Desk, page: &str) -> Vec<String> {
    let list = desk.comments(&encoded(page)).await;
    let comments = list["comments"].as_array().unwrap_or_else(|| panic!("{list}"));
    comments.iter().map(|one| one["html"].as_str().expect("a text").to_owned()).collect()
}

async fn count(desk: &Desk, page: &str) -> u64 {
    let counts = desk.get(&format!("/comments/count?page={}", encoded(page))).await.json();
    counts["counts"].as_object().expect("counts").values().map(|count| count.as_u64().expect("a count")).sum()
}

#[tokio::test]
async fn a_page_has_one_thread_however_its_address_is_spelt() {
    let desk = Desk::configured(OPEN).await;
    let pages: [&[&str]; 4] = [
        &["/caf%c3%a9/", "/café", "/cafe\u{301}/index.html", "/cafe%CC%81//", "/caf%C3%A9/index.php"],
        &["/~ann/", "/%7Eann", "/%7eann//"],
        &["/x/a//", "/x/a/index.htm", "/x/./a", "/x/%61/?utm_source=mail#end"],
        &["/日本語/", "/%E6%97%A5%E6%9C%AC%E8%AA%9E"],
    ];
    for spellings in pages {
        for spelling in spellings {
            assert_eq!(comment_on(&desk, spelling, spelling).await.status, 201, "{spelling}");
        }
        for spelling in spellings {
            assert_eq!(texts(&desk, spelling).await.len(), spellings.len(), "{spelling}");
            let counted = async || (count(&desk, spelling).await == spellings.len() as u64).then_some(());
            eventually("the count", counted).await;
        }
    }
}

#[tokio::test]
async fn parameters_tell_pages_apart_where_a_site_says_so() {
    for (settings, together) in
        [(OPEN.to_owned(), true), (format!("sites.studio.comments.query = [\"id\"]\n{OPEN}"), false)]
    {
        let desk = Desk::configured(&settings).await;
        comment_on(&desk, "/article?id=5&utm_source=x", "five").await;
        comment_on(&desk, "/article?id=6", "six").await;
        assert_eq!(texts(&desk, "/article?lang=en&id=5").await.len(), if together { 2 } else { 1 });
        assert_eq!(texts(&desk, "/article").await.len(), if together { 2 } else { 0 });
    }
}

#[tokio::test]
async fn what_an_earlier_release_filed_under_another_spelling_is_found_counted_and_moderated() {
    let (proxy, desk) = metered(OPEN).await;
    let sent = desk.comment("Pattern", "A published comment of quite a usual length, as people write them.").await;
    desk.settled().await;
    let pattern = desk.submission(&sent.id()).await;
    for (old, asked) in
        [("/caf%c3%a9", "/café/"), ("/%7Eann", "/~ann/"), ("/b/index.php", "/b/index.php"), ("/cafe%CC%81s", "/cafés")]
    {
        let item = filed_under(copy(&pattern, Status::Published), old);
        let id = serde_json::to_value(&item).expect("JSON")["id"]["S"].as_str().expect("an id").to_owned();
        let counted = json!({ "pk": { "S": format!("studio#page#{old}") }, "sk": { "S": "count" }, "published": { "N": "1" }, "since": { "N": "1700000000" } });
        let counted = serde_json::from_value(counted).expect("an item");
        proxy.database.import_items("deskbell", vec![item, counted], dynoxide::ImportOptions::default()).expect("put");

        assert_eq!((texts(&desk, asked).await.len(), count(&desk, asked).await), (1, 1), "{old}");
        let fields =
            [("page", asked), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "Later"), ("parent", &*id)];
        let replied = desk.post_for_json("/comments", &fields).await;
        assert_eq!(replied.status, 201, "{}", replied.body);
        comment_on(&desk, asked, "New").await;
        eventually("the count", async || (count(&desk, asked).await == 3).then_some(())).await;
        assert_eq!(texts(&desk, asked).await.len(), 2, "{old}");
        assert_eq!(count(&desk, old).await, 3, "{old}");

        choose(&desk, &replied.id(), "trash").await;
        choose(&desk, &id, "spam").await;
        eventually("the count", async || (count(&desk, asked).await == 1).then_some(())).await;
        assert_eq!(texts(&desk, asked).await.len(), 1, "{old}");
    }
}

#[tokio::test]
async fn people_read_a_page_decoded_and_links_keep_it_encoded() {
    let desk = Desk::configured("sites.studio.comments.policy = \"all\"").await;
    let sent = comment_on(&desk, "/日本語/%E2%80%AEa%0D%0ABcc:x/", "I was there, too, and it was lovely.").await;
    let email = desk.email_about("I was there, too").await;
    assert!(email.subject.contains("/日本語/a Bcc:x/"), "{}", email.subject);
    let read: Vec<&str> = email.text.lines().filter(|line| !line.starts_with("http")).collect();
    assert!(read.contains(&"Page: /日本語/a Bcc:x/") && !read.concat().contains("%E6%97%A5"), "{}", email.text);
    assert!(link_to(&email, "Open the page").contains("/%E6%97%A5%E6%9C%AC%E8%AA%9E/"), "{}", email.text);
    choose(&desk, &sent.id(), "approve").await;
    let feed = desk.get("/comments/feed").await.body;
    assert!(feed.contains("/日本語/a Bcc:x/") && feed.contains("/%E6%97%A5%E6%9C%AC%E8%AA%9E/"), "{feed}");
    let SubmissionContent::Comment(comment) = desk.submission(&sent.id()).await.content else { panic!("a comment") };
    assert!(comment.page().path().is_ascii());
}

#[tokio::test]
async fn only_pages_of_the_web_are_pages() {
    let desk =
        Desk::configured(&format!("{OPEN}\n[[sites.studio.comments.pages]]\nmatch = \"/closed/*\"\nclosed = true"))
            .await;
    for scheme in ["blob:", "BLOB:", "filesystem:", "view-source:", "blob:blob:"] {
        let page = format!("{scheme}{}/a", desk.world.url);
        assert_eq!(comment_on(&desk, &page, "Here").await.status, 422, "{page}");
        let form = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?"), ("_next", &page)];
        let answered = desk.post("/contact", &form).await;
        let leads_to = answered.header("location").to_ascii_lowercase();
        assert!(answered.status == 303 && !leads_to.contains(&scheme.to_ascii_lowercase()), "{leads_to}");
    }
    for spelling in ["/closed/a", "/%63losed/a", "/clo%73ed//a", "/x/../closed/a", "/closed/%61/index.php"] {
        assert_eq!(comment_on(&desk, spelling, "Here").await.status, 403, "{spelling}");
    }
    // An escaped slash is part of a name: that is another page, and nothing of it is to be seen on the closed one.
    assert_eq!(comment_on(&desk, "/closed%2f../closed/a", "There").await.status, 201);
    assert_eq!(texts(&desk, "/closed%2F../closed/a").await.len(), 1);
    assert!(texts(&desk, "/closed/a").await.is_empty());
}
