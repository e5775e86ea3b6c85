//! The folders of the inbox: of each kind one for each status.

use super::session::Session;
use crate::config::Keep;
use crate::config::team::Role;
use crate::store::List;
use crate::submission::action::Action;
use crate::submission::{Status, Submission};
use crate::words::{InboxWords, Words};

/// What stands in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FolderKind {
    Messages,
    Comments,
}

/// A folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) kind: FolderKind,
    pub(super) status: Status,
}

impl FolderKind {
    /// The word in addresses.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Comments => "comments",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        [Self::Messages, Self::Comments].into_iter().find(|kind| kind.word() == word)
    }

    pub(super) fn title(self, words: &Words) -> &str {
        match self {
            Self::Messages => words.inbox.messages,
            Self::Comments => words.comments,
        }
    }

    /// The folders, in the order of the navigation.
    pub(super) fn folders(self) -> impl Iterator<Item = Folder> {
        let statuses: &[Status] = match self {
            Self::Messages => &[Status::Received, Status::Read, Status::Done, Status::Spam, Status::Trash],
            Self::Comments => &[Status::Held, Status::Published, Status::Spam, Status::Trash],
        };
        statuses.iter().map(move |status| Folder { kind: self, status: *status })
    }
}

impl Folder {
    /// Where somebody of this role begins: with what is new.
    pub(super) fn first(role: Role) -> Self {
        match role {
            Role::Owner => Self { kind: FolderKind::Messages, status: Status::Received },
            Role::Moderator => Self { kind: FolderKind::Comments, status: Status::Held },
        }
    }

    /// The folder in which a submission stands.
    pub(super) fn of(submission: &Submission) -> Self {
        let kind = if submission.comment().is_some() { FolderKind::Comments } else { FolderKind::Messages };
        Self { kind, status: submission.status }
    }

    /// The folder at `/inbox/{kind}/{name}`.
    pub(super) fn named(kind: FolderKind, name: &str) -> Option<Self> {
        kind.folders().find(|folder| folder.name() == name)
    }

    /// The word in addresses and names of files.
    pub(super) fn name(self) -> &'static str {
        match self.status {
            Status::Received => "new",
            Status::Held => "pending",
            other => other.word(),
        }
    }

    /// The path without the site.
    pub(super) fn route(self) -> String {
        format!("/inbox/{}/{}", self.kind.word(), self.name())
    }

    pub(super) fn list(self) -> List {
        match self.kind {
            FolderKind::Messages => List::Leads(self.status),
            FolderKind::Comments => List::Comments(self.status),
        }
    }

    /// Whether somebody may look into it: messages are the owner's.
    pub(super) fn is_open_to(self, session: &Session) -> bool {
        self.kind == FolderKind::Comments || session.person.role == Role::Owner
    }

    /// What can be done with everything in it at once.
    pub(super) fn choices(self) -> impl Iterator<Item = Action> {
        let suits = move |choice: &Action| choice.suits_status(self.kind == FolderKind::Comments, self.status);
        Action::ALL.iter().copied().filter(|choice| *choice != Action::Reply).filter(suits)
    }

    pub(super) fn tab(self, words: &InboxWords) -> &str {
        match self.status {
            Status::Received => words.new,
            Status::Read => words.read,
            Status::Done => words.done,
            Status::Held => words.pending,
            Status::Published => words.published,
            Status::Spam => words.spam,
            Status::Trash => words.trash,
        }
    }

    pub(super) fn title(self, words: &InboxWords) -> &str {
        match (self.kind, self.status) {
            (_, Status::Received) => words.title_new,
            (_, Status::Read) => words.title_read,
            (_, Status::Done) => words.title_done,
            (_, Status::Held) => words.title_pending,
            (_, Status::Published) => words.title_published,
            (FolderKind::Messages, Status::Spam) => words.title_lead_spam,
            (FolderKind::Messages, Status::Trash) => words.title_lead_trash,
            (FolderKind::Comments, Status::Spam) => words.title_comment_spam,
            (FolderKind::Comments, Status::Trash) => words.title_comment_trash,
        }
    }

    /// What is said when there is nothing in it.
    pub(super) fn nothing(self, words: &InboxWords, keep: Keep) -> String {
        let text = match self.status {
            Status::Received => words.empty_new,
            Status::Read => words.empty_read,
            Status::Done => words.empty_done,
            Status::Held => words.empty_pending,
            Status::Published => words.empty_published,
            Status::Spam => return words.empty_spam.format("days", keep.spam),
            Status::Trash => return words.empty_trash.format("days", keep.trash),
        };
        text.to_owned()
    }
}
