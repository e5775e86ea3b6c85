//! Reads a document into a [`Config`], and does not stop at the first thing that does not fit: what is wrong is noted,
//! taken out or replaced, and the rest is read again, until all of it fits.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::document::{Document, NOWHERE, Path};
use crate::config::mistake::Mistake;
use crate::config::root::Config;
use crate::config::wording::{self, Said};

/// What comes of reading.
pub(super) struct Reading {
    /// What could be read; none if something is missing that nothing can stand in for.
    pub(super) config: Option<Config>,
    /// What did not fit.
    pub(super) mistakes: Vec<Mistake>,
    /// Where something else stands now than in the text.
    pub(super) mended: Vec<Path>,
}

/// Reads what can be read.
pub(super) fn read(document: &Document) -> Reading {
    let mut mending = Mending { document: document.clone(), mistakes: Vec::new(), mended: BTreeSet::new() };
    let config = loop {
        match mending.document.read() {
            Ok(config) => break Some(config),
            Err(error) if mending.mend(&error) => {}
            Err(_) => break None,
        }
    };
    Reading { config, mistakes: mending.mistakes, mended: mending.mended.into_iter().collect() }
}

/// A document whose faults are taken out one by one.
struct Mending<'a> {
    document: Document<'a>,
    mistakes: Vec<Mistake>,
    mended: BTreeSet<Path>,
}

impl Mending<'_> {
    /// Notes a fault and takes it out. Gives whether there is anything left to read; each time there is less of it, or
    /// one more place at which nothing of the text stands.
    fn mend(&mut self, error: &toml::de::Error) -> bool {
        let span = error.span().unwrap_or_default();
        let said = Said::by(error.message());
        let Some(path) = self.document.path_to(&span) else {
            self.mistakes.push(wording::mistake(span, &said, &[]));
            return false;
        };
        match said {
            Said::Missing(field) => {
                let missing = [path.clone(), vec![field.into()]].concat();
                // What is missing because it was taken out was told before.
                if !self.mended.contains(&missing) {
                    self.mistakes.push(wording::mistake(span, &said, &path));
                }
                self.replace(&missing, &path)
            }
            Said::Unknown { .. } => {
                self.mistakes.push(wording::mistake(span, &said, &path));
                self.document.take_out(&path).is_some()
            }
            Said::Unfit(_) => {
                if !self.mended.contains(&path) {
                    self.mistakes.push(wording::mistake(span, &said, &path));
                }
                self.replace(&path, &path)
            }
        }
    }

    /// Puts something that fits at a place; where that is not known or did not help, takes out what is around it.
    fn replace(&mut self, place: &[String], around: &[String]) -> bool {
        let stand_in = place.last().and_then(|key| stand_in(key));
        if let (true, Some(value)) = (self.mended.insert(place.to_vec()), stand_in) {
            self.document.put(place, value);
            return true;
        }
        let taken_out = self.document.take_out(around);
        taken_out.map(|path| self.mended.insert(path)).is_some()
    }
}

/// The host of what stands in for an address.
pub(super) const STAND_IN_HOST: &str = "stand-in.invalid";

