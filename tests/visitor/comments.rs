//! Comments: taken, published, shown.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::moderation::choose;
use crate::harness::page::Form;
use crate::harness::world::{ARTICLE, BLATANT, Desk, answer, eventually};

/// The sample site with another policy for comments.
async fn desk_with_policy(policy: &str) -> Desk {
    Desk::configured(&format!("sites.studio.comments.policy = \"{policy}\"")).await
}

fn authors(page: &Value) -> Vec<&str> {
    page["comments"]
        .as_array()
        .expect("comments")
        .iter()
        .map(|comment| comment["author"].as_str().expect("author"))
        .collect()
}

#[tokio::test]
async fn a_comment_waits_for_the_owner_and_then_appears() {
    let desk = Desk::start().await;
    let sent = desk.comment("Bo", "It **helped** me.").await;
    assert_eq!((sent.status, &sent.json()["status"]), (202, &json!("held")));
    let before = desk.get(&format!("/comments?page={ARTICLE}")).await;
    assert_eq!((before.json()["count"].as_u64(), before.json()["comments"].clone()), (Some(0), json!([])));

    let email = desk.email_about("It **helped** me.").await;
    assert_eq!(email.reply_to.as_deref(), Some("bo@example.org"));
    let link = crate::harness::world::link(&email);
    assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);

    let after = desk.comments(ARTICLE).await;
    assert_eq!(after["count"], 1);
    let comment = &after["comments"][0];
    assert_eq!(comment["id"].as_str(), Some(&*sent.id()));
    assert_eq!(comment["html"], "<p>It <strong>helped</strong> me.</p>\n");
    assert_eq!(desk.count(ARTICLE).await, 1);
    let html = desk.get_html(&format!("/comments?page={ARTICLE}")).await;
    assert!(html.body.starts_with("<ol class=\"comments\">"), "{}", html.body);
    for public in [after.to_string(), html.body] {
        assert!(!public.contains("bo@example.org") && !public.contains('@'), "{public}");
    }
}

#[tokio::test]
async fn unchanged_comments_are_not_sent_again() {
    let desk = Desk::start().await;
    let path = format!("/comments?page={ARTICLE}");
    let first = desk.get(&path).await;
    assert!(first.header("cache-control").contains("public"));
    let revalidated = async |tag: &str| answer(desk.request_get(&path).header("if-none-match", tag)).await;
    let tag = first.header("etag").to_owned();
    let again = revalidated(&tag).await;
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", &*tag));
    assert_eq!(revalidated(&format!("\"other\", W/{tag}")).await.status, 304);
    assert_eq!(revalidated("\"other\"").await.status, 200);

    desk.comment("Bo", "New").await;
    let link = desk.link_about("New").await;
    desk.post(&link, &[("choice", "approve")]).await;
    assert_eq!(revalidated(&tag).await.status, 200);
}

#[tokio::test]
async fn other_systems_forms_work() {
    let desk = desk_with_policy("none").await;
    let wordpress = [
        ("author", "Wim"),
        ("email", "wim@example.org"),
        ("url", ""),
        ("comment", "From WordPress"),
        ("comment_post_ID", "7"),
        ("comment_parent", "0"),
        ("submit", "Post Comment"),
    ];
    let sent = desk.post("/comments", &wordpress).await;
    let thanks = desk.get(sent.header("location")).await;
    assert!(sent.status == 303 && thanks.body.contains("/?p=7#comment-"), "{sent:?} {thanks:?}");
    assert_eq!(authors(&desk.comments("/?p=7").await), ["Wim"]);

    let isso = json!({ "uri": "/isso/", "text": "From Isso", "author": "Ida", "email": "ida@example.org", "website": "https://ida.example" });
    let sent = answer(desk.request_post("/comments").json(&isso)).await;
    assert_eq!((sent.status, &sent.json()["comment"]["url"]), (201, &json!("https://ida.example")));
    let staticman = json!({
        "fields": { "name": "Stan", "email": "stan@example.org", "message": "From Staticman" },
        "options": { "slug": "/isso/", "parent": sent.id() },
    });
    assert_eq!(answer(desk.request_post("/comments").json(&staticman)).await.status, 201);
    let page = eventually("the reply", async || {
        let page = desk.comments("/isso/").await;
        (page["count"] == 2).then_some(page)
    })
    .await;
    assert_eq!(page["comments"][0]["replies"][0]["author"], "Stan");
}

