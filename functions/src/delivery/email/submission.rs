//! The email about a submission: what was written first, then who and where, then what the filter thought: in a line
//! where it is clearly real, in full where there is doubt.

use lettre::message::Mailbox;

use super::template::{Block, Button, EmailTemplate, Weight, excerpt};
use crate::config::Site;
use crate::delivery::header;
use crate::delivery::mail::EmailMessage;
use crate::submission::action::Action;
use crate::submission::{Status, Submission, SubmissionContent};
use crate::words::dates::when;
use crate::words::{Words, format};
use deskbell_filter::{Decision, Verdict};

/// Where to decide about a submission: whole addresses.
pub(crate) struct Links {
    /// What may be chosen, each with the page that does it.
    pub(crate) actions: Vec<(Action, String)>,
    /// The page with everything about it.
    pub(crate) more: String,
    /// Its page in the inbox.
    pub(crate) inbox: String,
    /// The page of the site on which a comment stands.
    pub(crate) page: Option<String>,
}

/// How many characters of a name a heading shows: with the words before it they fit on one line of the plain text, so
/// that nothing that was typed begins a line.
const SHORT_NAME: usize = 40;

/// How many characters are shown of what a comment answers.
const ANSWERED: usize = 200;

/// The owner's email about a submission, whose sender it can be `answerable` to with the mail program's own button;
/// and what it answers, if that is known.
pub(crate) fn about<'a>(
    site: &'a Site,
    submission: &Submission,
    parent: Option<&Submission>,
    links: &Links,
    answerable: bool,
) -> EmailMessage<'a> {
    let words = site.words();
    let (subject, reply_to) = (subject(site, submission, words), reply_to(submission).filter(|_| answerable));
    let mut facts = facts(site, submission, words);
    facts.extend(parent.and_then(|parent| answered(parent, words)));
    let email = EmailTemplate {
        words,
        subject: &subject,
        heading: heading(site, submission, words),
        preview: submission.text().unwrap_or_default(),
        blocks: blocks(submission, facts, reply_to.is_some(), links, words),
    };
    let (text, html) = (email.text(), email.html());
    let to = (&*site.owner.name, &site.owner.email);
    EmailMessage { site, to, reply_to, id: submission.id, text, html, subject, answers: false }
}

fn heading(site: &Site, submission: &Submission, words: &Words) -> String {
    match (&submission.content, submission.status) {
        (SubmissionContent::Lead(lead), _) => {
            format(words.mail_lead_intro, "name", excerpt(words.author(lead.name().unwrap_or_default()), SHORT_NAME))
        }
        (SubmissionContent::Comment(_), Status::Published) => format(words.mail_published_intro, "site", &site.name),
        (SubmissionContent::Comment(_), _) => format(words.mail_held_intro, "site", &site.name),
    }
}

fn blocks(
    submission: &Submission,
    facts: Vec<(String, String)>,
    answerable: bool,
    links: &Links,
    words: &Words,
) -> Vec<Block> {
    let text = submission.text().map(str::to_owned);
    let written = if submission.comment().is_some() {
        text.map(|text| Block::Markdown(words.label("comment"), text))
    } else {
        text.map(|text| Block::Quote(words.label("message"), text))
    };
    let mut blocks: Vec<Block> = written.into_iter().collect();
    blocks.push(Block::Facts(facts));
    if submission.comment().is_none() && answerable {
        blocks.push(Block::Text(words.mail_reply_hint.to_owned()));
    }
    blocks.extend(spam_check(&submission.verdict, words));
    blocks.push(Block::Buttons(buttons(submission, links, words)));
    blocks.push(Block::Note(words.mail_links_hint.to_owned()));
    blocks
}

/// What the filter thought: the score alone, unless there is doubt.
fn spam_check(verdict: &Verdict, words: &Words) -> Vec<Block> {
    let score = Block::Note(words.score(verdict));
    if verdict.decision == Decision::Ham {
        return vec![score];
    }
    let reasons = verdict.reasons.iter().map(|reason| words.reason(reason)).collect();
    vec![Block::Heading(words.spam_check.to_owned()), Block::List(reasons), score]
}

/// What may be done. For what is clearly real, what is rarely wanted is a quiet link, and the rarest is a page away.
fn buttons(submission: &Submission, links: &Links, words: &Words) -> Vec<Button> {
    let quiet = submission.verdict.decision == Decision::Ham;
    let actions = links.actions.iter().filter_map(|(action, href)| {
        let weight = match action {
            Action::Approve | Action::NotSpam => Weight::Main,
            Action::Reply => Weight::Wide,
            Action::BlockAddress | Action::BlockNetwork if quiet => return None,
            _ if quiet => Weight::Link,
            _ => Weight::Plain,
        };
        Some(Button { text: action.text_for(submission, words).into(), href: href.clone(), weight })
    });
    let link = |text: &str, href: &String| Button { text: text.to_owned(), href: href.clone(), weight: Weight::Link };
    let inbox = (!quiet).then(|| link(words.to_inbox, &links.inbox));
    let page = links.page.as_ref().map(|page| link(words.open_page, page));
    actions.chain(inbox).chain([link(words.more_actions, &links.more)]).chain(page).collect()
}

/// What a comment answers, and who wrote that.
fn answered(parent: &Submission, words: &Words) -> Option<(String, String)> {
    let comment = parent.comment()?;
    let mut label = words.in_reply_to.chars();
    let label = label.next().into_iter().flat_map(char::to_uppercase).chain(label).collect();
    Some((label, format!("{}: {}", words.author(comment.author()), excerpt(comment.text(), ANSWERED))))
}

/// What was filled in beside the text itself, and when.
fn facts(site: &Site, submission: &Submission, words: &Words) -> Vec<(String, String)> {
    let lines = submission.lines();
    let beside = lines.len() - usize::from(submission.text().is_some());
    let facts = lines.into_iter().take(beside).map(|(name, value)| (words.label(name), value.into_owned()));
    facts.chain([(words.label_received.to_owned(), when(submission.received_at(), words, &site.time_zone))]).collect()
}

/// What a submission is called in a line.
pub(crate) fn subject(site: &Site, submission: &Submission, words: &Words) -> String {
    let subject = match &submission.content {
        SubmissionContent::Lead(lead) => {
            let configured = site.forms.get(lead.form()).and_then(|form| form.subject.clone());
            let asked = lead.subject().map(str::to_owned).or(configured);
            asked.unwrap_or_else(|| {
                format(words.mail_lead_subject, "name", words.author(lead.name().unwrap_or_default()))
            })
        }
        SubmissionContent::Comment(comment) => {
            let text = format(words.mail_comment_subject, "name", words.author(comment.author()));
            format(&text, "page", comment.page().shown())
        }
    };
    match submission.verdict.decision {
        Decision::Ham => subject,
        Decision::Unsure | Decision::Spam => format!("{} {subject}", words.mail_possible_spam),
    }
}

/// The visitor, so that "Reply" in the mail program answers them. An address that a mail header cannot hold is left
/// out here; it stands in the email's text.
fn reply_to(submission: &Submission) -> Option<Mailbox> {
    let (name, email) = match &submission.content {
        SubmissionContent::Lead(lead) => (lead.name(), lead.email()?),
        SubmissionContent::Comment(comment) => (Some(comment.author()), comment.email()?),
    };
    header::mailbox(name, email)
}
