//! Every text that people see, by language. One file for each language in `functions/words`; a new language is a
//! new file and a row in `TEXTS`.

mod inbox;
mod names;
mod privacy;

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use self::inbox::InboxWords;
pub use self::privacy::PrivacyWords;

/// A language and its files.
struct Texts {
    lang: &'static str,
    /// For everybody.
    words: &'static str,
    /// For those of the team.
    inbox: &'static str,
    /// How data is processed.
    privacy: &'static str,
}

const TEXTS: [Texts; 2] = [
    Texts {
        lang: "en",
        words: include_str!("../words/en.toml"),
        inbox: include_str!("../words/inbox/en.toml"),
        privacy: include_str!("../words/privacy/en.toml"),
    },
    Texts {
        lang: "de",
        words: include_str!("../words/de.toml"),
        inbox: include_str!("../words/inbox/de.toml"),
        privacy: include_str!("../words/privacy/de.toml"),
    },
];

static WORDS: [LazyLock<Words>; TEXTS.len()] = [LazyLock::new(|| read(0)), LazyLock::new(|| read(1))];

/// The texts of one language. A file that lacks one, or has one too many, cannot be read; a test reads them all.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the English file says what each text is")]
pub struct Words {
    #[serde(skip)]
    pub inbox: InboxWords,
    #[serde(skip)]
    pub processing: PrivacyWords,
    pub lang: String,
    pub dir: String,
    pub time_format: String,
    pub required_mark: String,
    pub send: String,
    pub trap: String,
    pub privacy: String,
    pub contact_title: String,
    pub comment_title: String,
    pub please_correct: String,
    pub not_stored: String,
    pub too_many: String,
    pub email_hint: String,
    pub comment_hint: String,
    pub label_name: String,
    pub label_author: String,
    pub label_email: String,
    pub label_phone: String,
    pub label_url: String,
    pub label_subject: String,
    pub label_message: String,
    pub label_comment: String,
    pub label_consent: String,
    pub label_page: String,
    pub label_received: String,
    pub error_required: String,
    pub error_too_long: String,
    pub error_email: String,
    pub error_url: String,
    pub error_tel: String,
    pub error_number: String,
    pub error_date: String,
    pub error_choice: String,
    pub error_consent: String,
    pub error_file: String,
    pub error_type: String,
    pub error_encoding: String,
    pub error_page: String,
    pub error_too_many: String,
    pub thanks_title: String,
    pub thanks_text: String,
    pub back_home: String,
    pub waiting_title: String,
    pub waiting_text: String,
    pub published_title: String,
    pub published_text: String,
    pub your_comment: String,
    pub back_to_page: String,
    pub chance_title: String,
    pub chance_text: String,
    pub chance_wait: String,
    pub chance_button: String,
    pub chance_early: String,
    pub chance_left: String,
    pub chance_skip: String,
    pub chance_over_title: String,
    pub chance_over_text: String,
    pub comments: String,
    pub no_comments: String,
    pub more_comments: String,
    pub more_replies: String,
    pub reply: String,
    pub reply_to: String,
    pub in_reply_to: String,
    pub removed: String,
    pub anonymous: String,
    pub owner_mark: String,
    pub feed_link: String,
    pub feed_page: String,
    pub feed_site: String,
    pub feed_entry: String,
    pub digest_subject: String,
    pub digest_intro: String,
    pub digest_leads: String,
    pub digest_published: String,
    pub digest_waiting: String,
    pub digest_undelivered: String,
    pub digest_spam: String,
    pub digest_more_than: String,
    pub digest_waiting_title: String,
    pub digest_waiting_more: String,
    pub digest_undelivered_title: String,
    pub digest_undelivered_text: String,
    pub digest_spam_title: String,
    pub digest_spam_text: String,
    pub digest_see_waiting: String,
    pub digest_see_undelivered: String,
    pub digest_see_spam: String,
    pub digest_why: String,
    pub problem_foreign: String,
    pub problem_foreign_text: String,
    pub problem_site: String,
    pub problem_form: String,
    pub problem_parent: String,
    pub closed_title: String,
    pub closed_text: String,
    pub closed_form: String,
    pub problem_page: String,
    pub problem_method: String,
    pub problem_malformed: String,
    pub problem_invalid: String,
    pub problem_media_type: String,
    pub problem_too_large: String,
    pub problem_too_many: String,
    pub problem_unavailable: String,
    pub moderate_comment: String,
    pub moderate_lead: String,
    pub state_received: String,
    pub state_read: String,
    pub state_done: String,
    pub state_held: String,
    pub state_published: String,
    pub state_spam: String,
    pub state_trash: String,
    pub why: String,
    pub no_reasons: String,
    pub score: String,
    pub decision_ham: String,
    pub decision_unsure: String,
    pub decision_spam: String,
    pub reason_honeypot: String,
    pub reason_links: String,
    pub reason_name_link: String,
    pub reason_markup: String,
    pub reason_blocklist: String,
    pub reason_repeated: String,
    pub reason_rate: String,
    pub reason_mixed_script: String,
    pub reason_gibberish: String,
    pub reason_token_absent: String,
    pub reason_token_young: String,
    pub reason_token_old: String,
    pub reason_token_replayed: String,
    pub reason_token_foreign: String,
    pub reason_proof_missing: String,
    pub reason_proof_failed: String,
    pub reason_proof_solved: String,
    pub reason_proof_unknown: String,
    pub reason_second_chance: String,
    pub reason_words_junk: String,
    pub reason_text_junk: String,
    pub reason_text_real: String,
    pub reason_name_keywords: String,
    pub reason_only_link: String,
    pub reason_only_email: String,
    pub reason_spaced: String,
    pub reason_shouting: String,
    pub reason_campaign: String,
    pub reason_like_junk: String,
    pub reason_like_real: String,
    pub reason_disallowed_keys: String,
    pub reason_moderation_keys: String,
    pub reason_language: String,
    pub reason_disposable_email: String,
    pub reason_model_unknown: String,
    pub reason_memory_unknown: String,
    pub reason_blocked_address: String,
    pub reason_blocked_network: String,
    pub reason_akismet_ham: String,
    pub reason_akismet_pending: String,
    pub reason_akismet_spam: String,
    pub reason_akismet_discard: String,
    pub reason_akismet_failed: String,
    pub choice_approve: String,
    pub choice_reply: String,
    pub choice_spam: String,
    pub choice_trash: String,
    pub choice_block_address: String,
    pub choice_block_network: String,
    pub choice_not_spam: String,
    pub choice_unread: String,
    pub choice_read: String,
    pub choice_done: String,
    pub will_approve: String,
    pub will_reply: String,
    pub will_not_spam: String,
    pub will_unread: String,
    pub will_read: String,
    pub will_done: String,
    pub will_spam: String,
    pub will_trash: String,
    pub will_block_address: String,
    pub will_block_network: String,
    pub your_reply: String,
    pub your_reply_hint: String,
    pub reply_missing: String,
    pub reply_too_long: String,
    pub choose: String,
    pub open_page: String,
    pub done_published: String,
    pub done_reply: String,
    pub done_spam: String,
    pub done_trash: String,
    pub done_received: String,
    pub done_unread: String,
    pub done_read: String,
    pub done_done: String,
    pub done_block_address: String,
    pub done_block_network: String,
    pub blocked_address: String,
    pub blocked_network: String,
    pub unblock_address: String,
    pub unblock_network: String,
    pub done_unblock_address: String,
    pub done_unblock_network: String,
    pub already_title: String,
    pub already_text: String,
    pub more_choices: String,
    pub already_by: String,
    pub needless_title: String,
    pub to_inbox: String,
    pub expired_title: String,
    pub expired_text: String,
    pub forged_title: String,
    pub forged_text: String,
    pub gone_title: String,
    pub gone_text: String,
    pub skip: String,
    pub sign_in_title: String,
    pub sign_in_text: String,
    pub sign_in_send: String,
    pub sign_in_stranger: String,
    pub sign_in_too_many: String,
    pub sign_in_sent_title: String,
    pub sign_in_sent_text: String,
    pub sign_in_sent_hint: String,
    pub sign_in_again: String,
    pub sign_in_as: String,
    pub sign_in_needed: String,
    pub sign_in_expired_text: String,
    pub sign_in_used_title: String,
    pub sign_in_used_text: String,
    pub sign_in_other_title: String,
    pub sign_in_other_text: String,
    pub sign_in_new: String,
    pub sign_out: String,
    pub sign_out_who: String,
    pub sign_out_text: String,
    pub sign_out_here: String,
    pub sign_out_everywhere: String,
    pub signed_out: String,
    pub signed_out_everywhere: String,
    pub stale_title: String,
    pub stale_text: String,
    pub not_allowed_title: String,
    pub not_allowed_text: String,
    pub mail_cut: String,
    pub stored_lead: String,
    pub stored_comment: String,
    pub stored_seen: String,
    pub stored_asked: String,
    pub stored_lesson: String,
    pub stored_trust: String,
    pub stored_block: String,
    pub stored_session: String,
    pub stored_note_index: String,
    pub stored_note_recent: String,
    pub stored_note_others: String,
    pub mail_links_hint: String,
    pub mail_lead_subject: String,
    pub mail_lead_unsure: String,
    pub mail_lead_intro: String,
    pub mail_reply_hint: String,
    pub mail_comment_subject: String,
    pub mail_held_intro: String,
    pub mail_published_intro: String,
    pub chat_decide: String,
    pub mail_sms_used_up_subject: String,
    pub mail_sms_used_up: String,
    pub mail_sign_in_subject: String,
    pub mail_sign_in_intro: String,
    pub mail_sign_in_hint: String,
    pub mail_sign_in_not_you: String,
}

