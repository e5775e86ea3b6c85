//! `notify`, called as Lambda calls it: with events of the table's stream.

use deskbell_functions::notify::{Event, handle};
use serde_json::json;

use crate::harness::stream::{StreamHarness, minutes, record};

#[tokio::test]
async fn one_bad_record_neither_stops_nor_repeats_the_others() {
    let harness = StreamHarness::start(0).await;
    let mut poison = harness.lead(2, "poison").await;
    poison["dynamodb"]["NewImage"]["wrote"] = json!({ "S": "nonsense" });
    let records = [harness.lead(1, "before").await, poison, harness.lead(3, "after").await];
    for _ in 0..3 {
        assert_eq!(harness.handle(&records).await, ["2"]);
    }
    let emails = harness.mail.accepted();
    assert_eq!(emails.len(), 2, "{emails:?}");
    assert!(["before", "after"].iter().all(|text| emails.iter().any(|email| email.contains(text))));
}

#[tokio::test]
async fn a_record_of_any_shape_is_handled_or_comes_again() {
    let harness = StreamHarness::start(0).await;
    let lead = harness.lead(1, "Is Monday free?").await;
    let shapes = [
        json!({ "S": "" }),
        json!({ "N": "1" }),
        json!({ "N": "no number" }),
        json!({ "BOOL": true }),
        json!({ "NULL": true }),
        json!({ "L": [] }),
        json!({ "M": {} }),
        json!({ "S": "\u{0}\u{fffd}".repeat(500) }),
    ];
    let attributes: Vec<String> = lead["dynamodb"]["NewImage"].as_object().expect("an image").keys().cloned().collect();
    let (mut handled, mut again) = (0, 0);
    for (part, name) in
        ["NewImage", "OldImage", "Keys"].into_iter().flat_map(|part| attributes.iter().map(move |name| (part, name)))
    {
        for shape in &shapes {
            let mut record = lead.clone();
            record["dynamodb"][part][name] = shape.clone();
            // What Lambda hands over is JSON of DynamoDB's; anything else is none of its events.
            let Ok(event) = serde_json::from_value::<Event>(json!({ "Records": [record] })) else { continue };
            let failed = handle(&harness.notifier, event).await.batch_item_failures;
            match failed.as_slice() {
                [] => handled += 1,
                [one] => {
                    assert_eq!(one.item_identifier.as_deref(), Some("1"));
                    again += 1;
                }
                more => panic!("{more:?}"),
            }
        }
    }
    assert!(handled > 50 && again > 10, "{handled} handled, {again} to come again");
    assert_eq!(harness.mail.accepted().len(), 1, "and the lead is announced once");
}

#[tokio::test]
async fn an_email_that_was_refused_is_sent_again_with_the_same_message_id() {
    let harness = StreamHarness::start(usize::MAX).await;
    let records = [harness.lead(1, "first").await, harness.lead(2, "second").await];
    assert_eq!(harness.handle(&records).await, [""; 0]);
    harness.mail.mend();
    minutes(&harness.notifier, 1).await;
    let emails = harness.mail.accepted();
    assert_eq!(emails.len(), 2);
    for email in emails {
        let id =
            |name: &str| email.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned)).expect("a header");
        assert_eq!(id("Message-ID: "), id("References: "));
    }
}

#[tokio::test]
async fn other_items_deletions_and_the_decided_notify_nobody() {
    let harness = StreamHarness::start(0).await;
    let lead = harness.lead(1, "decided").await;
    let mut deleted = lead.clone();
    deleted["eventName"] = json!("REMOVE");
    let mut rate = lead.clone();
    rate["dynamodb"]["Keys"]["pk"] = json!({ "S": "studio#rate#x" });
    rate["dynamodb"]["NewImage"] = json!({ "hits": { "N": "1" } });
    let mut gone = lead.clone();
    gone["dynamodb"]["NewImage"]["id"] = json!({ "S": uuid::Uuid::now_v7().to_string() });
    assert_eq!(harness.handle(&[deleted, rate, gone]).await, [""; 0]);

    // What was decided since the record was written counts, not what the record says.
    let link = harness.desk.items().await[0]["link"].as_str().expect("a link").to_owned();
    assert_eq!(harness.desk.post(&link, &[("choice", "trash")]).await.status, 200);
    assert_eq!(harness.handle(&[lead]).await, [""; 0]);
    assert_eq!(harness.mail.accepted(), [""; 0]);
}

#[tokio::test]
async fn emails_hold_no_header_that_a_visitor_typed() {
    let harness = StreamHarness::start(0).await;
    let nasty = "Ann\r\nBcc: thief@example.net\r\nX-Evil: 1\r\n\r\nBody";
    let fields =
        [("name", nasty), ("email", "ann@example.org"), ("message", "x"), ("_subject", nasty), ("phone", "5\r\n5")];
    let id = harness.desk.post_for_json("/contact", &fields).await.id();
    let stored = harness.desk.submission(&id).await;
    assert_eq!(harness.handle(&[record(1, "INSERT", &stored)]).await, [""; 0]);
    let email = harness.mail.accepted().remove(0);
    let head = email.split("\r\n\r\n").next().expect("headers");
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
