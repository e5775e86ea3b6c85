//! Connects [`deskbell_functions::contact`] to Lambda.

use std::sync::Arc;

use deskbell_functions::app::{App, boot};
use deskbell_functions::contact;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Arc::new(App::start_to_judge(&boot()?).await?);
    lambda_http::run(contact::router(app)).await
}