fn read(index: usize) -> Words {
    let Texts { words, inbox, privacy, .. } = TEXTS[index];
    Words { inbox: parse(inbox), processing: parse(privacy), ..parse(words) }
}

fn parse<T: DeserializeOwned>(text: &str) -> T {
    #[expect(clippy::expect_used, reason = "the files are part of the binary, and a test reads each")]
    toml::from_str(text).expect("a file of words")
}

/// The texts in a language, given as in `<html lang>`: `de` serves `de-AT` too.
#[must_use]
pub fn words(lang: &str) -> Option<&'static Words> {
    let main = lang.split('-').next().unwrap_or(lang);
    let index = TEXTS.iter().position(|texts| texts.lang.eq_ignore_ascii_case(main))?;
    Some(&WORDS[index])
}

/// The English texts.
#[must_use]
pub fn english() -> &'static Words {
    &WORDS[0]
}

/// The languages that there are texts in.
#[must_use]
pub fn languages() -> String {
    TEXTS.map(|texts| texts.lang).join(", ")
}

/// Puts `value` where the text says `{name}`.
#[must_use]
pub fn fill(text: &str, name: &str, value: impl AsRef<str>) -> String {
    text.replace(&format!("{{{name}}}"), value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text_and_the_same_places_to_fill() {
        let table = |text: &str| toml::from_str::<toml::Table>(text).expect("TOML");
        let places = |text: &str| {
            let mut found: Vec<String> =
                text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
            found.sort();
            found
        };
        let all = |texts: &Texts| {
            let files = [("", texts.words), ("inbox.", texts.inbox), ("privacy.", texts.privacy)];
            let each =
                |(prefix, text)| table(text).into_iter().map(move |(key, text)| (format!("{prefix}{key}"), text));
            files.into_iter().flat_map(each).collect::<toml::Table>()
        };
        let english = all(&TEXTS[0]);
        for (index, texts) in TEXTS.iter().enumerate() {
            assert_eq!(read(index).lang, texts.lang);
            for (key, value) in all(texts) {
                let (here, there) = (value.as_str().expect("text"), english[&key].as_str().expect("text"));
                assert_eq!(places(here), places(there), "{}: {key}", texts.lang);
            }
        }
    }

    #[test]
    fn names_become_labels() {
        assert_eq!(english().label("preferred_time"), "Preferred time");
        assert_eq!(english().label("email"), "E-mail");
        assert_eq!(english().label(""), "");
    }
}
