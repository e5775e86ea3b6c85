//! What stands in a folder, or is found in it, as files: for spreadsheets and for programs. A part is as much as an
//! answer can hold; a page says what is in it and leads on to the next.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{HeaderValue, LINK};
use uuid::Uuid;

use super::folder::{Folder, FolderKind};
use super::layout::Layout;
use super::list_query::ListQuery;
use super::record;
use super::search::{self, Search};
use super::session::{Session, show};
use crate::app::App;
use crate::config::Site;
use crate::platform::render::render;
use crate::routes;
use crate::store::StoreError;
use crate::submission::Submission;
use crate::web::{self, Context, Error, Unknown};
use crate::words::dates::{Zone, when};
use crate::words::{Words, format};

pub(super) const ROUTE: &str = routes::INBOX_EXPORT.path;

/// How large a part may grow, in bytes. An answer may have 6 MB; around what is written here comes JSON once more, in
/// which a byte may take six (`\u001f`).
const BYTES: usize = 1 << 20;

/// How many items are read for a part, found or not.
const READ: usize = 5_000;

/// How many are read at once. What is found for a person is read by key, a hundred at a time.
const STEP: usize = 100;

/// A part of what is exported.
#[derive(Default)]
struct Part {
    submissions: Vec<Submission>,
    /// After which id the next part begins.
    next: Option<Uuid>,
}

/// What is to be exported, as the address says it.
struct ExportQuery {
    folder: Folder,
    view: ListQuery,
    /// The last id of the part, if that is known.
    to: Option<Uuid>,
    number: u32,
}

impl ExportQuery {
    fn of(context: &Context) -> Result<Self, Error> {
        let (kind, name) = context.query("folder").and_then(|folder| folder.split_once('/')).unwrap_or_default();
        let folder = FolderKind::named(kind)
            .and_then(|kind| Folder::named(kind, name))
            .ok_or(Error::Unknown(Unknown::Address))?;
        let to = context.query("to").and_then(|id| id.parse().ok());
        let number = context.query("part").and_then(|number| number.parse().ok()).unwrap_or(1);
        Ok(Self { folder, view: ListQuery::of(context), to, number })
    }

    fn href(&self, context: &Context, view: &ListQuery, more: &[(&str, &str)]) -> String {
        let folder = word(self.folder);
        let number = self.number.to_string();
        view.href(context, ROUTE, &[&[("folder", &*folder), ("part", &number)], more].concat())
    }

    /// The address of the next part's page or file.
    fn next(&self, context: &Context, after: Uuid, more: &[(&str, &str)]) -> String {
        let view = self.view.at(Some(after), None);
        Self { number: self.number + 1, view: view.clone(), ..*self }.href(context, &view, more)
    }

    /// The name of the file.
    fn file(&self, site: &Site, ending: &str) -> String {
        let part = if self.number > 1 { format!("-{}", self.number) } else { String::new() };
        format!("{}-{}-{}{part}.{ending}", site.id, self.folder.kind.word(), self.folder.name())
    }
}

/// Where a view is exported.
pub(super) fn href(context: &Context, folder: Folder, view: &ListQuery) -> String {
    view.href(context, ROUTE, &[("folder", &word(folder))])
}

fn word(folder: Folder) -> String {
    format!("{}/{}", folder.kind.word(), folder.name())
}

pub(super) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    show(app, request, async |context, session| {
        session.owner()?;
        let asked = ExportQuery::of(&context)?;
        let part = collect(&context, &session, &asked).await?;
        match context.query("format") {
            Some("csv") => {
                let name = asked.file(context.site(), "csv");
                let table = record::table(context.site(), &part.submissions);
                Ok(continued(&context, &asked, &part, web::file("text/csv; charset=utf-8", &name, table)))
            }
            Some("json") => {
                let name = asked.file(context.site(), "json");
                let array = record::array(&part.submissions);
                Ok(continued(&context, &asked, &part, web::file("application/json", &name, array)))
            }
            _ => Ok(page(&context, &session, &asked, &part)),
        }
    })
    .await
}

