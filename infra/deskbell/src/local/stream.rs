//! What Lambda's event source mapping does: reads the table's stream, hands the records that the template's filter lets
//! pass to `notify` as a real `DynamoDB stream` event, and brings back those that it could not handle.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::config::{BehaviorVersion, Region};
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use deskbell_functions::app::Aws;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::functions::{Functions, InvocationError};
use super::template::Mapping;
use crate::output;

/// How long to wait when there is nothing new, unless somebody says that there is.
const IDLE: Duration = Duration::from_millis(50);

/// How often a record is handed over at most, as in the template: once, and ten times again.
const TRIES: u32 = 11;

/// The longest pause before a record is handed over again.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Follows the stream always, for one function of the template, by whose name a server can tell who follows. Who has
/// perhaps changed the table may say so by `changed`.
pub async fn pump(aws: Aws, stream_arn: String, mapping: Mapping, functions: Functions, changed: Arc<Notify>) {
    let client = client(&aws.as_whom(&mapping.name));
    loop {
        // From its beginning: what was handled before is known as such, and what was not is handled now.
        if let Err(error) = follow(&client, &stream_arn, &mapping, &functions, &changed).await {
            output::say(format_args!("cannot read the stream: {error}"));
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

fn client(aws: &Aws) -> Client {
    let mut config = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(aws.region.clone()))
        .credentials_provider(aws.credentials.clone())
        .http_client(aws.http_client());
    config.set_endpoint_url(aws.dynamodb_url.clone());
    Client::from_conf(config.build())
}

async fn follow(
    client: &Client,
    stream_arn: &str,
    mapping: &Mapping,
    functions: &Functions,
    changed: &Notify,
) -> Result<(), InvocationError> {
    let described = client.describe_stream().stream_arn(stream_arn).send().await?;
    let shards = described.stream_description.and_then(|stream| stream.shards).unwrap_or_default();
    let mut iterators = VecDeque::new();
    for shard in shards {
        let iterator = client
            .get_shard_iterator()
            .stream_arn(stream_arn)
            .set_shard_id(shard.shard_id)
            .shard_iterator_type(ShardIteratorType::TrimHorizon);
        iterators.extend(iterator.send().await?.shard_iterator);
    }
    while let Some(iterator) = iterators.pop_front() {
        let read = client.get_records().shard_iterator(iterator).send().await?;
        iterators.extend(read.next_shard_iterator);
        let records = read.records.unwrap_or_default();
        if records.is_empty() {
            // Whether in time or not, it is looked for more.
            let _ = tokio::time::timeout(IDLE, changed.notified()).await;
        }
        let records = records.iter().map(|record| event_record(record, stream_arn));
        let records: Vec<Value> = records.filter(|record| mapping.filter.lets_pass(record)).collect();
        for batch in records.chunks(mapping.batch) {
            deliver(functions, &mapping.function, batch.to_vec()).await;
        }
    }
    Ok(())
}

/// Hands over a batch until every record is handled. As Lambda does it: after a failure everything from the first
/// failed record on comes again, later and later; a record that fails each time is given up.
async fn deliver(functions: &Functions, function: &str, mut records: Vec<Value>) {
    let mut tries = 0;
    while !records.is_empty() {
        let answered = functions(function, json!({ "Records": records })).await;
        let Some(first) = first_failed(&answered, &records) else { return };
        tries = if first == 0 { tries + 1 } else { 1 };
        records.drain(..first);
        if tries == TRIES {
            output::say(format_args!(
                "a record of the stream failed {TRIES} times; in AWS it would go to the dead-letter queue"
            ));
            records.remove(0);
            tries = 0;
        }
        tokio::time::sleep((IDLE * 2_u32.pow(tries)).min(LONGEST_PAUSE)).await;
    }
}

/// The first record that was not handled: the very first, where the function itself has failed.
fn first_failed(answered: &Result<Value, InvocationError>, records: &[Value]) -> Option<usize> {
    let failures = match answered {
        Ok(answer) => answer["batchItemFailures"].as_array()?,
        Err(error) => {
            output::say(format_args!("notify failed: {error}"));
            return Some(0);
        }
    };
    let failed = |record: &Value| {
        failures.iter().any(|failure| failure["itemIdentifier"] == record["dynamodb"]["SequenceNumber"])
    };
    records.iter().position(failed)
}

/// A record as Lambda writes it.
fn event_record(record: &Record, stream_arn: &str) -> Value {
    let change = record.dynamodb();
    let item = |item: Option<&std::collections::HashMap<_, _>>| item.cloned().map(serde_dynamo::Item::from);
    json!({
        "eventID": record.event_id(),
        "eventName": record.event_name().map(aws_sdk_dynamodbstreams::types::OperationType::as_str),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-central-1",
        "eventSourceARN": stream_arn,
        "dynamodb": {
            "ApproximateCreationDateTime": change
                .and_then(|change| change.approximate_creation_date_time())
                .map_or(0.0, aws_sdk_dynamodbstreams::primitives::DateTime::as_secs_f64),
            "Keys": item(change.and_then(|change| change.keys())),
            "NewImage": item(change.and_then(|change| change.new_image())).unwrap_or_default(),
            "OldImage": item(change.and_then(|change| change.old_image())).unwrap_or_default(),
            "SequenceNumber": change.and_then(|change| change.sequence_number()),
            "SizeBytes": change.and_then(aws_sdk_dynamodbstreams::types::StreamRecord::size_bytes).unwrap_or_default(),
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}
