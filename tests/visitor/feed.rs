//! Feeds: what a feed reader finds of the comments of a page, and of a site.

use std::collections::HashSet;

use deskbell_functions::submission::{Status, Submission};
use jiff::Timestamp;
use roxmltree::{Document, Node};
use uuid::Uuid;

use crate::harness::client::Client;
use crate::harness::fault_proxy::FaultProxy;
use crate::harness::metered::{cost, metered};
use crate::harness::moderation::{choose, published, reply};
use crate::harness::table::{copy, replying};
use crate::harness::world::{ARTICLE, Answer, BLATANT, Desk, OWNER, answer, eventually};

const ATOM: &str = "http://www.w3.org/2005/Atom";
const THREADS: &str = "http://purl.org/syndication/thread/1.0";

/// The feed of the article.
pub(crate) const OF_ARTICLE: &str = "/comments/feed?page=/blog/massage-for-back-pain/";

/// A feed as a reader understands it.
#[derive(Debug)]
struct Feed {
    id: String,
    title: String,
    updated: Timestamp,
    lang: String,
    own: String,
    place: String,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: String,
    title: String,
    author: String,
    uri: Option<String>,
    html: String,
    place: String,
    published: Timestamp,
    updated: Timestamp,
    /// The id and the place of what it answers.
    answers: Option<(String, String)>,
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    let mut found = node.children().filter(|child| child.has_tag_name((ATOM, name)));
    let first = found.next();
    assert!(found.next().is_none(), "two of {name}");
    first
}

/// What stands in an element that must be there.
fn text(node: Node<'_, '_>, name: &str) -> String {
    let child = node.children().find(|child| child.has_tag_name((ATOM, name)));
    child.unwrap_or_else(|| panic!("no {name}")).text().unwrap_or_default().to_owned()
}

fn time(node: Node<'_, '_>, name: &str) -> Timestamp {
    text(node, name).parse().expect("a time")
}

/// Where the only link of a relation leads.
fn link(node: Node<'_, '_>, relation: &str, kind: &str) -> String {
    let links: Vec<_> = node
        .children()
        .filter(|child| child.has_tag_name((ATOM, "link")) && child.attribute("rel") == Some(relation))
        .collect();
    assert_eq!(links.len(), 1, "{relation}");
    assert_eq!(links[0].attribute("type"), Some(kind));
    links[0].attribute("href").expect("an address").to_owned()
}

impl Feed {
    /// Reads a document that must be well-formed and have whatever RFC 4287 asks for.
    fn read(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/atom+xml; charset=utf-8");
        let document = Document::parse(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.body));
        let feed = document.root_element();
        assert!(feed.has_tag_name((ATOM, "feed")));
        let entries = feed.children().filter(|child| child.has_tag_name((ATOM, "entry"))).map(Entry::read);
        let entries: Vec<Entry> = entries.collect();
        let ids: HashSet<&str> = entries.iter().map(|entry| &*entry.id).collect();
        assert_eq!(ids.len(), entries.len(), "an id is there twice");
        let feed = Self {
            id: text(feed, "id"),
            title: text(feed, "title"),
            updated: time(feed, "updated"),
            lang: feed.attribute(("http://www.w3.org/XML/1998/namespace", "lang")).expect("a language").into(),
            own: link(feed, "self", "application/atom+xml"),
            place: link(feed, "alternate", "text/html"),
            entries,
        };
        assert!(feed.entries.iter().all(|entry| entry.updated <= feed.updated && entry.published <= entry.updated));
        assert!(feed.entries.is_sorted_by(|one, next| one.published >= next.published), "the newest first");
        assert!(is_urn(&feed.id), "{}", feed.id);
        feed
    }

    fn authors(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| &*entry.author).collect()
    }
}