/// Reads until the part is full, or to its end.
async fn collect(context: &Context, session: &Session, asked: &ExportQuery) -> Result<Part, StoreError> {
    let search = Search::read(context.site(), &asked.view.typed);
    let search = search.map(|search| search.in_folder(asked.folder, &asked.view.typed));
    let (mut part, mut read, mut bytes) = (Part { next: asked.view.older, ..Part::default() }, 0, 0);
    while read < READ {
        let (found, looked) = step(context, session, asked, search.as_ref(), part.next).await?;
        read += looked;
        part.next = found.next;
        for submission in found.submissions {
            if asked.to.is_some_and(|to| submission.id < to) {
                part.next = None;
                return Ok(part);
            }
            bytes += record::size(&submission);
            if bytes > BYTES && !part.submissions.is_empty() {
                part.next = part.submissions.last().map(|last| last.id);
                return Ok(part);
            }
            part.submissions.push(submission);
        }
        if part.next.is_none() {
            break;
        }
    }
    Ok(part)
}

/// Reads a little more; gives what was found and how much was looked at.
async fn step(
    context: &Context,
    session: &Session,
    asked: &ExportQuery,
    search: Option<&Search>,
    after: Option<Uuid>,
) -> Result<(Part, usize), StoreError> {
    let (store, site, list) = (&context.app.store, &session.site, asked.folder.list());
    Ok(match search {
        Some(Search::Person(email)) => {
            let part = search::by_person(context, session, email, after, STEP).await?;
            (Part { submissions: part.submissions, next: part.next }, STEP)
        }
        Some(search) => {
            let found = search::look_back(store, site, list, search, after, usize::MAX).await?;
            (Part { submissions: found.submissions, next: found.next }, found.looked)
        }
        None => {
            let part = store.list(site, list, after, STEP).await?;
            (Part { submissions: part.submissions, next: part.next }, STEP)
        }
    })
}

/// Says in the answer's headers where the next part is, as RFC 8288 writes it.
fn continued(context: &Context, asked: &ExportQuery, part: &Part, mut response: Response) -> Response {
    let Some(after) = part.next else { return response };
    let format = context.query("format").unwrap_or_default();
    let link = format!("<{}>; rel=\"next\"", asked.next(context, after, &[("format", format)]));
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(LINK, link);
    }
    response
}

#[derive(Template)]
#[template(path = "inbox/export.html")]
struct ExportTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    layout: Layout<'a>,
    title: String,
    text: String,
    /// What is in this part; and its files.
    part: Option<String>,
    files: Vec<(String, &'a str)>,
    next: Option<String>,
    back: (String, String),
}

fn page(context: &Context, session: &Session, asked: &ExportQuery, part: &Part) -> Response {
    let (words, folder) = (context.words(), asked.folder.title(&context.words().inbox));
    let inbox = &words.inbox;
    let text = match asked.view.typed.as_str() {
        "" => inbox.export_text.to_owned(),
        typed => format(inbox.export_text_search, "words", typed),
    };
    let view = ListQuery { older: None, newer: None, typed: asked.view.typed.clone() };
    let template = ExportTemplate {
        words,
        site: Some(context.site()),
        layout: Layout { context, session, kind: Some(asked.folder.kind) },
        title: format(inbox.export_title, "folder", folder),
        text,
        part: span(part, words, &context.site().time_zone),
        files: files(context, asked, part, words),
        next: part.next.map(|after| asked.next(context, after, &[])),
        back: (view.href(context, &asked.folder.route(), &[]), format(inbox.back, "folder", folder)),
    };
    web::html(http::StatusCode::OK, render(&template))
}

/// How much is in a part, and from when.
fn span(part: &Part, words: &Words, zone: &Zone) -> Option<String> {
    let (newest, oldest) = (part.submissions.first()?, part.submissions.last()?);
    let day = |submission: &Submission| when(submission.received_at(), words, zone);
    let text = format(words.inbox.export_part, "count", part.submissions.len().to_string());
    Some(format(&format(&text, "newest", day(newest)), "oldest", day(oldest)))
}

/// The part's files. Their addresses name its first and its last id: what comes meanwhile is in none.
fn files<'a>(context: &Context, asked: &ExportQuery, part: &Part, words: &'a Words) -> Vec<(String, &'a str)> {
    let (Some(newest), Some(oldest)) = (part.submissions.first(), part.submissions.last()) else { return Vec::new() };
    let from = Uuid::from_u128(newest.id.as_u128().saturating_add(1));
    let (view, to) = (asked.view.at(Some(from), None), oldest.id.to_string());
    let file = |format, text| (asked.href(context, &view, &[("to", &to), ("format", format)]), text);
    vec![file("csv", words.inbox.export_csv), file("json", words.inbox.export_json)]
}
