//! What visitors are told about how their words are processed, and what they agree to.

use deskbell::local::{Options, SAMPLE};
use deskbell_functions::config::Config;
use deskbell_functions::submission::SubmissionContent;
use deskbell_functions::visitor::privacy::statement;
use deskbell_functions::words::words;
use serde_json::Value;

use crate::harness::settings::{sample_with, sample_without};
use crate::harness::world::{ARTICLE, Answer, Desk, OWNER, answer};

/// The whole statement of a configuration, as one text.
fn told(config: &str, lang: &str) -> String {
    let config = Config::parse(config).expect("a configuration");
    let sections = statement(&config.sites["studio"], "eu-north-1", words(lang).expect("a language"));
    let lines = sections.into_iter().flat_map(|section| [vec![section.title], section.points].concat());
    lines.collect::<Vec<_>>().join("\n")
}

/// Asks for the page as a browser says that it does.
async fn ask(desk: &Desk, accept: &str, destination: Option<&str>) -> Answer {
    let request = desk.request_get("/privacy").header("accept", accept);
    answer(match destination {
        Some(destination) => request.header("sec-fetch-dest", destination),
        None => request,
    })
    .await
}

#[tokio::test]
async fn the_page_is_made_from_the_configuration_for_people_scripts_and_programs() {
    let desk = Desk::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, destination) in [(browser, Some("document")), (browser, None), ("*/*", None)] {
        let page = ask(&desk, accept, destination).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        assert!(page.body.starts_with("<!doctype html>"), "{}", page.body);
        for part in [
            "<html lang=\"en\"",
            "<h1>How Studio Lindqvist processes what you send</h1>",
            "Mara Lindqvist runs Studio Lindqvist",
            "Messages: 365 days.",
            "region eu-central-1",
            "(Name, Email, Phone, Preferred time, Message)",
            "<a href=\"mailto:mara@studio-lindqvist.example\">",
        ] {
            assert!(page.body.contains(part), "{part} is not in {}", page.body);
        }
    }
    for (accept, destination) in [("text/html", None), ("text/html", Some("empty"))] {
        let fragment = ask(&desk, accept, destination).await;
        assert!(fragment.body.starts_with("<p>") && !fragment.body.contains("<h1"), "{}", fragment.body);
        assert!(fragment.body.contains("<h2>Your rights</h2>"));
    }
    let framed = ask(&desk, browser, Some("iframe")).await;
    assert!(framed.body.contains("<base target=\"_top\">") && !framed.body.contains("<h1"), "{}", framed.body);

    let json = ask(&desk, "application/json", None).await;
    assert_eq!(json.json()["sections"][0]["title"], "Who is responsible");
    let tag = json.header("etag").to_owned();
    let known = desk.request_get("/privacy").header("accept", "application/json").header("if-none-match", tag);
    assert_eq!(answer(known).await.status, 304);
    let again = desk.post("/privacy", &[]).await;
    assert_eq!((again.status, again.header("allow")), (405, "GET, HEAD, OPTIONS"));
    assert_eq!(desk.get("/studio/privacy").await.status, 200);
}

#[test]
fn the_statement_says_what_is_in_force_and_nothing_else() {
    let plain = sample_without("sites.studio.privacy_contact");
    let told_plain = told(&plain, "en");
    for absent in
        ["Akismet", "Turnstile", "hCaptcha", "reCAPTCHA", "consent", "automatic reply to you bounces", OWNER, "{", "}"]
    {
        assert!(!told_plain.contains(absent), "{absent} is in {told_plain}");
    }
    for present in [
        "No one else receives any of it.",
        "Ask through the contact form",
        "button",
        "region eu-north-1",
        "Spam: 30 days",
        "730 days after",
    ] {
        assert!(told_plain.contains(present), "{present} is not in {told_plain}");
    }
    let cases = [
        ("challenge.captcha = \"turnstile\"\n", "Turnstile (Cloudflare"),
        ("challenge.captcha = \"hcaptcha\"\n", "hCaptcha"),
        ("challenge.captcha = \"recaptcha\"\n", "reCAPTCHA (Google)"),
        ("akismet = {}\n", "Akismet (Automattic Inc., USA) checks"),
        ("akismet = {}\n", "What was sent to Akismet: 15 days."),
        ("keep = { spam = 1, leads = 90 }\n", "Spam: 1 day,"),
        ("keep = { spam = 1, leads = 90 }\n", "Messages: 90 days."),
        ("comments = { consent = \"I agree.\" }\n", "You can withdraw your consent"),
        ("challenge = { proof = \"always\" }\n", "When you send a form, your device"),
    ];
    for (line, expected) in cases {
        let text = told(&sample_with(&format!("[sites.studio]\n{line}")), "en");
        assert!(text.contains(expected), "{expected} is not in {text}");
        assert!(!text.contains("No one else") || !expected.contains("Akismet ("), "{text}");
    }
}

