//! An email to the visitor that the message has arrived: the owner's words and nothing of the visitor's but, where it
//! looks like one, the name. Sent only for what the filter is sure of and a browser took part in, to one mailbox once a
//! day, and not to many within an hour, so that nobody can have us write to strangers what they please, or often.

use crate::config::Site;
use crate::config::channels::{Autoresponse, ChannelSettings};
use crate::delivery::email::free_text;
use crate::delivery::header;
use crate::delivery::mail::EmailMessage;
use crate::delivery::notifier::Notifier;
use crate::form::Email;
use crate::submission::delivery::{SendError, Sent};
use crate::submission::reason::DeliveryReason;
use crate::submission::{Submission, SubmissionContent};
use crate::words::format;
use deskbell_filter::PROOF_SOLVED;

/// The longest name that is repeated, in characters.
const MAX_NAME: usize = 40;

/// The most words in such a name.
const MAX_WORDS: usize = 4;

/// Local parts, or beginnings of them before a sign, that no person reads.
const NOBODY: [&str; 14] = [
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "mailer-daemon",
    "mailerdaemon",
    "postmaster",
    "bounce",
    "bounces",
    "abuse",
    "listserv",
    "majordomo",
];

/// Answers the visitor, unless the address is one not to be answered, or was answered within a day: then there is
/// nothing to do.
pub(super) async fn send(
    notifier: &Notifier,
    site: &Site,
    submission: &Submission,
    channel: &ChannelSettings,
    autoresponse: &Autoresponse,
) -> Result<Sent, SendError> {
    let SubmissionContent::Lead(lead) = &submission.content else {
        return Ok(Sent::Needless(DeliveryReason::NotALead));
    };
    let Some(email) = lead.email().filter(|email| is_strangers(email, site, &notifier.app.config.mail.from)) else {
        return Ok(Sent::Needless(DeliveryReason::OwnAddress));
    };
    if email.in_header().is_none() {
        return Ok(Sent::Needless(DeliveryReason::Unwritable));
    }
    if let Some(suppressed) = notifier.app.suppressed(email).await? {
        return Ok(Sent::Needless(suppressed.reason.into()));
    }
    if !was_sent_by_a_browser(submission) {
        return Ok(Sent::Needless(DeliveryReason::NoProof));
    }
    let (store, channel_name) = (&notifier.app.store, channel.name.to_string());
    let person = notifier.app.answered_hash(&site.id, email.as_str());
    if !store.take_autoresponse(&site.id, &person, submission.id).await? {
        return Ok(Sent::Needless(DeliveryReason::AlreadyAnswered));
    }
    let now = notifier.app.clock.now().as_second();
    if !store.take_delivery(&site.id, &channel_name, channel.per_hour, now).await? {
        // Another message may be answered.
        store.forget_answered(&site.id, &person).await?;
        return Ok(Sent::Needless(DeliveryReason::TooManyAnswers));
    }
    let name = lead.name().and_then(person_name);
    let message = compose(site, submission, email, name.as_deref(), autoresponse);
    let went = notifier.mailer.send(&message).await;
    if went.is_err() {
        // One too few within the hour, should this fail, too.
        let _ = store.return_delivery(&site.id, &channel_name).await;
    }
    went.map(|()| Sent::Made)
}

/// Whether the form was sent with a token that is good, or with a proof of work: a program that posts addresses has
/// neither.
fn was_sent_by_a_browser(submission: &Submission) -> bool {
    let verdict = &submission.verdict;
    verdict.has(PROOF_SOLVED) || !verdict.reasons.iter().any(|reason| reason.name.starts_with(TOKEN))
}

/// What the names of the filter's findings about a token begin with that is missing or not good.
const TOKEN: &str = "token_";

fn compose<'a>(
    site: &'a Site,
    submission: &Submission,
    email: &'a Email,
    name: Option<&'a str>,
    autoresponse: &Autoresponse,
) -> EmailMessage<'a> {
    let lang = submission.lang.as_deref();
    let written = autoresponse.in_language(lang);
    let text = greet(&format(&written.text, "site", &site.name), name);
    let subject = format(&written.subject, "site", &site.name);
    let lang = lang.filter(|lang| autoresponse.translations.contains_key(*lang)).unwrap_or(&site.lang);
    let reply_to = autoresponse.reply_to.as_ref().and_then(|to| header::mailbox(Some(&site.name), to));
    EmailMessage {
        reply_to,
        answers: true,
        ..free_text(site, lang, (name.unwrap_or_default(), email), submission.id, subject, &text)
    }
}

/// Puts the name where the text says `{name}`; without one, the space before it goes, too.
fn greet(text: &str, name: Option<&str>) -> String {
    match name {
        Some(name) => format(text, "name", name),
        None => text.replace(" {name}", "").replace("{name}", ""),
    }
}

