//! What became of deliveries: of one submission, in words; and everything that failed, with the button that sends it
//! again.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::layout::Layout;
use super::list_row::who;
use super::session::{Session, act, show};
use crate::app::App;
use crate::app::paths::item_route;
use crate::config::Site;
use crate::config::team::Role;
use crate::delivery;
use crate::platform::render::render;
use crate::routes;
use crate::store::{Store, StoreError, SuppressionReason, Undelivered};
use crate::submission::Submission;
use crate::submission::delivery::{Delivery, DeliveryState};
use crate::submission::reason::DeliveryReason;
use crate::web::{self, Context, Error};
use crate::words::dates::{Moment, Zone, ago, seconds_ago};
use crate::words::{InboxWords, Words, format};

pub(super) const ROUTE: &str = routes::INBOX_DELIVERIES.path;

/// How many failed deliveries the page shows.
const SHOWN: usize = 25;

/// How far they are counted on the first page.
const COUNTED: usize = 10;

/// How many are read for that, part by part: among those that failed stand others that only have to wait.
const PARTS: [usize; 3] = [COUNTED, 90, 100];

/// The deliveries of a submission, each as a line: those of which something is known, and those that are due.
pub(super) fn told(site: &Site, submission: &Submission, words: &Words) -> Vec<String> {
    let known = submission.deliveries.iter().map(|(name, delivery)| line(name, Some(delivery), words, &site.time_zone));
    let due =
        delivery::due_channels(site, submission).into_iter().filter(|channel| submission.delivery(channel).is_none());
    known.chain(due.map(|channel| line(&channel.name(), None, words, &site.time_zone))).collect()
}

fn line(channel: &str, delivery: Option<&Delivery>, words: &Words, zone: &Zone) -> String {
    let inbox = &words.inbox;
    let text = match delivery.map(|delivery| (delivery.state, delivery)) {
        None | Some((DeliveryState::Due, _)) => inbox.delivery_due.to_owned(),
        Some((DeliveryState::Sent, Delivery { reason: Some(DeliveryReason::Bundled), .. })) => {
            inbox.delivery_reason(&DeliveryReason::Bundled)
        }
        Some((DeliveryState::Sent, Delivery { reason: Some(reason), .. })) => {
            format(inbox.delivery_not_needed, "reason", inbox.delivery_reason(reason))
        }
        Some((DeliveryState::Sent, sent)) => {
            format(inbox.delivery_sent, "when", seconds_ago(sent.at, inbox, zone).words)
        }
        Some((DeliveryState::Failed, failed)) => failure(failed, inbox, zone),
    };
    format!("{}: {text}", channel_name(channel, inbox))
}

fn failure(failed: &Delivery, words: &InboxWords, zone: &Zone) -> String {
    let text = format(words.delivery_failed, "when", seconds_ago(failed.at, words, zone).words);
    let text = format(&text, "tries", failed.tries.to_string());
    let reason = failed.reason.as_ref().map_or_else(|| "?".into(), |reason| words.delivery_reason(reason));
    format(&text, "reason", reason)
}

/// That the owner is not written to any more, in words, for an owner's first page.
pub(super) async fn suppressed(context: &Context, session: &Session) -> Result<Option<String>, Error> {
    if session.person.role != Role::Owner {
        return Ok(None);
    }
    let (owner, words) = (&context.site().owner, &context.words().inbox);
    let Some(suppression) = context.app.suppressed(&owner.email).await? else { return Ok(None) };
    let text = match suppression.reason {
        SuppressionReason::Bounced => words.owner_bounced,
        SuppressionReason::Complained => words.owner_complained,
    };
    let text = format(text, "email", owner.email.shown());
    Ok(Some(format(&text, "when", seconds_ago(suppression.at, words, &context.site().time_zone).words)))
}

/// A channel as the owner calls it. Those of other companies keep their names.
fn channel_name(channel: &str, words: &InboxWords) -> String {
    match channel.split_once('-').unwrap_or((channel, "")) {
        ("mail", _) => words.channel_mail.to_owned(),
        ("sms", _) => words.channel_sms.to_owned(),
        ("autoresponse", _) => words.channel_autoresponse.to_owned(),
        ("webhook", number) => format!("Webhook {number}").trim_end().to_owned(),
        (name, which) => {
            let mut letters = name.chars();
            let name = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
            format!("{name} {which}").trim_end().to_owned()
        }
    }
}

/// How much was not delivered, in words, for the owner's first page.
pub(super) async fn failed(context: &Context, session: &Session) -> Result<Option<String>, Error> {
    if session.person.role != Role::Owner {
        return Ok(None);
    }
    let (failed, all) = count_failed(&context.app.store, &session.site).await?;
    let words = &context.words().inbox;
    let count = if all { failed.to_string() } else { format(words.at_least, "count", failed.to_string()) };
    Ok((failed > 0).then(|| format(words.undelivered, "count", count)))
}

/// How many deliveries of a site failed, as far as they are counted, and whether that is all of them.
async fn count_failed(store: &Store, site: &str) -> Result<(usize, bool), StoreError> {
    let (mut failed, mut last) = (0, None);
    for most in PARTS {
        let part = store.undelivered(site, last.as_ref(), most).await?;
        failed += part.iter().filter(|one| one.delivery.state == DeliveryState::Failed).count();
        if failed >= COUNTED {
            return Ok((COUNTED, false));
        }
        if part.len() < most {
            return Ok((failed, true));
        }
        last = part.into_iter().last();
    }
    Ok((failed, false))
}

#[derive(Template)]
#[template(path = "inbox/deliveries.html")]
struct DeliveriesTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    layout: Layout<'a>,
    action: String,
    again: bool,
    lines: Vec<Line>,
    more: bool,
}

/// A failed delivery.
struct Line {
    href: String,
    who: String,
    when: Moment,
    text: String,
}

/// Everything that failed.
pub(super) async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        session.owner()?;
        let failed = context.app.store.undelivered(&session.site, None, SHOWN).await?;
        let ids: Vec<_> = failed.iter().map(|failed| failed.id).collect();
        let submissions =
            if ids.is_empty() { Vec::new() } else { context.app.store.submissions(&session.site, &ids).await? };
        let words = context.words();
        let template = DeliveriesTemplate {
            words,
            site: Some(context.site()),
            layout: Layout { context: &context, session: &session, kind: None },
            action: context.route(ROUTE),
            again: context.query("again").is_some(),
            lines: failed.iter().filter_map(|failed| describe(&context, failed, &submissions)).collect(),
            more: failed.len() == SHOWN,
        };
        Ok(web::html(StatusCode::OK, render(&template)))
    })
    .await
}

fn describe(context: &Context, failed: &Undelivered, submissions: &[Submission]) -> Option<Line> {
    let (words, submission) = (context.words(), submissions.iter().find(|one| one.id == failed.id)?);
    let now = submission.deliveries.get(&failed.channel).unwrap_or(&failed.delivery);
    Some(Line {
        href: context.route(&item_route(failed.id)),
        who: who(submission, words).to_owned(),
        when: ago(submission.received_at(), &words.inbox, &context.site().time_zone),
        text: line(&failed.channel, Some(now), words, &context.site().time_zone),
    })
}

/// Has everything sent again.
pub(super) async fn send_again(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |context, session, _| {
        session.owner()?;
        let due = delivery::redrive(&context.app.store, &session.site).await?;
        tracing::info!(site = session.site, due, "deliveries requeued");
        Ok(web::see_other(&context.route(&format!("{ROUTE}?again"))))
    })
    .await
}
