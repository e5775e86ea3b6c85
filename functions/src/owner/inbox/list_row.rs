//! A submission in a list, and what the pages of the inbox say about one: who, when, the first words, the verdict.

use super::flash::SeenVersion;
use super::folder::Folder;
use crate::app::paths::item_route;
use crate::submission::comment::Comment;
use crate::submission::{Submission, SubmissionContent};
use crate::web::Context;
use crate::words::dates::{Moment, ago};
use crate::words::{Words, format};
use deskbell_filter::{Decision, Verdict};

/// How many characters of a text a list shows.
const FIRST_WORDS: usize = 140;

/// A line of a list.
pub(super) struct Row<'a> {
    /// The value of its checkbox.
    pub(super) seen: SeenVersion,
    pub(super) href: String,
    pub(super) who: &'a str,
    /// Whether the owner wrote it.
    pub(super) by_owner: bool,
    pub(super) by_team: bool,
    /// What the checkbox is called.
    pub(super) pick: String,
    pub(super) when: Moment,
    pub(super) first_words: String,
    /// What the filter thought, if it was not sure that it is real.
    pub(super) mark: Option<String>,
    /// The page of a comment.
    pub(super) page: Option<String>,
    /// How many notes there are, in words.
    pub(super) notes: Option<String>,
    /// In which folder it stands, where several are shown at once.
    pub(super) folder: Option<String>,
}

impl<'a> Row<'a> {
    /// The line for a submission; `mixed` if the list shows several folders.
    pub(super) fn new(context: &Context, submission: &'a Submission, mixed: bool) -> Self {
        let words = context.words();
        let (who, folder) = (who(submission, words), Folder::of(submission));
        let comment = submission.comment();
        let pick = if comment.is_some() { words.inbox.select_comment } else { words.inbox.select_lead };
        let notes = submission.notes.len();
        Self {
            seen: SeenVersion::of(submission),
            href: context.route(&item_route(submission.id)),
            who,
            by_owner: comment.is_some_and(Comment::by_owner),
            by_team: comment.is_some_and(Comment::by_team),
            pick: format(pick, "name", who),
            when: ago(submission.received_at(), &words.inbox, &context.site().time_zone),
            first_words: first_words(&text(submission)),
            mark: (submission.verdict.decision != Decision::Ham).then(|| mark(&submission.verdict, words)),
            page: comment.map(|comment| comment.page().shown()),
            notes: (notes > 0).then(|| format(words.inbox.notes_count, "count", notes.to_string())),
            folder: mixed.then(|| folder.title(&words.inbox).to_owned()),
        }
    }
}

/// Who sent it.
pub(super) fn who<'a>(submission: &'a Submission, words: &'a Words) -> &'a str {
    let name = match &submission.content {
        SubmissionContent::Lead(lead) => lead.name().or_else(|| Some(lead.email()?.shown())),
        SubmissionContent::Comment(comment) => Some(comment.author()).filter(|author| !author.is_empty()),
    };
    name.unwrap_or(words.anonymous)
}

/// The verdict in short.
fn mark(verdict: &Verdict, words: &Words) -> String {
    let score = format!("{:.0}", verdict.score * 100.0);
    format(&format(words.inbox.mark, "score", score), "decision", words.decision(verdict.decision))
}

fn text(submission: &Submission) -> String {
    match &submission.content {
        SubmissionContent::Lead(lead) => lead.text(),
        SubmissionContent::Comment(comment) => comment.text().to_owned(),
    }
}

/// The beginning of a text in one line, cut between words if it can be.
fn first_words(text: &str) -> String {
    // No text is so long that it had to be looked through for its first words.
    let line: String = text.split_whitespace().take(FIRST_WORDS).collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(FIRST_WORDS) else { return line };
    let cut = &line[..end];
    let cut = cut.rsplit_once(' ').map_or(cut, |(cut, _)| cut);
    format!("{cut} …")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_words_end_between_words() {
        assert_eq!(first_words(" one\n\ntwo\tthree "), "one two three");
        let long = first_words(&"word ".repeat(100));
        assert!(long.ends_with("word …") && long.chars().count() <= FIRST_WORDS + 2, "{long}");
        let letters = first_words(&"ö".repeat(500));
        assert_eq!(letters, format!("{} …", "ö".repeat(FIRST_WORDS)));
    }
}
