//! Connects [`deskbell_functions::visitor::contact`] to Lambda.

use std::sync::Arc;

use deskbell_functions::app::{App, boot};
use deskbell_functions::visitor::contact;
use deskbell_functions::web::{self, warmed_up};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let app = Arc::new(App::start_to_judge(&boot()?).await?);
    web::run(warmed_up(contact::router(app), "POST", "/contact").await).await
}