#[test]
fn the_statement_is_told_in_german_too() {
    let text = told(SAMPLE, "de");
    for part in ["Wer verantwortlich ist", "Nachrichten: 365 Tage.", "Ihre Rechte", "Region eu-north-1"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains('{'), "{text}");
}

#[tokio::test]
async fn forms_link_to_the_sites_own_page_or_else_to_this_one() {
    let desk = Desk::start().await;
    let refused = desk.post("/contact", &[("name", "Ann")]).await;
    assert!(refused.body.contains(&format!("href=\"{}/privacy/\"", desk.world.url)), "{}", refused.body);
    let desk = Desk::with(Options { config: sample_without("sites.studio.privacy"), ..Options::default() }).await;
    let refused = desk.post("/contact", &[("name", "Ann")]).await;
    assert!(refused.body.contains("href=\"/privacy\""), "{}", refused.body);
}

const AGREED: &str = "I agree that what I write is stored <until> it is answered.";

/// A world whose forms ask for consent.
async fn asking() -> Desk {
    let settings = format!(
        r#"
            [sites.studio]
            comments.consent = "{AGREED}"
            forms.default.fields = [
                {{ name = "name", required = true }},
                {{ name = "email", required = true }},
                {{ name = "phone" }},
                {{ name = "consent", type = "consent", label = "{AGREED}", required = true }},
                {{ name = "news", type = "consent", label = "Send me news." }},
                {{ name = "message", required = true, max = 5_000 }},
            ]
        "#
    );
    Desk::configured(&settings).await
}

#[tokio::test]
async fn a_box_without_its_tick_is_a_mistake_that_is_tied_to_the_box() {
    let desk = asking().await;
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Hello"), ("news", "on")];
    for consent in [None, Some("no"), Some("")] {
        let fields = [&lead[..], &consent.map(|value| ("consent", value)).into_iter().collect::<Vec<_>>()].concat();
        let refused = desk.post("/contact", &fields).await;
        assert_eq!(refused.status, 422);
        for part in [
            "Please tick this box",
            "type=\"checkbox\" value=\"yes\" required aria-describedby=\"field-3-error\" aria-invalid=\"true\"",
            "name=\"news\" type=\"checkbox\" value=\"yes\" checked",
            "is stored &#60;until&#62; it is answered.",
        ] {
            assert!(refused.body.contains(part), "{part} is not in {}", refused.body);
        }
        let refused = desk.post_for_json("/contact", &fields).await.json();
        assert_eq!(
            (&refused["errors"][0]["field"], &refused["errors"][0]["code"]),
            (&"consent".into(), &"consent".into())
        );
    }
    let comment = [("page", ARTICLE), ("author", "Ann"), ("email", "ann@example.org"), ("comment", "Hello")];
    let refused = desk.post_for_json("/comments", &comment).await;
    assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (422, &"consent".into()));
    assert_eq!(desk.items().await, [Value::Null; 0]);
}

#[tokio::test]
async fn what_was_agreed_to_is_kept_word_for_word_and_shown_to_the_owner() {
    let desk = asking().await;
    let now = jiff::Timestamp::now().as_second();
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "A message"), ("consent", "on")];
    let lead = desk.post_for_json("/contact", &lead).await.id();
    let comment = [
        ("page", ARTICLE),
        ("author", "Bo"),
        ("email", "bo@example.org"),
        ("comment", "A comment"),
        ("consent", "yes"),
    ];
    let comment = desk.post_for_json("/comments", &comment).await.id();
    for id in [lead, comment] {
        let stored = desk.submission(&id).await;
        let consents = stored.consents();
        assert_eq!((consents.len(), &*consents[0].field, &*consents[0].text), (1, "consent", AGREED));
        assert!((now..now + 60).contains(&consents[0].at));
        if let SubmissionContent::Lead(lead) = &stored.content {
            assert!(!lead.text().contains("agree"), "the filter judges what the visitor wrote");
        }
    }
    for text in ["A message", "A comment"] {
        let email = desk.email_about(text).await;
        let said: String = email.text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("Consent") && said.contains("I agree that what I write"), "{said}");
    }
}
