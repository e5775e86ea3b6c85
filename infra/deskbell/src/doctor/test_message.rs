//! A test message, sent as a visitor would, waited for until it was delivered, and removed.

use std::time::{Duration, Instant};

use deskbell_functions::app::App;
use deskbell_functions::config::Site;
use deskbell_functions::delivery;
use deskbell_functions::form::Form;
use deskbell_functions::rights;
use deskbell_functions::submission::delivery::{Channel, DeliveryState};
use deskbell_functions::submission::{Status, Submission};
use deskbell_functions::words::english;
use http::Method;
use serde_json::Value;
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::finding::Finding;
use super::instance::Instance;
use crate::fetch::fetch;
use crate::filled::filled;

/// How long to wait before looking again whether it was delivered.
const PAUSE: Duration = Duration::from_millis(500);

const TEXT: &str = "Good morning, this is the test message of deskbell doctor. It shows that what visitors write reaches \
    you. It was removed from the inbox as soon as this email was sent, so there is nothing for you to do.";

/// Sends one to each site that has a contact form, and waits so long for it.
pub(super) async fn check(instance: &Instance, timeout: Duration) -> Vec<Finding> {
    let app = match instance.app().await {
        Ok(app) => app,
        Err(error) => return vec![Finding::problem("message", error, "Fix what is wrong with the table.")],
    };
    let mut findings = Vec::new();
    for site in app.config.sites.values() {
        let form = site.forms.get_key_value("default").or_else(|| site.forms.first_key_value());
        findings.push(match form {
            Some((name, form)) => sent(instance, &app, site, name, form, timeout).await,
            None => Finding::skipped("message", format!("{} has no contact form.", site.id)),
        });
    }
    findings
}

async fn sent(instance: &Instance, app: &App, site: &Site, name: &str, form: &Form, timeout: Duration) -> Finding {
    // The simulator's addresses take everything and answer nothing; this one is nobody else's.
    let address = format!("success+{}@simulator.amazonses.com", Uuid::new_v4().simple());
    let id = match post(instance, site, name, form, &address).await {
        Ok(id) => id,
        Err(error) => {
            let advice = "Send the form by hand to see the error. If it is 503, read the log of contact.";
            return Finding::problem("message", format!("The test message was not accepted: {error}"), advice);
        }
    };
    let finding = delivered(app, site, id, timeout).await;
    match rights::erase_submission(app, site, id).await {
        Ok(()) => finding,
        Err(error) => Finding::problem(
            "message",
            format!("{} It could not be removed: {error}", finding.found),
            format!(
                "{} Then move the message from Deskbell to the trash, in the inbox.",
                finding.advice.unwrap_or_default()
            ),
        ),
    }
}

/// Sends the form with what it requires, and gives the id.
async fn post(instance: &Instance, site: &Site, name: &str, form: &Form, email: &str) -> Result<Uuid, String> {
    let path = if name == "default" { "/contact".into() } else { format!("/contact/{name}") };
    let origin = site.all_origins().next().unwrap_or_default();
    let headers =
        [("origin", &*origin), ("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    let body = Serializer::new(String::new())
        .extend_pairs(filled(site, form, &[("name", "Deskbell"), ("email", email), ("message", TEXT)]))
        .finish();
    let answer = fetch(Method::POST, &instance.route(&site.id, &path), &headers, body).await?;
    let sent: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let id = sent["id"].as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| format!("{} {}", answer.status, sent["title"].as_str().unwrap_or_default()))
}

/// Waits until a delivery was attempted on every channel.
async fn delivered(app: &App, site: &Site, id: Uuid, timeout: Duration) -> Finding {
    let began = Instant::now();
    loop {
        let lead = match app.store.submission(&site.id, id).await {
            Ok(lead) => lead,
            Err(error) => {
                return Finding::problem("message", error.to_string(), "Fix what is wrong with the table.");
            }
        };
        if lead.as_ref().is_some_and(|lead| lead.status == Status::Spam) {
            return spam();
        }
        let waiting = lead.as_ref().map_or_else(|| vec![Channel::Mail], |lead| waiting(site, lead));
        match lead {
            Some(lead) if waiting.is_empty() => return result(site, &lead, began.elapsed()),
            _ if began.elapsed() > timeout => return undelivered(&waiting, timeout),
            _ => tokio::time::sleep(PAUSE.min(timeout)).await,
        }
    }
}

/// The channels on which no delivery was attempted.
fn waiting(site: &Site, lead: &Submission) -> Vec<Channel> {
    let mut channels = delivery::due_channels(site, lead);
    channels.retain(|channel| lead.delivery(channel).is_none_or(|delivery| delivery.state == DeliveryState::Due));
    channels
}

/// The result on each channel.
fn result(site: &Site, lead: &Submission, after: Duration) -> Finding {
    let failed: Vec<String> = lead
        .deliveries
        .iter()
        .filter(|(_, delivery)| delivery.state == DeliveryState::Failed)
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
        return Finding::ok("message", found);
    }
    let advice =
        "Fix that; if it is mail, by what this list says about mail, sender and recipients. Then send another one.";
    Finding::problem("message", format!("The test message was not delivered {}.", failed.join(", ")), advice)
}

fn undelivered(waiting: &[Channel], timeout: Duration) -> Finding {
    let channels: Vec<_> = waiting.iter().map(Channel::name).collect();
    let (channels, seconds) = (channels.join(", "), timeout.as_secs());
    let found = format!("The test message was stored, but not delivered by {channels} within {seconds} s.");
    Finding::problem("message", found, "See stream and notify in this list, and read the log of the function notify.")
}

fn spam() -> Finding {
    let found = "The filter took the test message for spam, so nobody was notified.";
    let advice = "Check judging in the settings: its thresholds or words may be too strict. After several test messages in a \
                  minute, wait a minute.";
    Finding::problem("message", found, advice)
}
