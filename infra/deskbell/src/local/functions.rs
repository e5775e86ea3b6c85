//! What Lambda does: hands an event to a function and gives its answer.

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use deskbell_functions::app::{App, Settings, StartError};
use deskbell_functions::delivery::Notifier;
use deskbell_functions::notify::{self, Start};
use deskbell_functions::owner;
use deskbell_functions::visitor::{comments, contact};
use deskbell_functions::web;
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Context, LambdaEvent, Service as _};
use serde_json::Value;
use tokio::sync::Notify;

/// Why a function has not answered.
pub type InvocationError = Box<dyn std::error::Error + Send + Sync>;

/// What comes of an event.
pub type Answering = Pin<Box<dyn Future<Output = Result<Value, InvocationError>> + Send>>;

/// The functions, wherever they run: are given a binary's name and an event.
pub type Functions = Arc<dyn Fn(&str, Value) -> Answering + Send + Sync>;

/// The functions in this process. Each holds what is its own, as in a container of its own.
pub(super) async fn here(settings: &Settings, notifier: &Arc<Notifier>) -> Result<Functions, StartError> {
    let contact = contact::router(Arc::new(App::start_to_judge(&of(settings, "contact")).await?));
    let comments = comments::router(Arc::new(App::start_to_judge(&of(settings, "comments")).await?));
    let owner = owner::router(Arc::new(App::start(&of(settings, "owner")).await?));
    let notifier = notifier.clone();
    Ok(Arc::new(move |name, event| match name {
        "contact" => Box::pin(serve(contact.clone(), event)),
        "comments" => Box::pin(serve(comments.clone(), event)),
        "owner" => Box::pin(serve(owner.clone(), event)),
        "notify" => Box::pin(start(notifier.clone(), event)),
        other => panic!("the template names {other}, which is not a function"),
    }))
}

/// The functions, of which each answer is noticed by all who follow the stream: by then the table may have changed.
pub(super) fn noticed(functions: Functions, changed: Vec<Arc<Notify>>) -> Functions {
    Arc::new(move |name, event| {
        let (answering, changed) = (functions(name, event), changed.clone());
        Box::pin(async move {
            let answer = answering.await;
            for changed in &changed {
                changed.notify_one();
            }
            answer
        })
    })
}

/// The settings with credentials of a function's own, as each has a role of its own.
pub(super) fn of(settings: &Settings, name: &str) -> Settings {
    Settings { aws: settings.aws.as_whom(name), ..settings.clone() }
}

async fn serve(function: Router, event: Value) -> Result<Value, InvocationError> {
    let request: LambdaRequest = serde_json::from_value(event)?;
    let answering = Adapter::from(function).call(LambdaEvent::new(web::mended(request), Context::default()));
    Ok(serde_json::to_value(answering.await?)?)
}

async fn start(notifier: Arc<Notifier>, event: Value) -> Result<Value, InvocationError> {
    let start: Start = serde_json::from_value(event)?;
    Ok(serde_json::to_value(notify::start(&notifier, start).await?)?)
}
