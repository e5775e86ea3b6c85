//! The owner decides: the page behind the signed link in a mail. Opening it shows; only its buttons act. The function
//! serves the inbox, too.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use uuid::Uuid;

use crate::app::App;
use crate::choice::{self, Choice, MAX_REPLY, chosen};
use crate::comment::Comment;
use crate::config::Site;
use crate::form::{Field, Fields, Form};
use crate::inbox;
use crate::keys::Purpose;
use crate::markdown;
use crate::spam::Verdict;
use crate::store::StoreError;
use crate::submission::{Submission, Wrote};
use crate::web::{self, Error, FormPage, MessagePage, Unknown, Visit, render, when};
use crate::words::{Words, fill};

/// What is offered behind a link.
const CHOICES: [Choice; 5] = [Choice::Approve, Choice::Reply, Choice::NotSpam, Choice::Spam, Choice::Trash];

/// The function's routes.
pub fn router(app: Arc<App>) -> Router {
    let routes = Router::new().route("/moderate/{token}", web::only("GET, HEAD, POST").get(show).post(decide));
    web::router(app, routes.merge(inbox::routes()))
}

async fn show(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let case = find(&visit).await?;
        if case.decided {
            return Ok(already(&visit, case.site, &case.submission, StatusCode::OK));
        }
        Ok(page(&visit, &case, None, StatusCode::OK))
    })
    .await
}

async fn decide(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |visit| {
        let typed = visit.fields().await?;
        let reply = typed.get("reply").unwrap_or_default().trim();
        match carry_out(&visit, typed.get("choice").unwrap_or_default(), reply).await {
            Err(error @ Error::Unavailable(_)) if !reply.is_empty() => {
                let action = visit.route(&format!("/moderate/{}", visit.param("token").unwrap_or_default()));
                Ok(reply_again(&visit, action, vec![("choice", "reply".into())], reply, &error))
            }
            answered => answered,
        }
    })
    .await
}

async fn carry_out(visit: &Visit, choice: &str, reply: &str) -> Result<Response, Error> {
    let case = find(visit).await?;
    let Case { site, submission, .. } = &case;
    if case.decided {
        return Ok(already(visit, site, submission, StatusCode::CONFLICT));
    }
    let choice = match chosen(choice, reply, submission, visit.words()) {
        Ok(choice) => choice,
        Err(notice) => return Ok(page(visit, &case, Some((notice, reply)), StatusCode::UNPROCESSABLE_ENTITY)),
    };
    match choice::carry_out(&visit.app, site, &site.owner.name, submission, choice, reply).await {
        Ok(decided) => Ok(done(visit, site, &decided, choice)),
        Err(StoreError::Decided) => decided_meanwhile(visit, site, submission.id).await,
        Err(StoreError::Missing) => Err(Error::Unknown(Unknown::Parent)),
        Err(error) => Err(error.into()),
    }
}

/// The reply that could not be stored, as a form that sends it again to where it came from, with what came along unseen.
pub(crate) fn reply_again(
    visit: &Visit,
    action: String,
    hidden: Vec<(&'static str, String)>,
    reply: &str,
    error: &Error,
) -> Response {
    let words = visit.words();
    let label = Some(words.your_reply.clone());
    let field = Field { name: "reply".into(), label, max: Some(MAX_REPLY), ..Field::default() };
    let form = Form { fields: vec![field], ..Form::default() };
    let typed = Fields { pairs: vec![("reply".into(), reply.into())], faults: Vec::new() };
    let page = FormPage {
        title: words.choice_reply.clone(),
        action,
        form: &form,
        typed: &typed,
        hidden,
        hints: Vec::new(),
        quote: None,
    };
    page.refuse(visit, error)
}

/// What a link is about, as it is now.
struct Case<'a> {
    site: &'a Site,
    submission: Submission,
    /// Whether the link was made for an earlier state.
    decided: bool,
    /// The comment that it answers, if it is one that does.
    parent: Option<Submission>,
}

async fn find(visit: &Visit) -> Result<Case<'_>, Error> {
    let (app, token) = (&visit.app, visit.param("token").unwrap_or_default());
    let token = app.keys.verify(Purpose::Moderate, token)?;
    let site = app.site(&token.site).ok_or(Error::Unknown(Unknown::Site))?;
    let submission = app.store.submission(&site.id, token.id).await?.ok_or(Error::Gone)?;
    let parent = answered(app, site, &submission).await?;
    Ok(Case { site, decided: submission.decisions != token.decisions, submission, parent })
}

