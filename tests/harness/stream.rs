//! `notify` as Lambda calls it: a notifier of the test's own on a world's table, whose own stream stands still.

use deskbell::local::{Options, SAMPLE, Table};
use deskbell_filter::Verdict;
use deskbell_functions::app::{Aws, Settings};
use deskbell_functions::config::Config;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify::{self, Event};
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::submission::delivery::{Channel, Delivery};
use deskbell_functions::submission::{Status, Submission};
use jiff::SignedDuration;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::fault_proxy::{FaultProxy, Mail};
use crate::harness::item::item;
use crate::harness::settings::without_bound;
use crate::harness::submissions;
use crate::harness::world::Desk;

pub(crate) struct StreamHarness {
    pub(crate) desk: Desk,
    pub(crate) notifier: Notifier,
    pub(crate) mail: Mail,
    pub(crate) proxy: FaultProxy,
}

impl StreamHarness {
    /// `refused` emails are refused before one is taken.
    pub(crate) async fn start(refused: usize) -> Self {
        Self::at_pace(1, refused).await
    }

    /// The same, where all that is waited for is given up so many times sooner.
    pub(crate) async fn at_pace(pace: u32, refused: usize) -> Self {
        let proxy = FaultProxy::start().await;
        proxy.keep_stream_still(true);
        let mail = Mail::start(refused).await;
        let (table, ses_url) = (Table::Server(proxy.url.clone()), Some(mail.url.clone()));
        let options = Options { table, ses_url, schedules: false, ..Options::default() };
        let desk = Desk::with(options).await;
        let notifier =
            notifier_with(&without_bound(SAMPLE), Services::default(), Clock::at_pace(pace), &proxy, &mail).await;
        Self { desk, notifier, mail, proxy }
    }

    /// Sends a lead and gives its stream record.
    pub(crate) async fn lead(&self, number: usize, message: &str) -> Value {
        let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", message)];
        let id = self.desk.post_for_json("/contact", &fields).await.id();
        record(number, "INSERT", &self.stored(id.parse().expect("an id")).await)
    }

    /// Stores so many leads, as if they had been sent at a time (milliseconds since 1970).
    pub(crate) async fn leads(&self, count: usize, message: &str, at: u64) -> Vec<Submission> {
        let site = &self.notifier.app.config.sites["studio"];
        let wrote = submissions::lead(&[("name", "Ann"), ("email", "ann@example.org"), ("message", message)]);
        let mut leads = Vec::new();
        for _ in 0..count {
            let id = submissions::id_at(at);
            let lead = Submission::new(id, site, wrote.clone(), Verdict::owner(), Status::Received);
            leads.push(self.notifier.app.store.insert(lead).await.expect("the table"));
        }
        leads
    }

    pub(crate) async fn stored(&self, id: Uuid) -> Submission {
        self.notifier.app.store.submission("studio", id).await.expect("the table").expect("stored")
    }

    /// What became of a lead's mail.
    pub(crate) async fn mailed(&self, id: Uuid) -> Option<Delivery> {
        self.stored(id).await.delivery(&Channel::Mail).cloned()
    }

    /// Hands records over; gives those that must come again.
    pub(crate) async fn handle(&self, records: &[Value]) -> Vec<String> {
        handle(&self.notifier, records).await
    }

    /// How many emails about a submission were taken.
    pub(crate) fn copies(&self, id: Uuid) -> usize {
        let name = format!("Message-ID: <{id}@");
        self.mail.accepted().iter().filter(|email| email.contains(&name)).count()
    }

    /// How many deliveries are known to have failed.
    pub(crate) async fn undelivered(&self) -> usize {
        self.notifier.app.store.undelivered("studio", None, 1_000).await.expect("the table").len()
    }
}

/// Another container of `notify` on the same table.
pub(crate) async fn another_notifier(proxy: &FaultProxy, mail: &Mail) -> Notifier {
    notifier_with(&without_bound(SAMPLE), Services::default(), Clock::default(), proxy, mail).await
}

/// The same, with a configuration, third parties and a clock of its own.
pub(crate) async fn notifier_with(
    config: &str,
    services: Services,
    clock: Clock,
    proxy: &FaultProxy,
    mail: &Mail,
) -> Notifier {
    notifier_at(config, services, clock, Aws::local(proxy.url.clone(), mail.url.clone())).await
}

/// The same, where AWS is elsewhere.
pub(crate) async fn notifier_at(config: &str, services: Services, clock: Clock, aws: Aws) -> Notifier {
    let settings = Settings {
        aws,
        table: "deskbell".into(),
        config: Config::parse(config).expect("a configuration"),
        url: Some("https://deskbell.example.org".parse().expect("an address")),
        services,
        clock,
    };
    Notifier::start(&settings).await.expect("a notifier")
}

/// Has so many minutes pass; after each, what is due is done.
pub(crate) async fn minutes(notifier: &Notifier, minutes: u32) {
    for _ in 0..minutes {
        notifier.app.clock.advance(SignedDuration::from_mins(1));
        notify::minutely(notifier, notifier.app.clock.now()).await;
    }
}

/// Hands records over; gives those that must come again, in order.
pub(crate) async fn handle(notifier: &Notifier, records: &[Value]) -> Vec<String> {
    let event: Event = serde_json::from_value(json!({ "Records": records })).expect("an event");
    let failures = notify::handle(notifier, event).await.batch_item_failures;
    failures.into_iter().filter_map(|failure| failure.item_identifier).collect()
}

/// The records of new submissions, numbered from 1.
pub(crate) fn records(submissions: &[Submission]) -> Vec<Value> {
    submissions.iter().enumerate().map(|(at, submission)| record(at + 1, "INSERT", submission)).collect()
}

/// A record as Lambda writes it.
pub(crate) fn record(number: usize, name: &str, submission: &Submission) -> Value {
    let image = item(submission);
    json!({
        "eventID": number.to_string(), "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1", "eventSourceARN": "arn:aws:dynamodb:eu-central-1:0:table/deskbell/stream/1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_000_000.0,
            "Keys": { "pk": image["pk"], "sk": image["sk"] },
            "NewImage": image, "OldImage": {},
            "SequenceNumber": number.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

/// Milliseconds since 1970, so many minutes ago.
pub(crate) fn minutes_ago(minutes: i64) -> u64 {
    let time = jiff::Timestamp::now() - SignedDuration::from_mins(minutes);
    u64::try_from(time.as_millisecond()).expect("after 1970")
}
