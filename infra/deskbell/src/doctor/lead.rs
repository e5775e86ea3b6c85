//! A contact request of our own, sent as a visitor would, waited for until it was delivered, and removed.

use std::time::{Duration, Instant};

use deskbell_functions::app::App;
use deskbell_functions::config::Site;
use deskbell_functions::delivery::{Channel, Delivery, State as Delivered};
use deskbell_functions::form::{Email, Field, Form, Kind};
use deskbell_functions::rights;
use deskbell_functions::submission::{Status, Submission};
use http::Method;
use jiff::Timestamp;
use serde_json::Value;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::finding::Finding;
use super::http::ask;
use super::place::Place;

/// How often it is looked whether it was delivered.
const PAUSE: Duration = Duration::from_millis(500);

/// How long what follows a delivery may take before it is removed.
const FILING: Duration = Duration::from_secs(10);

const TEXT: &str = "Good morning, this is the test message of deskbell doctor. It shows that what visitors write reaches \
    you. It was removed from the inbox as soon as this letter was sent, so there is nothing for you to do.";

/// Sends one to each site that takes any, and waits so long for it.
pub(super) async fn check(place: &Place, patience: Duration) -> Vec<Finding> {
    let app = match place.app().await {
        Ok(app) => app,
        Err(error) => return vec![Finding::problem("lead", error, "Put right what is wrong with the table.")],
    };
    let mut findings = Vec::new();
    for site in app.config.sites.values() {
        let form = site.forms.get_key_value("default").or_else(|| site.forms.first_key_value());
        findings.push(match form {
            Some((name, form)) => sent(place, &app, site, name, form, patience).await,
            None => Finding::skipped("lead", format!("{} has no contact form.", site.id)),
        });
    }
    findings
}

async fn sent(place: &Place, app: &App, site: &Site, name: &str, form: &Form, patience: Duration) -> Finding {
    // The simulator's addresses take everything and answer nothing; this one is nobody else's.
    let address = format!("success+{}@simulator.amazonses.com", Uuid::new_v4().simple());
    let Some(email) = Email::parse(&address) else { return Finding::skipped("lead", "no address") };
    let id = match post(place, site, name, form, &address).await {
        Ok(id) => id,
        Err(error) => {
            let advice = "Send the form by hand to see what it says. If the answer is 503, read the log of contact.";
            return Finding::problem("lead", format!("The test message was not taken: {error}"), advice);
        }
    };
    let finding = rung(app, site, id, patience).await;
    if matches!(removed(app, site, &email, id).await, Ok(true)) {
        return finding;
    }
    let erase = format!("Remove it: deskbell erase --email {address}");
    Finding::problem("lead", format!("{} The test message is still there.", finding.found), erase)
}

/// Sends the form with what it asks for, and gives the id.
async fn post(place: &Place, site: &Site, name: &str, form: &Form, email: &str) -> Result<Uuid, String> {
    let path = if name == "default" { "/contact".into() } else { format!("/contact/{name}") };
    let origin = site.all_origins().next().unwrap_or_default();
    let headers =
        [("origin", &*origin), ("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let body = Serializer::new(String::new()).extend_pairs(filled(site, form, email)).finish();
    let answer = ask(Method::POST, &place.route(&site.id, &path), &headers, body).await?;
    let said: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let id = said["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| format!("{} {}", answer.status, said["title"].as_str().unwrap_or_default()))
}

/// Name, address and message, and whatever else the form does not go without.
fn filled(site: &Site, form: &Form, email: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = [("name", "Deskbell"), ("email", email), ("message", TEXT)]
        .map(|(name, value)| (name.into(), value.into()))
        .into();
    for field in form.fields.iter().filter(|field| field.required) {
        if !pairs.iter().any(|(name, _)| *name == field.name) {
            pairs.push((field.name.clone(), typed(site, field, email)));
        }
    }
    pairs
}

fn typed(site: &Site, field: &Field, email: &str) -> String {
    match field.kind() {
        Kind::Line | Kind::Text => "Deskbell".into(),
        Kind::Email => email.into(),
        Kind::Tel => "+46 8 555 010".into(),
        Kind::Url => site.url.to_string(),
        Kind::Number => "1".into(),
        Kind::Date => Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        Kind::Choice => field.choices.first().cloned().unwrap_or_default(),
        Kind::Consent => "on".into(),
    }
}

/// Waits until the owner's mail is sent, or has failed.
async fn rung(app: &App, site: &Site, id: Uuid, patience: Duration) -> Finding {
    let began = Instant::now();
    loop {
        let stored = app.store.submission(&site.id, id).await;
        let mail = stored.as_ref().ok().and_then(|stored| mailed(stored.as_ref()?));
        match (&stored, mail) {
            (Err(error), _) => {
                return Finding::problem("lead", error.to_string(), "Put right what is wrong with the table.");
            }
            (Ok(Some(lead)), _) if lead.status == Status::Spam => return spam(),
            (_, Some(Delivery { state: Delivered::Sent, .. })) => {
                let seconds = began.elapsed().as_secs_f64();
                let found = format!("The test message to {} was delivered after {seconds:.1} s, and removed.", site.id);
                return Finding::ok("lead", found);
            }
            (_, Some(Delivery { state: Delivered::Failed, reason, .. })) => {
                let found =
                    format!("The test message was not delivered: {}.", reason.as_deref().unwrap_or("no reason"));
                return Finding::problem("lead", found, "Put right what this list says about mail and the sender.");
            }
            _ if began.elapsed() > patience => {
                let found = format!("The test message was stored, and did not ring within {} s.", patience.as_secs());
                let advice = "Look at stream and notify in this list, and read the log of the function notify.";
                return Finding::problem("lead", found, advice);
            }
            _ => tokio::time::sleep(PAUSE.min(patience)).await,
        }
    }
}

fn mailed(lead: &Submission) -> Option<&Delivery> {
    lead.delivery(&Channel::Mail)
}

fn spam() -> Finding {
    let found = "The filter took the test message for junk, so it did not ring.";
    Finding::problem("lead", found, "Look at judging in the settings: its thresholds or words may be too strict.")
}

/// Erases what was sent under this address; gives whether it is gone. It may take a moment until it is filed under it.
async fn removed(
    app: &App,
    site: &Site,
    email: &Email,
    id: Uuid,
) -> Result<bool, deskbell_functions::store::StoreError> {
    let began = Instant::now();
    loop {
        rights::erase(app, site, email, 10).await?;
        if app.store.submission(&site.id, id).await?.is_none() {
            return Ok(true);
        }
        if began.elapsed() > FILING {
            return Ok(false);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
