//! Connects [`deskbell_functions::visitor::comments`] to Lambda.

use std::sync::Arc;

use deskbell_functions::app::{App, boot};
use deskbell_functions::visitor::comments;
use deskbell_functions::web::{self, warmed_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Arc::new(App::start_to_judge(&boot()?).await?);
    web::run(warmed_up(comments::router(app), "GET", "/comments").await).await
}
