//! The embed script as it is served. What it does is looked at in a browser (`web/embed`).

use crate::harness::world::{ARTICLE, Desk, answer};

/// The most that the script may weigh as it is sent.
const MOST_BYTES: usize = 6_000;

/// What a page fetches with scripts, by where it is, and its version.
async fn version(desk: &Desk, path: &str) -> String {
    let tag = desk.get(path).await.header("etag").to_owned();
    tag.trim_start_matches("W/").trim_matches('"').to_owned()
}

#[tokio::test]
async fn the_script_is_small_and_may_be_used_by_every_page() {
    let desk = Desk::start().await;
    let work = desk
        .get("/embed.js")
        .await
        .body
        .split("embed/work-")
        .nth(1)
        .expect("work")
        .split('.')
        .next()
        .map(str::to_owned);
    let work = format!("/embed/work-{}.js", work.expect("a version"));
    let mut all = 0;
    for (path, kind) in [("/embed.js", "text/javascript"), ("/embed.css", "text/css"), (&*work, "text/javascript")] {
        let request =
            desk.request_get(path).header("origin", "https://anywhere.example").header("accept-encoding", "br, gzip");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        let header =
            |name: &str| response.headers().get(name).map_or("", |value| value.to_str().expect("text")).to_owned();
        assert!(header("content-type").starts_with(kind), "{path}: {}", header("content-type"));
        let expected = [
            ("content-encoding", "gzip"),
            ("vary", "Accept-Encoding"),
            ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"),
            ("x-content-type-options", "nosniff"),
        ];
        for (name, value) in expected {
            assert_eq!(header(name), value, "{path}: {name}");
        }
        let bytes = response.bytes().await.expect("a body").len();
        let plain = desk.get(path).await;
        assert_eq!(plain.header("content-encoding"), "", "to those who do not ask for it, nothing is compressed");
        println!("{path}: {} bytes, {bytes} compressed", plain.body.len());
        all += bytes;
        assert!(path == "/embed.css" || bytes <= MOST_BYTES, "{path} has {bytes} bytes");
    }
    println!("all: {all} compressed");
}

#[tokio::test]
async fn a_version_is_kept_for_ever_and_the_script_for_a_day() {
    let desk = Desk::start().await;
    for path in ["/embed.js", "/embed.css", "/studio/embed.js"] {
        let found = desk.get(path).await;
        assert_eq!((found.status, found.header("cache-control")), (200, "public, max-age=86400"), "{path}");
        let again = answer(desk.request_get(path).header("if-none-match", found.header("etag"))).await;
        assert_eq!((again.status, &*again.body), (304, ""), "{path}");
        assert_eq!(again.header("access-control-allow-origin"), "*");

        let kept = desk.get(&format!("/embed/{}", version(&desk, path).await)).await;
        assert_eq!((kept.status, kept.header("cache-control")), (200, "public, max-age=31536000, immutable"));
        assert_eq!(kept.body, found.body);
    }
    // A page that names a version of last year still has its comments.
    let earlier = desk.get("/embed/embed-00000000.js").await;
    assert_eq!((earlier.status, earlier.header("cache-control")), (200, "public, max-age=86400"));
    assert_eq!(earlier.body, desk.get("/embed.js").await.body);
    for nothing in ["/embed/embed-00000000.txt", "/embed/other.js", "/embed/-.", "/embed/mod.rs"] {
        assert_eq!(desk.get(nothing).await.status, 404, "{nothing}");
    }
    assert_eq!(desk.request_head("/embed.js").send().await.expect("an answer").status(), 200);
    let posted = desk.post("/embed.js", &[]).await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test]
async fn answers_say_what_the_pages_say() {
    let desk = Desk::configured("sites.studio.comments.policy = \"none\"").await;
    let lead =
        desk.post_for_json("/contact", &[("name", "Ann"), ("email", "a@example.org"), ("message", "Hello?")]).await;
    assert_eq!(lead.json()["title"], "Thank you");
    assert!(lead.json()["message"].as_str().is_some_and(|text| text.contains("has been sent")), "{lead:?}");

    let sent = desk.comment("Bo", "It **helped** <me>.").await;
    let body = sent.json();
    assert_eq!((sent.status, &body["title"]), (201, &"Your comment is on the page".into()));
    let fragment = body["fragment"].as_str().expect("a fragment");
    let listed = desk.get_html("/comments?page=/blog/massage-for-back-pain/").await.body;
    let article = fragment.trim().trim_start_matches("<li>").trim_end_matches("</li>");
    assert!(listed.contains(article), "{fragment}\n{listed}");

    let desk = Desk::start().await;
    let held = desk.comment("Bo", "It **helped** me.").await.json();
    let fragment = held["fragment"].as_str().expect("a fragment");
    assert!(fragment.contains("<strong>helped</strong>") && fragment.contains("Waiting for approval"), "{fragment}");
    assert!(!fragment.contains("class=\"reply\""), "nobody answers what nobody sees: {fragment}");

    let challenge = desk.get_json("/challenge?form=comments").await.json();
    assert_eq!(challenge["words"]["cancel"], "Cancel");
}

/// The ids of the threads of a list.
fn threads(list: &serde_json::Value) -> Vec<String> {
    let ids = list["comments"].as_array().into_iter().flatten().filter_map(|one| one["id"].as_str());
    ids.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_list_begins_at_the_thread_that_holds_a_comment() {
    let desk = Desk::configured("sites.studio.comments.policy = \"none\"").await;
    let mut ids = Vec::new();
    for number in 0..4 {
        ids.push(desk.comment("Ann", &format!("Number {number} of four")).await.id());
    }
    let fields =
        [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "A reply"), ("parent", &ids[2])];
    let reply = desk.post_for_json("/comments", &fields).await.id();
    let around = async |id: &str, more: &str| {
        threads(&desk.get(&format!("/comments?page={ARTICLE}&around={id}{more}")).await.json())
    };
    assert_eq!(around(&ids[1], "").await, ids[1..], "and what follows");
    assert_eq!(around(&reply, "").await, ids[2..], "its thread");
    assert_eq!(around(&ids[1], "&order=newest").await, [&*ids[1], &*ids[0]]);
    let other = desk.get(&format!("/comments?page=/other/&around={}", ids[1])).await;
    assert_eq!((other.status, threads(&other.json()).len()), (200, 0), "nothing of another page");
    for unknown in ["x", "00000000-0000-7000-8000-000000000000", ""] {
        assert_eq!(around(unknown, "").await, ids, "{unknown}: all of it");
    }
    let html = desk.get_html(&format!("/comments?page={ARTICLE}&around={}&form=yes", ids[1])).await.body;
    assert!(html.contains("class=\"all\"") && html.contains("<form class=\"deskbell-form\""), "{html}");
    assert!(html.contains(&format!("action=\"{}\"", desk.url("/comments"))), "{html}");
}
