//! What a page of the inbox shows of a folder: a part of it, or what is found in it, as its address says.

use url::form_urlencoded;
use uuid::Uuid;

use super::folder::Folder;
use super::search::{self, Found, Search};
use super::session::Session;
use crate::store::Part;
use crate::submission::{Submission, time_of};
use crate::web::{Context, Error};
use crate::words::dates::{Zone, ago};
use crate::words::{Words, format};

/// How many submissions a page shows. Their checkboxes fit into the fields that a form may have.
const SHOWN: usize = 25;

/// What of a folder is looked at, as the address says it.
#[derive(Debug, Clone, Default)]
pub(super) struct ListQuery {
    /// What came before this id.
    pub(super) older: Option<Uuid>,
    /// What came after this id.
    pub(super) newer: Option<Uuid>,
    /// What was typed as a search.
    pub(super) typed: String,
}

impl ListQuery {
    pub(super) fn of(context: &Context) -> Self {
        let id = |name| context.query(name).and_then(|id| id.parse().ok());
        let typed = context.query("q").unwrap_or_default().trim().chars().take(search::MAX).collect();
        Self { older: id("older"), newer: id("newer"), typed }
    }

    /// The address of this view at a route.
    pub(super) fn href(&self, context: &Context, route: &str, more: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.typed.is_empty() {
            query.append_pair("q", &self.typed);
        }
        for (name, id) in [("older", self.older), ("newer", self.newer)] {
            if let Some(id) = id {
                query.append_pair(name, &id.to_string());
            }
        }
        let query = query.extend_pairs(more).finish();
        if query.is_empty() { context.route(route) } else { format!("{}?{query}", context.route(route)) }
    }

    pub(super) fn at(&self, older: Option<Uuid>, newer: Option<Uuid>) -> Self {
        Self { older, newer, typed: self.typed.clone() }
    }
}

/// What a view shows.
#[derive(Default)]
pub(super) struct ListResult {
    pub(super) submissions: Vec<Submission>,
    pub(super) older: Option<Uuid>,
    pub(super) newer: Option<Uuid>,
    /// What was searched and how far.
    pub(super) searched: Option<Searched>,
}

/// A search and how far it came.
pub(super) struct Searched {
    pub(super) title: String,
    pub(super) looked: Option<String>,
    /// Whether all folders were searched.
    pub(super) everywhere: bool,
}

/// What a view shows to somebody.
pub(super) async fn look(
    context: &Context,
    session: &Session,
    folder: Folder,
    view: &ListQuery,
) -> Result<ListResult, Error> {
    match Search::read(context.site(), &view.typed).map(|search| search.in_folder(folder, &view.typed)) {
        Some(Search::Person(email)) => {
            let found = search::by_person(context, session, &email, view.older, SHOWN).await?;
            let title = format(context.words().inbox.search_person, "email", email.as_str());
            let searched = Some(Searched { title, looked: None, everywhere: true });
            Ok(ListResult { submissions: found.submissions, older: found.next, newer: None, searched })
        }
        Some(search) => {
            let store = &context.app.store;
            let found = search::look_back(store, &session.site, folder.list(), &search, view.older, SHOWN).await?;
            let searched = Some(Searched {
                title: format(context.words().inbox.search_found, "words", &view.typed),
                looked: Some(looked(&found, view, context.words(), &context.site().time_zone)),
                everywhere: false,
            });
            Ok(ListResult { submissions: found.submissions, older: found.next, newer: None, searched })
        }
        None => leaf(context, session, folder, view).await,
    }
}

/// How far a search came, in words.
fn looked(found: &Found, view: &ListQuery, words: &Words, zone: &Zone) -> String {
    let (count, inbox) = (found.looked, &words.inbox);
    match found.next {
        Some(_) if view.older.is_none() => inbox.searched_recent.format("count", count),
        Some(next) => {
            let when = ago(time_of(next), inbox, zone).words;
            format(&inbox.searched_older.format("count", count), "when", when)
        }
        None if view.older.is_none() => inbox.searched_all.format("count", count),
        None => inbox.searched_rest.to_owned(),
    }
}

/// A part of the folder itself.
async fn leaf(context: &Context, session: &Session, folder: Folder, view: &ListQuery) -> Result<ListResult, Error> {
    let (store, site, list) = (&context.app.store, &session.site, folder.list());
    if let Some(than) = view.newer {
        let Part { submissions, next } = store.newer(site, list, than, SHOWN).await?;
        // What is nearer to the beginning than a page is shown from the beginning on.
        if next.is_some() {
            let older = submissions.last().map(|last| last.id);
            return Ok(ListResult { submissions, older, newer: next, searched: None });
        }
    }
    let older = view.older.filter(|_| view.newer.is_none());
    let Part { submissions, next } = store.list(site, list, older, SHOWN).await?;
    let newer = older.and(submissions.first().map(|first| first.id).or(older));
    Ok(ListResult { submissions, older: next, newer, searched: None })
}
