//! What `EventBridge` does: starts `notify` with the constant input of one of the template's schedules.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse as _, Redirect, Response};
use deskbell_functions::app::App;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::delivery::digest;
use deskbell_functions::notify::{self, Event};
use http::StatusCode;
use jiff::Timestamp;

use super::template::Schedule;
use crate::output;

/// How long an hour is on this machine. What the template does less often is left to be started by hand.
const HOUR: Duration = Duration::from_mins(1);

/// Does every hour what the template says, until the world ends.
pub(super) async fn hourly(schedules: Vec<Schedule>, notifier: Arc<Notifier>) {
    loop {
        tokio::time::sleep(HOUR).await;
        for schedule in schedules.iter().filter(|schedule| schedule.schedule_expression == "rate(1 hour)") {
            start(schedule, &notifier).await;
        }
    }
}

/// Sends each site's digest of the last seven days, as often as it is asked for; deployed, that happens once a week.
pub(super) async fn digest(notifier: &Notifier) -> Response {
    let until = Timestamp::now();
    for site in notifier.app.config.sites.values() {
        let (name, time) = (App::new_id().to_string(), until - digest::WEEK..until);
        if let Err(error) = digest::send(notifier, site, &name, time).await {
            return (StatusCode::BAD_GATEWAY, error.to_string()).into_response();
        }
    }
    Redirect::to("/_mail").into_response()
}

/// Starts `notify` by a schedule.
async fn start(schedule: &Schedule, notifier: &Notifier) {
    match serde_json::from_str::<Event>(&schedule.input) {
        Ok(event) => drop(notify::handle(notifier, event).await),
        Err(error) => output::say(format_args!("cannot read the schedule's input {}: {error}", schedule.input)),
    }
}