#[tokio::test]
async fn a_bad_comment_comes_back_with_everything_in_it() {
    let desk = Desk::start().await;
    let fields = [
        ("page", ARTICLE),
        ("author", "Bo"),
        ("email", "nobody"),
        ("url", "my site"),
        ("comment", "It took me an hour to write this."),
    ];
    let refused = desk.post("/comments", &fields).await;
    assert_eq!(refused.status, 422);
    let hidden = format!("<input type=\"hidden\" name=\"page\" value=\"{ARTICLE}\">");
    for part in [
        &*hidden,
        "It took me an hour",
        "value=\"nobody\"",
        "value=\"my site\"",
        "id=\"field-1-error\"",
        "id=\"field-2-error\"",
        "field-1-hint field-1-error",
    ] {
        assert!(refused.body.contains(part), "{part} is not in {}", refused.body);
    }
    let missing = desk.post_for_json("/comments", &[]).await.json();
    let named: Vec<_> = missing["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
    assert_eq!(named, ["author", "email", "comment", "page"]);
    let elsewhere =
        [("page", "https://evil.example/"), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "x")];
    assert_eq!(desk.post_for_json("/comments", &elsewhere).await.json()["errors"][0]["code"], "page");
}

#[tokio::test]
async fn without_holding_a_comment_appears_at_once_and_is_counted() {
    let settings = r#"sites.studio = { comments.policy = "none", judging.moderation_keys = ["casino"] }"#;
    let desk = Desk::configured(settings).await;
    let sent = desk.comment("Bo", "At once").await;
    assert_eq!((sent.status, &sent.json()["status"]), (201, &json!("published")));
    assert_eq!(sent.json()["comment"]["html"], "<p>At once</p>\n");
    assert_eq!(authors(&desk.comments(ARTICLE).await), ["Bo"]);
    eventually("the count", async || (desk.count(ARTICLE).await == 1).then_some(())).await;
    let unsure = desk.comment("Cay", "We met at the casino.").await;
    assert_eq!(unsure.status, 202, "doubt holds");
    let email = desk.email_about("At once").await;
    assert!(crate::harness::world::said(&email).contains("New comment published on"), "{}", email.text);
}

#[tokio::test]
async fn an_author_approved_once_is_published_from_then_on() {
    let desk = Desk::start().await;
    desk.comment("Bo", "First").await;
    let link = desk.link_about("First").await;
    desk.post(&link, &[("choice", "approve")]).await;
    assert_eq!(desk.comment("Bo", "Second").await.status, 201);
    let borrowed = [("page", ARTICLE), ("author", "Somebody"), ("email", "bo@example.org"), ("comment", "Third")];
    assert_eq!(desk.post_for_json("/comments", &borrowed).await.status, 202, "another name is another author");
}

#[tokio::test]
async fn spam_is_answered_like_a_comment_that_waits() {
    let desk = desk_with_policy("none").await;
    let fields =
        [("page", ARTICLE), ("author", "Bot"), ("email", "bot@example.org"), ("comment", BLATANT), ("_honey", "x")];
    let spam = desk.post_for_json("/comments", &fields).await;
    assert_eq!((spam.status, &spam.json()["status"]), (202, &json!("held")));
    let nicer = format!("{BLATANT} Nicer");
    let fields =
        [("page", ARTICLE), ("author", "Bot"), ("email", "bot@example.org"), ("comment", &nicer), ("_honey", "x")];
    let html = desk.post("/comments", &fields).await;
    let chance = desk.get_html(html.header("location")).await;
    let link = chance.body.split('"').find(|link| link.starts_with("/comments/waiting/")).expect("a way on");
    let waiting = desk.get_html(link).await;
    assert!(waiting.body.contains("Thank you for your comment") && waiting.body.contains("Nicer"), "{}", waiting.body);
    desk.settled().await;
    assert!(!desk.emails().await.iter().any(|email| crate::harness::world::said(email).contains("casino")));
    assert_eq!(desk.comments(ARTICLE).await["count"], 0);
}

