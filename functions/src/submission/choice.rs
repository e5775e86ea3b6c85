//! What the owner may choose for a submission, and how a choice is carried out: by a link in the mail as in the inbox.

use uuid::Uuid;

use crate::app::App;
use crate::config::Site;
use crate::judging::block;
use crate::store::{Author, Decision, StoreError};
use crate::submission::comment::Comment;
use crate::submission::{Status, Submission, Wrote};
use crate::words::Words;
use deskbell_filter::{Blocked, Verdict};

/// The longest reply, in characters.
pub(crate) const MAX_REPLY: usize = 20_000;

/// What is offered behind a link in a mail, in the order of the buttons.
pub(crate) const CHOICES: [Choice; 7] = [
    Choice::Approve,
    Choice::Reply,
    Choice::NotSpam,
    Choice::Spam,
    Choice::Trash,
    Choice::BlockAddress,
    Choice::BlockNetwork,
];

/// What may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Everybody may read the comment.
    Approve,
    /// So they may, and the owner's answer below it.
    Reply,
    /// The lead was taken for spam, or thrown away.
    NotSpam,
    /// The lead was read, or has come to an end, and now it is not so any more.
    Unread,
    /// Somebody has read the lead.
    Read,
    /// The lead needs nothing more.
    Done,
    /// It is junk.
    Spam,
    /// Nobody needs it.
    Trash,
    /// Nobody needs anything from this address.
    BlockAddress,
    /// Nor from this network.
    BlockNetwork,
}

impl Choice {
    /// All of them, in the order of their buttons.
    pub const ALL: [Self; 10] = [
        Self::Approve,
        Self::Reply,
        Self::NotSpam,
        Self::Unread,
        Self::Read,
        Self::Done,
        Self::Spam,
        Self::Trash,
        Self::BlockAddress,
        Self::BlockNetwork,
    ];

    /// The word that forms send, and that stands in signed links.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reply => "reply",
            Self::NotSpam => "not_spam",
            Self::Unread => "unread",
            Self::Read => "read",
            Self::Done => "done",
            Self::Spam => "spam",
            Self::Trash => "trash",
            Self::BlockAddress => "block_address",
            Self::BlockNetwork => "block_network",
        }
    }

    /// The choice with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.word() == word)
    }

    /// What of the sender it blocks.
    pub(crate) fn blocks(self) -> Option<Blocked> {
        match self {
            Self::BlockAddress => Some(Blocked::Address),
            Self::BlockNetwork => Some(Blocked::Network),
            _ => None,
        }
    }

    /// What becomes of the submission. What is junk already stays so when its sender is blocked.
    fn status_for(self, submission: &Submission) -> Status {
        match submission.status {
            Status::Spam if self.blocks().is_some() => Status::Spam,
            _ => self.status(),
        }
    }

    /// What becomes of other submissions.
    pub(crate) fn status(self) -> Status {
        match self {
            Self::Approve | Self::Reply => Status::Published,
            Self::NotSpam | Self::Unread => Status::Received,
            Self::Read => Status::Read,
            Self::Done => Status::Done,
            Self::Spam => Status::Spam,
            Self::Trash | Self::BlockAddress | Self::BlockNetwork => Status::Trash,
        }
    }

    /// Whether it makes sense for a submission as it stands.
    pub(crate) fn suits(self, submission: &Submission) -> bool {
        let by_owner = submission.comment().is_some_and(Comment::by_owner);
        match self {
            Self::BlockAddress => submission.email().is_some() && !by_owner,
            Self::BlockNetwork => submission.network.is_some() && !by_owner,
            _ => self.suits_status(submission.comment().is_some(), submission.status),
        }
    }

    /// Whether it makes sense for all comments, or else leads, of a status.
    pub(crate) fn suits_status(self, comment: bool, status: Status) -> bool {
        let put_away = matches!(status, Status::Spam | Status::Trash);
        match self {
            Self::Reply => comment,
            Self::Approve => comment && status != Status::Published,
            Self::NotSpam => !comment && put_away,
            Self::Unread => !comment && matches!(status, Status::Read | Status::Done),
            Self::Read => !comment && status == Status::Received,
            Self::Done => !comment && matches!(status, Status::Received | Status::Read),
            Self::Spam | Self::Trash => status != self.status(),
            Self::BlockAddress | Self::BlockNetwork => false,
        }
    }

    /// What its button says.
    pub(crate) fn text(self, words: &Words) -> &str {
        match self {
            Self::Approve => words.action_approve,
            Self::Reply => words.action_reply,
            Self::NotSpam => words.action_not_spam,
            Self::Unread => words.action_unread,
            Self::Read => words.action_read,
            Self::Done => words.action_done,
            Self::Spam => words.action_spam,
            Self::Trash => words.action_trash,
            Self::BlockAddress => words.action_block_address,
            Self::BlockNetwork => words.action_block_network,
        }
    }

    /// What its button says about a submission as it stands.
    pub(crate) fn text_for<'a>(self, submission: &Submission, words: &'a Words) -> &'a str {
        match self {
            Self::Reply if submission.status == Status::Published => words.reply,
            _ => self.text(words),
        }
    }

    /// What is said before it is carried out about a submission as it stands.
    pub(crate) fn will<'a>(self, submission: &Submission, words: &'a Words) -> &'a str {
        match self {
            Self::Reply if submission.status == Status::Published => words.confirm_reply_published,
            Self::Approve => words.confirm_approve,
            Self::Reply => words.confirm_reply,
            Self::NotSpam => words.confirm_not_spam,
            Self::Unread => words.confirm_unread,
            Self::Read => words.confirm_read,
            Self::Done => words.confirm_done,
            Self::Spam => words.confirm_spam,
            Self::Trash => words.confirm_trash,
            Self::BlockAddress => words.confirm_block_address,
            Self::BlockNetwork => words.confirm_block_network,
        }
    }

    /// What is said once it is carried out.
    pub(crate) fn done(self, words: &Words) -> &str {
        match self {
            Self::Approve => words.done_published,
            Self::Reply => words.done_reply,
            Self::NotSpam => words.done_received,
            Self::Unread => words.done_unread,
            Self::Read => words.done_read,
            Self::Done => words.done_done,
            Self::Spam => words.done_spam,
            Self::Trash => words.done_trash,
            Self::BlockAddress => words.done_block_address,
            Self::BlockNetwork => words.done_block_network,
        }
    }
}

