//! Stores what it is sent: one `PutItem`.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let client = Client::new(&aws_config::load_from_env().await);
    run(service_fn(|event: LambdaEvent<Value>| put(&client, event.payload))).await
}

async fn put(client: &Client, event: Value) -> Result<Value, Error> {
    let id = event["requestContext"]["requestId"].as_str().unwrap_or_default();
    let put = client.put_item().table_name("deskbell").item("pk", AttributeValue::S("baseline".into()));
    let put = put.item("sk", AttributeValue::S(id.into()));
    put.item("body", AttributeValue::S(event["body"].to_string())).send().await?;
    Ok(json!({ "statusCode": 201, "body": "{}" }))
}