#[tokio::test]
async fn pages_of_comments_follow_on_each_other_in_both_orders() {
    let desk = desk_with_policy("none").await;
    for number in 0..7 {
        desk.comment(&format!("Author {number}"), &format!("Text {number}")).await;
    }
    for (order, expected) in [("oldest", [0, 1, 2, 3, 4, 5, 6]), ("newest", [6, 5, 4, 3, 2, 1, 0])] {
        let mut seen = Vec::new();
        let mut after = String::new();
        for _ in 0..3 {
            let page = desk.get(&format!("/comments?page={ARTICLE}&limit=3&order={order}&after={after}")).await.json();
            seen.extend(authors(&page).into_iter().map(str::to_owned));
            after = page["next"].as_str().unwrap_or_default().to_owned();
        }
        let expected: Vec<_> = expected.iter().map(|number| format!("Author {number}")).collect();
        assert_eq!(seen, expected, "{order}");
        assert_eq!(after, "", "the last part names no next one");
    }
    let fragment = desk.get_html(&format!("/comments?page={ARTICLE}&limit=3")).await.body;
    let more = fragment
        .split("class=\"more\" rel=\"next\" target=\"_self\" href=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a link");
    let next = desk.get_html(&more.replace("&#38;", "&")).await.body;
    assert!(next.contains("Author 3") && !next.contains("Author 2"), "{next}");
}

/// A part of the comments of the page, or of the replies to one: their ids, and after which the next part begins.
async fn part(desk: &Desk, parent: Option<&str>, query: &str) -> (Vec<String>, Option<String>) {
    let thread = parent.map(|id| format!("&parent={id}")).unwrap_or_default();
    let part = desk.get(&format!("/comments?page={ARTICLE}{thread}&{query}")).await.json();
    let ids =
        part["comments"].as_array().expect("comments").iter().map(|one| one["id"].as_str().expect("an id").into());
    (ids.collect(), part["next"].as_str().map(str::to_owned))
}

async fn write(desk: &Desk, parent: Option<&str>, random: &mut fastrand::Rng) -> String {
    let (author, text) = (format!("Ann {}", random.u16(..)), format!("It helped me on day {}.", random.u64(..)));
    let fields = [("page", ARTICLE), ("author", &*author), ("email", "ann@example.org"), ("comment", &*text)];
    let fields = fields.into_iter().chain(parent.map(|parent| ("parent", parent))).collect::<Vec<_>>();
    let sent = desk.post_for_json("/comments", &fields).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    sent.id()
}

/// Reads a list in parts of any size while comments come and go: what is there all the time is seen, all of it in order,
/// and nothing twice.
async fn read_while_it_changes(desk: &Desk, parent: Option<&str>, order: &str, random: &mut fastrand::Rng) {
    let (mut there, _) = part(desk, parent, "limit=50").await;
    while there.len() < 8 {
        there.push(write(desk, parent, random).await);
    }
    let (mut lasting, mut seen, mut after) = (there.clone(), Vec::new(), String::new());
    loop {
        let query = format!("limit={}&order={order}&after={after}", random.usize(1..=5));
        let (ids, next) = part(desk, parent, &query).await;
        seen.extend(ids);
        let Some(next) = next else { break };
        after = next;
        if random.bool() {
            // Most often that behind which the next part begins.
            let gone = if random.bool() { after.clone() } else { random.choice(&there).expect("some").clone() };
            choose(desk, &gone, "trash").await;
            there.retain(|id| *id != gone);
            lasting.retain(|id| *id != gone);
        }
        if random.bool() {
            there.push(write(desk, parent, random).await);
        }
    }
    if order == "newest" {
        lasting.reverse();
    }
    let kept: Vec<_> = seen.iter().filter(|id| lasting.contains(id)).cloned().collect();
    assert_eq!(kept, lasting, "{order} {parent:?}");
    let different: BTreeSet<_> = seen.iter().collect();
    assert_eq!(different.len(), seen.len(), "{seen:?}");
}

#[tokio::test]
async fn a_list_read_in_parts_shows_what_stays_once_whatever_comes_and_goes_meanwhile() {
    let desk = desk_with_policy("none").await;
    let random = &mut fastrand::Rng::with_seed(12);
    for order in ["oldest", "newest"].repeat(6) {
        read_while_it_changes(&desk, None, order, random).await;
    }
    let root = desk.comment("Root", "A thread of its own").await.id();
    for _ in 0..12 {
        read_while_it_changes(&desk, Some(&root), "oldest", random).await;
    }
}

