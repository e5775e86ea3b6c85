//! The newest comments of a page or of the whole site as an Atom feed (RFC 4287), each saying what it answers (RFC
//! 4685).

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use uuid::Uuid;

use super::thread::{PublishedComment, feed_address, invalid};
use crate::app::App;
use crate::form::Code;
use crate::form::page::Page;
use crate::platform::render::render;
use crate::submission::{Status, Visible};
use crate::visitor::response::place;
use crate::web::{self, Context};
use crate::words::dates::rfc3339;
use crate::words::{Words, format};

/// Comments in a feed. Who looks in once a day misses none where fewer come in a day; more would be sent in vain each
/// time.
const LIMIT: usize = 50;

/// The most HTML in a feed, in bytes as it stands there, escaped once more. The first comment is always in it.
const MOST_BYTES: usize = 1 << 20;

/// The media type of feeds.
const KIND: &str = "application/atom+xml; charset=utf-8";

pub(super) async fn feed(State(app): State<Arc<App>>, request: Request) -> Response {
    web::serve(app, request, async |context| {
        let page =
            context.query("page").map(|page| context.site().page(page).ok_or_else(|| invalid("page", Code::Page)));
        let page = page.transpose()?;
        let (store, site) = (&context.app.store, &context.site().id);
        let newest = match &page {
            Some(page) => store.newest_on(site, page, LIMIT).await?,
            None => store.newest(site, LIMIT).await?,
        };
        Ok(web::public(&context.headers, KIND, document(&context, page.as_ref(), &newest)))
    })
    .await
}

#[derive(Template)]
#[template(path = "feed.xml")]
struct FeedTemplate<'a> {
    words: &'a Words,
    id: Uuid,
    title: String,
    updated: String,
    address: String,
    place: Option<String>,
    entries: Vec<Entry>,
}

/// A comment in a feed.
struct Entry {
    shown: PublishedComment,
    title: String,
    author: String,
    updated: String,
    place: Option<String>,
    /// The comment that it answers, and where that stands.
    answers: Option<(Uuid, Option<String>)>,
}

fn document(context: &Context, page: Option<&Page>, newest: &[Visible]) -> String {
    let (words, site) = (context.words(), context.site());
    let mut bytes = 0;
    let entries = newest.iter().filter_map(|one| Some((Entry::new(context, one)?, one.appeared_at())));
    let entries = entries.enumerate().take_while(|(at, (entry, _))| {
        bytes += escaped_len(&entry.shown.html);
        *at == 0 || bytes <= MOST_BYTES
    });
    let (entries, updates): (Vec<_>, Vec<_>) = entries.map(|(_, entry)| entry).unzip();
    let title = page.map_or_else(|| words.feed_site.to_owned(), |page| format(words.feed_page, "page", page.shown()));
    let mut document = render(&FeedTemplate {
        words,
        id: id(context, page),
        title: format(&title, "site", &site.name),
        // A feed must have been changed at some time. With nothing in it that is always the same, for it to have one
        // tag.
        updated: rfc3339(updates.into_iter().max().unwrap_or_default()),
        address: feed_address(context, page),
        place: page.map_or_else(|| Some(site.url.clone()), |page| site.own_url(page.path())).map(String::from),
        entries,
    });
    document.retain(is_xml);
    document
}

/// The same always, also when the site or the functions get another address.
fn id(context: &Context, page: Option<&Page>) -> Uuid {
    let parts: Vec<&str> = [context.site().id.as_str()].into_iter().chain(page.map(Page::key)).collect();
    context.app.keys.name("feed", &parts)
}

impl Entry {
    fn new(context: &Context, one: &Visible) -> Option<Self> {
        let comment = one.comment().filter(|_| one.status == Status::Published)?;
        let (site, author) = (context.site(), context.words().author(comment.author()));
        let title = format(context.words().feed_entry, "page", comment.page().shown());
        Some(Self {
            shown: PublishedComment::new(one.id, one.status, comment),
            title: format(&title, "name", author),
            author: author.into(),
            updated: rfc3339(one.appeared_at()),
            place: place(site, one.id, comment),
            answers: comment.parent().map(|parent| (parent, place(site, parent, comment))),
        })
    }
}

/// How many bytes a text takes in XML.
fn escaped_len(html: &str) -> usize {
    html.len() + 4 * html.bytes().filter(|byte| b"<>&\"'".contains(byte)).count()
}

/// Whether a character may stand in XML 1.0, in whatever way it is written (section 2.2). Comments of earlier
/// releases may hold others.
fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