impl Entry {
    fn read(node: Node<'_, '_>) -> Self {
        let author = child(node, "author").expect("an author");
        assert!(child(author, "email").is_none());
        let content = child(node, "content").expect("content");
        assert_eq!(content.attribute("type"), Some("html"));
        let answers = node.children().find(|child| child.has_tag_name((THREADS, "in-reply-to")));
        let said = |node: Node<'_, '_>, name| node.attribute(name).expect("an attribute").to_owned();
        let entry = Self {
            id: text(node, "id"),
            title: text(node, "title"),
            author: text(author, "name"),
            uri: child(author, "uri").and_then(|uri| Some(uri.text()?.to_owned())),
            html: content.text().unwrap_or_default().to_owned(),
            place: link(node, "alternate", "text/html"),
            published: time(node, "published"),
            updated: time(node, "updated"),
            answers: answers.map(|answers| (said(answers, "ref"), said(answers, "href"))),
        };
        assert!(is_urn(&entry.id) && !entry.author.is_empty(), "{entry:?}");
        entry
    }
}

fn is_urn(id: &str) -> bool {
    id.strip_prefix("urn:uuid:").is_some_and(|id| id.parse::<Uuid>().is_ok_and(|uuid| uuid.to_string() == id))
}

fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}

async fn feed(desk: &Desk, path: &str) -> Feed {
    Feed::read(&desk.get(path).await)
}

/// The sample site, which holds no comments; and takes nothing for spam, for that is not what this is about.
async fn open_desk(lines: &str) -> Desk {
    let settings = format!(
        "[sites.studio]\n{lines}\ncomments = {{ policy = \"none\", required = [] }}\njudging = {{ unsure = 0.999999, spam = 1.0 }}"
    );
    Desk::configured(&settings).await
}

async fn counted(desk: &Desk, count: u64) {
    eventually("the count", async || (desk.count(ARTICLE).await == count).then_some(())).await;
}

#[tokio::test]
async fn a_page_s_feed_holds_its_comments_and_replies_and_the_site_s_holds_all() {
    let desk = open_desk("").await;
    let fields =
        [("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.org"), ("url", "https://ann.example/?a=1&b=2")];
    let first =
        desk.post_for_json("/comments", &[&fields[..], &[("comment", "It **helped** me.")]].concat()).await.id();
    let second = reply(&desk, &first, "Bo", "Me, too.").await;
    let third = reply(&desk, &second, "Cy", "> Me, too.\n\nAnd me.").await;
    let elsewhere = [("page", "/b/"), ("author", ""), ("email", ""), ("comment", "Elsewhere")];
    desk.post_for_json("/comments", &elsewhere).await;
    counted(&desk, 3).await;

    let page = feed(&desk, OF_ARTICLE).await;
    assert_eq!(page.authors(), ["Cy", "Bo", "Ann"]);
    assert_eq!((&*page.title, &*page.lang), ("Studio Lindqvist: comments on /blog/massage-for-back-pain/", "en"));
    assert_eq!(page.place, format!("{}{ARTICLE}", desk.world.url));
    assert_eq!(feed(&desk, &page.own).await.id, page.id);
    let [last, _, root] = &page.entries[..] else { panic!("{page:?}") };
    assert_eq!((&root.id, &last.id), (&urn(&first), &urn(&third)));
    assert_eq!(root.html, "<p>It <strong>helped</strong> me.</p>\n");
    assert_eq!(root.title, "Ann on /blog/massage-for-back-pain/");
    assert_eq!((root.uri.as_deref(), &root.answers), (Some("https://ann.example/?a=1&b=2"), &None));
    let place = |id: &str| format!("{}{ARTICLE}#comment-{id}", desk.world.url);
    assert_eq!(last.place, place(&third));
    assert_eq!(last.answers, Some((urn(&second), place(&second))));

    let site = eventually("the other page's", async || {
        let site = feed(&desk, "/comments/feed").await;
        (site.entries.len() == 4).then_some(site)
    })
    .await;
    assert_eq!(site.authors(), ["Anonymous", "Cy", "Bo", "Ann"]);
    assert_eq!((&*site.title, &*site.entries[0].title), ("Studio Lindqvist: comments", "Anonymous on /b/"));
    assert_eq!(site.place, format!("{}/", desk.world.url));
    assert_eq!(feed(&desk, "/studio/comments/feed").await.id, site.id);
    let root_page = feed(&desk, "/comments/feed?page=/").await;
    assert!(root_page.id != site.id && site.id != page.id);
    let public = [desk.get(OF_ARTICLE).await.body, desk.get("/comments/feed").await.body].concat();
    assert!(!public.contains('@') && !public.contains("example.org"), "{public}");
}

