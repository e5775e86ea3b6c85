//! Connects [`deskbell_functions::comments`] to Lambda.

use std::sync::Arc;

use deskbell_functions::app::{App, boot};
use deskbell_functions::comments;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Arc::new(App::start_to_judge(&boot()?).await?);
    lambda_http::run(comments::router(app)).await
}
