//! What is in force for each site, in plain words. What the file does not say is marked as a default.

use std::fmt::Write as _;

use deskbell_filter::{BlockedAs, Judging};
use deskbell_functions::config::channel_name::ChannelKind;
use deskbell_functions::config::channels::{ChannelSettings, Link, On, Way};
use deskbell_functions::config::{
    ChallengeSettings, Closing, Comments, Config, Digest, Document, Doubtful, Keep, Owner, Policy, ProofWanted, Rules,
    Site,
};
use deskbell_functions::form::{Field, FieldKind, Form};

/// The width of what stands before the words.
const LABEL: usize = 18;

/// All of a configuration.
pub(super) fn text(config: &Config, document: &Document) -> String {
    let mut text = format!("Letters come from {}.\n", config.mail.from);
    for site in config.sites.values() {
        let mut sheet = Sheet { document, site, several: config.sites.len() > 1, text: String::new() };
        sheet.fill();
        let _ = write!(text, "\n{}\n{}", site.id, sheet.text);
    }
    text
}

/// A site's lines, as far as they are written.
struct Sheet<'a> {
    document: &'a Document<'a>,
    site: &'a Site,
    /// Whether the site's id stands in its addresses.
    several: bool,
    text: String,
}

impl Sheet<'_> {
    /// Every setting, so that one that is added has to be told here.
    fn fill(&mut self) {
        let Site {
            id: _,
            name,
            url,
            origins,
            lang,
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
            keep,
        } = self.site;
        self.line("name", name, &["name"]);
        self.line("address", url, &["url"]);
        self.line("also at", list(origins, "nowhere else"), &["origins"]);
        self.line("language", lang, &["lang"]);
        let privacy = privacy.as_ref().and_then(|_| self.site.privacy_url());
        self.line("privacy page", privacy.map_or("the built-in one, /privacy".into(), String::from), &["privacy"]);
        let asked = privacy_contact.as_deref().unwrap_or("you, by the contact form");
        self.line("  who is asked", asked, &["privacy_contact"]);
        self.line("hears the bell", format!("{owner} <{email}>"), &["owner"]);
        let team = team.iter().map(|person| format!("{} <{}> ({})", person.name, person.email, person.role.word()));
        self.line("may sign in, too", list(team, "nobody"), &["team"]);
        let digest = match digest {
            Digest::Weekly => "each week, when the template says",
            Digest::Never => "never",
        };
        self.line("digest", digest, &["digest"]);
        for (name, form) in forms {
            self.form(name, form);
        }
        for channel in channels {
            self.say(&format!("channel {}", channel.name), &told_of(channel));
        }
        self.comments(comments);
        self.judging(judging);
        self.challenge(*challenge);
        self.keep(*keep);
        let captcha = challenge.captcha.map(|captcha| captcha.secret().word().into_owned());
        let akismet = akismet.as_ref().map(|akismet| {
            let lang = akismet.lang.as_deref().unwrap_or(lang);
            format!("Akismet, about what scores {} or more, in {lang}", akismet.certain)
        });
        let asked = captcha.into_iter().chain(akismet);
        // What nobody named is asked by nobody: that is no default that could change.
        self.say("third parties", &list(asked, "none"));
    }

    fn form(&mut self, name: &str, form: &Form) {
        let Form { fields, thanks, honeypot, subject } = form;
        let site = if self.several { format!("/{}", self.site.id) } else { String::new() };
        let address = if name == "default" { "/contact".into() } else { format!("/contact/{name}") };
        self.line(&format!("form {name}"), format!("POST {site}{address}"), &["forms", name]);
        self.line("  fields", list(fields.iter().map(field), "any"), &["forms", name, "fields"]);
        let thanks = thanks.as_deref().and_then(|thanks| self.site.own_url(thanks));
        let thanks = thanks.map_or("the built-in page".into(), String::from);
        self.line("  afterwards", thanks, &["forms", name, "thanks"]);
        self.line("  subject of mail", subject.as_deref().unwrap_or("the sender's name"), &["forms", name, "subject"]);
        let trap = honeypot.as_deref().unwrap_or("the customary names");
        self.line("  honeypot", trap, &["forms", name, "honeypot"]);
    }

    fn comments(&mut self, comments: &Comments) {
        let Comments { policy, close_after_days, pages, required, doubtful: _, max_length, honeypot, consent } =
            comments;
        self.line("comments", waits(*policy), &["comments", "policy"]);
        let closing = taken_until(Closing::of(None, *close_after_days));
        self.line("  are taken", closing, &["comments", "close_after_days"]);
        for rule in pages {
            let Rules { policy, closing } = comments.by(rule);
            let words = match closing {
                Closing::Now => taken_until(closing),
                _ => format!("{}; taken {}", waits(policy), taken_until(closing)),
            };
            self.say(&format!("  on {}", rule.pattern), &words);
        }
        let doubtful = match self.site.doubtful() {
            Doubtful::Mail => "a letter about each",
            Doubtful::Digest => "in the digest, unless their authors show to be persons",
        };
        self.line("  doubtful ones", doubtful, &["comments", "doubtful"]);
        self.line("  asked for", list(required, "nothing but the comment"), &["comments", "required"]);
        self.line("  length", format!("at most {max_length} characters"), &["comments", "max_length"]);
        let trap = honeypot.as_deref().unwrap_or("the customary names");
        self.line("  honeypot", trap, &["comments", "honeypot"]);
        self.line("  agreed to", consent.as_deref().unwrap_or("nothing"), &["comments", "consent"]);
    }

    fn judging(&mut self, judging: &Judging) {
        let Judging { unsure, spam, blocklist, moderation_keys, disallowed_keys, languages, block, rate_per_minute } =
            judging;
        self.line("doubtful from", format!("a score of {unsure} on"), &["judging", "unsure"]);
        self.line("spam from", format!("a score of {spam} on"), &["judging", "spam"]);
        self.line("  known from junk", count(blocklist), &["judging", "blocklist"]);
        self.line("  always doubtful", count(moderation_keys), &["judging", "moderation_keys"]);
        self.line("  always spam", count(disallowed_keys), &["judging", "disallowed_keys"]);
        self.line("  languages", list(languages, "any"), &["judging", "languages"]);
        let block = match block {
            BlockedAs::Hold => "doubtful",
            BlockedAs::Spam => "spam",
        };
        self.line("  whom you blocked", block, &["judging", "block"]);
        let rate = format!("{rate_per_minute} a minute from one network");
        self.line("  at most", rate, &["judging", "rate_per_minute"]);
    }

    fn challenge(&mut self, challenge: ChallengeSettings) {
        let ChallengeSettings { proof, min_seconds, max_hours, captcha: _ } = challenge;
        let asked = match proof {
            ProofWanted::Never => "never",
            ProofWanted::Unsure => "where there is doubt, or much comes from one network",
            ProofWanted::Always => "before each submission",
        };
        self.line("proof asked for", asked, &["challenge", "proof"]);
        self.line("  too quick", format!("within {min_seconds} seconds"), &["challenge", "min_seconds"]);
        self.line("  too old", format!("after {max_hours} hours"), &["challenge", "max_hours"]);
    }

    fn keep(&mut self, keep: Keep) {
        let Keep { leads, held, spam, trash, authors, blocks } = keep;
        self.line("messages kept", days(leads), &["keep", "leads"]);
        self.line("  undecided", days(held), &["keep", "held"]);
        self.line("  spam", days(spam), &["keep", "spam"]);
        self.line("  trash", days(trash), &["keep", "trash"]);
        self.line("  approvals", days(authors), &["keep", "authors"]);
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

/// Which comments wait.
fn waits(policy: Policy) -> &'static str {
    match policy {
        Policy::First => "an author's first one waits for you",
        Policy::All => "each waits for you",
        Policy::None => "only doubtful ones wait for you",
    }
}

