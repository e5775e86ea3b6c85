//! What the owner sees behind a link: what it will do, what may be done, what was done.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use jiff::Timestamp;

use super::case::{Case, UNBLOCK};
use super::shown::{lines, title};
use crate::app::paths::item_route;
use crate::config::Site;
use crate::keys::Purpose;
use crate::platform::render::render;
use crate::routes::INBOX;
use crate::submission::Submission;
use crate::submission::action::Action;
use crate::submission::markdown;
use crate::web::{self, Context, MessagePage};
use crate::words::dates::when;
use crate::words::{Words, format};
use deskbell_filter::Blocked;

#[derive(Template)]
#[template(path = "moderate.html")]
struct ModerateTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    item: Item<'a>,
    notice: Option<&'a str>,
    state: &'a str,
    reasons: Vec<String>,
    score: String,
    /// Value, text, and whether the button stands back behind the others.
    choices: Vec<(&'static str, &'a str, bool)>,
    /// What is blocked of the sender: a sentence, and value and text of the button that ends it.
    blocked: Vec<(&'a str, String, &'a str)>,
    /// The button of a reply and what was typed as one, if one can be given.
    reply: Option<(&'a str, &'a str)>,
    page_url: Option<String>,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ChooseTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    item: Item<'a>,
    notice: Option<&'a str>,
    /// What the button says, and what it will do.
    choice: &'a str,
    will: &'a str,
    /// What was typed as a reply, if that is what the link is for.
    reply: Option<&'a str>,
    /// The way to everything else: to the inbox, where one signs in.
    more: (String, &'a str),
}

/// What was sent.
struct Item<'a> {
    title: String,
    lines: Vec<(String, String)>,
    /// The author and the HTML of the comment that it answers.
    answers: Option<(&'a str, String)>,
}

/// The page of a link: what it is for; or, if that cannot be done any more, why. `notice` is what was wrong and the
/// reply that was typed.
pub(super) fn shown(context: &Context, case: &Case, notice: Option<(&str, &str)>, status: StatusCode) -> Response {
    match case.action {
        _ if !case.is_open() => already(context, case, status),
        Some(choice) => one_choice(context, case, choice, notice, status),
        None => all_choices(context, case, notice, status),
    }
}

fn one_choice(
    context: &Context,
    case: &Case,
    choice: Action,
    notice: Option<(&str, &str)>,
    status: StatusCode,
) -> Response {
    let words = context.words();
    let page = ChooseTemplate {
        words,
        site: Some(case.site),
        item: Item::new(case, words),
        notice: notice.map(|(text, _)| text),
        choice: choice.text_for(&case.submission, words),
        will: choice.will(&case.submission, words),
        reply: (choice == Action::Reply).then(|| notice.map_or("", |(_, typed)| typed)),
        more: more(context, case),
    };
    web::html(status, render(&page))
}

/// The submission, the filter's reasons and the choices.
fn all_choices(context: &Context, case: &Case, notice: Option<(&str, &str)>, status: StatusCode) -> Response {
    let (words, submission) = (context.words(), &case.submission);
    let blocks = |choice: &Action| choice.blocks().is_some_and(|what| case.blocked.contains(&what));
    let choices = Action::IN_MAIL.into_iter().filter(|action| action.suits(submission) && !blocks(action));
    let buttons = choices.filter(|choice| *choice != Action::Reply);
    let reply = Action::Reply.suits(submission).then(|| Action::Reply.text_for(submission, words));
    let page = ModerateTemplate {
        words,
        site: Some(case.site),
        item: Item::new(case, words),
        notice: notice.map(|(text, _)| text),
        state: words.state(submission.status),
        reasons: submission.verdict.reasons.iter().map(|reason| words.reason(reason)).collect(),
        score: words.score(&submission.verdict),
        choices: buttons
            .map(|choice| (choice.word(), choice.text(words), !matches!(choice, Action::Approve | Action::NotSpam)))
            .collect(),
        blocked: case.blocked.iter().map(|what| blocked(*what, words)).collect(),
        reply: reply.map(|text| (text, notice.map_or("", |(_, typed)| typed))),
        page_url: link(case, words).map(|(url, _)| url),
    };
    web::html(status, render(&page))
}

