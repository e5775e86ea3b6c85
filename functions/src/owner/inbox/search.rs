//! Searching a folder: for words, or for a page, by looking back through it; or for a person, in the index of people.
//! A look back ends after a while and says how far it came, so that each request costs about the same however much is
//! stored.

use icu_normalizer::DecomposingNormalizerBorrowed;
use uuid::Uuid;

use super::folder::{Folder, FolderKind};
use super::session::Session;
use crate::config::Site;
use crate::form::Email;
use crate::form::page::Page;
use crate::store::{List, Part, Store, StoreError};
use crate::submission::{Submission, SubmissionContent};

/// How many items one request looks through.
const LOOKED: usize = 500;

/// How many of them are read at once.
const STEP: usize = 100;

/// The longest search, in characters.
pub(super) const MAX: usize = 200;

/// What is searched for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Search {
    /// Everything from a person, by the whole address.
    Person(Email),
    /// What was written on a page.
    Page(Page),
    /// Words that all occur, folded.
    Words(Vec<String>),
}

/// What a look back has found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) submissions: Vec<Submission>,
    /// How many items were looked through.
    pub(super) looked: usize,
    /// After which id to go on; none if that was all.
    pub(super) next: Option<Uuid>,
}

impl Search {
    /// Reads what was typed; none if that is nothing.
    pub(super) fn read(site: &Site, typed: &str) -> Option<Self> {
        let typed: String = typed.trim().chars().take(MAX).collect();
        if let Some(email) = Email::parse(&typed).filter(|email| email.host().contains('.')) {
            return Some(Self::Person(email));
        }
        let address = typed.starts_with('/') || typed.starts_with("https://") || typed.starts_with("http://");
        if let Some(page) = site.page(&typed).filter(|_| address) {
            return Some(Self::Page(page));
        }
        let words: Vec<String> = fold(&typed).split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then_some(Self::Words(words))
    }

    /// Whether a submission is what is searched for.
    fn finds(&self, submission: &Submission) -> bool {
        match self {
            Self::Person(email) => submission.email() == Some(email),
            Self::Page(page) => submission.comment().is_some_and(|comment| comment.page().is(page)),
            Self::Words(words) => {
                let text = fold(&text(submission));
                words.iter().all(|word| text.contains(word))
            }
        }
    }
}

/// Looks back through a folder from `after` on, until `wanted` are found, or [`LOOKED`] were looked through.
pub(super) async fn look_back(
    store: &Store,
    site: &str,
    list: List,
    search: &Search,
    after: Option<Uuid>,
    wanted: usize,
) -> Result<Found, StoreError> {
    let mut found = Found { next: after, ..Found::default() };
    while found.looked < LOOKED {
        let Part { submissions, next } = store.list(site, list, found.next, STEP.min(LOOKED - found.looked)).await?;
        for submission in submissions {
            found.looked += 1;
            found.next = Some(submission.id);
            if search.finds(&submission) {
                found.submissions.push(submission);
                if found.submissions.len() == wanted {
                    return Ok(found);
                }
            }
        }
        found.next = next;
        if next.is_none() {
            break;
        }
    }
    Ok(found)
}

/// Everything from a person that somebody may see, in all folders.
pub(super) async fn by_person(
    context: &crate::web::Context,
    session: &Session,
    email: &Email,
    after: Option<Uuid>,
    wanted: usize,
) -> Result<Part, StoreError> {
    let hash = context.app.person_hash(&session.site, email.as_str());
    let mut part = context.app.store.by_person(&session.site, &hash, after, wanted).await?;
    part.submissions.retain(|one| Folder::of(one).is_open_to(session) && !one.erased);
    Ok(part)
}

/// Everything in a submission that can be searched.
fn text(submission: &Submission) -> String {
    let notes = submission.notes.iter().map(|note| note.text.as_str());
    let page = submission.comment().map(|comment| comment.page().shown()).unwrap_or_default();
    let content: Vec<&str> = match &submission.content {
        SubmissionContent::Lead(lead) => lead.lines().into_iter().map(|(_, value)| value).collect(),
        SubmissionContent::Comment(comment) => {
            let email = comment.email().map_or("", Email::shown);
            let url = comment.url().unwrap_or_default();
            vec![comment.author(), email, url, comment.page().path(), &page, comment.text()]
        }
    };
    content.into_iter().chain(notes).collect::<Vec<_>>().join("\n")
}

/// Text in which case, accents and the width of letters make no difference: compatibility decomposition without the
/// marks, in lower case.
///
/// There are characters that become eighteen. What grows by more than Korean does, of whose syllables three letters are
/// made, is cut: looking through it must not take longer than through any other text.
fn fold(text: &str) -> String {
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    let lower = decomposed.take(3 * text.chars().count()).flat_map(char::to_lowercase).filter(|c| !is_mark(*c));
    lower.fold(String::with_capacity(text.len()), |mut folded, c| {
        match c {
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            'ı' => folded.push('i'),
            c => folded.push(c),
        }
        folded
    })
}

/// Accents of Latin, Greek and Cyrillic letters. Other scripts' marks are letters to those who write them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

impl Search {
    /// Whether it makes sense in a folder: messages stand on no page.
    pub(super) fn in_folder(self, folder: Folder, typed: &str) -> Self {
        match self {
            Self::Page(_) if folder.kind == FolderKind::Messages => Self::Words(vec![fold(typed.trim())]),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_and_widths_make_no_difference() {
        let cases = [
            ("Straße", "STRASSE"),
            ("Ångström", "angstrom"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ＦＵＬＬ", "full"),
            ("İstanbul", "istanbul"),
            ("ﬁne", "FINE"),
            ("Ёлка", "елка"),
            ("か\u{3099}", "が"),
        ];
        for (one, other) in cases {
            assert_eq!(fold(one), fold(other), "{one}");
        }
        assert_ne!(fold("が"), fold("か"));
    }

    #[test]
    fn no_character_makes_a_search_dearer() {
        for c in ['\u{fdfa}', '\u{fdfb}', '한', 'Ⅷ', '㍿', 'ﬃ', '⒇', '\u{1f82}'] {
            let folded = fold(&c.to_string().repeat(20_000)).chars().count();
            assert!(folded <= 60_000, "{c} {folded}");
        }
        assert!(fold("ﷺ ends").starts_with("صلى"));
    }
}
