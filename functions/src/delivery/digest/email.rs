//! The digest as an email: numbers first, then what waits, then what was not delivered, then the likeliest of the spam.

use jiff::Timestamp;

use super::week::{Count, Week};
use crate::config::Site;
use crate::delivery::email::{Block, Button, EmailTemplate, Weight, excerpt};
use crate::delivery::mail::EmailMessage;
use crate::delivery::notifier::Notifier;
use crate::form::Email;
use crate::submission::action::Action;
use crate::submission::{Submission, SubmissionContent};
use crate::words::dates::when;
use crate::words::{Words, format};

/// How many comments that wait are shown.
const SHOWN: usize = 10;

/// How many characters of a text are shown.
const EXCERPT: usize = 300;

/// How many of the filter's reasons are shown.
const REASONS: usize = 2;

/// The owner's email about a week, called `name` among those of the site.
pub(super) fn compose<'a>(notifier: &Notifier, site: &'a Site, name: &str, week: &Week) -> EmailMessage<'a> {
    let words = site.words();
    let subject = format(words.digest_subject, "site", &site.name);
    let numbers = numbers(week, words);
    let page = DigestEmail { notifier, site, words };
    let email = EmailTemplate {
        words,
        subject: &subject,
        heading: page.heading(week.time.start, week.time.end),
        preview: &numbers.join(" · "),
        blocks: page.blocks(week, &numbers),
    };
    let (text, html) = (email.text(), email.html());
    let to = (&*site.owner.name, &site.owner.email);
    EmailMessage {
        site,
        to,
        subject,
        reply_to: None,
        answers: false,
        id: notifier.app.keys.name("digest", &[&site.id, name]),
        text,
        html,
    }
}

/// A line for each number that is not 0.
fn numbers(week: &Week, words: &Words) -> Vec<String> {
    let numbers = [
        (words.digest_leads, week.leads),
        (words.digest_published, week.published),
        (words.digest_waiting, week.waiting.0),
        (words.digest_undelivered, week.undelivered),
        (words.digest_spam, week.spam.0),
    ];
    let numbers = numbers.into_iter().filter(|(_, count)| count.known > 0);
    numbers.map(|(text, count)| format(text, "count", number(count, words))).collect()
}

fn number(count: Count, words: &Words) -> String {
    let known = words.numbers.show(&count.known);
    if count.more { format(words.digest_more_than, "count", known) } else { known }
}

/// An email that is being written.
struct DigestEmail<'a> {
    notifier: &'a Notifier,
    site: &'a Site,
    words: &'a Words,
}

impl DigestEmail<'_> {
    fn heading(&self, since: Timestamp, until: Timestamp) -> String {
        let text = format(self.words.digest_intro, "site", &self.site.name);
        let text = format(&text, "since", when(since, self.words, &self.site.time_zone));
        format(&text, "until", when(until, self.words, &self.site.time_zone))
    }

    fn blocks(&self, week: &Week, numbers: &[String]) -> Vec<Block> {
        let mut blocks = vec![Block::List(numbers.to_vec())];
        blocks.extend(self.waiting(week));
        blocks.extend(self.undelivered(week));
        blocks.extend(self.likely(week));
        blocks.push(Block::Note(self.words.mail_links_hint.to_owned()));
        blocks.push(Block::Note(self.words.digest_why.to_owned()));
        blocks
    }

    fn waiting(&self, week: &Week) -> Vec<Block> {
        let (count, waiting) = &week.waiting;
        if waiting.is_empty() {
            return Vec::new();
        }
        let mut blocks = vec![Block::Heading(self.words.digest_waiting_title.to_owned())];
        blocks.extend(waiting.iter().take(SHOWN).flat_map(|one| self.one(one, &[Action::Approve, Action::Spam])));
        if count.more || count.known > SHOWN {
            blocks.push(Block::Text(self.words.digest_waiting_more.to_owned()));
            blocks.push(self.inbox(self.words.digest_see_waiting, "/inbox/comments/pending"));
        }
        blocks
    }

    fn undelivered(&self, week: &Week) -> Vec<Block> {
        if week.undelivered.known == 0 {
            return Vec::new();
        }
        vec![
            Block::Heading(self.words.digest_undelivered_title.to_owned()),
            Block::Text(self.words.digest_undelivered_text.to_owned()),
            Block::List(self.reasons(week)),
            self.inbox(self.words.digest_see_undelivered, "/inbox/deliveries"),
        ]
    }

    /// Why something was not delivered, and how often.
    fn reasons(&self, week: &Week) -> Vec<String> {
        let reasons = week.reasons.iter().take(SHOWN);
        reasons.map(|(reason, times)| format!("{} ({times})", self.words.inbox.delivery_reason(reason))).collect()
    }

    fn likely(&self, week: &Week) -> Vec<Block> {
        let (_, likely) = &week.spam;
        if likely.is_empty() {
            return Vec::new();
        }
        let text = self.words.digest_spam_text.format("days", self.site.keep.spam);
        let mut blocks = vec![Block::Heading(self.words.digest_spam_title.to_owned()), Block::Text(text)];
        blocks.extend(likely.iter().flat_map(|one| self.one(one, &[Action::NotSpam, Action::Approve])));
        blocks.push(self.inbox(self.words.digest_see_spam, "/inbox/messages/spam"));
        blocks
    }

    /// A link into the inbox.
    fn inbox(&self, text: &str, route: &str) -> Block {
        let href = self.notifier.address(&self.notifier.app.path(&self.site.id, route));
        Block::Buttons(vec![Button { text: text.into(), href, weight: Weight::Link }])
    }

    /// A submission, and those of the actions that suit it.
    fn one(&self, submission: &Submission, actions: &[Action]) -> [Block; 2] {
        let links = self.notifier.links(submission);
        let buttons = links.actions.iter().filter(|(action, _)| actions.contains(action)).map(|(action, href)| {
            Button { text: action.text_for(submission, self.words).into(), href: href.clone(), weight: Weight::Plain }
        });
        let more = Button { text: self.words.more_actions.to_owned(), href: links.more.clone(), weight: Weight::Link };
        [Block::Facts(self.facts(submission)), Block::Buttons(buttons.chain([more]).collect())]
    }

    /// Who sent it, from where, how it begins, when it came, and why the filter thought of it what it did.
    fn facts(&self, submission: &Submission) -> Vec<(String, String)> {
        let page = submission.comment().map(|comment| comment.page().shown());
        let known = match &submission.content {
            SubmissionContent::Lead(lead) => [("name", lead.name()), ("email", lead.email().map(Email::shown))],
            SubmissionContent::Comment(comment) => [("author", Some(comment.author())), ("page", page.as_deref())],
        };
        let known =
            known.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
        let label = if submission.comment().is_some() { "comment" } else { "message" };
        let text = submission.text().map(|text| (self.words.label(label), excerpt(text, EXCERPT)));
        let reasons = &submission.verdict.reasons;
        let why: Vec<String> = reasons.iter().take(REASONS).map(|reason| self.words.reason(reason)).collect();
        let why = Some(why).filter(|why| !why.is_empty()).map(|why| (self.words.spam_check.to_owned(), why.join(" ")));
        known
            .map(|(name, value)| (self.words.label(name), value.to_owned()))
            .chain(text)
            .chain([(
                self.words.label_received.to_owned(),
                when(submission.received_at(), self.words, &self.site.time_zone),
            )])
            .chain(why)
            .collect()
    }
}
