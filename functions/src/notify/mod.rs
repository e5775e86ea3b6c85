//! Notifies: follows the table's stream and tells the owner, and tries again every minute what is not delivered. The
//! only function that sends.
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
use tokio::time::Instant;

use crate::delivery::bounces::{self, Notices};
use crate::delivery::limits::BEGIN_WITHIN;
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
    /// A schedule, whose constant input is `{"deskbell":"hourly"}`, or what else [`Schedule`] has.
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
    /// What failed is sent again, once it is due.
    Minutely,
    /// What was never sent is sent, and days are added up.
    Hourly,
    /// The owner reads what came in.
    Weekly,
}

impl Schedule {
    fn word(self) -> &'static str {
        match self {
            Self::Minutely => "minutely",
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
    let now = notifier.app.clock.now();
    let mut response = DynamoDbEventResponse::default();
    match event {
        Event::Stream(event) => response = stream::batch(notifier, event).await,
        Event::Schedule { deskbell: Schedule::Minutely } => {
            if minutely(notifier, now).await == 0 {
                // A line for each such minute would cost more than the look.
                return response;
            }
        }
        Event::Schedule { deskbell: Schedule::Hourly } => hourly(notifier, now).await,
        Event::Schedule { deskbell: Schedule::Weekly } => digest::weekly(notifier, now).await,
    }
    let again = response.batch_item_failures.len();
    tracing::info!(event = what, records, again, ms = milliseconds(began), "handled");
    response
}

/// Sends again what failed and is due by `now`; gives how much was due.
pub async fn minutely(notifier: &Notifier, now: Timestamp) -> usize {
    delivery::retry_due(notifier, now).await
}

/// What nothing else has brought by `now`: what was never sent is sent, and so are digests, within one time for both;
/// then days are added up, and Akismet is asked again what it could not say yet.
pub async fn hourly(notifier: &Notifier, now: Timestamp) {
    let until = Instant::now() + notifier.app.clock.lasts(BEGIN_WITHIN);
    delivery::deliver_lost(notifier, now, until).await;
    digest::send_due(notifier, now, until).await;
    for site in notifier.app.config.sites.values() {
        if let Err(error) = stats::add_up(&notifier.app.store, site, now).await {
            tracing::error!(%error, site = site.id, "daily statistics not aggregated");
        }
    }
    for site in notifier.app.config.sites.values().filter(|site| site.akismet.is_some()) {
        learn::ask_akismet_again(&notifier.app, site).await;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn each_schedule_has_its_input() {
        for (input, expected) in
            [("minutely", Schedule::Minutely), ("hourly", Schedule::Hourly), ("weekly", Schedule::Weekly)]
        {
            let start: Start = serde_json::from_value(json!({ "deskbell": input })).expect("a schedule");
            assert!(matches!(start, Start::Event(Event::Schedule { deskbell }) if deskbell == expected));
            assert_eq!(expected.word(), input);
        }
    }

    /// JSON of any shape, with the names that Lambda's events use and others.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "(INSERT|MODIFY|REMOVE|hourly|.{0,12})".prop_map(Value::from),
        ];
        let names = "(Records|Sns|Message|deskbell|eventName|dynamodb|Keys|NewImage|OldImage|pk|sk|S|N|M|L|[a-z]{1,4})";
        leaf.prop_recursive(5, 60, 6, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(names, inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_it_is_started_with_all_records_are_read_or_none(start in any_json()) {
            // What cannot be read fails as a whole: Lambda tries again, and then puts it into the dead-letter queue.
            if let Ok(Start::Event(Event::Stream(event))) = serde_json::from_value::<Start>(start.clone()) {
                prop_assert_eq!(Some(event.records.len()), start["Records"].as_array().map(Vec::len));
            }
        }
    }
}
