//! A folder as a page: what stands in it or was found in it, and what can be done with several at once.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::try_join;
use http::StatusCode;

use super::flash::{BulkAction, FlashMessage};
use super::flash_view::FlashView;
use super::folder::{Folder, FolderKind};
use super::layout::Layout;
use super::list_query::{ListQuery, ListResult, Searched, look};
use super::list_row::Row;
use super::session::{Session, act, show};
use super::{bulk, deliveries, export, person};
use crate::app::App;
use crate::config::Site;
use crate::config::team::Role;
use crate::form::Email;
use crate::platform::render::render;
use crate::store::{List, Part};
use crate::submission::Status;
use crate::submission::action::Action;
use crate::web::{self, Context, Error, Unknown};
use crate::words::{Words, format};

/// How far what waits is counted on the first page.
const COUNTED: usize = 10;

/// The first page after signing in.
pub(super) async fn home(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        let folder = Folder::first(session.person.role);
        let (suppressed, failed, waiting) = try_join!(
            deliveries::suppressed(&context, &session),
            deliveries::failed(&context, &session),
            waiting(&context, &session),
        )?;
        page(&context, &session, folder, ListPage { suppressed, failed, waiting, ..ListPage::default() }).await
    })
    .await
}

/// A folder, or what is found in it.
pub(super) async fn folder(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        let folder = named(&context, &session)?;
        page(&context, &session, folder, ListPage::default()).await
    })
    .await
}

/// Applies the chosen action to what was ticked, and leads back to the view with the flash message.
pub(super) async fn change(State(app): State<Arc<App>>, request: Request) -> Response {
    act(app, request, async |context, session, fields| {
        let folder = named(&context, &session)?;
        let chosen = BulkAction::named(fields.get("do").unwrap_or_default()).ok_or(Error::Malformed)?;
        let picked = bulk::picked(&fields);
        if picked.is_empty() {
            let notice = Some(context.words().inbox.none_selected);
            return page(&context, &session, folder, ListPage { notice, ..ListPage::default() }).await;
        }
        let report = bulk::apply(&context, &session, chosen, &picked).await?.sign(&context.app, &session);
        Ok(web::see_other(&ListQuery::of(&context).href(&context, &folder.route(), &[("report", &report)])))
    })
    .await
}

/// The folder that the address names, if it is for the person who is signed in.
fn named(context: &Context, session: &Session) -> Result<Folder, Error> {
    let param = |name| context.param(name).unwrap_or_default();
    let folder = FolderKind::named(param("kind")).and_then(|kind| Folder::named(kind, param("folder")));
    let folder = folder.ok_or(Error::Unknown(Unknown::Address))?;
    if folder.is_open_to(session) { Ok(folder) } else { Err(Error::NotAllowed) }
}

/// How many comments wait for the owner, who begins with the messages.
async fn waiting(context: &Context, session: &Session) -> Result<Option<String>, Error> {
    if session.person.role == Role::Moderator {
        return Ok(None);
    }
    let held = List::Comments(Status::Held);
    let Part { submissions, next } = context.app.store.list(&session.site, held, None, COUNTED).await?;
    let (words, count) = (&context.words().inbox, submissions.len().to_string());
    let count = if next.is_some() { format(words.at_least, "count", count) } else { count };
    Ok((!submissions.is_empty()).then(|| format(words.comments_wait, "count", count)))
}

/// What a page says beside the list.
#[derive(Default)]
struct ListPage<'a> {
    notice: Option<&'a str>,
    /// That the owner gets no mail.
    suppressed: Option<String>,
    /// What was not delivered.
    failed: Option<String>,
    /// What waits elsewhere.
    waiting: Option<String>,
}