/// The published comment that a comment answers, if it is one that does.
pub(crate) async fn answered(
    app: &App,
    site: &Site,
    submission: &Submission,
) -> Result<Option<Submission>, StoreError> {
    match submission.comment().and_then(Comment::parent) {
        Some(parent) => app.store.published(&site.id, parent).await,
        None => Ok(None),
    }
}

async fn decided_meanwhile(visit: &Visit, site: &Site, id: Uuid) -> Result<Response, Error> {
    let submission = visit.app.store.submission(&site.id, id).await?.ok_or(Error::Gone)?;
    Ok(already(visit, site, &submission, StatusCode::CONFLICT))
}

fn done(visit: &Visit, site: &Site, submission: &Submission, choice: Choice) -> Response {
    let words = visit.words();
    let page = MessagePage { title: choice.done(words), link: link(site, submission, words), ..MessagePage::default() };
    page.show(visit, StatusCode::OK)
}

fn already(visit: &Visit, site: &Site, submission: &Submission, status: StatusCode) -> Response {
    let words = visit.words();
    let page = MessagePage {
        title: &words.already_title,
        paragraphs: vec![words.state(submission.status), &words.already_text],
        quote: None,
        link: link(site, submission, words),
    };
    page.show(visit, status)
}

/// Where to go on: to the comment's page.
fn link<'a>(site: &Site, submission: &Submission, words: &'a Words) -> Option<(String, &'a str)> {
    let url = site.own_url(submission.comment()?.page().path())?;
    Some((url.into(), &words.open_page))
}

#[derive(Template)]
#[template(path = "moderate.html")]
struct ModerateTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    title: String,
    notice: Option<&'a str>,
    state: &'a str,
    lines: Vec<(String, String)>,
    /// The author and the HTML of the comment that it answers.
    answers: Option<(&'a str, String)>,
    reasons: Vec<String>,
    score: String,
    /// Value, text, and whether the button stands back behind the others.
    choices: Vec<(&'static str, &'a str, bool)>,
    /// What was typed as a reply, if one can be given.
    reply: Option<&'a str>,
    page_url: Option<String>,
}

/// The submission, the filter's reasons and the choices. `notice` is what was wrong and the reply that was typed.
fn page(visit: &Visit, case: &Case, notice: Option<(&str, &str)>, status: StatusCode) -> Response {
    let Case { site, submission, parent, .. } = case;
    let words = visit.words();
    let choices = CHOICES.into_iter().filter(|choice| choice.suits(submission));
    let buttons = choices.filter(|choice| *choice != Choice::Reply);
    let page = ModerateTemplate {
        words,
        site: Some(site),
        title: title(submission, words),
        notice: notice.map(|(text, _)| text),
        state: words.state(submission.status),
        lines: lines(submission, words),
        answers: parent
            .as_ref()
            .and_then(Submission::comment)
            .map(|parent| (parent.author(), markdown::render(parent.text()))),
        reasons: submission.verdict.reasons.iter().map(|reason| words.reason(reason)).collect(),
        score: score(&submission.verdict, words),
        choices: buttons
            .map(|choice| (choice.word(), choice.text(words), matches!(choice, Choice::Spam | Choice::Trash)))
            .collect(),
        reply: Choice::Reply.suits(submission).then(|| notice.map_or("", |(_, typed)| typed)),
        page_url: link(site, submission, words).map(|(url, _)| url),
    };
    web::html(status, render(&page))
}

/// What it is, as a heading.
pub(crate) fn title(submission: &Submission, words: &Words) -> String {
    let (text, name) = match &submission.wrote {
        Wrote::Lead(lead) => (&words.moderate_lead, lead.name().unwrap_or(&words.anonymous)),
        Wrote::Comment(comment) if comment.author().is_empty() => (&words.moderate_comment, words.anonymous.as_str()),
        Wrote::Comment(comment) => (&words.moderate_comment, comment.author()),
    };
    fill(text, "name", name)
}

/// Everything that was sent, as the owner reads it.
pub(crate) fn lines(submission: &Submission, words: &Words) -> Vec<(String, String)> {
    let sent = submission.lines().into_iter().map(|(name, value)| (words.label(name), value.to_owned()));
    sent.chain([(words.label_received.clone(), when(submission.received_at(), words))]).collect()
}

/// The score and what follows from it.
pub(crate) fn score(verdict: &Verdict, words: &Words) -> String {
    let hundredths = format!("{:.0}", verdict.score * 100.0);
    fill(&fill(&words.score, "score", hundredths), "decision", words.decision(verdict.decision))
}