/// What says that a sender is blocked, and value and text of the button that ends it.
fn blocked(what: Blocked, words: &Words) -> (&str, String, &str) {
    let (text, button) = match what {
        Blocked::Address => (words.blocked_address, words.unblock_address),
        Blocked::Network => (words.blocked_network, words.unblock_network),
    };
    (text, format!("{UNBLOCK}{}", what.word()), button)
}

/// That a block was ended just now.
pub(super) fn unblocked(context: &Context, case: &Case, what: Blocked) -> Response {
    let words = context.words();
    let title = match what {
        Blocked::Address => words.done_unblock_address,
        Blocked::Network => words.done_unblock_network,
    };
    MessagePage { title, link: Some(more(context, case)), ..MessagePage::default() }.show(context, StatusCode::OK)
}

/// What was done just now.
pub(super) fn done(context: &Context, case: &Case, choice: Action) -> Response {
    let words = context.words();
    let page = MessagePage {
        title: choice.done(words),
        link: link(case, words),
        more: vec![more(context, case)],
        ..MessagePage::default()
    };
    page.show(context, StatusCode::OK)
}

/// What was done before, by whom and when; and where to decide anew.
fn already(context: &Context, case: &Case, status: StatusCode) -> Response {
    let (words, submission) = (context.words(), &case.submission);
    let by = submission.decision.as_ref().filter(|_| case.is_decided()).map(|decided| {
        let at = Timestamp::from_second(decided.at).unwrap_or_default();
        format(&format(words.already_by, "time", when(at, words, &context.site().time_zone)), "name", &decided.by)
    });
    let page = MessagePage {
        title: if case.is_decided() { words.already_title } else { words.nothing_to_do_title },
        paragraphs: [Some(words.state(submission.status)), by.as_deref(), Some(words.already_text)]
            .into_iter()
            .flatten()
            .collect(),
        link: link(case, words),
        more: vec![inbox(context, &item_route(submission.id))],
        ..MessagePage::default()
    };
    page.show(context, status)
}

/// What is left when a link is too old.
pub(super) fn expired(context: &Context) -> Response {
    let words = context.words();
    let page = MessagePage {
        title: words.expired_title,
        paragraphs: vec![words.expired_text],
        link: Some(inbox(context, INBOX.path)),
        ..MessagePage::default()
    };
    page.show(context, StatusCode::GONE)
}

/// Where to go on: to the comment's page.
fn link<'a>(case: &Case, words: &'a Words) -> Option<(String, &'a str)> {
    let url = case.site.own_url(case.submission.comment()?.page().path())?;
    Some((url.into(), words.open_page))
}

/// From a link that was for everything, the page with everything that may be chosen as things are now; it works no
/// longer than that link. A link for one action never leads to more, but to the inbox, where one signs in.
fn more<'a>(context: &'a Context, case: &Case) -> (String, &'a str) {
    if case.action.is_some() {
        return inbox(context, &item_route(case.submission.id));
    }
    let path = context.app.decision_path(Purpose::Moderate, &case.submission, case.expires_at);
    (path, context.words().more_actions)
}

fn inbox<'a>(context: &'a Context, route: &str) -> (String, &'a str) {
    (context.route(route), context.words().to_inbox)
}

impl<'a> Item<'a> {
    fn new(case: &'a Case, words: &Words) -> Self {
        let answered = case.parent.as_ref().and_then(Submission::comment);
        Self {
            title: title(&case.submission, words),
            lines: lines(&case.submission, words, &case.site.time_zone),
            answers: answered.map(|parent| (parent.author(), markdown::render(parent.text()))),
        }
    }
}