/// A name that can be repeated to its owner: a few words of letters, as names are, and nothing that could be a link,
/// markup or an advertisement.
fn person_name(typed: &str) -> Option<String> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let name = words.join(" ");
    let letters = |word: &str| {
        let word = word.strip_suffix('.').unwrap_or(word);
        let inside = |c: char| c.is_alphabetic() || is_mark(c) || matches!(c, '-' | '\'' | '’');
        word.chars().any(char::is_alphabetic) && word.chars().all(inside)
    };
    let plausible = (1..=MAX_WORDS).contains(&words.len()) && name.chars().count() <= MAX_NAME;
    let link = name.to_lowercase().split(['-', ' ']).any(|part| matches!(part, "www" | "http" | "https"));
    (plausible && !link && words.iter().all(|word| letters(word))).then_some(name)
}

/// Marks that belong to letters in scripts such as Devanagari, Thai and decomposed Latin.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{3099}' | '\u{309a}')
}

/// Whether an address is a stranger's who may be answered: not one of the site's own, and not a machine's.
fn is_strangers(email: &Email, site: &Site, from: &Email) -> bool {
    let folded = Email::fold(email.as_str());
    let Some((local, host)) = folded.rsplit_once('@') else { return false };
    let own_host = |own: &str| {
        let own = own.to_lowercase();
        let own = own.strip_prefix("www.").unwrap_or(&own);
        host == own || host.strip_suffix(own).is_some_and(|rest| rest.ends_with('.'))
    };
    let team = site.people().any(|person| person.email.is(&folded));
    let at_site = site
        .all_origins()
        .filter_map(|origin| origin.parse::<url::Url>().ok())
        .any(|url| url.host_str().is_some_and(own_host));
    let ours = from.is(&folded);
    !(team || at_site || ours || is_machines(local))
}

/// Whether the part of an address before the `@` is one that no person reads (RFC 3834 §2; RFC 2142).
fn is_machines(local: &str) -> bool {
    let plain = local.split(['+', '=']).next().unwrap_or(local);
    let list =
        ["owner-", "bounce-", "bounces-", "noreply-", "no-reply-"].iter().any(|prefix| plain.starts_with(prefix));
    let request = ["-request", "-bounces", "-bounce", "-noreply", "-no-reply", "-owner"]
        .iter()
        .any(|suffix| plain.ends_with(suffix));
    NOBODY.contains(&plain) || list || request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn names_are_repeated_if_they_are_names() {
        let names = [
            "Ann",
            "  Ann  Smith ",
            "Jean-Luc O’Neill",
            "Dr. J. Müller",
            "李小龍",
            "प्रिया शर्मा",
            "Mary Ann van Dyke",
            "Zoe\u{308}",
        ];
        for name in names {
            assert_eq!(person_name(name), Some(name.split_whitespace().collect::<Vec<_>>().join(" ")), "{name}");
        }
        let others = [
            "",
            "   ",
            "evil.example",
            "https://evil.example",
            "www evil com",
            "Ann <b>",
            "[url=x]",
            "Ann @evil",
            "a/b",
            "Ann1",
            "{site}",
            "*Ann*",
            "-",
            "...",
            "one two three four five",
            "Ann\u{202e}",
            "Ann\u{0}",
            "wwwevil.example",
            &"a".repeat(41),
            "HTTP evil",
            "win 💰",
        ];
        for name in others {
            assert_eq!(person_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_text_greets_with_a_name_and_without() {
        assert_eq!(greet("Hello {name},\nthanks", Some("Ann")), "Hello Ann,\nthanks");
        assert_eq!(greet("Hello {name},\nthanks", None), "Hello,\nthanks");
        assert_eq!(greet("{name}, thanks", None), ", thanks");
    }

    #[test]
    fn neither_ourselves_nor_machines_are_answered() {
        let config = Config::parse(
            "mail = { from = \"deskbell@mail.example.net\" }\n[sites.s]\nname = \"S\"\nurl = \"https://www.example.org\"\n\
             owner = { name = \"M\", email = \"Mara@gmail.example\" }\nteam = [{ name = \"J\", email = \"jo@web.example\" }]",
        )
        .expect("valid");
        let strangers =
            |email: &str| is_strangers(&Email::parse(email).expect(email), &config.sites["s"], &config.mail.from);
        for email in [
            "ann@example.com",
            "bob+x@web.example",
            "replyann@example.com",
            "ann@notexample.org",
            "noreplyman@example.com",
        ] {
            assert!(strangers(email), "{email}");
        }
        for email in [
            "mara@gmail.example",
            "MARA@GMAIL.EXAMPLE",
            "jo@web.example",
            "deskbell@mail.example.net",
            "info@example.org",
            "info@shop.example.org",
            "noreply@example.com",
            "No-Reply@example.com",
            "noreply+x@example.com",
            "mailer-daemon@example.com",
            "bounces+ann=x@example.com",
            "owner-list@example.com",
            "list-request@example.com",
            "postmaster@example.com",
        ] {
            assert!(!strangers(email), "{email}");
        }
    }
}