#[derive(Template)]
#[template(path = "inbox/list.html")]
struct ListTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    layout: Layout<'a>,
    title: &'a str,
    tabs: Vec<(String, &'a str, bool)>,
    notice: Option<&'a str>,
    told: Option<FlashView>,
    suppressed: Option<String>,
    failed: Option<(String, String)>,
    waiting: Option<(String, String)>,
    typed: &'a str,
    /// Where the search is sent, and where it ends.
    plain: String,
    searched: Option<Searched>,
    nothing: String,
    rows: Vec<Row<'a>>,
    picked: bool,
    /// Where everything is ticked, or nothing.
    pick: (String, &'a str),
    /// Where the form with the checkboxes is sent.
    action: String,
    choices: Vec<(&'static str, &'a str, bool)>,
    newer: Option<String>,
    older: Option<String>,
    export: Option<String>,
    /// Where one sees, and erases, what is stored about a person.
    person: Option<String>,
}

async fn page(context: &Context, session: &Session, folder: Folder, page: ListPage<'_>) -> Result<Response, Error> {
    let (words, view, route) = (context.words(), ListQuery::of(context), folder.route());
    let shown = look(context, session, folder, &view).await?;
    let report = context.query("report").and_then(|signed| FlashMessage::verify(&context.app, session, signed));
    let told = match report {
        Some(report) => Some(FlashView::new(context, session, &report, &view.href(context, &route, &[])).await?),
        None => None,
    };
    let everywhere = shown.searched.as_ref().is_some_and(|searched| searched.everywhere);
    let picked = context.query("pick") == Some("all");
    let pick = if picked {
        (view.href(context, &route, &[]), words.inbox.select_none)
    } else {
        (view.href(context, &route, &[("pick", "all")]), words.inbox.select_all)
    };
    let status = if page.notice.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let waits = Folder { kind: FolderKind::Comments, status: Status::Held };
    let template = ListTemplate {
        words,
        site: Some(context.site()),
        layout: Layout { context, session, kind: Some(folder.kind) },
        title: folder.title(&words.inbox),
        tabs: tabs(context, folder),
        notice: page.notice,
        told,
        suppressed: page.suppressed,
        failed: page.failed.map(|text| (context.route(deliveries::ROUTE), text)),
        waiting: page.waiting.map(|text| (context.route(&waits.route()), text)),
        typed: &view.typed,
        plain: context.route(&route),
        nothing: nothing(context, folder, &view, &shown),
        rows: shown.submissions.iter().map(|one| Row::new(context, one, everywhere)).collect(),
        picked,
        pick,
        action: view.href(context, &route, &[]),
        choices: choices(folder, everywhere, words),
        newer: shown.newer.map(|id| view.at(None, Some(id)).href(context, &route, &[])),
        older: shown.older.map(|id| view.at(Some(id), None).href(context, &route, &[])),
        export: (session.person.role == Role::Owner).then(|| export::href(context, folder, &view)),
        person: (session.person.role == Role::Owner).then(|| person::href(context, Email::parse(&view.typed).as_ref())),
        searched: shown.searched,
    };
    Ok(web::html(status, render(&template)))
}

/// The folders beside this one: address, text, and whether it is the one that is shown.
fn tabs(context: &Context, folder: Folder) -> Vec<(String, &'static str, bool)> {
    let tab = |other: Folder| (context.route(&other.route()), other.tab(&context.words().inbox), other == folder);
    folder.kind.folders().map(tab).collect()
}

/// What is said where no line stands.
fn nothing(context: &Context, folder: Folder, view: &ListQuery, shown: &ListResult) -> String {
    let words = &context.words().inbox;
    match &shown.searched {
        Some(_) => words.search_none.to_owned(),
        None if view.older.is_some() || view.newer.is_some() => words.empty_part.to_owned(),
        None => folder.nothing(words, context.site().keep),
    }
}

/// What can be done with what is ticked: value, text, and whether the button stands back behind the others.
fn choices(folder: Folder, everywhere: bool, words: &Words) -> Vec<(&'static str, &str, bool)> {
    let button = |choice: Action| (choice.word(), choice.text(words), matches!(choice, Action::Spam | Action::Trash));
    if everywhere { [Action::Spam, Action::Trash].map(button).to_vec() } else { folder.choices().map(button).collect() }
}
