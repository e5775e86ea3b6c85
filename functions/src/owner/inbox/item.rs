//! One submission as a page: everything that was sent, what the filter thought, who decided, notes, and what can be done.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use uuid::Uuid;

use super::flash::{Deed, Report, Seen};
use super::flash_view::Told;
use super::folder::Folder;
use super::frame::Frame;
use super::{Session, act, bulk, deliveries, notes, person, show};
use crate::app::App;
use crate::config::Site;
use crate::config::team::Role;
use crate::form::Fields;
use crate::owner::{moderate, moderate_page};
use crate::store::StoreError;
use crate::submission::choice::{self, Choice, chosen};
use crate::submission::delivery::DeliveryState;
use crate::submission::markdown;
use crate::submission::{Note, Submission, Wrote};
use crate::web::{self, Error, Visit, render};
use crate::words::dates::{Moment, ago, seconds_ago};
use crate::words::{InboxWords, Words, fill};
use deskbell_filter::Reason;

/// What a page says beside the submission: what was wrong, and what had been typed.
#[derive(Default)]
pub(super) struct Wrong<'a> {
    pub(super) notice: Option<&'a str>,
    pub(super) reply: &'a str,
    pub(super) note: &'a str,
}

pub(super) async fn show_one(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |visit, session| {
        let submission = find(&visit, &session).await?;
        page(&visit, &session, &submission, &Wrong::default(), StatusCode::OK).await
    })
    .await
}

pub(super) async fn change_one(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |visit, session, fields| match fields.get("do").unwrap_or_default() {
        "note" => notes::add(&visit, &session, &fields).await,
        "delete_note" => notes::delete(&visit, &session, &fields).await,
        "reply" => reply(&visit, &session, &fields).await,
        _ => decide(&visit, &session, &fields).await,
    })
    .await
}

/// The submission that the address names, if it is for the person who is signed in.
pub(super) async fn find(visit: &Visit, session: &Session) -> Result<Submission, Error> {
    let id: Uuid = visit.param("id").and_then(|id| id.parse().ok()).ok_or(Error::Gone)?;
    let found = visit.app.store.submission(&session.site, id).await?.filter(|found| !found.erased);
    let found = found.ok_or(Error::Gone)?;
    if Folder::of(&found).is_open_to(session) { Ok(found) } else { Err(Error::NotAllowed) }
}

async fn decide(visit: &Visit, session: &Session, fields: &Fields) -> Result<Response, Error> {
    let deed = Deed::named(fields.get("do").unwrap_or_default()).ok_or(Error::Malformed)?;
    let picked = bulk::picked(fields);
    let seen = picked.first().ok_or(Error::Malformed)?;
    let report = bulk::carry_out(visit, session, deed, &[*seen]).await?;
    Ok(back(visit, session, seen.id, &report))
}

/// Approves a comment and publishes the owner's answer below it. What was typed is given back whatever goes wrong.
async fn reply(visit: &Visit, session: &Session, fields: &Fields) -> Result<Response, Error> {
    let seen = bulk::picked(fields).first().copied().ok_or(Error::Malformed)?;
    let typed = fields.get("reply").unwrap_or_default().trim();
    match carry_out_reply(visit, session, seen, typed).await {
        Err(error @ Error::Unavailable(_)) if !typed.is_empty() => {
            let hidden = vec![("csrf", session.csrf.clone()), ("do", "reply".to_owned()), ("item", seen.to_string())];
            Ok(moderate::reply_again(visit, route(visit, seen.id), hidden, typed, &error))
        }
        answered => answered,
    }
}