#[tokio::test]
async fn replies_stand_in_their_thread() {
    let desk = desk_with_policy("none").await;
    let first = desk.comment("Ann", "Question").await.id();
    let reply = async |author: &str, parent: &str, page: &str| {
        let email = format!("{author}@example.org");
        let fields = [("page", page), ("author", author), ("email", &*email), ("comment", "Reply"), ("parent", parent)];
        desk.post_for_json("/comments", &fields).await
    };
    let answer = reply("Bo", &first, ARTICLE).await.id();
    assert_eq!(reply("Cay", &answer, ARTICLE).await.status, 201);
    let page = eventually("both replies", async || {
        let page = desk.comments(ARTICLE).await;
        (page["count"] == 3).then_some(page)
    })
    .await;
    let thread = &page["comments"][0];
    assert_eq!(thread["replies"][0]["parent"].as_str(), Some(&*first));
    assert_eq!(thread["replies"][1]["parent"].as_str(), Some(&*answer));
    let html = desk.get_html(&format!("/comments?page={ARTICLE}")).await.body;
    assert!(html.contains(&format!("<a class=\"to\" target=\"_self\" href=\"#comment-{answer}\">")), "{html}");

    assert_eq!(reply("Di", &first, "/another/").await.status, 404, "a thread stays on its page");
    assert_eq!(reply("Di", "00000000-0000-7000-8000-000000000000", ARTICLE).await.status, 404);
    assert_eq!(reply("Di", "x", ARTICLE).await.status, 422);
}

#[tokio::test]
async fn nobody_can_reply_to_what_is_not_published() {
    let desk = Desk::start().await;
    let held = desk.comment("Ann", "Question").await.id();
    let fields = [
        ("page", ARTICLE),
        ("author", "Bo"),
        ("email", "bo@example.org"),
        ("comment", "Reply text"),
        ("parent", &held),
    ];
    let refused = desk.post("/comments", &fields).await;
    assert!(refused.status == 404 && refused.body.contains("Reply text"), "what was typed is kept: {}", refused.body);
    assert_eq!(desk.get_html(&format!("/comments/reply?parent={held}")).await.status, 404);
}

#[tokio::test]
async fn an_answer_to_what_is_gone_comes_back_as_a_first_comment_that_can_be_sent() {
    let desk = desk_with_policy("none").await;
    let gone = async |choice: &str| {
        let id = desk.comment(&format!("For {choice}"), &format!("A question for {choice}")).await.id();
        choose(&desk, &id, choice).await;
        id
    };
    let elsewhere = [("page", "/other/"), ("author", "Ann"), ("email", "ann@example.org"), ("comment", "Elsewhere")];
    let parents = [
        gone("trash").await,
        gone("spam").await,
        desk.post_for_json("/comments", &elsewhere).await.id(),
        "00000000-0000-7000-8000-000000000000".into(),
        uuid::Uuid::new_v4().simple().to_string(),
        // As WordPress numbers comments, and as templates leave it.
        "4711".into(),
        "{{ parent }}".into(),
        "\u{202e}x".into(),
    ];
    for (number, parent) in parents.iter().enumerate() {
        let text = format!("My \"answer\" number {number}\nin two lines");
        let typed = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", &*text)];
        let answer =
            [&typed[..], &[("parent", parent), ("_next", "/thank-you/"), ("published", "2026-03-14")]].concat();
        let back = desk.post("/comments", &answer).await;
        assert_eq!(back.status, 404, "{parent}");
        assert!(
            back.body.contains("no longer exists") && back.body.contains("as a comment of its own"),
            "{}",
            back.body
        );
        let form = Form::first(&back.body);
        assert_eq!((form.action.as_str(), form.value("parent")), ("/comments", None), "{parent}");
        assert_eq!(form.value("comment").as_deref(), Some(&*text));
        assert_eq!(form.value("_next").as_deref(), Some("/thank-you/"));
        assert_eq!(form.value("published").as_deref(), Some("2026-03-14"));
        let sent = desk.post(&form.action, &form.fields()).await;
        assert_eq!(sent.status, 303, "{parent}: {}", sent.body);

        let json = desk.post_for_json("/comments", &answer).await;
        let problem = json.json();
        match json.status {
            404 => assert_eq!(problem["code"], "parent_gone"),
            422 => assert_eq!(problem["errors"][0]["field"], "parent"),
            other => panic!("{other}: {problem}"),
        }
    }
    let page = desk.comments(ARTICLE).await;
    let firsts = page["comments"].as_array().expect("comments").iter().filter(|comment| comment["author"] == "Bo");
    assert_eq!(firsts.count(), parents.len());
}

