//! One submission as a page: everything that was sent, what the filter thought, who decided, notes, and what can be
//! done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use url::form_urlencoded;
use uuid::Uuid;

use super::flash::{FlashMessage, SeenVersion};
use super::flash_view::FlashView;
use super::folder::Folder;
use super::layout::Layout;
use super::session::Session;
use super::{deliveries, person};
use crate::app::paths::item_route;
use crate::config::Site;
use crate::config::team::Role;
use crate::owner::reply::answered;
use crate::owner::shown;
use crate::platform::render::render;
use crate::submission::action::Action;
use crate::submission::delivery::DeliveryState;
use crate::submission::markdown;
use crate::submission::{Note, Submission, SubmissionContent, transition};
use crate::web::{self, Context, Error};
use crate::words::dates::{Moment, Zone, ago, seconds_ago};
use crate::words::{InboxWords, Words, format};
use deskbell_filter::Reason;

/// What a page says beside the submission: what was wrong, and what had been typed.
#[derive(Default)]
pub(super) struct Wrong<'a> {
    pub(super) notice: Option<&'a str>,
    pub(super) reply: &'a str,
    pub(super) note: &'a str,
}

/// The submission that the address names, if it is for the person who is signed in.
pub(super) async fn find(context: &Context, session: &Session) -> Result<Submission, Error> {
    let id: Uuid = context.param("id").and_then(|id| id.parse().ok()).ok_or(Error::Gone)?;
    let found = context.app.store.submission(&session.site, id).await?.filter(|found| !found.erased);
    let found = found.ok_or(Error::Gone)?;
    if Folder::of(&found).is_open_to(session) { Ok(found) } else { Err(Error::NotAllowed) }
}

pub(super) fn route(context: &Context, id: Uuid) -> String {
    context.route(&item_route(id))
}

