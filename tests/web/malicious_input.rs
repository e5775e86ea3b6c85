//! Input that nobody would type. Each gets its answer; none an internal error; what is refused is not stored.

use serde_json::json;

use crate::harness::settings::OPEN;
use crate::harness::world::{ARTICLE, Desk, answer};

const NASTY: [&str; 12] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "'; DROP TABLE comments; --",
    "a\r\nBcc: thief@example.net\r\n\r\nbody",
    "nul\0byte and \u{1b}[31mescape",
    "\u{202e}gpj.exe \u{2066}isolate",
    "مرحبا، هل لديكم موعد يوم الاثنين؟",
    "👩‍👩‍👧‍👦 🙏🏽 z̷a̷l̷g̷o̷",
    "../../etc/passwd",
    "\u{feff}BOM",
    "![pixel](https://evil.example/p.png) [x](javascript:alert(1)) <https://evil.example>",
];

#[tokio::test]
async fn odd_text_in_every_field_is_taken_or_refused_by_name_and_never_shown_as_markup() {
    let desk = Desk::start().await;
    for nasty in NASTY {
        let lead = [("name", nasty), ("email", nasty), ("phone", nasty), ("message", nasty), (nasty, nasty)];
        let refused = desk.post("/contact", &lead).await;
        assert_eq!(refused.status, 422, "{nasty}");
        for html in ["<script", "<img"] {
            assert!(!refused.body.contains(html), "{}", refused.body);
        }
        let lead = [("name", nasty), ("email", "a@example.org"), ("message", nasty), ("own", nasty), (nasty, nasty)];
        assert_eq!(desk.post_for_json("/contact", &lead).await.status, 201, "{nasty}");
        let comment = [("page", ARTICLE), ("author", nasty), ("email", "a@example.org"), ("comment", nasty)];
        let held = desk.post("/comments", &comment).await;
        assert_eq!(held.status, 303, "{nasty}");
        let waiting = desk.get_html(held.header("location")).await;
        assert!(waiting.status == 200 && !waiting.body.contains("<script") && !waiting.body.contains("<img"));
    }
    desk.settled().await;
    for email in desk.emails().await {
        assert_eq!(email.to, ["mara@studio-lindqvist.example"]);
        assert!(!email.headers.contains_key("Bcc"), "{:?}", email.headers);
        assert!(!email.html.contains("<script") && !email.html.contains("<img"), "{}", email.html);
    }
    for page in ["/_mail", "/_items"] {
        assert!(!desk.get_html(page).await.body.contains("<script"));
    }
}