async fn carry_out_reply(visit: &Visit, session: &Session, seen: Seen, typed: &str) -> Result<Response, Error> {
    let words = visit.words();
    let now = find(visit, session).await?;
    let refuse = async |now: &Submission, notice, status| {
        page(visit, session, now, &Wrong { notice: Some(notice), reply: typed, ..Wrong::default() }, status).await
    };
    if now.decisions != seen.decisions {
        return refuse(&now, words.inbox.decision_conflict, StatusCode::CONFLICT).await;
    }
    if let Err(notice) = chosen(Choice::Reply.word(), typed, &now, words) {
        return refuse(&now, notice, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let by = &session.person.name;
    match choice::carry_out(&visit.app, visit.site(), by, &now, Choice::Reply, typed).await {
        Ok(now) => {
            let done = vec![Seen::of(&now)];
            Ok(back(visit, session, now.id, &Report { done, ..Report::new(Deed::Chose(Choice::Reply)) }))
        }
        Err(StoreError::Decided) => {
            refuse(&find(visit, session).await?, words.inbox.decision_conflict, StatusCode::CONFLICT).await
        }
        Err(StoreError::Missing) => Err(Error::Gone),
        Err(error) => Err(error.into()),
    }
}

fn route(visit: &Visit, id: Uuid) -> String {
    visit.route(&item_route(id))
}

/// The route of a submission's page.
pub(crate) fn item_route(id: Uuid) -> String {
    format!("/inbox/item/{id}")
}

/// Back to the page, with what was done.
fn back(visit: &Visit, session: &Session, id: Uuid, report: &Report) -> Response {
    web::see_other(&format!("{}?report={}", route(visit, id), report.sign(&visit.app, session)))
}

#[derive(Template)]
#[template(path = "inbox/item.html")]
struct ItemTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    frame: Frame<'a>,
    title: String,
    /// Address and name of the folder in which it stands.
    folder: (String, &'a str),
    told: Option<Told>,
    wrong: &'a Wrong<'a>,
    action: String,
    seen: Seen,
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
    visit: &Visit,
    session: &Session,
    submission: &Submission,
    wrong: &Wrong<'_>,
    status: StatusCode,
) -> Result<Response, Error> {
    let (words, folder, site) = (visit.words(), Folder::of(submission), visit.site());
    let report = visit.query("report").and_then(|signed| Report::read(&visit.app, session, signed));
    let action = route(visit, submission.id);
    let told = match report {
        Some(report) => Some(Told { undo: None, ..Told::new(visit, session, &report, &action).await? }),
        None => None,
    };
    let parent = moderate::answered(&visit.app, site, submission).await?;
    let answers = parent.as_ref().and_then(Submission::comment);
    let comment = submission.comment();
    let buttons = folder.choices().filter(|choice| choice.suits(submission));
    let template = ItemTemplate {
        words,
        site: Some(site),
        frame: Frame { visit, session, kind: Some(folder.kind) },
        title: moderate_page::title(submission, words),
        folder: (visit.route(&folder.route()), folder.title(&words.inbox)),
        told,
        wrong,
        action,
        seen: Seen::of(submission),
        state: words.state(submission.status),
        decided: decided(submission, &words.inbox),
        undo: submission.decided.as_ref().is_some_and(|decided| decided.was.is_some()),
        lines: moderate_page::lines(submission, words),
        received: ago(submission.received_at(), &words.inbox),
        answers: answers.map(|parent| (parent.author(), markdown::render(parent.text()))),
        mailto: mailto(submission),
        others: submission.email().map(|email| others(visit, folder, email.as_str())),
        person: submission
            .email()
            .filter(|_| session.person.role == Role::Owner)
            .map(|email| person::href(visit, Some(email))),
        page_url: comment.and_then(|comment| site.own_url(comment.page().path())).map(String::from),
        choices: buttons
            .map(|choice| (choice.word(), choice.text(words), matches!(choice, Choice::Spam | Choice::Trash)))
            .collect(),
        reply: comment.map(|_| Choice::Reply.text_for(submission, words)),
        score: moderate_page::score(&submission.verdict, words),
        reasons: submission.verdict.reasons.iter().map(|reason| explained(reason, words)).collect(),
        deliveries: deliveries::told(site, submission, words),
        notes: comment.is_none().then(|| submission.notes.iter().map(|note| note_view(note, words)).collect()),
        failed: submission.deliveries.values().any(|known| known.state == DeliveryState::Failed),
        again: visit.route(deliveries::ROUTE),
        note_id: Uuid::new_v4(),
    };
    Ok(web::html(status, render(&template)))
}

/// Who decided last.
fn decided(submission: &Submission, words: &InboxWords) -> Option<String> {
    let decided = submission.decided.as_ref()?;
    let text = if decided.was.is_some() { words.decided_by } else { words.undone_by };
    Some(by(text, &decided.by, &seconds_ago(decided.at, words)))
}

fn by(text: &str, name: &str, when: &Moment) -> String {
    fill(&fill(text, "when", &when.words), "name", name)
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

fn note_view<'a>(note: &'a Note, words: &'a Words) -> NoteView<'a> {
    let when = seconds_ago(note.at, &words.inbox);
    let (about, delete) =
        (by(words.inbox.note_about, &note.by, &when), by(words.inbox.note_delete_label, &note.by, &when));
    NoteView { note, about, delete, when }
}

/// The search for everything from an address.
fn others(visit: &Visit, folder: Folder, email: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", email).finish();
    format!("{}?{query}", visit.route(&folder.route()))
}

/// An answer in the owner's mail program, as RFC 6068 writes it.
fn mailto(submission: &Submission) -> Option<String> {
    let Wrote::Lead(lead) = &submission.wrote else { return None };
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