/// The choice that was sent for a submission, with the reply that came along; or what is wrong with it.
pub(crate) fn chosen<'a>(
    word: &str,
    reply: &str,
    submission: &Submission,
    words: &'a Words,
) -> Result<Choice, &'a str> {
    let choice = Choice::named(word).filter(|choice| choice.suits(submission)).ok_or(words.choose_action)?;
    if choice == Choice::Reply && reply.is_empty() {
        return Err(words.reply_missing);
    }
    if reply.chars().count() > MAX_REPLY {
        return Err(words.reply_too_long);
    }
    Ok(choice)
}

/// Carries a choice out, by the person of that name, about a submission as the person saw it. `reply` is published with
/// [`Choice::Reply`] alone. [`StoreError::Decided`] if somebody has decided since.
pub(crate) async fn carry_out(
    app: &App,
    site: &Site,
    by: &str,
    submission: &Submission,
    choice: Choice,
    reply: &str,
) -> Result<Submission, StoreError> {
    let (answered, author) = (submission.comment().filter(|_| choice == Choice::Reply), author(app, site, submission));
    let decision = Decision {
        status: choice.status_for(submission),
        by: by.into(),
        author: match author {
            Some(author) => Some((author.clone(), app.store.trusts(&site.id, &author.hash).await?)),
            None => None,
        },
        reply: answered.map(|comment| owners_reply(site, submission, comment, reply)),
        block: choice.blocks().and_then(|what| block::block(app, site, submission, what, by)),
    };
    let decided = app.store.decide(site, submission, &decision).await?;
    tracing::info!(id = %decided.id, site = site.id, status = decided.status.word(), "decided");
    Ok(decided)
}

/// Takes back the last decision about a submission, as the person of that name saw it: it becomes what it was, its author
/// is trusted as before, and the owner's answer that was published with it is thrown away. [`StoreError::Decided`] if
/// somebody has decided since.
pub(crate) async fn take_back(
    app: &App,
    site: &Site,
    by: &str,
    submission: &Submission,
) -> Result<Submission, StoreError> {
    let was = submission.decided.as_ref().and_then(|decided| decided.was.as_ref()).ok_or(StoreError::Decided)?;
    if let Some(reply) = was.reply {
        throw_away(app, site, by, reply).await?;
    }
    let author = author(app, site, submission);
    let taken_back = app.store.take_back(site, submission, by, author.as_ref()).await?;
    tracing::info!(id = %taken_back.id, site = site.id, status = taken_back.status.word(), "a decision was taken back");
    Ok(taken_back)
}

/// Throws the owner's answer away, if that was not done yet.
async fn throw_away(app: &App, site: &Site, by: &str, reply: Uuid) -> Result<(), StoreError> {
    let reply = app.store.submission(&site.id, reply).await?;
    if let Some(reply) = reply.filter(|reply| reply.status == Status::Published) {
        let trash = Decision { status: Status::Trash, by: by.into(), author: None, reply: None, block: None };
        app.store.decide(site, &reply, &trash).await?;
    }
    Ok(())
}

fn author(app: &App, site: &Site, submission: &Submission) -> Option<Author> {
    app.author(site, submission.comment()?)
}

/// The owner's answer to a comment. Nobody has to be told of it.
fn owners_reply(site: &Site, submission: &Submission, comment: &Comment, text: &str) -> Submission {
    let answer = Wrote::Comment(Comment::owners_reply(site, submission.id, comment, text.into()));
    let answer = Submission::new(App::new_id(), site, answer, Verdict::owner(), Status::Published);
    Submission { counted: true, ..answer }
}