#[tokio::test]
async fn approved_oddities_are_shown_as_text() {
    // Much of it looks like spam, and that is not what this is about.
    let desk = Desk::configured(OPEN).await;
    for nasty in NASTY {
        let comment = [("page", ARTICLE), ("author", nasty), ("email", "a@example.org"), ("comment", nasty)];
        desk.post("/comments", &comment).await;
    }
    let page = desk.get_html(&format!("/comments?page={ARTICLE}")).await.body;
    for html in ["<script", "<img", "href=\"javascript:", "a@example.org"] {
        assert!(!page.contains(html), "{html} is in {page}");
    }
    for text in ["&lt;script&gt;alert(1)&lt;/script&gt;", "![pixel](https://evil.example/p.png)", "مرحبا", "<bdi>"]
    {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    assert!(!page.contains("<bdi>\u{202e}"), "a name must not turn the text around it");
}

#[tokio::test]
async fn bodies_that_are_too_large_or_no_forms_are_refused() {
    let desk = Desk::start().await;
    let many: Vec<(String, String)> = (0..1_000).map(|number| (format!("f{number}"), "x".into())).collect();
    let fifty_one: Vec<(String, String)> = many.iter().take(51).cloned().collect();
    let nested = json!({ "name": { "first": "A" }, "email": "a@example.org", "message": [["x"]] });
    let file = "--b\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"cv.pdf\"\r\n\r\n%PDF\r\n--b--\r\n";
    let post = || desk.request_post("/contact").header("accept", "application/json");
    let form = "application/x-www-form-urlencoded";
    let cases = [
        ("an empty body", post(), 422),
        ("an empty form", post().header("content-type", form), 422),
        ("an empty object", post().header("content-type", "application/json").body("{}"), 422),
        ("wrong types", post().json(&json!({ "name": 1, "email": true, "message": null })), 422),
        ("nested JSON", post().json(&nested), 422),
        ("a list", post().json(&json!([1])), 400),
        ("half of JSON", post().header("content-type", "application/json").body("{\"name\":"), 400),
        ("no UTF-8 in JSON", post().header("content-type", "application/json").body(&b"{\"name\":\"\xff\"}"[..]), 422),
        ("raw bytes", post().header("content-type", form).body(&b"\xff\xfe\x00=\x80"[..]), 422),
        ("a file", post().header("content-type", "multipart/form-data; boundary=b").body(file), 422),
        ("no boundary", post().header("content-type", "multipart/form-data").body(file), 400),
        ("half a part", post().header("content-type", "multipart/form-data; boundary=b").body(&file[..40]), 400),
        ("1,000 fields", post().form(&many), 413),
        ("51 fields", post().form(&fifty_one), 413),
        ("65 KiB", post().header("content-type", form).body(format!("message={}", "x".repeat(65 * 1024))), 422),
        ("400 KiB", post().header("content-type", form).body(format!("message={}", "x".repeat(400 * 1024))), 413),
        ("4 MB", post().header("content-type", form).body("x".repeat(4_000_000)), 413),
        ("JSON without its type", post().header("content-type", form).body("{\"name\":\"A\"}"), 415),
        ("XML", post().header("content-type", "application/xml").body("<a/>"), 415),
        ("text without fields", post().header("content-type", "text/plain").body("Hello"), 422),
    ];
    for (what, request, expected) in cases {
        let refused = answer(request).await;
        assert_eq!(refused.status, expected, "{what}: {refused:?}");
        assert_eq!(refused.header("content-type"), "application/problem+json", "{what}");
        assert_eq!(refused.json()["status"], expected, "{what}");
    }
    assert!(desk.items().await.is_empty());
}

#[tokio::test]
async fn long_words_and_the_longest_address_are_taken() {
    let desk = Desk::start().await;
    let word = "x".repeat(5_000);
    let label = "b".repeat(63);
    let email = format!("{}@{label}.{label}.{}.org", "a".repeat(64), "c".repeat(57));
    assert_eq!(email.len(), 254);
    let fields = [("name", "Ann"), ("email", &*email), ("message", &*word)];
    assert_eq!(desk.post_for_json("/contact", &fields).await.status, 201);
    let mail = desk.email_about(&word).await;
    assert!(crate::harness::world::said(&mail).contains(&email));

    let longer = "x".repeat(5_001);
    let refused =
        desk.post_for_json("/contact", &[("name", "Ann"), ("email", "a@example.org"), ("message", &longer)]).await;
    assert_eq!(refused.json()["errors"][0]["code"], "too_long");
}

#[tokio::test]
async fn odd_addresses_and_methods_get_clear_answers() {
    let desk = Desk::start().await;
    let token = "x".repeat(4_000);
    let cases = [
        ("/contact".to_owned(), 405),
        ("/contact/unknown".into(), 405),
        ("/comments".into(), 422),
        ("/comments?page=".into(), 200),
        ("/comments?page=https://evil.example/".into(), 422),
        ("/comments?page=/&limit=0".into(), 422),
        ("/comments?page=/&limit=101".into(), 422),
        ("/comments?page=/&limit=-1".into(), 422),
        ("/comments?page=/&after=x".into(), 422),
        ("/comments?page=/&order=up".into(), 422),
        ("/comments?page=/&parent=x".into(), 422),
        ("/comments?page=%00%ff".into(), 200),
        ("/comments/count".into(), 422),
        (format!("/comments/count?{}", "page=/a&".repeat(101)), 422),
        ("/comments/reply".into(), 404),
        ("/comments/reply?parent=00000000-0000-0000-0000-000000000000".into(), 404),
        ("/comments/waiting/x".into(), 403),
        (format!("/moderate/{token}"), 403),
        ("/moderate/%ff".into(), 403),
        ("/nobody/comments?page=/".into(), 404),
    ];
    for (path, expected) in cases {
        let json = answer(desk.request_get(&path).header("accept", "application/json")).await;
        assert_eq!(json.status, expected, "{path}: {json:?}");
        let html = desk.get_html(&path).await;
        assert_eq!(html.status, expected, "{path}");
        if expected >= 400 {
            assert_eq!(json.header("content-type"), "application/problem+json", "{path}");
            assert!(html.body.contains("<h1>"), "{path}: {}", html.body);
        }
    }
    assert_eq!(desk.get("/contact").await.header("allow"), "POST, OPTIONS");
    assert_eq!(desk.post("/contact/unknown", &[("message", "x")]).await.status, 404);
    assert_eq!(desk.post("/comments/feed", &[]).await.header("allow"), "GET, HEAD, OPTIONS");
}
