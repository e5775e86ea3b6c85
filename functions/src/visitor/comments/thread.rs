//! What was asked for, and the comments of a page in threads, as everybody may see them.

use futures_util::future::try_join_all;
use jiff::Timestamp;
use serde::Serialize;
use url::form_urlencoded;
use uuid::Uuid;

use super::closing;
use super::colours::Colours;
use crate::form::page::Page;
use crate::form::{Code, FieldError};
use crate::routes::{COMMENTS, COMMENTS_FEED};
use crate::store::{Order, Part, StoreError};
use crate::submission::comment::{Comment, PARENT};
use crate::submission::markdown;
use crate::submission::{Status, Submission, Visible, time_of};
use crate::web::{Context, Error};
use crate::words::dates::rfc3339;

/// Threads shown at once, if nothing else is asked for; and the most that can be asked for.
const LIMIT: usize = 20;
const MOST: usize = 100;

/// Replies shown with their thread; the rest is a link away.
const REPLIES: usize = 50;

/// Of how many threads the replies are read at once: of all, if nothing else is asked for.
const GROUP: usize = LIMIT;

/// The most bytes of a part of a page's comments: it ends there and says where the next begins. What Lambda answers
/// may have 6 MB, and a byte may take four there, in JSON that is put into JSON.
const MOST_BYTES: usize = 1 << 20;

/// What `GET /comments` was asked for.
pub(super) struct CommentsQuery {
    pub(super) page: Page,
    /// The thread whose replies are asked for, instead of the page's threads.
    pub(super) parent: Option<Uuid>,
    /// When the page was published, if who asks says so.
    pub(super) published: Option<Timestamp>,
    /// The thread with which to begin, for it holds a comment that is asked for.
    pub(super) begins_at: Option<Uuid>,
    /// How it looks in a frame.
    pub(super) colours: Colours,
    after: Option<Uuid>,
    limit: usize,
    order: Order,
}

impl CommentsQuery {
    pub(super) fn read(context: &Context) -> Result<Self, Error> {
        let page = context.query("page").ok_or_else(|| invalid("page", Code::Required))?;
        let page = context.site().page(page).ok_or_else(|| invalid("page", Code::Page))?;
        let id = |name: &'static str| {
            let typed = context.query(name).filter(|typed| !typed.is_empty());
            typed.map(|typed| typed.parse().map_err(|_| invalid(name, Code::Choice))).transpose()
        };
        let limit = context.query("limit").filter(|typed| !typed.is_empty()).map(limit).transpose()?.unwrap_or(LIMIT);
        let order = match context.query("order") {
            None | Some("oldest") => Order::Oldest,
            Some("newest") => Order::Newest,
            Some(_) => return Err(invalid("order", Code::Choice)),
        };
        let published = context.query("published").filter(|typed| !typed.is_empty());
        let published =
            published.map(|typed| closing::published(typed).ok_or_else(|| invalid("published", Code::Date)));
        Ok(Self {
            page,
            parent: id(PARENT)?,
            published: published.transpose()?,
            begins_at: None,
            colours: Colours::read(context),
            after: id("after")?,
            limit,
            order,
        })
    }

    /// Begins with the thread that holds a comment, if it is a published one of this page.
    pub(super) async fn around(mut self, context: &Context) -> Result<Self, StoreError> {
        let around = context.query("around").and_then(|id| id.parse().ok());
        let Some(id) = around.filter(|_| self.parent.is_none() && self.after.is_none()) else { return Ok(self) };
        let found = context.app.store.published(&context.site().id, id).await?;
        let here = found.as_ref().and_then(Submission::comment).filter(|comment| comment.page().is(&self.page));
        self.begins_at = here.map(|comment| comment.root().unwrap_or(id));
        Ok(self)
    }

    /// After which id it begins. What is begun with comes right after the id that is next to its own.
    fn start(&self) -> Option<Uuid> {
        let next_to = |id: Uuid| match self.order {
            Order::Oldest => Uuid::from_u128(id.as_u128().wrapping_sub(1)),
            Order::Newest => Uuid::from_u128(id.as_u128().wrapping_add(1)),
        };
        self.begins_at.map(next_to).or(self.after)
    }

    /// The same list in the other order, and what that is called; named where it begins.
    pub(super) fn other_order<'a>(&self, context: &Context) -> Option<(String, &'a str)> {
        let words = context.words();
        let (order, text) = match self.order {
            Order::Oldest => (Order::Newest, words.newest_first),
            Order::Newest => (Order::Oldest, words.oldest_first),
        };
        let begins = self.after.is_none() && self.parent.is_none() && self.begins_at.is_none();
        begins.then(|| (self.address(context, None, order, None), text))
    }

    /// The address of the list's beginning.
    pub(super) fn beginning(&self, context: &Context) -> String {
        self.address(context, None, self.order, None)
    }

    /// The address of the page's feed, named where its comments begin.
    pub(super) fn feed(&self, context: &Context) -> Option<String> {
        let begins = self.after.is_none() && self.parent.is_none();
        begins.then(|| feed_address(context, Some(&self.page)))
    }

    /// The address that continues after `next`.
    pub(super) fn more(&self, context: &Context, parent: Option<Uuid>, next: Uuid) -> String {
        self.address(context, parent, self.order, Some(next))
    }

    fn address(&self, context: &Context, parent: Option<Uuid>, order: Order, after: Option<Uuid>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("page", self.page.path());
        if let Some(parent) = parent {
            query.append_pair(PARENT, &parent.to_string());
        }
        if let Some(published) = self.published {
            query.append_pair("published", &published.to_string());
        }
        if order == Order::Newest {
            query.append_pair("order", "newest");
        }
        if self.limit != LIMIT {
            query.append_pair("limit", &self.limit.to_string());
        }
        query.extend_pairs(self.colours.pairs());
        if let Some(after) = after {
            query.append_pair("after", &after.to_string());
        }
        context.link(&format!("{}?{}", COMMENTS.path, query.finish()))
    }
}

