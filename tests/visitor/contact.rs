//! Contact requests: from the form to the owner's mail.

use std::time::Duration;

use deskbell::local::{Options, Table};
use serde_json::json;

use crate::harness::fault_proxy::{Fault, FaultProxy};
use crate::harness::settings::sample_with;
use crate::harness::world::{BLATANT, Desk, answer, eventually};

const ANN: [(&str, &str); 3] = [("name", "Ann Alm"), ("email", "ann@example.org"), ("message", "Is Monday free?")];

fn with<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    ANN.into_iter()
        .filter(|(name, _)| !fields.iter().any(|(other, _)| other == name))
        .chain(fields.iter().copied())
        .collect()
}

#[tokio::test]
async fn a_lead_travels_from_a_plain_form_to_the_owners_mail() {
    let desk = Desk::start().await;
    let sent = desk.post("/contact", &with(&[("phone", "+46 8 555 010"), ("preferred_time", "Evening")])).await;
    assert_eq!((sent.status, sent.header("location")), (303, "/contact/thanks"));

    let email = desk.email_about("Is Monday free?").await;
    assert_eq!(email.from, "deskbell@studio-lindqvist.example");
    assert_eq!(email.to, ["mara@studio-lindqvist.example"]);
    assert_eq!(email.reply_to.as_deref(), Some("ann@example.org"));
    assert_eq!(email.subject, "Message from Ann Alm");
    let html = email.html.replace("<span>", "").replace("</span>", "");
    for text in [&email.text, &html] {
        for part in ["Ann Alm", "ann@example.org", "+46 8 555 010", "Evening", "Preferred time"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
    let stored = desk.items().await;
    assert_eq!(stored.len(), 1);
    let id = stored[0]["item"]["id"].as_str().expect("an id");
    assert_eq!(email.headers["Message-ID"], format!("<{id}@studio-lindqvist.example>"));

    let thanks = desk.get_html(sent.header("location")).await;
    assert_eq!(thanks.status, 200);
    assert!(thanks.body.contains("<h1>Thank you</h1>"));
}

#[tokio::test]
async fn all_three_kinds_of_body_are_taken() {
    let desk = Desk::start().await;
    let plain = desk.post_for_json("/contact/default", &ANN).await;
    assert_eq!((plain.status, &plain.json()["status"]), (201, &json!("received")));

    // Written out, for the order of the fields matters.
    let json = r#"{"name":"Bo","email":"bo@example.org","message":"Hello","party":3,"days":["Mon","Tue"]}"#;
    let sent = answer(desk.request_post("/f/default").header("content-type", "application/json").body(json)).await;
    assert_eq!(sent.status, 201);
    let stored = desk.items().await;
    let stored = stored.iter().find(|stored| stored["item"]["id"] == sent.json()["id"]).expect("stored");
    let fields = &stored["item"]["wrote"]["lead"]["fields"];
    assert_eq!(*fields, json!([["party", "3"], ["days", "Mon"], ["days", "Tue"]]));

    let boundary = "x-boundary";
    let part = |name: &str, value: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let empty_file = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n\r\n"
    );
    let body = part("name", "Cay") + &part("email", "cay@example.org") + &part("message", "two\r\nlines") + &empty_file;
    let multipart = desk
        .request_post("/contact")
        .header("content-type", format!("multipart/form-data; boundary={boundary}"))
        .body(format!("{body}--{boundary}--\r\n"));
    assert_eq!(answer(multipart).await.status, 303);
    assert!(desk.email_about("two\nlines").await.text.contains("cay@example.org"));
}

#[tokio::test]
async fn other_services_fields_work_and_the_dangerous_ones_do_nothing() {
    let desk = Desk::start().await;
    let fields = with(&[
        ("_next", "/thank-you/"),
        ("_subject", "A question\r\nBcc: thief@example.net"),
        ("_cc", "thief@example.net"),
        ("_bcc", "thief@example.net"),
        ("_webhook", "https://thief.example.net/"),
        ("_autoresponse", "Buy now"),
        ("_template", "table"),
    ]);
    let sent = desk.post("/contact", &fields).await;
    assert_eq!(sent.header("location"), format!("{}/thank-you/", desk.world.url));
    let email = desk.email_about("Is Monday free?").await;
    assert_eq!(email.to, ["mara@studio-lindqvist.example"]);
    assert_eq!(email.subject, "A question Bcc: thief@example.net");
    assert!(!email.headers.contains_key("Bcc") && !email.headers.contains_key("Cc"));
    for nothing in ["thief.example.net/", "Buy now", "table"] {
        assert!(!crate::harness::world::said(&email).contains(nothing), "{nothing}");
    }
    let replyto = [("name", "Di"), ("_replyto", "di@example.org"), ("message", "By another name")];
    assert_eq!(desk.post("/contact", &replyto).await.status, 303);
    assert_eq!(desk.email_about("By another name").await.reply_to.as_deref(), Some("di@example.org"));
}

#[tokio::test]
async fn a_redirect_leads_nowhere_but_to_the_site() {
    let desk = Desk::start().await;
    for (number, target) in
        ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"].iter().enumerate()
    {
        let message = format!("number {number}");
        let sent = desk.post("/contact", &with(&[("_next", target), ("message", &message)])).await;
        assert_eq!((sent.status, sent.header("location")), (303, "/contact/thanks"), "{target}");
    }
}

#[tokio::test]
async fn bad_fields_are_named_all_at_once_without_what_was_typed() {
    let desk = Desk::start().await;
    let fields =
        [("name", " "), ("email", "secret-typo@@nowhere"), ("phone", "call me"), ("preferred_time", "Midnight")];
    let refused = desk.post_for_json("/contact", &fields).await;
    assert_eq!((refused.status, refused.header("content-type")), (422, "application/problem+json"));
    let body = refused.json();
    let mut errors: Vec<_> = body["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["field"].as_str().expect("field"), error["code"].as_str().expect("code")))
        .collect();
    errors.sort_unstable();
    let expected = [
        ("email", "email"),
        ("message", "required"),
        ("name", "required"),
        ("phone", "tel"),
        ("preferred_time", "choice"),
    ];
    assert_eq!(errors, expected);
    assert!(!refused.body.contains("secret-typo"), "{}", refused.body);
    assert!(desk.items().await.is_empty());
}

#[tokio::test]
async fn a_refused_form_comes_back_filled_in_with_each_message_at_its_field() {
    let desk = Desk::start().await;
    let fields = [
        ("name", "Ann \"<b>\" Alm"),
        ("email", "ann@@nowhere"),
        ("message", "  first\n<script>alert(1)</script>"),
        ("colour", "red & blue"),
        ("_next", "/thank-you/"),
    ];
    let refused = desk.post("/contact", &fields).await;
    assert_eq!((refused.status, refused.header("content-type")), (422, "text/html; charset=utf-8"));
    let page = &refused.body;
    let parts = [
        "value=\"Ann &#34;&#60;b&#62;&#34; Alm\"",
        "value=\"ann@@nowhere\"",
        "  first\n&#60;script&#62;alert(1)&#60;/script&#62;</textarea>",
        "name=\"colour\"",
        "red &#38; blue",
        "<input type=\"hidden\" name=\"_next\" value=\"/thank-you/\">",
        "aria-describedby=\"field-1-error\" aria-invalid=\"true\"",
        "<p class=\"error\" id=\"field-1-error\">",
        "<a href=\"#field-1\">Email</a>",
        "action=\"/contact\"",
        "lang=\"en\"",
    ];
    for part in parts {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("<script>"), "{page}");
}

#[tokio::test]
async fn the_same_content_twice_is_one_lead_and_two_equal_answers() {
    let desk = Desk::start().await;
    let first = desk.post_for_json("/contact", &ANN).await;
    let second = desk.post_for_json("/contact", &ANN).await;
    assert_eq!((first.status, first.json()), (second.status, second.json()));

    let fields = with(&[("message", "at one moment")]);
    let answers = futures_util::future::join_all((0..20).map(|_| desk.post_for_json("/contact", &fields))).await;
    let ids: Vec<_> = answers.iter().map(crate::harness::world::Answer::id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(desk.items().await.len(), 2);
    desk.settled().await;
    assert_eq!(
        desk.emails().await.iter().filter(|email| crate::harness::world::said(email).contains("at one moment")).count(),
        1
    );

    let other = desk.post_for_json("/contact", &with(&[("email", "ann.alm@example.org")])).await;
    assert_ne!(other.id(), first.id(), "another sender's message is another one");
}

#[tokio::test]
async fn a_filled_honeypot_is_answered_as_usual_stored_as_spam_and_announced_when_released() {
    let desk = Desk::start().await;
    let message = format!("{BLATANT}. Is Monday free?");
    let caught = desk.post_for_json("/contact", &with(&[("message", &message), ("_gotcha", "x")])).await;
    assert_eq!((caught.status, &caught.json()["status"]), (201, &json!("received")));
    desk.settled().await;
    assert!(!desk.emails().await.iter().any(|email| crate::harness::world::said(email).contains("Is Monday free?")));

    let items = desk.items().await;
    let spam = items.iter().find(|item| item["item"]["status"] == "spam").expect("stored as spam");
    assert!(spam["item"]["verdict"]["reasons"].to_string().contains("\"honeypot\""), "{spam}");
    let link = spam["link"].as_str().expect("a link");
    let page = desk.get_html(link).await;
    assert!(page.body.contains("A hidden field was filled in, which people cannot see."), "{}", page.body);
    let released = desk.post(link, &[("choice", "not_spam")]).await;
    assert_eq!(released.status, 200, "{released:?}");
    let email = desk.email_about("Is Monday free?").await;
    assert_eq!(email.reply_to.as_deref(), Some("ann@example.org"));
}

#[tokio::test]
async fn an_unsure_lead_is_announced_with_a_mark() {
    let desk = Desk::configured(r#"sites.studio.judging.moderation_keys = ["casino"]"#).await;
    desk.post("/contact", &with(&[("message", "We met at the casino.")])).await;
    let email = desk.email_about("We met at the casino").await;
    assert_eq!(email.subject, "[possible spam] Message from Ann Alm");
    for told in ["It contains words you block: casino.", "It contains what your settings hold for review: casino."] {
        assert!(crate::harness::world::said(&email).contains(told), "{}", email.text);
    }
}

#[tokio::test]
async fn too_many_from_one_network_are_asked_to_wait_and_lose_nothing() {
    let desk = Desk::configured("sites.studio.judging.rate_per_minute = 3").await;
    let mut refused = None;
    // Twice the limit and one: the minute may turn once meanwhile.
    for number in 0..7 {
        let message = format!("number {number}");
        let sent = desk.post("/contact", &with(&[("message", &message)])).await;
        if sent.status == 429 {
            refused = Some((sent, message));
        }
    }
    let (refused, message) = refused.expect("one was refused");
    let seconds: u32 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&seconds));
    assert!(refused.body.contains(&message) && refused.body.contains("ann@example.org"), "{}", refused.body);
    let json = desk.post_for_json("/contact", &with(&[("message", "one more")])).await;
    if json.status == 429 {
        assert_eq!(json.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn what_cannot_be_stored_is_given_back_and_can_be_sent_again() {
    let proxy = FaultProxy::start().await;
    let table = Table::Server(proxy.url.clone());
    let desk = Desk::with(Options { table, ..Options::default() }).await;
    for operation in ["UpdateItem", "PutItem"] {
        let message = format!("while {operation} fails");
        let fields = with(&[("message", &message)]);
        proxy.fail(operation, Fault::Refused);
        let refused = desk.post("/contact", &fields).await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, "5"), "{operation}");
        assert!(refused.body.contains(&message) && refused.body.contains("value=\"Ann Alm\""), "{}", refused.body);
        let json = desk.post_for_json("/contact", &fields).await;
        assert_eq!((json.status, json.header("content-type")), (503, "application/problem+json"));
        proxy.mend();
        assert_eq!(desk.post("/contact", &fields).await.status, 303, "{operation}");
        desk.email_about(&message).await;
    }
    // Stored, but the answer was lost: the next try finds it stored.
    let fields = with(&[("message", "the answer is lost")]);
    proxy.fail("PutItem", Fault::AnswerLost);
    assert!([303, 503].contains(&desk.post("/contact", &fields).await.status));
    proxy.mend();
    assert_eq!(desk.post("/contact", &fields).await.status, 303);
    let stored = desk.items().await;
    let same = stored.iter().filter(|item| item["item"]["wrote"]["lead"]["message"] == "the answer is lost");
    assert_eq!(same.count(), 1);
}

#[tokio::test]
async fn only_the_sites_own_pages_may_send() {
    let desk = Desk::configured(r#"sites.studio.origins = ["https://www.example.org"]"#).await;
    let from = async |origin: &str, message: &str| {
        let fields = with(&[("message", message)]);
        answer(desk.request_post("/contact").header("origin", origin).form(&fields)).await
    };
    for foreign in ["https://evil.example", "https://www.example.org.evil.example", "http://www.example.org", "x"] {
        let refused = from(foreign, "foreign").await;
        assert_eq!(refused.status, 403, "{foreign}");
        assert!(!refused.headers.contains_key("access-control-allow-origin"));
    }
    let site = from("https://www.example.org", "site").await;
    assert_eq!((site.status, site.header("access-control-allow-origin")), (303, "https://www.example.org"));
    assert!(site.header("vary").contains("Origin"));
    // Our own pages hold forms, and a page without a referrer sends "null".
    assert_eq!(from(&desk.world.url, "own").await.status, 303);
    assert_eq!(from("null", "null").await.status, 303);
    assert_eq!(desk.items().await.len(), 3);

    let preflight = desk.preflight("/contact", "https://www.example.org").await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), "https://www.example.org");
    assert!(preflight.header("access-control-allow-headers").contains("content-type"));
    assert_eq!(desk.preflight("/contact", "https://evil.example").await.status, 403);
}

#[tokio::test]
async fn several_sites_are_told_apart() {
    let second = "\n[sites.bakery]\nname = \"Bakery\"\nurl = \"https://bakery.example\"\nlang = \"de\"\n\
                  owner = { name = \"Bo\", email = \"bo@bakery.example\" }\n";
    let desk = Desk::with(Options { config: sample_with(second), ..Options::default() }).await;
    assert_eq!(desk.post("/contact", &ANN).await.status, 404, "no way to tell which site is meant");
    assert_eq!(desk.post("/cafe/contact", &ANN).await.status, 404);

    let by_path = desk.post("/bakery/contact", &with(&[("message", "by path")])).await;
    assert_eq!(by_path.header("location"), "/bakery/contact/thanks");
    let thanks = desk.get_html("/bakery/contact/thanks").await;
    assert!(thanks.body.contains("lang=\"de\"") && thanks.body.contains("Bakery"), "{}", thanks.body);
    let fields = with(&[("message", "by origin")]);
    let by_origin = desk.request_post("/contact").header("origin", "https://bakery.example").form(&fields);
    assert_eq!(answer(by_origin).await.status, 303);
    for message in ["by path", "by origin"] {
        let email = desk.email_about(message).await;
        assert_eq!(email.to, ["bo@bakery.example"]);
        assert_eq!(desk.get_html(&crate::harness::world::link(&email)).await.status, 200, "its link names its site");
    }
    // The form that comes back names its site, for the next request comes from our own page.
    let refused = desk.post("/bakery/f/default", &[("email", "x")]).await;
    assert!(refused.status == 422 && refused.body.contains("action=\"/bakery/contact\""), "{}", refused.body);
}

#[tokio::test]
async fn a_lead_is_announced_although_the_mail_service_was_down() {
    let mail = crate::harness::fault_proxy::Mail::start(5).await;
    let desk = Desk::with(Options { ses_url: Some(mail.url.clone()), ..Options::default() }).await;
    assert_eq!(desk.post("/contact", &ANN).await.status, 303);
    // Ten minutes pass, and again, until it works again; in between a try has the time that it has in real ones.
    let tried_again = async || {
        tokio::time::sleep(Duration::from_millis(500)).await;
        desk.advance(601);
        mail.accepted().first().cloned()
    };
    let email = eventually("the email", tried_again).await;
    assert!(email.contains("Is Monday free?"));
    // Told once, however often it was tried.
    desk.post("/contact", &with(&[("message", "afterwards")])).await;
    eventually("the next email", async || (mail.accepted().len() > 1).then_some(())).await;
    assert_eq!(mail.accepted().len(), 2);
}
