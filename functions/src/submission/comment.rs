//! A comment on a page, parsed at the door.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::config::Site;
use crate::config::team::{Person, Role};
use crate::form::page::Page;
use crate::form::{Code, Consent, Email, FieldError, Fields, Filled, public_website};

/// The field that names the comment that is answered.
pub(crate) const PARENT: &str = "parent";

/// A comment. [`Comment::read`] is the only way to make one from what a visitor typed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    page: Page,
    author: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    /// Without what is private. Earlier releases stored it as typed.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "public")]
    url: Option<String>,
    text: String,
    /// The comment that this one answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<Uuid>,
    /// The first comment of the thread, if that is another one. Known once the parent was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<Uuid>,
    /// When the page's first comment appeared, in seconds since 1970, where that was known and mattered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page_since: Option<i64>,
    /// Written by the owner of the site, which no visitor can claim.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_owner: bool,
    /// Written by somebody of the team who is not the owner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    by_team: bool,
    /// What the author agreed to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    consents: Vec<Consent>,
}

fn public<'de, D: Deserializer<'de>>(stored: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(stored)?.and_then(|url| public_website(&url)))
}

impl Comment {
    /// Reads what was posted, under [our names](crate::form::dialects::name_comment); gives all bad fields at once.
    pub fn read(site: &Site, mut posted: Fields) -> Result<Self, Vec<FieldError>> {
        let page = posted.take("page").as_deref().map(|page| site.page(page));
        let parent = posted.take(PARENT).filter(|parent| parent != "0").map(|parent| parent.parse());
        let form = site.comments.form();
        posted.pairs.retain(|(name, _)| form.fields.iter().any(|field| field.name == *name));
        let read = form.read(&posted);
        match (page, parent.transpose(), read) {
            (Some(Some(page)), Ok(parent), Ok(filled)) => Ok(Self::filled_in(page, parent, filled)),
            (page, parent, read) => {
                let mut errors = read.err().unwrap_or_default();
                match page {
                    None => errors.push(FieldError::new("page", Code::Required)),
                    Some(None) => errors.push(FieldError::new("page", Code::Page)),
                    Some(Some(_)) => {}
                }
                if parent.is_err() {
                    errors.push(FieldError::new(PARENT, Code::Parent));
                }
                Err(errors)
            }
        }
    }

    fn filled_in(page: Page, parent: Option<Uuid>, filled: Filled) -> Self {
        let mut comment = Self {
            page,
            author: String::new(),
            email: None,
            url: None,
            text: String::new(),
            parent,
            root: None,
            page_since: None,
            by_owner: false,
            by_team: false,
            consents: filled.consents,
        };
        for (name, value) in filled.values {
            match name.as_str() {
                "author" => comment.author = value,
                "email" => comment.email = Email::parse(&value),
                "url" => comment.url = public_website(&value),
                _ => comment.text = value,
            }
        }
        comment
    }

    /// An answer to the comment with that id by somebody of the team: by their name and with their mark, for whoever
    /// reads it relies on whose word it is.
    #[must_use]
    pub fn teams_reply(by: &Person, parent: Uuid, to: &Self, text: String) -> Self {
        Self {
            page: to.page.clone(),
            author: by.name.clone(),
            email: None,
            url: None,
            text,
            parent: Some(parent),
            root: Some(to.root.unwrap_or(parent)),
            page_since: to.page_since,
            by_owner: by.role == Role::Owner,
            by_team: by.role != Role::Owner,
            consents: Vec::new(),
        }
    }

    /// Joins the thread of `parent`, which has the id that this comment named.
    pub fn join(&mut self, parent: &Self) {
        self.root = parent.root.or(self.parent);
        // A thread is in one place, also where its page was spelt otherwise when it began.
        self.page = parent.page.clone();
    }

    /// Notes when its page's first comment appeared, in seconds since 1970.
    pub fn note_page_since(&mut self, since: Option<i64>) {
        self.page_since = since;
    }

    /// When its page's first comment appeared, in seconds since 1970, if that was noted.
    #[must_use]
    pub fn page_since(&self) -> Option<i64> {
        self.page_since
    }

    /// Leaves its thread, to be the first comment of one.
    pub fn promote(&mut self) {
        (self.parent, self.root) = (None, None);
    }

    /// Its place without anything that its author wrote.
    #[must_use]
    pub fn tombstone(&self) -> Self {
        Self {
            root: self.root,
            page_since: self.page_since,
            by_owner: self.by_owner,
            by_team: self.by_team,
            ..Self::filled_in(self.page.clone(), self.parent, Filled::default())
        }
    }

    /// The page it stands on.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The author's name; empty where the site does not ask for one.
    #[must_use]
    pub fn author(&self) -> &str {
        &self.author
    }

    /// The author's address. Never shown to anybody but the owner.
    #[must_use]
    pub fn email(&self) -> Option<&Email> {
        self.email.as_ref()
    }

    /// The author's website.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// The comment as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Everything that was filled in, by name: the comment last. The page is as people read it.
    #[must_use]
    pub fn lines(&self) -> Vec<(&str, Cow<'_, str>)> {
        let known = [
            ("author", Some(self.author()).filter(|author| !author.is_empty())),
            ("email", self.email().map(Email::shown)),
            ("url", self.url()),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let agreed = self.consents.iter().map(|consent| (consent.field.as_str(), consent.text.as_str()));
        let all = known.chain(agreed).chain([("comment", self.text())]);
        let page = ("page", Cow::Owned(self.page.shown()));
        std::iter::once(page).chain(all.map(|(name, value)| (name, value.into()))).collect()
    }

    /// What the author agreed to.
    #[must_use]
    pub fn consents(&self) -> &[Consent] {
        &self.consents
    }

    /// The comment that this one answers.
    #[must_use]
    pub fn parent(&self) -> Option<Uuid> {
        self.parent
    }

    /// Whether the owner of the site wrote it.
    #[must_use]
    pub fn by_owner(&self) -> bool {
        self.by_owner
    }

    /// Whether somebody of the team wrote it who is not the owner.
    #[must_use]
    pub fn by_team(&self) -> bool {
        self.by_team
    }

    /// Whether the owner or somebody of the team wrote it.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.by_owner || self.by_team
    }

    /// The first comment of the thread, if that is another one.
    #[must_use]
    pub fn root(&self) -> Option<Uuid> {
        self.root
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::site;

    #[test]
    fn what_no_comment_has_a_field_for_is_left_out() {
        let posted = |name: &str| Fields {
            pairs: [("page", "/a"), ("author", "Ann"), ("email", "ann@example.org"), ("comment", "Hello"), (name, "1")]
                .map(|(name, value)| (name.into(), value.into()))
                .into(),
            ..Fields::default()
        };
        // Without a consent in the settings its box is a field like any other.
        for name in ["colour", "consent"] {
            let comment = Comment::read(&site(""), posted(name)).expect("valid");
            assert_eq!((comment.text(), comment.consents()), ("Hello", &[][..]), "{name}");
        }
        let comment = Comment::read(&site("comments.consent = \"I agree\""), posted("consent")).expect("valid");
        assert_eq!((comment.text(), comment.consents().len()), ("Hello", 1));
    }
}
