//! What the code calls by a short name, as people read it: mistakes, fields, findings, decisions, states.

use crate::form::Code;
use crate::form::built_in::BuiltIn;
use crate::submission::Status;
use crate::submission::reason::DeliveryReason;
use crate::words::{InboxWords, Words, fill};
use deskbell_filter::{Decision, Reason};

impl Words {
    /// What people read about a refused field.
    #[must_use]
    pub fn error(&self, code: &Code) -> String {
        match code {
            Code::Required => self.error_required.to_owned(),
            Code::TooLong(max) => fill(self.error_too_long, "max", max.to_string()),
            Code::Email => self.error_email.to_owned(),
            Code::Url => self.error_url.to_owned(),
            Code::Tel => self.error_tel.to_owned(),
            Code::Number => self.error_number.to_owned(),
            Code::Date => self.error_date.to_owned(),
            Code::Choice => self.error_choice.to_owned(),
            Code::File => self.error_file.to_owned(),
            Code::Type => self.error_type.to_owned(),
            Code::Encoding => self.error_encoding.to_owned(),
            Code::Consent => self.error_consent.to_owned(),
            Code::Page => self.error_page.to_owned(),
            Code::TooMany(max) => fill(self.error_too_many, "max", max.to_string()),
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
        BuiltIn::named(name).map_or_else(|| humanise(name), |field| (field.label)(self).to_owned())
    }

    /// A finding of the filter as the owner reads it.
    #[must_use]
    pub fn reason(&self, reason: &Reason) -> String {
        let text = match reason.name.as_str() {
            "honeypot" => self.reason_honeypot,
            "links" => self.reason_links,
            "name_link" => self.reason_name_link,
            "markup" => self.reason_markup,
            "blocklist" => self.reason_blocklist,
            "repeated" => self.reason_repeated,
            "rate" => self.reason_rate,
            "mixed_script" => self.reason_mixed_script,
            "gibberish" => self.reason_gibberish,
            "token_absent" => self.reason_token_absent,
            "token_young" => self.reason_token_young,
            "token_old" => self.reason_token_old,
            "token_replayed" => self.reason_token_replayed,
            "token_foreign" => self.reason_token_foreign,
            "proof_missing" => self.reason_proof_missing,
            "proof_failed" => self.reason_proof_failed,
            "proof_solved" => self.reason_proof_solved,
            "proof_unknown" => self.reason_proof_unknown,
            "second_chance" => self.reason_second_chance,
            "words_junk" => self.reason_words_junk,
            "text_junk" => self.reason_text_junk,
            "text_real" => self.reason_text_real,
            "name_keywords" => self.reason_name_keywords,
            "only_link" => self.reason_only_link,
            "only_email" => self.reason_only_email,
            "spaced" => self.reason_spaced,
            "shouting" => self.reason_shouting,
            "campaign" => self.reason_campaign,
            "like_junk" => self.reason_like_junk,
            "like_real" => self.reason_like_real,
            "disallowed_keys" => self.reason_disallowed_keys,
            "moderation_keys" => self.reason_moderation_keys,
            "language" => self.reason_language,
            "disposable_email" => self.reason_disposable_email,
            "model_unknown" => self.reason_model_unknown,
            "memory_unknown" => self.reason_memory_unknown,
            "blocked_address" => self.reason_blocked_address,
            "blocked_network" => self.reason_blocked_network,
            "akismet_ham" => self.reason_akismet_ham,
            "akismet_pending" => self.reason_akismet_pending,
            "akismet_spam" => self.reason_akismet_spam,
            "akismet_discard" => self.reason_akismet_discard,
            "akismet_failed" => self.reason_akismet_failed,
            other => return other.into(),
        };
        fill(text, "value", reason.value.as_deref().unwrap_or_default())
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

impl InboxWords {
    /// Why a delivery failed, or was not needed, as the owner reads it.
    #[must_use]
    pub fn delivery_reason(&self, reason: &DeliveryReason) -> String {
        match reason {
            DeliveryReason::Ses(code) => fill(self.delivery_ses, "code", code),
            DeliveryReason::Sns(code) => fill(self.delivery_sns, "code", code),
            DeliveryReason::NoConnection => self.delivery_no_connection.into(),
            DeliveryReason::Timeout => self.delivery_timeout.into(),
            DeliveryReason::UnreadableAnswer => self.delivery_unreadable_answer.into(),
            DeliveryReason::InvalidAddress => self.delivery_invalid_address.into(),
            DeliveryReason::PrivateAddress => self.delivery_private_address.into(),
            DeliveryReason::TooManyRequests(None) => self.delivery_too_many.into(),
            DeliveryReason::TooManyRequests(Some(wait)) => fill(self.delivery_too_many_wait, "wait", wait.to_string()),
            DeliveryReason::ServerError(status) => fill(self.delivery_server_error, "status", status.to_string()),
            DeliveryReason::Gone => self.delivery_gone.into(),
            DeliveryReason::Redirect(status) => fill(self.delivery_redirect, "status", status.to_string()),
            DeliveryReason::Rejected(status) => fill(self.delivery_rejected, "status", status.to_string()),
            DeliveryReason::NotConfigured => self.delivery_not_configured.into(),
            DeliveryReason::SecretMissing(channel) => fill(self.delivery_secret_missing, "channel", channel),
            DeliveryReason::SecretInvalid(channel) => fill(self.delivery_secret_invalid, "channel", channel),
            DeliveryReason::StoreUnavailable => self.delivery_store_unavailable.into(),
            DeliveryReason::Unwritable => self.delivery_unwritable.into(),
            DeliveryReason::QuotaExceeded(cap) => fill(self.delivery_quota, "cap", cap.to_string()),
            DeliveryReason::Bounced => self.delivery_bounced.into(),
            DeliveryReason::Complained => self.delivery_complained.into(),
            DeliveryReason::NotALead => self.delivery_not_a_lead.into(),
            DeliveryReason::OwnAddress => self.delivery_own_address.into(),
            DeliveryReason::AlreadyAnswered => self.delivery_already_answered.into(),
            DeliveryReason::Other(text) => text.clone(),
        }
    }
}

/// `preferred_time` as `Preferred time`.
fn humanise(name: &str) -> String {
    let spaced = name.replace(['_', '-'], " ");
    let mut letters = spaced.trim().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
