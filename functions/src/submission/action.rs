//! Moderation actions: their words and what their buttons say. What each makes of a submission, and where it is
//! offered, stands in [`super::transition`].

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::submission::{Status, Submission};
use crate::words::Words;

/// What a moderator can do about a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Everybody may read the comment.
    Approve,
    /// So they may, and the owner's reply below it.
    Reply,
    /// The lead was taken for spam, or is in the trash.
    NotSpam,
    /// The lead was read, or has come to an end, and now it is not so any more.
    Unread,
    /// Somebody has read the lead.
    Read,
    /// The lead needs nothing more.
    Done,
    /// It is spam.
    Spam,
    /// Nobody needs it.
    Trash,
    /// Nobody needs anything from this address.
    BlockAddress,
    /// Nor from this network.
    BlockNetwork,
}

impl Action {
    /// All of them, in the order of their buttons.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Those that are offered behind a link in a mail, in the order of the buttons.
    pub(crate) const IN_MAIL: [Self; 7] =
        [Self::Approve, Self::Reply, Self::NotSpam, Self::Spam, Self::Trash, Self::BlockAddress, Self::BlockNetwork];

    /// The word that forms send, and that stands in signed links.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The action with this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        word.parse().ok()
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

    /// What is said before it is applied.
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

    /// What is said once it is applied.
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
