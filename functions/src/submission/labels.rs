//! What the code calls by a short name, as people read it: mistakes, fields, findings, decisions, states.

use crate::form::Code;
use crate::form::built_in::BuiltIn;
use crate::form::name;
use crate::submission::Status;
use crate::submission::reason::DeliveryReason;
use crate::words::{InboxWords, REASONS, Words, english, format};
use deskbell_filter::{Decision, NAMES, Reason, Verdict};

/// Every finding of the filter has a text, `reason_NAME` in `functions/words`: the build stops at the first that has
/// none. That the other languages have what English has, `build.rs` sees to.
const _: () = {
    let mut at = 0;
    while at < NAMES.len() {
        assert!(english().reason_text(NAMES[at]).is_some(), "{}", NAMES[at]);
        at += 1;
    }
};

impl Words {
    /// What people read about a refused field.
    #[must_use]
    pub fn error(&self, code: &Code) -> String {
        match code {
            Code::Required => self.error_required.to_owned(),
            Code::TooLong(max) => self.error_too_long.format("max", *max),
            Code::Email => self.error_email.to_owned(),
            Code::Url => self.error_url.to_owned(),
            Code::Tel => self.error_tel.to_owned(),
            Code::Number => self.error_number.to_owned(),
            Code::Date => self.error_date.to_owned(),
            Code::Choice => self.error_choice.to_owned(),
            Code::File => self.error_file.to_owned(),
            Code::Consent => self.error_consent.to_owned(),
            Code::Page => self.error_page.to_owned(),
            Code::Parent => self.problem_parent.to_owned(),
            Code::TooMany(max) => format(self.error_too_many, "max", max.to_string()),
        }
    }

    /// An author's name as people read it.
    #[must_use]
    pub fn author<'a>(&'a self, author: &'a str) -> &'a str {
        if author.is_empty() { self.anonymous } else { author }
    }

    /// The name of a field as people read it: of the usual fields in this language, of others made from the name.
    #[must_use]
    pub fn label(&self, name: &str) -> String {
        BuiltIn::named(name).map_or_else(|| name::humanise(name), |field| (field.label)(self).to_owned())
    }

    /// A finding of the filter as the owner reads it.
    #[must_use]
    pub fn reason(&self, reason: &Reason) -> String {
        // A finding that is stored may be one of another release.
        let Some(text) = self.reason_text(&reason.name) else { return reason.name.clone() };
        format(text, "value", reason.value.as_deref().unwrap_or_default())
    }

    const fn reason_text(&self, name: &str) -> Option<&'static str> {
        let mut at = 0;
        while at < REASONS.len() {
            if is_same(REASONS[at], name) {
                return Some(self.reasons[at]);
            }
            at += 1;
        }
        None
    }

    /// The filter's decision in a word.
    #[must_use]
    pub fn decision(&self, decision: Decision) -> &str {
        match decision {
            Decision::Ham => self.decision_ham,
            Decision::Unsure => self.decision_unsure,
            Decision::Spam => self.decision_spam,
        }
    }

    /// The filter's score, and what follows from it.
    #[must_use]
    pub fn score(&self, verdict: &Verdict) -> String {
        let hundredths = format!("{:.0}", verdict.score * 100.0);
        format(&format(self.score, "score", hundredths), "decision", self.decision(verdict.decision))
    }

    /// What a status means to the owner.
    #[must_use]
    pub fn state(&self, status: Status) -> &str {
        match status {
            Status::Received => self.state_received,
            Status::Read => self.state_read,
            Status::Done => self.state_done,
            Status::Held => self.state_held,
            Status::Published => self.state_published,
            Status::Spam => self.state_spam,
            Status::Trash => self.state_trash,
        }
    }
}

/// What SES calls a mailbox that is full.
const MAILBOX_FULL: &str = "MailboxFull";

impl InboxWords {
    /// Why a delivery failed, or was not needed, as the owner reads it.
    #[must_use]
    pub fn delivery_reason(&self, reason: &DeliveryReason) -> String {
        match reason {
            DeliveryReason::Ses(code) => format(self.delivery_ses, "code", code),
            DeliveryReason::Sns(code) => format(self.delivery_sns, "code", code),
            DeliveryReason::NoConnection => self.delivery_no_connection.into(),
            DeliveryReason::Timeout => self.delivery_timeout.into(),
            DeliveryReason::UnreadableAnswer => self.delivery_unreadable_answer.into(),
            DeliveryReason::InvalidAddress => self.delivery_invalid_address.into(),
            DeliveryReason::PrivateAddress => self.delivery_private_address.into(),
            DeliveryReason::TooManyRequests(None) => self.delivery_too_many.into(),
            DeliveryReason::TooManyRequests(Some(wait)) => self.delivery_too_many_wait.format("wait", *wait),
            DeliveryReason::ServerError(status) => format(self.delivery_server_error, "status", status.to_string()),
            DeliveryReason::Gone => self.delivery_gone.into(),
            DeliveryReason::Redirect(status) => format(self.delivery_redirect, "status", status.to_string()),
            DeliveryReason::Rejected(status) => format(self.delivery_rejected, "status", status.to_string()),
            DeliveryReason::NotConfigured => self.delivery_not_configured.into(),
            DeliveryReason::SecretMissing(channel) => format(self.delivery_secret_missing, "channel", channel),
            DeliveryReason::SecretInvalid(channel) => format(self.delivery_secret_invalid, "channel", channel),
            DeliveryReason::StoreUnavailable => self.delivery_store_unavailable.into(),
            DeliveryReason::Unwritable => self.delivery_unwritable.into(),
            DeliveryReason::QuotaExceeded(cap) => self.delivery_quota.format("cap", *cap),
            DeliveryReason::Bounced => self.delivery_bounced.into(),
            DeliveryReason::Complained => self.delivery_complained.into(),
            DeliveryReason::Returned(code) if code == MAILBOX_FULL => self.delivery_mailbox_full.into(),
            DeliveryReason::Returned(code) => format(self.delivery_returned, "code", code),
            DeliveryReason::Delayed(code) if code == MAILBOX_FULL => self.delivery_delayed_full.into(),
            DeliveryReason::Delayed(code) => format(self.delivery_delayed, "code", code),
            DeliveryReason::NotALead => self.delivery_not_a_lead.into(),
            DeliveryReason::OwnAddress => self.delivery_own_address.into(),
            DeliveryReason::AlreadyAnswered => self.delivery_already_answered.into(),
            DeliveryReason::TooManyAnswers => self.delivery_too_many_answers.into(),
            DeliveryReason::NoProof => self.delivery_no_proof.into(),
            DeliveryReason::Bundled => self.delivery_bundled.into(),
            DeliveryReason::Other(text) => text.clone(),
        }
    }
}

/// `==`, which a text's existence is checked with while the program is built.
const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
