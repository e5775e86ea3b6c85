//! The settings in effect for each site. What the file does not say is marked as a default.

use std::fmt::Write as _;

use deskbell_filter::{BlockedAs, Judging};
use deskbell_functions::config::{
    ChallengeSettings, Closing, Comments, Config, Digest, Document, Doubtful, Keep, Owner, ProofWanted, Rules, Site,
};
use deskbell_functions::form::Form;

use super::phrases::{self, list};

/// The width of the labels.
const LABEL: usize = 18;

/// All of a configuration.
pub(super) fn text(config: &Config, document: &Document) -> String {
    let mut text = format!("Emails come from {}.\n", config.mail.from);
    for site in config.sites.values() {
        let mut lines = SiteLines { document, site, several: config.sites.len() > 1, text: String::new() };
        lines.write();
        let _ = write!(text, "\n{}\n{}", site.id, lines.text);
    }
    text
}

/// A site's lines, as far as they are written.
struct SiteLines<'a> {
    document: &'a Document<'a>,
    site: &'a Site,
    /// Whether the site's id stands in its addresses.
    several: bool,
    text: String,
}

impl SiteLines<'_> {
    /// Every setting; the compiler asks for a new one here.
    fn write(&mut self) {
        let Site {
            id: _,
            name,
            url,
            origins,
            local_pages: _,
            lang,
            time_zone,
            languages,
            privacy,
            privacy_contact,
            owner: Owner { name: owner, email },
            team,
            forms,
            channels,
            comments,
            judging,
            challenge,
            akismet,
            digest,
            emails_per_hour,
            keep,
        } = self.site;
        self.line("name", name, &["name"]);
        self.line("address", url, &["url"]);
        self.line("other origins", list(origins, "none"), &["origins"]);
        if url.path() != "/" {
            self.say("  paths", &format!("below {}: /page/ is {}page/", self.site.home(), self.site.home()));
        }
        self.line("language", lang, &["lang"]);
        self.line("  others", list(languages, "none"), &["languages"]);
        self.line("time zone", time_zone.name(), &["time_zone"]);
        let privacy = privacy.as_ref().and_then(|_| self.site.privacy_url());
        self.line("privacy page", privacy.map_or("built-in, /privacy".into(), String::from), &["privacy"]);
        let contact = privacy_contact.as_deref().unwrap_or("the contact form");
        self.line("  contact", contact, &["privacy_contact"]);
        self.line("owner", format!("{owner} <{email}>"), &["owner"]);
        self.line("  emails", format!("up to {emails_per_hour} an hour"), &["emails_per_hour"]);
        let team = team.iter().map(|person| format!("{} <{}> ({})", person.name, person.email, person.role.word()));
        self.line("team", list(team, "none"), &["team"]);
        let digest = match digest {
            Digest::Weekly => "weekly",
            Digest::Never => "never",
        };
        self.line("digest", digest, &["digest"]);
        for (name, form) in forms {
            self.form(name, form);
        }
        for channel in channels {
            self.say(&format!("channel {}", channel.name), &phrases::channel(channel));
        }
        self.comments(comments);
        self.judging(judging);
        self.challenge(*challenge);
        self.keep(*keep);
        let captcha = challenge.captcha.map(|captcha| captcha.secret().word().into_owned());
        let akismet = akismet.as_ref().map(|akismet| {
            let lang = akismet.lang.as_deref().unwrap_or(lang);
            format!("Akismet (scores from {}, in {lang})", akismet.certain)
        });
        let asked = captcha.into_iter().chain(akismet);
        // Only those that are named: no default that could change.
        self.say("third parties", &list(asked, "none"));
    }

    fn form(&mut self, name: &str, form: &Form) {
        let Form { fields, thanks, honeypot, subject } = form;
        let site = if self.several { format!("/{}", self.site.id) } else { String::new() };
        let address = if name == "default" { "/contact".into() } else { format!("/contact/{name}") };
        self.line(&format!("form {name}"), format!("POST {site}{address}"), &["forms", name]);
        self.line("  fields", list(fields.iter().map(phrases::field), "any"), &["forms", name, "fields"]);
        let thanks = thanks.as_deref().and_then(|thanks| self.site.own_url(thanks));
        let thanks = thanks.map_or("built-in".into(), String::from);
        self.line("  thank-you page", thanks, &["forms", name, "thanks"]);
        self.line("  email subject", subject.as_deref().unwrap_or("the sender's name"), &["forms", name, "subject"]);
        let trap = honeypot.as_deref().unwrap_or("built-in names");
        self.line("  honeypot", trap, &["forms", name, "honeypot"]);
    }

    fn comments(&mut self, comments: &Comments) {
        let Comments { policy, close_after_days, pages, query, required, doubtful: _, max_length, honeypot, consent } =
            comments;
        self.line("comments", phrases::held(*policy), &["comments", "policy"]);
        let closing = phrases::open(Closing::of(None, *close_after_days));
        self.line("  open", closing, &["comments", "close_after_days"]);
        for rule in pages {
            let Rules { policy, closing } = comments.by(rule);
            let words = match closing {
                Closing::Now => phrases::open(closing),
                _ => format!("{}; open {}", phrases::held(policy), phrases::open(closing)),
            };
            self.say(&format!("  on {}", rule.pattern), &words);
        }
        if !query.is_empty() {
            self.say("  pages differ by", &query.join(", "));
        }
        let doubtful = match self.site.doubtful() {
            Doubtful::Mail => "an email about each",
            Doubtful::Digest => "weekly digest, or at once if the author passes the human check",
        };
        self.line("  doubtful", doubtful, &["comments", "doubtful"]);
        self.line("  required", list(required, "only the comment"), &["comments", "required"]);
        self.line("  length", format!("at most {max_length} characters"), &["comments", "max_length"]);
        let trap = honeypot.as_deref().unwrap_or("built-in names");
        self.line("  honeypot", trap, &["comments", "honeypot"]);
        self.line("  consent", consent.as_deref().unwrap_or("none"), &["comments", "consent"]);
    }

    fn judging(&mut self, judging: &Judging) {
        let Judging { unsure, spam, blocklist, moderation_keys, disallowed_keys, languages, block, rate_per_minute } =
            judging;
        self.line("doubtful", format!("from a score of {unsure}"), &["judging", "unsure"]);
        self.line("spam", format!("from a score of {spam}"), &["judging", "spam"]);
        self.line("  blocklist", count(blocklist), &["judging", "blocklist"]);
        self.line("  always held", count(moderation_keys), &["judging", "moderation_keys"]);
        self.line("  always spam", count(disallowed_keys), &["judging", "disallowed_keys"]);
        self.line("  languages", list(languages, "any"), &["judging", "languages"]);
        let block = match block {
            BlockedAs::Hold => "held for you",
            BlockedAs::Spam => "to the spam folder",
        };
        self.line("  blocked senders", block, &["judging", "block"]);
        let rate = format!("{rate_per_minute} a minute from one network");
        self.line("  rate limit", rate, &["judging", "rate_per_minute"]);
    }

    fn challenge(&mut self, challenge: ChallengeSettings) {
        let ChallengeSettings { proof, min_seconds, max_hours, captcha: _ } = challenge;
        let asked = match proof {
            ProofWanted::Never => "never",
            ProofWanted::Unsure => "if in doubt, or if one network sends a lot",
            ProofWanted::Always => "before each submission",
        };
        self.line("proof of work", asked, &["challenge", "proof"]);
        self.line("  too quick", format!("under {min_seconds} seconds"), &["challenge", "min_seconds"]);
        self.line("  too old", format!("after {max_hours} hours"), &["challenge", "max_hours"]);
    }

    fn keep(&mut self, keep: Keep) {
        let Keep { leads, held, spam, trash, authors, blocks } = keep;
        self.line("messages kept", days(leads), &["keep", "leads"]);
        self.line("  held", days(held), &["keep", "held"]);
        self.line("  spam", days(spam), &["keep", "spam"]);
        self.line("  trash", days(trash), &["keep", "trash"]);
        self.line("  approved authors", days(authors), &["keep", "authors"]);
        self.line("  blocks", days(blocks), &["keep", "blocks"]);
    }

    /// A line about the value at a path below the site's table, marked if the file does not say it.
    fn line(&mut self, label: &str, words: impl std::fmt::Display, path: &[&str]) {
        let given = self.document.has(&[&["sites", &self.site.id], path].concat());
        let mark = if given { "" } else { " (default)" };
        self.say(label, &format!("{words}{mark}"));
    }

    fn say(&mut self, label: &str, words: &str) {
        let _ = writeln!(self.text, "  {label:LABEL$} {words}");
    }
}

fn count(words: &[String]) -> String {
    match words.len() {
        0 => "no words".into(),
        1 => "1 word".into(),
        count => format!("{count} words"),
    }
}

fn days(days: u32) -> String {
    if days == 1 { "1 day".into() } else { format!("{days} days") }
}
