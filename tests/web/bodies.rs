//! What people send, however it is encoded, and wherever the page is read: it is taken, or given back whole.

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::harness::page::Form;
use crate::harness::world::{ARTICLE, Answer, Desk, answer};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";

/// A part of a multipart body.
fn part(name: &str, headers: &str, content: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{headers}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// Parts of a form that says who sends it, with others behind.
fn multipart(parts: &[Vec<u8>]) -> Vec<u8> {
    let who = [part("name", "", b"Ann"), part("email", "", b"ann@example.org")];
    [who.concat(), parts.concat(), b"--b--\r\n".to_vec()].concat()
}

/// A string in JSON of which each unit of UTF-16 is escaped.
fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat()
}

/// The message of the lead that an answer is about.
async fn message(desk: &Desk, sent: &Answer) -> String {
    assert_eq!(sent.status, 201, "{sent:?}");
    let stored: Vec<Value> = desk.items().await;
    let lead = stored.iter().find(|stored| stored["item"]["id"] == sent.json()["id"]).expect("stored");
    lead["item"]["wrote"]["lead"]["message"].as_str().expect("a message").to_owned()
}

#[tokio::test]
async fn what_the_settings_allow_is_taken_however_long_its_encoding_is() {
    let fields = "[{ name = \"message\", max = 20_000 }, { name = \"name\" }, { name = \"email\" }]";
    let desk = Desk::configured(&format!("sites.studio.forms.default.fields = {fields}")).await;
    let post =
        |kind: &str| desk.request_post("/contact").header("accept", "application/json").header("content-type", kind);
    for letter in ["я", "日", "😀", "\"", "é"] {
        let text = letter.repeat(20_000);
        let form = [("name", "Ann"), ("email", "ann@example.org"), ("message", &*text)];
        let json = format!("{{\"email\":\"ann@example.net\",\"message\":\"{}\"}}", escaped(&text));
        let parts = multipart(&[part("message", "", text.as_bytes()), part("colour", "", letter.as_bytes())]);
        let requests: [RequestBuilder; 3] =
            [post(FORM).form(&form), post("application/json").body(json), post(MULTIPART).body(parts)];
        for request in requests {
            let sent = answer(request).await;
            assert_eq!(message(&desk, &sent).await, text, "{letter}");
        }
        let longer = [("name", "Ann"), ("email", "ann@example.org"), ("message", &*(text + letter))];
        let refused = desk.post("/contact", &longer).await;
        assert_eq!(refused.status, 422, "{letter}");
        assert_eq!(Form::first(&refused.body).value("message").as_deref(), Some(longer[2].1), "{letter}");
    }
    let blank = (0..60).map(|number| (format!("extra{number}"), " ".to_owned()));
    let typed = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Sixty more are blank")];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let all: Vec<(String, String)> = blank.chain(typed).collect();
    assert_eq!(answer(post(FORM).form(&all)).await.status, 201);
    let filled: Vec<(String, String)> = all.iter().map(|(name, _)| (name.clone(), format!("of {name}"))).collect();
    let refused = answer(desk.request_post("/contact").form(&filled)).await;
    assert_eq!(refused.status, 413);
    let form = Form::first(&refused.body);
    assert!(filled.iter().all(|(name, value)| form.value(name).as_ref() == Some(value)), "{form:?}");
}

#[tokio::test]
async fn a_file_is_skipped_and_everything_else_given_back() {
    let desk = Desk::start().await;
    let photo = part("photo", "; filename=\"me.jpg\"\r\nContent-Type: image/jpeg", &vec![0xd8; 3_000_000]);
    let body = multipart(&[photo, part("message", "", "Is Monday free? Grüße".as_bytes())]);
    let request = || desk.request_post("/contact").header("content-type", MULTIPART).body(body.clone());
    let refused = answer(request()).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert!(refused.body.contains("<li>Photo: This form does not accept files.</li>"), "{}", refused.body);
    let form = Form::first(&refused.body);
    assert_eq!(desk.post(&form.action, &form.fields()).await.status, 303, "{form:?}");
    desk.email_about("Is Monday free? Grüße").await;
    let json = answer(request().header("accept", "application/json")).await.json();
    assert_eq!((&json["errors"][0]["field"], &json["errors"][0]["code"]), (&json!("photo"), &json!("file")));
}

