//! Moderation actions: their words and what their buttons say. What each makes of a submission, and where it is offered,
//! stands in [`super::transition`].

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::submission::{Status, Submission};
use crate::words::Words;

/// What a moderator can do about a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
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
            Self::Approve => words.choice_approve,
            Self::Reply => words.choice_reply,
            Self::NotSpam => words.choice_not_spam,
            Self::Unread => words.choice_unread,
            Self::Read => words.choice_read,
            Self::Done => words.choice_done,
            Self::Spam => words.choice_spam,
            Self::Trash => words.choice_trash,
            Self::BlockAddress => words.choice_block_address,
            Self::BlockNetwork => words.choice_block_network,
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
    pub(crate) fn will(self, words: &Words) -> &str {
        match self {
            Self::Approve => words.will_approve,
            Self::Reply => words.will_reply,
            Self::NotSpam => words.will_not_spam,
            Self::Unread => words.will_unread,
            Self::Read => words.will_read,
            Self::Done => words.will_done,
            Self::Spam => words.will_spam,
            Self::Trash => words.will_trash,
            Self::BlockAddress => words.will_block_address,
            Self::BlockNetwork => words.will_block_network,
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