#[derive(Template)]
#[template(path = "inbox/item.html")]
struct ItemTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    layout: Layout<'a>,
    title: String,
    /// Address and name of the folder in which it stands.
    folder: (String, &'a str),
    told: Option<FlashView>,
    wrong: &'a Wrong<'a>,
    action: String,
    seen: SeenVersion,
    state: &'a str,
    decided: Option<String>,
    /// Whether the last decision can be taken back.
    undo: bool,
    lines: Vec<(String, String)>,
    received: Moment,
    /// The author and the HTML of the comment that it answers.
    answers: Option<(&'a str, String)>,
    /// Where the owner answers a message.
    mailto: Option<String>,
    /// Everything from the same address.
    others: Option<String>,
    /// Where one sees, and erases, what is stored about the person.
    person: Option<String>,
    page_url: Option<String>,
    choices: Vec<(&'static str, &'a str, bool)>,
    /// What the button of a reply says, if one can be given.
    reply: Option<&'a str>,
    score: String,
    /// What was found, and how much it says.
    reasons: Vec<(String, &'a str)>,
    deliveries: Vec<String>,
    notes: Option<Vec<NoteView<'a>>>,
    /// Whether one of them failed, and where everything that failed is sent again.
    failed: bool,
    again: String,
    /// The id that a new note will have.
    note_id: Uuid,
}

/// A note as it is shown.
struct NoteView<'a> {
    note: &'a Note,
    about: String,
    /// What the button that deletes it is called.
    delete: String,
    when: Moment,
}

pub(super) async fn page(
    context: &Context,
    session: &Session,
    submission: &Submission,
    wrong: &Wrong<'_>,
    status: StatusCode,
) -> Result<Response, Error> {
    let (words, folder, site) = (context.words(), Folder::of(submission), context.site());
    let report = context.query("report").and_then(|signed| FlashMessage::verify(&context.app, session, signed));
    let action = route(context, submission.id);
    let told = match report {
        Some(report) => Some(FlashView { undo: None, ..FlashView::new(context, session, &report, &action).await? }),
        None => None,
    };
    let parent = answered(&context.app, site, submission).await?;
    let answers = parent.as_ref().and_then(Submission::comment);
    let comment = submission.comment();
    let buttons = folder.choices().filter(|choice| choice.suits(submission));
    let template = ItemTemplate {
        words,
        site: Some(site),
        layout: Layout { context, session, kind: Some(folder.kind) },
        title: shown::title(submission, words),
        folder: (context.route(&folder.route()), folder.title(&words.inbox)),
        told,
        wrong,
        action,
        seen: SeenVersion::of(submission),
        state: words.state(submission.status),
        decided: decided(submission, &words.inbox, &site.time_zone),
        undo: transition::is_undone_by(submission, session.person.role),
        lines: shown::lines(submission, words, &site.time_zone),
        received: ago(submission.received_at(), &words.inbox, &site.time_zone),
        answers: answers.map(|parent| (parent.author(), markdown::render(parent.text()))),
        mailto: mailto(submission),
        others: submission.email().map(|email| others(context, folder, email.as_str())),
        person: submission
            .email()
            .filter(|_| session.person.role == Role::Owner)
            .map(|email| person::href(context, Some(email))),
        page_url: comment.and_then(|comment| site.own_url(comment.page().path())).map(String::from),
        choices: buttons
            .map(|choice| (choice.word(), choice.text(words), matches!(choice, Action::Spam | Action::Trash)))
            .collect(),
        reply: comment.map(|_| Action::Reply.text_for(submission, words)),
        score: words.score(&submission.verdict),
        reasons: submission.verdict.reasons.iter().map(|reason| explained(reason, words)).collect(),
        deliveries: deliveries::told(site, submission, words),
        notes: comment
            .is_none()
            .then(|| submission.notes.iter().map(|note| note_view(note, words, &site.time_zone)).collect()),
        failed: submission.deliveries.values().any(|known| known.state == DeliveryState::Failed),
        again: context.route(deliveries::ROUTE),
        note_id: Uuid::new_v4(),
    };
    Ok(web::html(status, render(&template)))
}

/// Who decided last.
fn decided(submission: &Submission, words: &InboxWords, zone: &Zone) -> Option<String> {
    let decided = submission.decision.as_ref()?;
    let text = if decided.previous.is_some() { words.decided_by } else { words.undone_by };
    Some(by(text, &decided.by, &seconds_ago(decided.at, words, zone)))
}

fn by(text: &str, name: &str, when: &Moment) -> String {
    format(&format(text, "when", &when.words), "name", name)
}

/// A reason and what its weight means: 0.7 in log-odds doubles the odds, 2 makes seven times as much of them.
fn explained<'a>(reason: &Reason, words: &'a Words) -> (String, &'a str) {
    let inbox = &words.inbox;
    let strength = match (reason.weight > 0.0, reason.weight.abs()) {
        (true, ..0.7) => inbox.spam_weak,
        (true, ..2.0) => inbox.spam_clear,
        (true, _) => inbox.spam_strong,
        (false, ..0.7) => inbox.not_spam_weak,
        (false, ..2.0) => inbox.not_spam_clear,
        (false, _) => inbox.not_spam_strong,
    };
    (words.reason(reason), strength)
}

fn note_view<'a>(note: &'a Note, words: &'a Words, zone: &Zone) -> NoteView<'a> {
    let when = seconds_ago(note.at, &words.inbox, zone);
    let (about, delete) =
        (by(words.inbox.note_about, &note.by, &when), by(words.inbox.note_delete_label, &note.by, &when));
    NoteView { note, about, delete, when }
}

/// The search for everything from an address.
fn others(context: &Context, folder: Folder, email: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", email).finish();
    format!("{}?{query}", context.route(&folder.route()))
}

/// An answer in the owner's mail program, as RFC 6068 writes it.
fn mailto(submission: &Submission) -> Option<String> {
    let SubmissionContent::Lead(lead) = &submission.content else { return None };
    // Form encoding, but a space is no plus sign there.
    let encode = |text: &str| {
        form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace("%40", "@")
    };
    let to = encode(lead.email()?.as_str());
    Some(match lead.subject() {
        Some(subject) => format!("mailto:{to}?subject={}", encode(&format!("Re: {subject}"))),
        None => format!("mailto:{to}"),
    })
}