#[tokio::test]
async fn what_was_typed_on_a_page_of_another_origin_can_be_sent_from_ours() {
    let desk = Desk::configured("sites.studio.origins = [\"https://www.studio-lindqvist.example\"]").await;
    let elsewhere = [
        "https://www-studio--lindqvist-example.translate.goog",
        "http://www.studio-lindqvist.example",
        "https://web.archive.example",
    ];
    for (number, origin) in elsewhere.into_iter().enumerate() {
        let lead = [
            ("name", "Ann"),
            ("email", "ann@example.org"),
            ("message", &*format!("Lead {number}, \"typed\" <elsewhere>")),
            ("colour", "red & blue"),
            ("_subject", "Hello"),
            ("_next", "/thank-you/"),
        ];
        let text = format!("Comment {number}");
        let comment = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", &*text)];
        for (path, form) in [("/contact", &lead[..]), ("/comments", &comment[..])] {
            let post = |path: &str| desk.request_post(path).header("origin", origin);
            let refused = answer(post(path).header("accept", "text/html").form(form)).await;
            assert_eq!(refused.status, 403, "{origin}");
            assert!(!refused.headers.contains_key("access-control-allow-origin"));
            assert!(refused.body.contains("opened at another address") && refused.body.contains("<button"));
            let given_back = Form::first(&refused.body);
            for (name, value) in form {
                assert_eq!(given_back.value(name).as_deref(), Some(*value), "{name} in {given_back:?}");
            }
            let again = desk.request_post(&given_back.action).header("origin", &desk.world.url);
            let sent = answer(again.form(&given_back.fields())).await;
            assert_eq!(sent.status, 303, "{origin}: {sent:?}");
            let json = answer(post(path).header("accept", "application/json").form(form)).await;
            assert_eq!((json.status, json.header("content-type")), (403, "application/problem+json"));
        }
    }
    assert_eq!(desk.items().await.len(), 2 * elsewhere.len());
}

#[tokio::test]
async fn every_encoding_that_a_page_may_have_is_read() {
    let desk = Desk::start().await;
    let post =
        |kind: &str| desk.request_post("/contact").header("accept", "application/json").header("content-type", kind);
    let who = "name=Ann&email=ann@example.org&message=";
    let own = "\r\nContent-Type: text/plain; charset=iso-8859-2";
    let cases = [
        (post(FORM).body(format!("{who}caf%E9")), "café"),
        (post(FORM).body(format!("{who}caf%C3%A9")), "café"),
        (post(FORM).body(format!("{who}%EF%BF%BD+was+typed")), "\u{fffd} was typed"),
        (post(FORM).body(format!("{who}%93%FA%96%7B&_charset_=Shift_JIS")), "日本"),
        (post(&format!("{FORM}; charset=windows-1251")).body(format!("{who}%CF%F0%E8%E2%E5%F2")), "Привет"),
        (post(MULTIPART).body(multipart(&[part("message", own, b"\xb1\xea")])), "ąę"),
        (post(MULTIPART).body(multipart(&[part("message", "", b"\xc4\xe3"), part("_charset_", "", b"gb18030")])), "你"),
        (
            post("application/json; charset=iso-8859-1")
                .body(&b"{\"name\":\"A\",\"email\":\"a@example.org\",\"message\":\"na\xefve\"}"[..]),
            "naïve",
        ),
        (
            post("application/json").body(r#"{"name":"A","email":"a@example.org","message":"Is Monday free? \ud83d"}"#),
            "Is Monday free? \u{fffd}",
        ),
    ];
    for (request, text) in cases {
        let sent = answer(request).await;
        assert_eq!(message(&desk, &sent).await, text);
    }
}

#[tokio::test]
async fn a_script_may_send_whatever_headers_its_library_adds() {
    let desk = Desk::start().await;
    for wanted in ["hx-request,hx-current-url,hx-target", "sentry-trace, baggage", "traceparent", "X-Anything-At-All"] {
        let asked = desk.request_options("/contact", &desk.world.url).header("access-control-request-headers", wanted);
        let allowed = answer(asked).await;
        assert_eq!((allowed.status, allowed.header("access-control-allow-headers")), (204, wanted));
    }
    let asked = desk.request_options("/contact", "https://evil.example").header("access-control-request-headers", "x");
    let refused = answer(asked).await;
    assert!(refused.status == 403 && refused.header("access-control-allow-headers").is_empty(), "{refused:?}");
}

#[tokio::test]
async fn mistakes_of_programs_are_called_by_their_name() {
    let desk = Desk::start().await;
    let curl = desk.request_post("/contact").header("content-type", FORM).body("{\"name\":\"Ann\"}");
    let told = answer(curl).await;
    assert!(told.status == 415 && told.body.contains("JSON") && told.body.contains("application/json"), "{told:?}");
    for (limit, code, says) in [
        ("1000", "too_many", "At most 100 at a time."),
        ("99999999999999999999999", "too_many", "At most 100 at a time."),
        ("0", "number", "valid number"),
        ("x", "number", "valid number"),
    ] {
        let told = desk.get_json(&format!("/comments?page={ARTICLE}&limit={limit}")).await;
        let error = &told.json()["errors"][0];
        assert_eq!((told.status, &error["field"], &error["code"]), (422, &json!("limit"), &json!(code)));
        assert!(error["message"].as_str().is_some_and(|message| message.contains(says)), "{error}");
    }
}