#[tokio::test]
async fn what_is_not_published_is_in_no_feed() {
    let desk = Desk::start().await;
    let authors = async || {
        let page = feed(&desk, OF_ARTICLE).await;
        assert_eq!(page.authors(), feed(&desk, "/comments/feed").await.authors());
        page.authors().join(" ")
    };
    let first = desk.comment("Ann", "First words").await.id();
    desk.comment("Spammer", BLATANT).await;
    assert_eq!(authors().await, "", "held, or spam");
    choose(&desk, &first, "approve").await;
    let second = reply(&desk, &first, "Bo", "Second words").await;
    assert_eq!(authors().await, "Ann");
    choose(&desk, &second, "approve").await;
    assert_eq!(authors().await, "Bo Ann");
    let body = desk.get(OF_ARTICLE).await.body;
    choose(&desk, &first, "trash").await;
    assert_eq!(authors().await, "Bo", "what was removed holds its place on the page alone");
    choose(&desk, &second, "spam").await;
    assert_eq!(authors().await, "");
    choose(&desk, &second, "approve").await;
    assert_eq!(authors().await, "Bo");
    let owner: Client<'_> = desk.sign_in(OWNER).await;
    assert_eq!(owner.post("/inbox/person", &[("email", "bo@example.org"), ("sure", "yes")]).await.status, 200);
    assert_eq!(authors().await, "", "erased");
    assert!(body.contains("First words") && !desk.get(OF_ARTICLE).await.body.contains("words"));
}

#[tokio::test]
async fn the_owner_s_answer_is_in_the_feed_and_so_is_when_something_was_approved() {
    let desk = Desk::start().await;
    let first = desk.comment("Ann", "A question").await.id();
    let link = desk.link_about("A question").await;
    let answer = [("choice", "reply"), ("reply", "An answer\u{c} with a form feed, and &#x1;")];
    assert_eq!(desk.post(&link, &answer).await.status, 200);
    let page = feed(&desk, OF_ARTICLE).await;
    assert_eq!(page.authors(), ["Mara Lindqvist", "Ann"]);
    assert_eq!(page.entries[0].answers.as_ref().map(|(id, _)| &**id), Some(&*urn(&first)));
    assert!(page.entries[0].html.starts_with("<p>An answer"), "{}", page.entries[0].html);
    let decided = desk.submission(&first).await.decision.expect("decided").at;
    assert_eq!(page.entries[1].updated.as_second(), decided);
}

/// Text that is XML, or that no XML can hold.
const HOSTILE: [&str; 9] = [
    "]]></content><script>alert(1)</script>",
    "<!--<![CDATA[ &lt;b&gt; &amp;amp; -->",
    "&#0;&#1;&#8;&#xB;&#xC;&#x1f;&#xFFFE;&#xFFFF; &#13;&#10; end",
    "\0\u{1}\u{7}\u{b}\u{1b}[31m \u{fffe}\u{ffff}\u{fffe}\u{ffff}\u{fffe}\u{ffff}\u{7f}\u{85} end",
    "</feed>\n\n    &nbsp;&undefined;&#xD800; code\n\n```\n]]>\u{2028}\n```",
    "👩‍👩‍👧‍👦 🙏🏽 z̷a̷l̷g̷o̷ \u{10ffff}",
    "مرحبا، هل لديكم موعد يوم الاثنين؟ \u{202e}gpj.exe",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y SYSTEM \"file:///etc/passwd\">]>&y;",
    "[a](https://a.example/?x=1&y=\"2\"&z='3') ' \" `<`",
];