/// What may stand where a value that every configuration needs is missing or wrong, so that the rest can be read.
fn stand_in(key: &str) -> Option<DeValue<'static>> {
    let table = |keys: [&'static str; 2]| {
        let values = keys.into_iter().filter_map(|key| Some((key, stand_in(key)?)));
        let spanned = values.map(|(key, value)| (Spanned::new(NOWHERE, key.into()), Spanned::new(NOWHERE, value)));
        DeValue::Table(spanned.collect::<DeTable>())
    };
    match key {
        "name" => Some(DeValue::String("nobody".into())),
        "email" | "from" => Some(DeValue::String(format!("nobody@{STAND_IN_HOST}").into())),
        "url" => Some(DeValue::String(format!("https://{STAND_IN_HOST}/").into())),
        "match" => Some(DeValue::String(format!("/{STAND_IN_HOST}").into())),
        "owner" => Some(table(["name", "email"])),
        "mail" => Some(table(["from", "from"])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::config::tests::error;

    #[test]
    fn what_does_not_fit_is_named_in_plain_words_and_without_its_value() {
        let cases = [
            ("colour = \"red\"", "line 6, column 1: unknown key `colour` in `sites.studio` (known here: name, url, "),
            ("privcy = \"/x\"", "line 6, column 1: unknown key `privcy` in `sites.studio` (did you mean `privacy`?)"),
            (
                "forms.default.fields = [{ name = \"a\" }, { name = \"b\", Required = true }]",
                "line 6, column 55: unknown key `Required` in `sites.studio.forms.default.fields.1` (did you mean `required`?)",
            ),
            (
                "akismet = { key = \"0123456789ab\" }",
                "line 6, column 13: `key` looks like a secret, and a secret never stands in this file \
                 (`deskbell secret set akismet` keeps it in the table)",
            ),
            (
                "smtp_password = \"0123456789ab\"",
                "line 6, column 1: `smtp_password` looks like a secret, and a secret never stands in this file \
                 (`deskbell secret set NAME` keeps it in the table)",
            ),
            ("lang = 7", "line 6, column 8: this is a whole number, and a text in quotes is meant"),
            ("privacy = []", "line 6, column 11: this is a list, and a text in quotes is meant"),
            ("origins = \"https://a.example\"", "line 6, column 11: this is a text, and a list in [ ] is meant"),
            ("keep = 30", "line 6, column 8: this is a whole number, and a table { … } is meant"),
            (
                "keep.spam = \"30, expected x\"",
                "line 6, column 13: this is a text, and a whole number that is not below 0 is meant",
            ),
            (
                "keep.spam = -1",
                "line 6, column 13: this number does not fit: a whole number that is not below 0 is meant",
            ),
            ("keep.spam = 1.5", "line 6, column 13: this is a number, and a whole number that is not below 0 is meant"),
            ("judging.spam = true", "line 6, column 16: this is true or false, and a number is meant"),
            ("comments.policy = \"frist\"", "line 6, column 19: this word is not known here (did you mean `first`?)"),
            (
                "challenge.proof = \"x\"",
                "line 6, column 19: this word is not known here (known here: never, unsure, always)",
            ),
            ("comments.policy = 1", "line 6, column 19: one word in quotes is meant"),
            ("team = [{ name = \"J\" }]", "line 6, column 9: `email` is missing here"),
            ("[[sites.studio.team]]\nname = \"J\"", "line 6, column 1: `email` is missing here"),
            ("[sites.studio]", "line 6, column 8: duplicate key"),
            ("lang = de", "line 6, column 8: string values must be quoted, expected literal string"),
        ];
        for (lines, expected) in cases {
            let told = error(lines);
            assert!(told == expected || expected.ends_with(", ") && told.starts_with(expected), "{lines}: {told}");
        }
    }

    #[test]
    fn one_mistake_hides_no_other_and_none_is_told_twice() {
        let text = "\
[mail]
from = \"Bell <bell@example.org>\"
[sites.a]
name = 5
url = \"www.example.org\"
origins = [\"https://a.example/\"]
privacy = \"/privacy/\"
forms.default = { thanks = \"/thanks/\", fields = [{ name = \"tel\" }, { nam = \"b\" }] }
keep = { spam = 0, trash = \"x\" }
[sites.b]
url = \"https://b.example\"
owner = { email = \"nobody\", phone = 1 }
privacy = \"https://c.example\"
";
        let told = Config::parse(text).expect_err("wrong").to_string();
        let lines: Vec<&str> = told.split("; ").collect();
        assert_eq!(
            lines,
            [
                "line 2, column 8: not an e-mail address, such as name@example.org",
                "line 3, column 1: `owner` is missing here",
                "line 4, column 8: this is a whole number, and a text in quotes is meant",
                "line 5, column 7: this is no web address, such as https://www.example.org",
                "line 6, column 12: an origin is scheme and host alone (as https://example.org)",
                "line 8, column 59: what is sent under this name is filed under another, and would be missed here \
                 (call it `phone` here, the form may keep its name)",
                "line 8, column 68: `name` is missing here",
                "line 8, column 70: unknown key `nam` in `sites.a.forms.default.fields.1` (did you mean `name`?)",
                "line 9, column 17: after 0 days it would be gone before anybody saw it (at least 1)",
                "line 9, column 28: this is a text, and a whole number that is not below 0 is meant",
                "line 10, column 1: `name` is missing here",
                "line 12, column 9: `name` is missing here",
                "line 12, column 19: not an e-mail address, such as name@example.org",
                "line 12, column 29: unknown key `phone` in `sites.b.owner` (known here: name, email)",
                "line 13, column 11: this is not on the site (a path on the site, or an address at one of its origins)",
            ]
        );
    }

    #[test]
    fn what_nothing_stands_in_for_is_told_all_the_same() {
        for (text, expected) in [
            ("", "line 1, column 1: `mail` is missing here; line 1, column 1: `sites` is missing here"),
            (
                "sites = 5",
                "line 1, column 1: `mail` is missing here; line 1, column 9: this is a whole number, and a table is meant",
            ),
            (
                "mail = 5\n[sites.a]\n",
                "line 1, column 8: this is a whole number, and a table { … } is meant; line 2, column 1: `name` is missing here; \
                 line 2, column 1: `url` is missing here; line 2, column 1: `owner` is missing here",
            ),
            (
                "a = [1,\nb = \"x",
                "line 2, column 1: string values must be quoted, expected literal string; line 2, column 7: unclosed array, expected `]`",
            ),
        ] {
            assert_eq!(Config::parse(text).expect_err(text).to_string(), expected, "{text}");
        }
    }
}
