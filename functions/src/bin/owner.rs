//! Connects [`deskbell_functions::owner`] to Lambda.

use std::sync::Arc;

use deskbell_functions::app::{App, boot};
use deskbell_functions::owner;
use deskbell_functions::web::{self, warmed_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Arc::new(App::start(&boot()?).await?);
    web::run(warmed_up(owner::router(app), "GET", "/inbox").await).await
}
