//! What was done, for the page that comes after it. It travels in the address of that page, signed for the session, so
//! that going back to the page sends nothing twice, and nobody else can put a report with its button there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use uuid::Uuid;

use super::session::Session;
use crate::app::App;
use crate::submission::Submission;
use crate::submission::action::Action;
use crate::words::InboxWords;

/// What somebody has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BulkAction {
    /// To apply an action.
    Apply(Action),
    /// To undo the last decision.
    Undo,
}

/// A submission as somebody saw it: its id, and how often had been decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeenVersion {
    pub(super) id: Uuid,
    pub(super) decisions: u32,
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FlashMessage {
    pub(super) action: BulkAction,
    /// What was changed, as it is now.
    pub(super) done: Vec<SeenVersion>,
    /// What somebody else had decided first, or what is gone.
    pub(super) late: Vec<Uuid>,
    /// What the table did not take.
    pub(super) failed: u16,
}

/// Bytes of an id and its decisions.
const SEEN: usize = 20;

/// Bytes of an id.
const ID: usize = 16;

impl BulkAction {
    /// The word that forms send.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Apply(choice) => choice.word(),
            Self::Undo => "undo",
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        if word == "undo" { Some(Self::Undo) } else { Action::named(word).map(Self::Apply) }
    }

    /// What is said when it is done.
    pub(super) fn text(self, words: &InboxWords) -> &str {
        match self {
            Self::Apply(Action::Approve) => words.flash_approve,
            Self::Apply(Action::Reply) => words.flash_reply,
            Self::Apply(Action::NotSpam) => words.flash_not_spam,
            Self::Apply(Action::Unread) => words.flash_unread,
            Self::Apply(Action::Read) => words.flash_read,
            Self::Apply(Action::Done) => words.flash_done,
            Self::Apply(Action::Spam) => words.flash_spam,
            Self::Apply(Action::Trash) => words.flash_trash,
            Self::Apply(Action::BlockAddress) => words.flash_block_address,
            Self::Apply(Action::BlockNetwork) => words.flash_block_network,
            Self::Undo => words.flash_undo,
        }
    }
}

impl SeenVersion {
    /// A submission as it is seen now.
    pub(super) fn of(submission: &Submission) -> Self {
        Self { id: submission.id, decisions: submission.decisions }
    }

    /// As the value of a checkbox.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (id, decisions) = value.split_once('.')?;
        Some(Self { id: id.parse().ok()?, decisions: decisions.parse().ok()? })
    }
}

impl std::fmt::Display for SeenVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.id, self.decisions)
    }
}

impl FlashMessage {
    pub(super) fn new(action: BulkAction) -> Self {
        Self { action, done: Vec::new(), late: Vec::new(), failed: 0 }
    }

    /// The report for an address.
    pub(super) fn sign(&self, app: &App, session: &Session) -> String {
        let text = self.text();
        let signature = app.keys.hash("report", &[&session.site, &session.csrf, &text]);
        format!("{text}.{signature}")
    }

    /// The action, what was done, what came late, and how much failed, joined by dots.
    fn text(&self) -> String {
        let done: Vec<u8> = self
            .done
            .iter()
            .flat_map(|seen| [&seen.id.as_bytes()[..], &seen.decisions.to_be_bytes()].concat())
            .collect();
        let late: Vec<u8> = self.late.iter().flat_map(|id| *id.as_bytes()).collect();
        let (word, done, late) = (self.action.word(), BASE64URL.encode(done), BASE64URL.encode(late));
        format!("{word}.{done}.{late}.{}", self.failed)
    }

    /// Reads what [`Self::sign`] made for the same session.
    pub(super) fn verify(app: &App, session: &Session, signed: &str) -> Option<Self> {
        let (text, signature) = signed.rsplit_once('.')?;
        let ours = app.keys.is_hash(signature, "report", &[&session.site, &session.csrf, text]);
        if ours { Self::parse(text) } else { None }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let action = BulkAction::named(parts.next()?)?;
        let (done, late) = (BASE64URL.decode(parts.next()?).ok()?, BASE64URL.decode(parts.next()?).ok()?);
        let seen = |bytes: &[u8]| {
            let (id, decisions) = bytes.split_first_chunk::<ID>()?;
            Some(SeenVersion { id: Uuid::from_bytes(*id), decisions: u32::from_be_bytes(decisions.try_into().ok()?) })
        };
        Some(Self {
            action,
            done: done.chunks(SEEN).map(seen).collect::<Option<_>>()?,
            late: late.chunks(ID).map(|id| Uuid::from_slice(id).ok()).collect::<Option<_>>()?,
            failed: parts.next()?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seen() -> impl Strategy<Value = SeenVersion> {
        (any::<u128>(), any::<u32>()).prop_map(|(id, decisions)| SeenVersion { id: Uuid::from_u128(id), decisions })
    }

    fn reports() -> impl Strategy<Value = FlashMessage> {
        let actions: Vec<BulkAction> =
            Action::ALL.iter().copied().map(BulkAction::Apply).chain([BulkAction::Undo]).collect();
        let late = prop::collection::vec(any::<u128>().prop_map(Uuid::from_u128), 0..5);
        (prop::sample::select(actions), prop::collection::vec(seen(), 0..5), late, any::<u16>())
            .prop_map(|(action, done, late, failed)| FlashMessage { action, done, late, failed })
    }

    proptest! {
        #[test]
        fn reports_and_checkboxes_are_read_as_they_were_written(report in reports(), one in seen()) {
            prop_assert_eq!(FlashMessage::parse(&report.text()), Some(report));
            prop_assert_eq!(SeenVersion::parse(&one.to_string()), Some(one));
        }

        #[test]
        fn whatever_stands_in_their_place_is_read_without_panic(
            text in any::<String>(), parts in "[a-z_]{0,12}\\.[A-Za-z0-9_=-]{0,60}\\.[A-Za-z0-9_=-]{0,60}\\.[0-9]{0,8}",
        ) {
            for text in [text, parts] {
                let _ = (FlashMessage::parse(&text), SeenVersion::parse(&text));
            }
        }
    }

    #[test]
    fn what_a_report_says_is_read_back() {
        let seen = |decisions| SeenVersion { id: Uuid::now_v7(), decisions };
        let report = FlashMessage {
            action: BulkAction::Apply(Action::NotSpam),
            done: vec![seen(1), seen(70_000)],
            late: vec![Uuid::now_v7()],
            failed: 2,
        };
        for report in [report, FlashMessage::new(BulkAction::Undo)] {
            let text = report.text();
            assert_eq!(FlashMessage::parse(&text), Some(report));
        }
        for broken in ["", "spam", "dance...0", "spam.AA..0", "spam..A.0", "spam...x"] {
            assert_eq!(FlashMessage::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn checkboxes_say_what_was_seen() {
        let seen = SeenVersion { id: Uuid::now_v7(), decisions: 3 };
        assert_eq!(SeenVersion::parse(&seen.to_string()), Some(seen));
        assert!(
            ["", "x.1", "1", "01933b5e-0000-7000-8000-000000000000.-1"]
                .iter()
                .all(|value| SeenVersion::parse(value).is_none())
        );
    }
}
