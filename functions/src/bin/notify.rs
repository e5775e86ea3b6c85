//! Connects [`deskbell_functions::notify`] to Lambda.

use deskbell_functions::app::{Bell, boot};
use deskbell_functions::notify::{self, Event};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let bell = Bell::start(&boot()?).await?;
    let handler =
        async |event: LambdaEvent<Event>| Ok::<_, lambda_runtime::Error>(notify::handle(&bell, event.payload).await);
    lambda_runtime::run(service_fn(handler)).await
}
