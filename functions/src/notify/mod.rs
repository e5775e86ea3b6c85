//! Notifies: follows the table's stream and tells the owner, and looks every hour for what is not delivered. The only
//! function that sends.
//!
//! A record may come again, alone or with its whole batch. Before anything is done the submission is read as it is
//! now, and what was done is noted with it; so a repetition finds nothing left to do, and one record that cannot be
//! handled keeps no other from being handled.

pub mod stats;
mod stream;

use aws_lambda_events::dynamodb;
use aws_lambda_events::streams::DynamoDbEventResponse;
use jiff::Timestamp;
use serde::Deserialize;

use crate::delivery::bounces::{self, Notices};
use crate::delivery::{self, Notifier, digest};
use crate::judging::learn;
use crate::platform::log::milliseconds;
use crate::store::StoreError;

/// What Lambda starts `notify` with.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Start {
    /// What SES reports of bounces and complaints.
    Bounces(Notices),
    /// Everything else.
    Event(Event),
}

/// Does what it is started for. Fails if it must be told once more that an email came back.
pub async fn start(notifier: &Notifier, start: Start) -> Result<DynamoDbEventResponse, StoreError> {
    match start {
        Start::Bounces(notices) => bounces::hear(notifier, &notices).await.map(|()| DynamoDbEventResponse::default()),
        Start::Event(event) => Ok(handle(notifier, event).await),
    }
}

/// What `notify` is started by without SES.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A schedule, whose constant input is `{"deskbell":"hourly"}` or `{"deskbell":"weekly"}`.
    Schedule {
        /// Which one.
        deskbell: Schedule,
    },
    /// Records of the table's stream.
    Stream(dynamodb::Event),
}

/// What is done without anybody asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// What failed is sent again, and what was never sent is sent.
    Hourly,
    /// The owner reads what came in.
    Weekly,
}

impl Schedule {
    fn word(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::Weekly => "weekly",
        }
    }
}

/// Does what an event asks for, and logs it; names the stream's records that must come again.
pub async fn handle(notifier: &Notifier, event: Event) -> DynamoDbEventResponse {
    let began = std::time::Instant::now();
    let (what, records) = match &event {
        Event::Stream(event) => ("stream", event.records.len()),
        Event::Schedule { deskbell } => (deskbell.word(), 0),
    };
    let response = match event {
        Event::Stream(event) => stream::batch(notifier, event).await,
        Event::Schedule { deskbell } => {
            match deskbell {
                Schedule::Hourly => hourly(notifier, Timestamp::now()).await,
                Schedule::Weekly => digest::weekly(notifier, Timestamp::now()).await,
            }
            DynamoDbEventResponse::default()
        }
    };
    let again = response.batch_item_failures.len();
    tracing::info!(event = what, records, again, ms = milliseconds(began), "handled");
    response
}

/// What the stream does not bring by `now`: what failed is sent again, and what was never sent is sent, and so are
/// digests; then days are added up, and Akismet is asked again what it could not say yet.
pub async fn hourly(notifier: &Notifier, now: Timestamp) {
    delivery::retry_due(notifier, now).await;
    digest::send_due(notifier, now).await;
    for site in notifier.app.config.sites.values() {
        if let Err(error) = stats::add_up(&notifier.app.store, site, now).await {
            tracing::error!(%error, site = site.id, "daily statistics not aggregated");
        }
    }
    for site in notifier.app.config.sites.values().filter(|site| site.akismet.is_some()) {
        learn::ask_akismet_again(&notifier.app, site).await;
    }
}
