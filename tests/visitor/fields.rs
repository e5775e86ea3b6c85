//! Names of fields: whatever a form calls what it asks for, the owner reads it by a readable name and can answer.

use serde_json::{Value, json};

use crate::harness::page::Form;
use crate::harness::settings::sample_with;
use crate::harness::world::{BLATANT, Desk, answer, said};
use deskbell::local::Options;

/// Sends fields to a form that asks for nothing, and gives the email about the message.
async fn told(desk: &Desk, fields: &[(&str, &str)], about: &str) -> deskbell::local::CaughtEmail {
    let sent = desk.post("/contact/open", fields).await;
    assert_eq!(sent.status, 303, "{fields:?}: {sent:?}");
    desk.email_about(about).await
}

/// The sample, with a form of which the settings say nothing.
async fn open_desk() -> Desk {
    Desk::configured("sites.studio.forms.open = {}").await
}

#[tokio::test]
async fn whatever_a_form_calls_its_fields_the_owner_can_answer() {
    let desk = open_desk().await;
    let forms: [&[(&str, &str)]; 8] = [
        &[("your-name", "Ann Alm"), ("your-email", "ann@example.org"), ("your-message", "…")],
        &[("Name", "Ann Alm"), ("Email", "ann@example.org"), ("Message", "…")],
        &[("NAME", "Ann Alm"), ("E-Mail", "ann@example.org"), ("MESSAGE", "…")],
        &[("fields[name]", "Ann Alm"), ("fields[email]", "ann@example.org"), ("fields[message]", "…")],
        &[("form_fields[name]", "Ann Alm"), ("form_fields[email]", "ann@example.org"), ("form_fields[message]", "…")],
        &[("full_name", "Ann Alm"), ("emailAddress", "ann@example.org"), ("enquiry", "…")],
        &[("first_name", "Ann"), ("last_name", "Alm"), ("kontakt", "ann@example.org"), ("Nachricht", "…")],
        &[("Vorname", "Ann"), ("Nachname", "Alm"), ("_replyto", "ann@example.org"), ("message[]", "…")],
    ];
    for (number, form) in forms.into_iter().enumerate() {
        let text = format!("Form number {number}");
        let fields: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (*name, if *value == "…" { &*text } else { *value })).collect();
        let email = told(&desk, &fields, &text).await;
        assert_eq!(email.reply_to.as_deref(), Some("ann@example.org"), "{form:?}");
        assert_eq!(email.subject, "Message from Ann Alm", "{form:?}");
    }
    let nested = json!({
        "contact": { "name": "Ann Alm", "email": "ann@example.org" },
        "message": "From an app",
        "address": { "street": "Main Road 1", "geo": [{ "lat": 59.50 }] },
    });
    let sent = answer(desk.request_post("/contact/open").json(&nested)).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    let email = desk.email_about("From an app").await;
    assert_eq!((email.reply_to.as_deref(), &*email.subject), (Some("ann@example.org"), "Message from Ann Alm"));
    assert!(email.text.contains("Address street: Main Road 1") && email.text.contains("59.5"), "{}", email.text);
    // Which of two addresses is meant nobody can tell.
    let two = [("a", "ann@example.org"), ("b", "bo@example.org"), ("message", "Two addresses")];
    let email = told(&desk, &two, "Two addresses").await;
    assert_eq!(email.reply_to, None);
    assert!(email.text.contains("ann@example.org") && email.text.contains("bo@example.org"), "{}", email.text);
}

#[tokio::test]
async fn names_with_dots_and_addresses_as_they_are_pasted_are_understood() {
    let desk = open_desk().await;
    for (number, pasted) in ["Ann Alm <ann@example.org>", "mailto:ann@example.org"].into_iter().enumerate() {
        let text = format!("With dots, {number}");
        let fields = [
            ("contact.name", "Ann Alm"),
            ("contact.email", pasted),
            ("form.message", &text),
            ("address.street", "Main Road 1"),
        ];
        let email = told(&desk, &fields, &text).await;
        assert_eq!((email.reply_to.as_deref(), &*email.subject), (Some("ann@example.org"), "Message from Ann Alm"));
        assert!(said(&email).contains("Address street: Main Road 1"), "{}", email.text);
    }
    let two = [("email", "Ann <ann@example.org>, Bo <bo@example.org>"), ("message", "Which?")];
    assert_eq!(desk.post_for_json("/contact/open", &two).await.json()["errors"][0]["code"], "email");
}

