//! Web addresses, with and without a scheme, and e-mail addresses.

use super::letters::is_letter;
use super::scanner::Scanner;
use crate::script::Script;
use crate::tokens::{Shape, TokenKind};

impl Scanner<'_> {
    /// A link that begins here and does not reach beyond `limit`.
    pub(super) fn link(&mut self, limit: usize) -> bool {
        let rest = &self.source[self.at..limit];
        let scheme = ["http://", "https://", "www.", "hxxp://", "//"]
            .iter()
            .find(|scheme| starts_with(rest, scheme) && (**scheme != "//" || rest.len() > 4))
            .map(|scheme| scheme.len());
        let Some(scheme) = scheme else { return false };
        let length = link_length(rest);
        let skip = if starts_with(rest, "www.") { 0 } else { scheme };
        let body = &self.source[self.at + skip.min(length)..self.at + length];
        self.take_link(body);
        self.at += length;
        true
    }

    fn take_link(&mut self, body: &[char]) {
        let start = self.tokens.letters.len();
        let body = body.strip_prefix(&['w', 'w', 'w', '.']).unwrap_or(body);
        for c in body.iter().take(300) {
            self.push_lower(*c);
        }
        self.tokens.counts.links += 1;
        self.tokens.counts.characters += body.len();
        self.push(TokenKind::Link, start, Shape::default(), Script::Common);
    }

    /// `name@host` or a bare `host.tld/path`.
    pub(super) fn address(&mut self) -> bool {
        let rest = &self.source[self.at..];
        if !rest.iter().take(300).take_while(|c| **c > ' ').any(|c| matches!(c, '.' | '@')) {
            return false;
        }
        let run = rest.iter().take(300).take_while(|c| is_letter(**c) || matches!(c, '.' | '-' | '_' | '+')).count();
        if rest.get(run) == Some(&'@') && rest.get(run + 1).is_some_and(|c| c.is_alphanumeric()) {
            let host =
                rest[run + 1..].iter().take(255).take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-')).count();
            let start = self.tokens.letters.len();
            for at in self.at + run + 1..self.at + run + 1 + host {
                self.push_lower(self.source[at]);
            }
            self.push(TokenKind::Email, start, Shape::default(), Script::Common);
            self.at += run + 1 + host;
            return true;
        }
        let host = rest[..run].iter().rposition(|c| c.is_alphanumeric()).map_or(0, |last| last + 1);
        let host = &rest[..host];
        let Some(dot) = host.iter().rposition(|c| *c == '.') else { return false };
        let tail: String = host[dot + 1..].iter().flat_map(|c| c.to_lowercase()).collect();
        if dot < 2 || !is_top_level(&tail) || !host[..dot].iter().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'))
        {
            return false;
        }
        let length = if rest.get(host.len()) == Some(&'/') { link_length(rest).max(host.len()) } else { host.len() };
        self.take_link(&rest[..length]);
        self.at += length;
        true
    }
}

fn starts_with(text: &[char], prefix: &str) -> bool {
    prefix.len() <= text.len() && prefix.chars().zip(text).all(|(a, b)| a == b.to_ascii_lowercase())
}

/// How far a link reaches: to a blank, a quote or a bracket, less the punctuation of the sentence around it.
fn link_length(text: &[char]) -> usize {
    let ends = |c: &char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ')' | ']' | '[' | '|' | '`');
    let length = text.iter().position(ends).unwrap_or(text.len());
    length - text[..length].iter().rev().take_while(|c| matches!(c, '.' | ',' | ';' | ':' | '!' | '?')).count()
}

/// Whether this is an ending that a bare address may have. Two letters would take in file names and
/// abbreviations, so only those that spam uses are listed.
fn is_top_level(tail: &str) -> bool {
    const KNOWN: [&str; 64] = [
        "com", "net", "org", "info", "biz", "ru", "xyz", "top", "site", "online", "shop", "store", "club", "pro",
        "app", "dev", "blog", "edu", "gov", "us", "uk", "de", "fr", "es", "it", "nl", "pl", "br", "cn", "jp", "kr",
        "ca", "au", "nz", "za", "ua", "by", "kz", "tk", "ml", "ga", "cf", "gq", "cc", "tv", "me", "vip", "bet", "win",
        "live", "link", "click", "space", "website", "tech", "ly", "gl", "su", "eu", "рф", "ws", "host", "fun", "life",
    ];
    KNOWN.contains(&tail)
}