#[tokio::test]
async fn whatever_is_written_a_feed_is_xml_and_says_what_the_page_says() {
    let desk = open_desk("").await;
    for (number, text) in HOSTILE.iter().enumerate() {
        let author = format!("{text} {number}");
        let fields = [("page", ARTICLE), ("author", &*author), ("email", ""), ("comment", text)];
        assert_eq!(desk.post_for_json("/comments", &fields).await.status, 201, "{text}");
    }
    let page = feed(&desk, OF_ARTICLE).await;
    let shown = desk.get(&format!("/comments?page={ARTICLE}&order=newest")).await.json();
    let shown = shown["comments"].as_array().expect("comments");
    assert_eq!((page.entries.len(), shown.len()), (HOSTILE.len(), HOSTILE.len()));
    let mut missing = 0;
    for (entry, comment) in page.entries.iter().zip(shown) {
        let kept = |text: &str| {
            // What section 2.2 of XML 1.0 has, as it is written there; and a line end by whatever name is one.
            let char =
                |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
            let kept: String = text.chars().filter(char).collect();
            (kept.replace("\r\n", "\n").replace('\r', "\n"), text.chars().count() - text.chars().filter(char).count())
        };
        let (html, left) = kept(comment["html"].as_str().expect("HTML"));
        assert_eq!(entry.html, html);
        assert_eq!(entry.author, kept(comment["author"].as_str().expect("a name")).0);
        assert!(!entry.html.contains("<script"), "{}", entry.html);
        missing += left;
    }
    assert!(missing > 5, "a comment holds characters that no XML can");
}

#[tokio::test]
async fn a_feed_without_comments_is_one_and_is_sent_again_only_when_it_has_changed() {
    let desk = open_desk("").await;
    let origin = desk.world.url.trim_end_matches('/').to_owned();
    for path in ["/comments/feed", OF_ARTICLE, "/comments/feed?page=/nowhere/"] {
        let empty = answer(desk.request_get(path).header("origin", &origin)).await;
        assert_eq!(empty.header("access-control-allow-origin"), origin);
        assert!(empty.header("cache-control").contains("public"));
        assert_eq!(Feed::read(&empty).entries.len(), 0);
        let head = answer(desk.request_head(path)).await;
        assert_eq!((head.status, &*head.body, head.header("etag")), (200, "", empty.header("etag")));
        let again = answer(desk.request_get(path).header("if-none-match", empty.header("etag"))).await;
        assert_eq!((again.status, &*again.body), (304, ""));
    }
    let tag = desk.get(OF_ARTICLE).await.header("etag").to_owned();
    desk.comment("Ann", "New").await;
    let now = answer(desk.request_get(OF_ARTICLE).header("if-none-match", &tag)).await;
    assert_eq!(Feed::read(&now).authors(), ["Ann"]);
    assert_eq!(desk.get("/comments/feed?page=https://evil.example/").await.status, 422);
    assert_eq!(desk.post("/comments/feed", &[]).await.status, 405);
    assert_eq!(desk.preflight("/comments/feed", &origin).await.status, 204);
    assert_eq!(answer(desk.request_get(OF_ARTICLE).header("origin", "https://evil.example")).await.status, 403);
}

