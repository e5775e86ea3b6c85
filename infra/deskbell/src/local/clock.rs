//! What `EventBridge` does: starts `notify` with the constant input of one of the template's schedules.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse as _, Redirect, Response};
use deskbell_functions::app::App;
use deskbell_functions::delivery::Notifier;
use deskbell_functions::delivery::digest;
use deskbell_functions::notify::{self, Event};
use http::StatusCode;
use jiff::{SignedDuration, Timestamp};

use super::template::Schedule;
use crate::output;

/// How often it is looked whether something is to be started.
const LOOK: Duration = Duration::from_millis(50);

/// Starts `notify` as often as the template says, by the clock that it goes by, until the world ends. What happens less
/// often than every hour is left to be started by hand.
pub(super) async fn keep(schedules: Vec<Schedule>, notifier: Arc<Notifier>) {
    let now = notifier.app.clock.now();
    let due = |schedule: Schedule| period(&schedule.schedule_expression).map(|period| (now + period, period, schedule));
    let mut schedules: Vec<_> = schedules.into_iter().filter_map(due).collect();
    loop {
        tokio::time::sleep(LOOK).await;
        for (next, period, schedule) in &mut schedules {
            let now = notifier.app.clock.now();
            if now >= *next {
                *next = now + *period;
                start(schedule, &notifier).await;
            }
        }
    }
}

/// How much time is between two starts.
fn period(expression: &str) -> Option<SignedDuration> {
    match expression {
        "rate(1 minute)" => Some(SignedDuration::from_mins(1)),
        "rate(1 hour)" => Some(SignedDuration::from_hours(1)),
        _ => None,
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
