//! `notify`, called as Lambda calls it: with events of the table's stream.

use deskbell_functions::app::{Aws, Bell, Settings};
use deskbell_functions::config::Config;
use deskbell_functions::notify::{self, Event};
use deskbell_functions::outgoing::Services;
use deskbell_functions::submission::Submission;
use serde_json::{Value, json};

use crate::wire::{Mail, Wire};
use crate::world::{Desk, changed};
use deskbell::local::{Options, Table};

/// A world whose own stream rings elsewhere, and a bell of the test's own on the same table.
struct Rig {
    desk: Desk,
    bell: Bell,
    mail: Mail,
    _elsewhere: Mail,
    _wire: Wire,
}

impl Rig {
    /// `refused` letters are refused before one is taken.
    async fn start(refused: usize) -> Self {
        let wire = Wire::start().await;
        // The world's stream never gets its letters taken, and so marks nothing as told.
        let elsewhere = Mail::start(usize::MAX).await;
        let options = Options {
            table: Table::Server(wire.url.clone()),
            ses_url: Some(elsewhere.url.clone()),
            ..Options::default()
        };
        let desk = Desk::with(options).await;
        let mail = Mail::start(refused).await;
        let settings = Settings {
            aws: Aws::local(wire.url.clone(), mail.url.clone()),
            table: "deskbell".into(),
            config: Config::parse(&changed(&[])).expect("the sample"),
            url: Some("https://bell.example.org".parse().expect("an address")),
            services: Services::default(),
        };
        let bell = Bell::start(&settings).await.expect("a bell");
        Self { desk, bell, mail, _elsewhere: elsewhere, _wire: wire }
    }

    /// Sends a lead and gives its stream record.
    async fn lead(&self, number: usize, message: &str) -> Value {
        let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", message)];
        let id = self.desk.post_for_json("/contact", &fields).await.id();
        let app = &self.bell.app;
        let stored =
            app.store.submission("studio", id.parse().expect("an id")).await.expect("the table").expect("stored");
        record(number, "INSERT", &stored)
    }

    /// Hands records over; gives those that must come again.
    async fn handle(&self, records: &[Value]) -> Vec<String> {
        let event: Event = serde_json::from_value(json!({ "Records": records })).expect("an event");
        let failures = notify::handle(&self.bell, event).await.batch_item_failures;
        failures.into_iter().filter_map(|failure| failure.item_identifier).collect()
    }
}

/// A record as Lambda writes it.
pub(crate) fn record(number: usize, name: &str, submission: &Submission) -> Value {
    let mut image: Value = {
        let item: std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue> =
            serde_dynamo::to_item(submission).expect("an item");
        serde_json::to_value(serde_dynamo::Item::from(item)).expect("JSON")
    };
    let pk = format!("{}#submission#{}", submission.site, submission.id);
    image["pk"] = json!({ "S": pk });
    image["sk"] = json!({ "S": "item" });
    json!({
        "eventID": number.to_string(), "eventName": name, "eventVersion": "1.1", "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1", "eventSourceARN": "arn:aws:dynamodb:eu-central-1:0:table/deskbell/stream/1",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_000_000.0,
            "Keys": { "pk": { "S": pk }, "sk": { "S": "item" } },
            "NewImage": image, "OldImage": {},
            "SequenceNumber": number.to_string(), "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

#[tokio::test]
async fn one_bad_record_neither_stops_nor_repeats_the_others() {
    let rig = Rig::start(0).await;
    let mut poison = rig.lead(2, "poison").await;
    poison["dynamodb"]["NewImage"]["wrote"] = json!({ "S": "nonsense" });
    let records = [rig.lead(1, "before").await, poison, rig.lead(3, "after").await];
    for _ in 0..3 {
        assert_eq!(rig.handle(&records).await, ["2"]);
    }
    let letters = rig.mail.accepted();
    assert_eq!(letters.len(), 2, "{letters:?}");
    assert!(["before", "after"].iter().all(|text| letters.iter().any(|letter| letter.contains(text))));
}

#[tokio::test]
async fn a_letter_that_was_refused_comes_again_under_the_same_name() {
    // The SDK itself tries three times.
    let rig = Rig::start(6).await;
    let records = [rig.lead(1, "first").await, rig.lead(2, "second").await];
    assert_eq!(rig.handle(&records).await, ["1", "2"]);
    assert_eq!(rig.handle(&records).await, [""; 0]);
    let letters = rig.mail.accepted();
    assert_eq!(letters.len(), 2);
    for letter in letters {
        let id =
            |name: &str| letter.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).expect("a header");
        assert_eq!(id("Message-ID: "), id("References: "));
    }
}

#[tokio::test]
async fn other_items_deletions_and_the_decided_ring_nothing() {
    let rig = Rig::start(0).await;
    let lead = rig.lead(1, "decided").await;
    let mut deleted = lead.clone();
    deleted["eventName"] = json!("REMOVE");
    let mut rate = lead.clone();
    rate["dynamodb"]["Keys"]["pk"] = json!({ "S": "studio#rate#x" });
    rate["dynamodb"]["NewImage"] = json!({ "hits": { "N": "1" } });
    let mut gone = lead.clone();
    gone["dynamodb"]["NewImage"]["id"] = json!({ "S": uuid::Uuid::now_v7().to_string() });
    assert_eq!(rig.handle(&[deleted, rate, gone]).await, [""; 0]);

    // What was decided since the record was written counts, not what the record says.
    let link = rig.desk.items().await[0]["link"].as_str().expect("a link").to_owned();
    assert_eq!(rig.desk.post(&link, &[("choice", "trash")]).await.status, 200);
    assert_eq!(rig.handle(&[lead]).await, [""; 0]);
    assert_eq!(rig.mail.accepted(), [""; 0]);
}

#[tokio::test]
async fn letters_hold_no_header_that_a_visitor_typed() {
    let rig = Rig::start(0).await;
    let nasty = "Ann\r\nBcc: thief@example.net\r\nX-Evil: 1\r\n\r\nBody";
    let fields =
        [("name", nasty), ("email", "ann@example.org"), ("message", "x"), ("_subject", nasty), ("phone", "5\r\n5")];
    let id = rig.desk.post_for_json("/contact", &fields).await.id();
    let stored = rig.bell.app.store.submission("studio", id.parse().expect("an id")).await.expect("the table");
    assert_eq!(rig.handle(&[record(1, "INSERT", &stored.expect("stored"))]).await, [""; 0]);
    let letter = rig.mail.accepted().remove(0);
    let head = letter.split("\r\n\r\n").next().expect("headers");
    let names: Vec<_> =
        head.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(':').next()).collect();
    let expected = [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "References",
        "Auto-Submitted",
        "Reply-To",
        "MIME-Version",
        "Content-Type",
    ];
    assert_eq!(names, expected, "{head}");
}
