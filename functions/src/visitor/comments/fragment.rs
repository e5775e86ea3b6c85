//! Comments as HTML: a fragment to be put into a page, or a page of their own.

use askama::Template;
use jiff::Timestamp;
use uuid::Uuid;

use super::thread::{CommentsQuery, PublishedComment, Thread, feed_address};
use crate::config::Site;
use crate::form::page::Page;
use crate::platform::render::render;
use crate::routes::COMMENTS_REPLY;
use crate::submission::comment::PARENT;
use crate::web::Context;
use crate::words::dates::when;
use crate::words::{Words, format};

#[derive(Template)]
#[template(path = "comments.html")]
struct FragmentTemplate<'a> {
    words: &'a Words,
    /// Whether the page takes no comments any more.
    closed: bool,
    threads: Vec<ThreadView<'a>>,
    more: Option<String>,
    feed: Option<String>,
    /// The same in the other order: address and text.
    sort: Option<(String, &'a str)>,
    /// Where the list begins, if it does not begin here.
    all: Option<String>,
    /// The form to write one.
    form: Option<String>,
}

#[derive(Template)]
#[template(path = "own_comment.html")]
struct OwnTemplate<'a> {
    words: &'a Words,
    comment: CommentView<'a>,
}

struct ThreadView<'a> {
    first: CommentView<'a>,
    replies: Vec<CommentView<'a>>,
    more: Option<String>,
}

struct CommentView<'a> {
    id: Uuid,
    author: &'a str,
    url: Option<&'a str>,
    html: &'a str,
    created: &'a str,
    when: String,
    removed: bool,
    /// Who of the house has written it.
    badge: Option<&'a str>,
    /// Not to be seen by anybody else yet.
    waits: bool,
    reply: Option<ReplyView>,
    /// Whom it answers, unless that is plain from where it stands.
    replying_to: Option<(Uuid, &'a str)>,
}

/// The way to the form for a reply.
struct ReplyView {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "comments_page.html")]
struct PageTemplate<'a> {
    words: &'a Words,
    site: Option<&'a Site>,
    fragment: &'a str,
    page_url: String,
    feed: String,
    /// Shown within the page that the comments belong to, which says whose they are.
    framed: bool,
    /// The colours of that page.
    style: Option<&'a str>,
}

/// The comments as HTML to be put into a page.
pub(super) fn fragment(
    context: &Context,
    asked: &CommentsQuery,
    closed: bool,
    threads: &[Thread],
    next: Option<Uuid>,
    form: Option<String>,
) -> String {
    let reply = |shown: &PublishedComment| (!closed).then(|| ReplyView::new(context, asked.published, shown));
    let views = threads.iter().map(|thread| {
        let replying_to = |reply: &PublishedComment| {
            let other = thread.replies.iter().find(|other| reply.parent == Some(other.id))?;
            Some((other.id, context.words().author(&other.author)))
        };
        ThreadView {
            first: CommentView::new(context, &thread.first, reply(&thread.first), None),
            replies: thread
                .replies
                .iter()
                .map(|shown| CommentView::new(context, shown, reply(shown), replying_to(shown)))
                .collect(),
            more: thread.more_replies.map(|after| asked.more(context, Some(thread.first.id), after)),
        }
    });
    render(&FragmentTemplate {
        words: context.words(),
        closed,
        threads: views.collect(),
        more: next.map(|next| asked.more(context, asked.parent, next)),
        feed: asked.feed(context),
        sort: asked.other_order(context).filter(|_| threads.len() > 1),
        all: asked.begins_at.map(|_| asked.beginning(context)),
        form,
    })
}

/// A comment as its author sees it who has just sent it: as it is on the page, or as it will be.
pub(in crate::visitor) fn own(context: &Context, shown: &PublishedComment, waits: bool) -> String {
    let reply = (!waits).then(|| ReplyView::new(context, None, shown));
    let comment = CommentView { waits, ..CommentView::new(context, shown, reply, None) };
    render(&OwnTemplate { words: context.words(), comment })
}

impl<'a> CommentView<'a> {
    fn new(
        context: &Context,
        shown: &'a PublishedComment,
        reply: Option<ReplyView>,
        replying_to: Option<(Uuid, &'a str)>,
    ) -> Self {
        let words = context.words();
        let author = words.author(&shown.author);
        Self {
            id: shown.id,
            author,
            url: shown.url.as_deref(),
            html: &shown.html,
            created: &shown.created,
            when: when(shown.received, words, &context.site().time_zone),
            removed: shown.removed,
            badge: shown.by_owner.then_some(words.owner_badge).or(shown.by_team.then_some(words.team_badge)),
            waits: false,
            reply,
            replying_to,
        }
    }
}

impl ReplyView {
    fn new(context: &Context, published: Option<Timestamp>, shown: &PublishedComment) -> Self {
        let published = published.map_or_else(String::new, |published| format!("&published={published}"));
        let author = context.words().author(&shown.author);
        Self {
            href: context.link(&format!("{}?{PARENT}={}{published}", COMMENTS_REPLY.path, shown.id)),
            label: format(context.words().reply_to, "name", author),
        }
    }
}

/// The comments as a page of their own: for a frame on a page that is read without JavaScript.
pub(super) fn whole_page(context: &Context, page: &Page, fragment: &str, style: Option<&str>) -> String {
    let page_url = context.site().own_url(page.path()).map(String::from).unwrap_or_default();
    render(&PageTemplate {
        words: context.words(),
        site: Some(context.site()),
        fragment,
        page_url,
        feed: feed_address(context, Some(page)),
        framed: context.is_framed(),
        style,
    })
}
