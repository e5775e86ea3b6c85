//! Connects [`deskbell_functions::notify`] to Lambda.

use deskbell_functions::app::boot;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify::{self, Start};
use lambda_runtime::{LambdaEvent, service_fn};
use tracing::Instrument as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let notifier = Notifier::start(&boot()?).await?;
    let handler = async |event: LambdaEvent<Start>| {
        let span = tracing::info_span!(target: "deskbell", "event", requestId = event.context.request_id);
        notify::start(&notifier, event.payload).instrument(span).await.map_err(lambda_runtime::Error::from)
    };
    lambda_runtime::run(service_fn(handler)).await
}
