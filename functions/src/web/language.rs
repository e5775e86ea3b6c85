//! The language of an answer: what is asked for by name, then what the browser wants, then the site's own. The owner
//! and the team read theirs in the site's own.

use http::header;
use http::request::Parts;
use url::form_urlencoded;

use crate::config::Site;
use crate::form::{Fields, dialects};
use crate::words::{Words, choice, english};

/// The parameter that asks for a language.
const PARAMETER: &str = "lang";

/// The language of an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct AnswerLanguage {
    pub(super) words: &'static Words,
    /// Whether it was asked for by name, and so is to stay on the pages that follow.
    asked: bool,
}

impl AnswerLanguage {
    /// That of the site itself.
    pub(super) fn own(site: Option<&Site>) -> Self {
        Self { words: site.map_or_else(english, Site::words), asked: false }
    }

    /// That which a visitor's request wants.
    pub(super) fn wanted(site: &Site, parts: &Parts) -> Self {
        let languages = site.all_words();
        let mut query = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let asked = query.find(|(name, _)| name == PARAMETER).and_then(|(_, lang)| choice::named(&languages, &lang));
        if let Some(words) = asked {
            return Self { words, asked: true };
        }
        let accepted = parts.headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let accepted = accepted.collect::<Vec<_>>().join(",");
        choice::accepted(&languages, &accepted)
            .map_or_else(|| Self::own(Some(site)), |words| Self { words, asked: false })
    }

    /// That which a form asks for, unless its address did so.
    pub(super) fn or_posted(self, site: &Site, posted: &Fields) -> Self {
        let languages = site.all_words();
        let asked = || dialects::languages(posted).find_map(|lang| choice::named(&languages, lang));
        if self.asked { self } else { asked().map_or(self, |words| Self { words, asked: true }) }
    }

    /// An address of ours, with the language in it if that was asked for by name.
    pub(super) fn keep(self, address: String) -> String {
        if !self.asked {
            return address;
        }
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}{PARAMETER}={}", self.words.lang)
    }
}