fn taken_until(closing: Closing) -> String {
    match closing {
        Closing::Never => "for ever".into(),
        Closing::After(1) => "for 1 day".into(),
        Closing::After(days) => format!("for {days} days"),
        Closing::Now => "none are taken".into(),
    }
}

/// What a channel is told of, and how it is reached.
fn told_of(channel: &ChannelSettings) -> String {
    let ChannelSettings { name: _, on, forms, link, way } = channel;
    let on = on.iter().map(|on| match on {
        On::Leads if forms.is_empty() => "messages".into(),
        On::Leads => format!("messages of the forms {}", forms.join(", ")),
        On::Comments => "comments".into(),
    });
    let way = match way {
        Way::Webhook { url } => format!("to {}", url.host_str().unwrap_or_default()),
        Way::Slack | Way::Discord => "to where its secret says".into(),
        Way::Telegram { chat } => format!("to the chat {chat}"),
        Way::Sms(sms) => format!("to {}, {} a month at most", sms.to, sms.monthly_cap),
        Way::Autoresponse(_) => "answered once a day".into(),
    };
    let link = match link {
        _ if channel.kind() == ChannelKind::Autoresponse => "",
        Link::Decide => ", with a link to decide",
        Link::Inbox => ", with a link to the inbox",
        Link::None => ", without a link",
    };
    format!("{}, {way}{link}", list(on, "nothing"))
}

fn field(field: &Field) -> String {
    let required = if field.required { ", required" } else { "" };
    let kind = format!("{:?}", field.kind()).to_lowercase();
    if let (FieldKind::Consent, Some(text)) = (field.kind(), &field.label) {
        return format!("{} (consent to {text:?}{required})", field.name);
    }
    match field.choices.as_slice() {
        [] => format!("{} ({kind} of at most {}{required})", field.name, field.max()),
        choices => format!("{} ({}{required})", field.name, choices.join(" / ")),
    }
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>, none: &str) -> String {
    let items: Vec<T> = items.into_iter().collect();
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    if items.is_empty() { none.into() } else { items.join(", ") }
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
