//! What Lambda does: hands an event to a function and gives its answer.

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use deskbell_functions::app::{App, Bell};
use deskbell_functions::notify::{self, Event};
use deskbell_functions::{comments, contact, owner};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, LambdaEvent, Service as _};
use serde_json::Value;

/// Why a function has not answered.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// What comes of an event.
pub type Answering = Pin<Box<dyn Future<Output = Result<Value, Trouble>> + Send>>;

/// The functions, wherever they run: are given a binary's name and an event.
pub type Functions = Arc<dyn Fn(&str, Value) -> Answering + Send + Sync>;

/// The functions in this process.
pub(super) fn here(app: &Arc<App>, bell: &Arc<Bell>) -> Functions {
    let (app, bell) = (app.clone(), bell.clone());
    Arc::new(move |name, event| match name {
        "contact" => Box::pin(serve(contact::router(app.clone()), event)),
        "comments" => Box::pin(serve(comments::router(app.clone()), event)),
        "owner" => Box::pin(serve(owner::router(app.clone()), event)),
        "notify" => Box::pin(ring(bell.clone(), event)),
        other => panic!("the template speaks of {other}, which is no function"),
    })
}

async fn serve(function: Router, event: Value) -> Result<Value, Trouble> {
    let request: LambdaRequest = serde_json::from_value(event)?;
    let answering = Adapter::from(function).call(LambdaEvent::new(request, Context::default()));
    Ok(serde_json::to_value(answering.await?)?)
}

async fn ring(bell: Arc<Bell>, event: Value) -> Result<Value, Trouble> {
    let event: Event = serde_json::from_value(event)?;
    Ok(serde_json::to_value(notify::handle(&bell, event).await)?)
}
