//! A contact request of our own, sent as a visitor would, waited for until it was delivered, and removed.

use std::time::{Duration, Instant};

use deskbell_functions::app::App;
use deskbell_functions::config::Site;
use deskbell_functions::delivery;
use deskbell_functions::form::{Field, FieldKind, Form};
use deskbell_functions::rights;
use deskbell_functions::submission::delivery::{Channel, DeliveryState as Delivered};
use deskbell_functions::submission::{Status, Submission};
use deskbell_functions::words::english;
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
    let id = match post(place, site, name, form, &address).await {
        Ok(id) => id,
        Err(error) => {
            let advice = "Send the form by hand to see what it says. If the answer is 503, read the log of contact.";
            return Finding::problem("lead", format!("The test message was not taken: {error}"), advice);
        }
    };
    let finding = rung(app, site, id, patience).await;
    match rights::erase_submission(app, site, id).await {
        Ok(()) => finding,
        Err(error) => Finding::problem(
            "lead",
            format!("{} It could not be removed: {error}", finding.found),
            format!(
                "{} Then put the message from Deskbell into the trash, in the inbox.",
                finding.advice.unwrap_or_default()
            ),
        ),
    }
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
        FieldKind::Line | FieldKind::Text => "Deskbell".into(),
        FieldKind::Email => email.into(),
        FieldKind::Tel => "+46 8 555 010".into(),
        FieldKind::Url => site.url.to_string(),
        FieldKind::Number => "1".into(),
        FieldKind::Date => Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string(),
        FieldKind::Choice => field.choices.first().cloned().unwrap_or_default(),
        FieldKind::Consent => "on".into(),
    }
}

/// Waits until it was tried to deliver it on every channel.
async fn rung(app: &App, site: &Site, id: Uuid, patience: Duration) -> Finding {
    let began = Instant::now();
    loop {
        let lead = match app.store.submission(&site.id, id).await {
            Ok(lead) => lead,
            Err(error) => {
                return Finding::problem("lead", error.to_string(), "Put right what is wrong with the table.");
            }
        };
        if lead.as_ref().is_some_and(|lead| lead.status == Status::Spam) {
            return spam();
        }
        let waiting = lead.as_ref().map_or_else(|| vec![Channel::Mail], |lead| waiting(site, lead));
        match lead {
            Some(lead) if waiting.is_empty() => return tried(site, &lead, began.elapsed()),
            _ if began.elapsed() > patience => return silent(&waiting, patience),
            _ => tokio::time::sleep(PAUSE.min(patience)).await,
        }
    }
}

/// The channels on which it was not tried to deliver it.
fn waiting(site: &Site, lead: &Submission) -> Vec<Channel> {
    let mut channels = delivery::due_channels(site, lead);
    channels.retain(|channel| lead.delivery(channel).is_none_or(|delivery| delivery.state == Delivered::Due));
    channels
}

/// What came of it on each channel.
fn tried(site: &Site, lead: &Submission, after: Duration) -> Finding {
    let failed: Vec<String> = lead
        .deliveries
        .iter()
        .filter(|(_, delivery)| delivery.state == Delivered::Failed)
        .map(|(channel, delivery)| {
            let reason = delivery.reason.as_ref().map(|reason| english().inbox.delivery_reason(reason));
            format!("by {channel} ({})", reason.as_deref().unwrap_or("no reason"))
        })
        .collect();
    if failed.is_empty() {
        let channels: Vec<&str> = lead.deliveries.keys().map(String::as_str).collect();
        let (channels, seconds) = (channels.join(", "), after.as_secs_f64());
        let found =
            format!("The test message to {} was delivered by {channels} after {seconds:.1} s, and removed.", site.id);
        return Finding::ok("lead", found);
    }
    let advice =
        "Put that right; if it is mail, by what this list says about mail, sender and people. Then send another one.";
    Finding::problem("lead", format!("The test message was not delivered {}.", failed.join(", ")), advice)
}

fn silent(waiting: &[Channel], patience: Duration) -> Finding {
    let channels: Vec<_> = waiting.iter().map(Channel::name).collect();
    let (channels, seconds) = (channels.join(", "), patience.as_secs());
    let found = format!("The test message was stored, and did not ring by {channels} within {seconds} s.");
    Finding::problem("lead", found, "Look at stream and notify in this list, and read the log of the function notify.")
}

fn spam() -> Finding {
    let found = "The filter took the test message for junk, so it did not ring.";
    let advice = "Look at judging in the settings: its thresholds or words may be too strict. After several test messages \
                  within a minute, wait for another one.";
    Finding::problem("lead", found, advice)
}