#[tokio::test]
async fn an_answer_to_nothing_is_called_so_and_only_what_can_be_corrected_is_marked() {
    let desk = desk_with_policy("none").await;
    let wrong = [("page", ARTICLE), ("author", "Bo"), ("email", "bo"), ("comment", "My answer"), ("parent", "4711")];
    let told = desk.post_for_json("/comments", &wrong).await.json();
    let errors: Vec<_> = told["errors"].as_array().expect("errors").iter().collect();
    let codes: Vec<_> = errors.iter().map(|error| (&error["field"], &error["code"])).collect();
    assert_eq!(codes, [(&json!("email"), &json!("email")), (&json!("parent"), &json!("parent"))]);
    assert_eq!(errors[1]["message"], "The comment you are replying to no longer exists.");

    let back = desk.post("/comments", &wrong).await;
    assert!(back.status == 422 && back.body.contains("full email address"), "{}", back.body);
    assert!(!back.body.contains("Parent") && !back.body.contains("no longer exists"), "{}", back.body);
    // Once that is corrected, the rest is told.
    let form = Form::first(&back.body);
    let right = |(name, value)| if name == "email" { (name, "bo@example.org") } else { (name, value) };
    let corrected: Vec<(&str, &str)> = form.fields().into_iter().map(right).collect();
    let gone = desk.post(&form.action, &corrected).await;
    assert!(gone.status == 404 && gone.body.contains("as a comment of its own"), "{}", gone.body);
    let form = Form::first(&gone.body);
    assert_eq!(desk.post(&form.action, &form.fields()).await.status, 303);
}

#[tokio::test]
async fn the_reply_form_works_without_a_script() {
    let desk = desk_with_policy("none").await;
    let first = desk.comment("Ann", "A *question*").await.id();
    let page = desk.get_html(&format!("/comments/reply?parent={first}")).await;
    let hidden = format!("<input type=\"hidden\" name=\"parent\" value=\"{first}\">");
    for part in ["<h1>Reply to Ann</h1>", "A <em>question</em>", &hidden, "action=\"/comments\""] {
        assert!(page.body.contains(part), "{part} is not in {}", page.body);
    }
}

#[tokio::test]
async fn a_browser_that_opens_the_comments_gets_a_whole_page() {
    let desk = Desk::start().await;
    let request = desk.request_get(&format!("/comments?page={ARTICLE}")).header("accept", "text/html");
    let page = answer(request.header("sec-fetch-dest", "iframe")).await;
    assert!(page.body.starts_with("<!doctype html>") && page.body.contains("No comments yet."), "{}", page.body);
    assert!(page.header("content-security-policy").contains("frame-ancestors 'self' http://127.0.0.1"));
    assert!(page.header("vary").contains("Sec-Fetch-Dest"));
    // A frame stands under a heading of its own, and other sites cannot be opened in it.
    assert!(!page.body.contains("<h1>") && page.body.contains("<base target=\"_top\">"), "{}", page.body);
    let alone = desk.request_get(&format!("/comments?page={ARTICLE}")).header("accept", "text/html");
    let alone = answer(alone.header("sec-fetch-dest", "document")).await;
    assert!(alone.body.contains("<h1>Comments</h1>") && alone.body.contains("Back to the page"), "{}", alone.body);
}

#[tokio::test]
async fn one_page_has_one_count_however_it_is_addressed() {
    let desk = desk_with_policy("none").await;
    let whole = format!("{}{ARTICLE}index.html?utm_source=mail#respond", desk.world.url);
    let fields = [("page", &*whole), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "Here")];
    assert_eq!(desk.post_for_json("/comments", &fields).await.status, 201);
    let bare = ARTICLE.trim_end_matches('/');
    eventually("the count", async || (desk.count(ARTICLE).await == 1).then_some(())).await;
    assert_eq!(desk.count(bare).await, 1);
    let counts = desk.get(&format!("/comments/count?page={ARTICLE}&page=/none/")).await;
    assert_eq!(counts.json(), json!({ "counts": { ARTICLE: 1, "/none/": 0 } }));
}