#[tokio::test]
async fn names_are_readable_and_fields_are_found_by_any_spelling() {
    let settings = "[[sites.studio.forms.open.fields]]\nname = \"topics\"\ntype = \"choice\"\n\
                    choices = [\"Back\", \"Knee\"]\nrequired = true\n\
                    [[sites.studio.forms.open.fields]]\nname = \"telephone\"\nrequired = true";
    let desk = Desk::configured(settings).await;
    let fields = [
        ("Topics[]", "Back"),
        ("Topics[]", "Knee"),
        ("fields[address][street]", "Main Road 1"),
        ("preferredTime", "Evening"),
        ("your-budget", "None"),
        ("telephone", "555 0100"),
        ("message", "By any name"),
    ];
    let email = told(&desk, &fields, "By any name").await;
    for line in
        ["Topics: Back", "Topics: Knee", "Address street: Main Road 1", "Preferred time: Evening", "Your budget: None"]
    {
        assert!(said(&email).contains(line), "{line:?} is not in {}", email.text);
    }
    let refused = desk.post_for_json("/contact/open", &[("topics[]", "Neck"), ("message", "x")]).await;
    let errors: Vec<Value> = refused.json()["errors"].as_array().expect("errors").clone();
    let errors: Vec<_> = errors.iter().map(|error| (error["field"].clone(), error["code"].clone())).collect();
    assert_eq!(errors, [(json!("topics"), json!("choice")), (json!("telephone"), json!("required"))]);
}

#[tokio::test]
async fn what_a_page_fills_in_unseen_comes_back_unseen() {
    let desk = Desk::start().await;
    let page_url = format!("{}/contact/", desk.world.url);
    let unseen = [("utm_source", "newsletter"), ("page_url", &*page_url), ("gclid", "abc"), ("whence", &*page_url)];
    let seen = [("email", "nobody"), ("message", "Typed"), ("colour", "red"), ("where", "at home")];
    let fields = [&unseen[..], &seen[..], &[("_charset_", "UTF-8")]].concat();
    let refused = desk.post("/contact", &fields).await;
    assert_eq!(refused.status, 422);
    for (name, value) in unseen {
        let hidden = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
        assert!(refused.body.contains(&hidden), "{hidden} is not in {}", refused.body);
        assert_eq!(refused.body.matches(&format!("name=\"{name}\"")).count(), 1);
    }
    let given_back = Form::first(&refused.body);
    for (name, value) in seen {
        assert_eq!(given_back.value(name).as_deref(), Some(value), "{given_back:?}");
        assert!(!refused.body.contains(&format!("type=\"hidden\" name=\"{name}\"")), "{name}");
    }
    assert!(!refused.body.contains("name=\"_charset_\""), "{}", refused.body);
}

#[tokio::test]
async fn what_stands_in_a_name_is_bounded_and_judged_like_the_rest() {
    let desk = open_desk().await;
    let long = format!("\u{202e}{BLATANT}\r\n{}", "x".repeat(300));
    let decision = async |fields: &[(&str, &str)]| {
        let sent = desk.post_for_json("/contact/open", fields).await;
        let stored = desk.items().await;
        let item = stored.iter().find(|stored| stored["item"]["id"] == sent.json()["id"]).expect("stored");
        item["item"].clone()
    };
    let who = [("name", "Ann"), ("email", "ann@example.org")];
    let plain = decision(&[&who[..], &[("colour", "yes")]].concat()).await;
    let named = decision(&[&who[..], &[(&*long, "yes")]].concat()).await;
    let score = |item: &Value| item["verdict"]["score"].as_f64().expect("a score");
    assert!(score(&named) > score(&plain) + 0.2, "{} is not more than {}", score(&named), score(&plain));
    let reasons = named["verdict"]["reasons"].to_string();
    assert!(reasons.contains("blocklist") || reasons.contains("casino"), "{reasons}");
    let name = named["wrote"]["lead"]["fields"][0][0].as_str().expect("a name");
    assert!(name.chars().count() <= 100 && !name.contains(['\u{202e}', '\r', '\n']), "{name}");

    let subject = format!("\u{202e}{}", "Long ".repeat(60));
    let item = decision(&[&who[..], &[("_subject", &*subject), ("message", "x")]].concat()).await;
    let lead = &item["wrote"]["lead"];
    let short = lead["subject"].as_str().expect("a subject");
    assert!((90..=100).contains(&short.chars().count()) && !short.contains('\u{202e}'), "{short}");
    assert_eq!(lead["fields"][0][1].as_str().map(|whole| whole.matches("Long").count()), Some(60));
}

#[tokio::test]
async fn names_are_understood_at_every_site() {
    let second = "\n[sites.bakery]\nname = \"Bakery\"\nurl = \"https://bakery.example\"\nlang = \"de\"\n\
                  owner = { name = \"Bo\", email = \"bo@bakery.example\" }\n[sites.bakery.forms.default]\n";
    let desk = Desk::with(Options { config: sample_with(second), ..Options::default() }).await;
    // Read without TLS: the host says which site is meant.
    let fields = [("Vorname", "Ann"), ("E-Mail-Adresse", "ann@example.org"), ("Nachricht", "Brot?")];
    let refused = answer(desk.request_post("/contact").header("origin", "http://bakery.example").form(&fields)).await;
    assert!(refused.status == 403 && refused.body.contains("lang=\"de\""), "{refused:?}");
    let form = Form::first(&refused.body);
    let again = desk.request_post(&form.action).header("origin", &desk.world.url);
    let sent = answer(again.form(&form.fields())).await;
    assert_eq!(sent.header("location"), "/bakery/contact/thanks", "{sent:?}");
    let email = desk.email_about("Brot?").await;
    assert_eq!(email.reply_to.as_deref(), Some("ann@example.org"));
}
