//! A function that panics when it is told to, connected to Lambda as the real ones are.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let handler = async |event: LambdaEvent<Value>| {
        assert_ne!(event.payload, "panic", "as it was told");
        Ok::<_, Error>(json!("well"))
    };
    run(service_fn(handler)).await
}