#[tokio::test]
async fn comments_lead_to_their_feed_in_the_language_of_the_site() {
    let desk = open_desk("lang = \"de\"").await;
    for text in ["Eins", "Zwei"] {
        desk.comment("Ann", text).await;
    }
    let address = format!("{}{OF_ARTICLE}", desk.world.url)
        .replace("page=/blog/massage-for-back-pain/", "page=%2Fblog%2Fmassage-for-back-pain%2F");
    let visible = format!("href=\"{address}\">RSS</a>");
    let path = format!("/comments?page={ARTICLE}&limit=1");
    let fragment = desk.get_html(&path).await.body;
    assert!(fragment.contains(&visible), "{fragment}");
    let next = desk.comments(&format!("{ARTICLE}&limit=1")).await["next"].as_str().expect("more").to_owned();
    let more = desk.get_html(&format!("{path}&after={next}")).await.body;
    assert!(more.contains("Zwei") && !more.contains(">RSS</a>"), "{more}");
    let whole =
        answer(desk.request_get(&path).header("accept", "text/html").header("sec-fetch-dest", "document")).await;
    let found = format!("<link rel=\"alternate\" type=\"application/atom+xml\" title=\"RSS\" href=\"{address}\">");
    assert!(whole.body.contains(&found) && whole.body.contains(&visible), "{}", whole.body);

    let page = feed(&desk, &address).await;
    assert_eq!((&*page.title, &*page.lang), ("Studio Lindqvist: Kommentare zu /blog/massage-for-back-pain/", "de"));
    assert_eq!(page.entries[0].title, "Ann zu /blog/massage-for-back-pain/");
    assert_eq!(feed(&desk, "/comments/feed").await.title, "Studio Lindqvist: Kommentare");
    // The sample's page names it where browsers look.
    let article = desk.get(ARTICLE).await.body;
    let href = article.split("application/atom+xml").nth(1).and_then(|rest| rest.split('"').nth(4)).expect("a link");
    assert_eq!(feed(&desk, href).await.id, page.id);
}

/// Puts comments on the article straight into the table: `each` of every status, and as many replies to the pattern.
fn fill(proxy: &FaultProxy, pattern: &Submission, each: usize) {
    let mut items = Vec::new();
    for _ in 0..each {
        for status in [Status::Published, Status::Held, Status::Spam, Status::Trash] {
            items.push(copy(pattern, status));
        }
        items.push(replying(copy(pattern, Status::Published), pattern.id));
    }
    proxy.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
}

#[tokio::test]
async fn the_fifty_newest_are_given_and_cost_the_same_whatever_is_stored() {
    let (proxy, desk) = metered("").await;
    let pattern = published(&desk).await;
    let costs = async || {
        let get = async |path: &str| cost(&proxy, &desk, async || desk.get(path).await.status).await;
        [get(OF_ARTICLE).await, get("/comments/feed").await]
    };
    fill(&proxy, &pattern, 60);
    let few = costs().await;
    let page = feed(&desk, OF_ARTICLE).await;
    assert_eq!(page.entries.len(), 50);
    let ids = |feed: &Feed| feed.entries.iter().map(|entry| entry.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&page), ids(&feed(&desk, "/comments/feed").await), "first comments and replies by turns");
    fill(&proxy, &pattern, 1_500);
    let many = costs().await;
    println!("a page's feed of 50: {} read units; the whole site's: {}", many[0].read, many[1].read);
    assert_eq!(few, many);
    assert!(many.iter().all(|units| units.write == 0.0 && units.read <= 16.0), "{many:?}");
}

#[tokio::test]
async fn a_feed_that_would_be_too_large_is_shorter() {
    let desk = open_desk("").await;
    let text = "<&>".repeat(6_000);
    for number in 0..16 {
        let fields = [("page", ARTICLE), ("author", "Ann"), ("email", ""), ("comment", &*format!("{number} {text}"))];
        assert_eq!(desk.post_for_json("/comments", &fields).await.status, 201);
    }
    let answered = desk.get(OF_ARTICLE).await;
    let page = Feed::read(&answered);
    assert!((5..16).contains(&page.entries.len()), "{}", page.entries.len());
    assert!(page.entries[0].html.contains("15 &lt;") && answered.body.len() < 5_000_000, "{}", answered.body.len());
}