/// How many are asked for; where that is too many, what the most is.
fn limit(typed: &str) -> Result<usize, Error> {
    match typed.parse() {
        Ok(limit @ 1..=MOST) => Ok(limit),
        Ok(0) => Err(invalid("limit", Code::Number)),
        Ok(_) => Err(invalid("limit", Code::TooMany(MOST))),
        // Too many digits for a number.
        Err(_) if typed.bytes().all(|byte| byte.is_ascii_digit()) => Err(invalid("limit", Code::TooMany(MOST))),
        Err(_) => Err(invalid("limit", Code::Number)),
    }
}

pub(super) fn invalid(field: &str, code: Code) -> Error {
    Error::Invalid(vec![FieldError::new(field, code)])
}

/// A published comment as everybody may see it.
#[derive(Debug, Clone, Serialize)]
pub(in crate::visitor) struct PublishedComment {
    pub(super) id: Uuid,
    pub(super) parent: Option<Uuid>,
    pub(super) author: String,
    pub(super) url: Option<String>,
    pub(super) html: String,
    pub(super) created: String,
    /// Written by the owner of the site.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) by_owner: bool,
    /// Written by somebody of the team.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) by_team: bool,
    /// Taken down; stands here for the replies to it, and says nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) removed: bool,
    #[serde(skip)]
    pub(super) received: Timestamp,
}

impl PublishedComment {
    pub(in crate::visitor) fn new(id: Uuid, status: Status, comment: &Comment) -> Self {
        let removed = status != Status::Published;
        let unless_removed = |text: &str| if removed { String::new() } else { text.to_owned() };
        Self {
            id,
            parent: comment.parent(),
            author: unless_removed(comment.author()),
            url: comment.url().filter(|_| !removed).map(str::to_owned),
            html: markdown::render(&unless_removed(comment.text())),
            created: rfc3339(time_of(id)),
            by_owner: comment.by_owner(),
            by_team: comment.by_team(),
            removed,
            received: time_of(id),
        }
    }

    /// How many bytes it takes, about.
    fn size(&self) -> usize {
        // Its id, its time, and the tags or names around them.
        const AROUND: usize = 400;
        AROUND + self.author.len() + self.url.as_ref().map_or(0, String::len) + self.html.len()
    }

    /// As everybody sees it; nothing of what was taken down, unless replies hang on it.
    fn seen(one: &Visible) -> Option<Self> {
        let seen = one.status == Status::Published || one.replies > 0;
        Some(Self::new(one.id, one.status, one.comment().filter(|_| seen)?))
    }
}

/// A first comment and the replies in its thread, the oldest first.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Thread {
    #[serde(flatten)]
    pub(super) first: PublishedComment,
    pub(super) replies: Vec<PublishedComment>,
    /// After which reply the rest of them begins; `parent` and `after` of the query that gives them.
    pub(super) more_replies: Option<Uuid>,
}

/// The threads asked for, each with its first replies, and after which id the next ones begin.
pub(super) async fn threads(
    context: &Context,
    asked: &CommentsQuery,
) -> Result<(Vec<Thread>, Option<Uuid>), StoreError> {
    let (store, site) = (&context.app.store, &context.site().id);
    let part = match asked.parent {
        Some(parent) => store.replies(site, parent, asked.after, asked.limit).await?,
        None => store.page(site, &asked.page, asked.order, asked.start(), asked.limit).await?,
    };
    let (mut threads, mut room): (Vec<Thread>, usize) = (Vec::new(), MOST_BYTES);
    for group in part.submissions.chunks(GROUP) {
        let replies = group.iter().map(async |first| match first.replies {
            0 => Ok(Part { submissions: Vec::new(), next: None }),
            _ => store.replies(site, first.id, None, REPLIES).await,
        });
        for (first, replies) in group.iter().zip(try_join_all(replies).await?) {
            let Some(first) = PublishedComment::seen(first) else { continue };
            if let Some(last) = threads.last().filter(|_| first.size() > room) {
                let next = Some(last.first.id);
                return Ok((threads, next));
            }
            threads.push(Thread::of(first, &replies, &mut room));
        }
    }
    Ok((threads, part.next))
}

impl Thread {
    /// A first comment with as many of its replies as there is room for.
    fn of(first: PublishedComment, replies: &Part<Visible>, room: &mut usize) -> Self {
        *room = room.saturating_sub(first.size());
        let mut thread = Self { first, replies: Vec::new(), more_replies: replies.next };
        for reply in replies.submissions.iter().filter_map(PublishedComment::seen) {
            if reply.size() > *room {
                // Ids sort by time: all replies come after what they answer.
                thread.more_replies = Some(thread.replies.last().map_or(thread.first.id, |last| last.id));
                return thread;
            }
            *room -= reply.size();
            thread.replies.push(reply);
        }
        thread
    }
}

/// The address of a page's feed, or of the whole site's.
pub(super) fn feed_address(context: &Context, page: Option<&Page>) -> String {
    let query = page.map_or_else(String::new, |page| {
        format!("?page={}", form_urlencoded::byte_serialize(page.path().as_bytes()).collect::<String>())
    });
    context.link(&format!("{}{query}", COMMENTS_FEED.path))
}
