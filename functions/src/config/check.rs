//! What can be read and still cannot work, or would never come into play.

use std::collections::BTreeMap;

use url::Url;

use crate::config::comments::{COMMENTS, Doubtful};
use crate::config::root::Config;
use crate::config::site::{Digest, Keep, Site};
use crate::config::validator::Validator;
use crate::config::{channel_table, judging, reading, team};
use crate::words;

/// Words that routes already use where a site's id would stand.
const RESERVED_IDS: [&str; 8] =
    ["contact", "comments", "f", "moderate", "inbox", "challenge", "second-chance", "privacy"];

/// Words that routes already use where a form's name would stand: below `/contact`, and in the form token's address.
const RESERVED_FORMS: [&str; 2] = ["thanks", COMMENTS];

impl Config {
    /// Notes everything that cannot work.
    pub(super) fn check(&self, validator: &mut Validator) {
        if self.sites.is_empty() {
            validator.advise("sites", "no site is configured", "add a table [sites.NAME]");
        }
        validator.within("sites", |validator| {
            for (id, site) in &self.sites {
                check_id(id, validator);
                validator.within(id, |validator| site.check(validator));
            }
            self.check_origins(validator);
        });
    }

    /// Which site a request is for is told by its origin, so that must be one site's.
    fn check_origins(&self, validator: &mut Validator) {
        let mut known: BTreeMap<String, &str> = BTreeMap::new();
        for (id, site) in &self.sites {
            for (index, origin) in site.all_origins().enumerate() {
                let other = *known.entry(origin).or_insert(id);
                if other == id {
                    continue;
                }
                let problem = format!("the site `{other}` has this origin too");
                let help = "nobody could tell which of the two a message is for";
                validator.within(id, |validator| match index.checked_sub(1) {
                    None => validator.advise("url", problem, help),
                    Some(index) => validator.within("origins", |validator| validator.advise(index, problem, help)),
                });
            }
        }
    }
}

fn check_id(id: &str, validator: &mut Validator) {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if id.is_empty() || !id.chars().all(allowed) {
        validator.wrong_key(id, "a site's name is lower-case letters, digits and dashes: it stands in addresses");
    } else if RESERVED_IDS.contains(&id) {
        validator
            .wrong_key(id, format!("no site can be called `{id}`: this is the beginning of Deskbell's own addresses"));
    }
}

impl Site {
    fn check(&self, validator: &mut Validator) {
        if self.name.trim().is_empty() {
            validator.wrong("name", "the site has no name");
        }
        if self.owner.name.trim().is_empty() {
            validator.within("owner", |validator| validator.wrong("name", "the owner has no name"));
        }
        self.check_addresses(validator);
        if words::words(&self.lang).is_none() {
            let problem = format!("there are no texts in this language, but in {}", words::languages());
            validator.advise("lang", problem, "a further language is one file in functions/words");
        }
        validator.within("comments", |validator| self.comments.check(validator));
        validator.within("forms", |validator| self.check_forms(validator));
        team::check(&self.owner.email, &self.team, validator);
        validator.within("channels", |validator| channel_table::check(&self.channels, &self.forms, validator));
        validator.within("judging", |validator| judging::check(&self.judging, validator));
        validator.within("challenge", |validator| self.challenge.check(validator));
        validator.within("keep", |validator| self.keep.check(validator));
        self.check_together(validator);
    }

    fn check_addresses(&self, validator: &mut Validator) {
        if !matches!(self.url.scheme(), "http" | "https") {
            validator.wrong("url", "a site's address begins with https://");
        }
        validator.within("origins", |validator| {
            for (index, origin) in self.origins.iter().enumerate() {
                if Url::parse(origin).ok().is_none_or(|url| url.origin().ascii_serialization() != *origin) {
                    validator.advise(index, "an origin is scheme and host alone", "as https://example.org");
                }
            }
        });
        self.check_on_site("privacy", self.privacy.as_deref(), validator);
        if self.privacy_contact.as_ref().is_some_and(|contact| contact.trim().is_empty()) {
            validator.advise("privacy_contact", "visitors would not know whom to ask", "leave it out, or say who");
        }
    }

    fn check_forms(&self, validator: &mut Validator) {
        for (name, form) in &self.forms {
            if RESERVED_FORMS.contains(&name.as_str()) {
                validator
                    .wrong_key(name, format!("nobody reaches a form called `{name}`: Deskbell uses this word itself"));
            } else if name.is_empty() || name.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_.~".contains(c)) {
                validator.wrong_key(name, "a form's name stands in its address: letters, digits, dashes, dots");
            }
            validator.within(name, |validator| {
                form.check(validator);
                self.check_on_site("thanks", form.thanks.as_deref(), validator);
            });
        }
    }

    /// Where visitors are sent is on the site, or the form would send them anywhere.
    fn check_on_site(&self, key: &str, target: Option<&str>, validator: &mut Validator) {
        // Of another site than the one that is meant nothing can be told.
        let known = self.url.host_str() != Some(reading::STAND_IN_HOST);
        if known && target.is_some_and(|target| self.own_url(target).is_none()) {
            validator.advise(key, "this is not on the site", "a path on the site, or an address at one of its origins");
        }
    }

    /// What is right by itself and of no effect together.
    fn check_together(&self, validator: &mut Validator) {
        let judging = &self.judging;
        if judging.unsure >= 1.0 {
            validator.within("comments", |validator| self.comments.check_none(validator));
        }
        if self.digest == Digest::Never && self.doubtful() == Doubtful::Digest {
            let problem = "nobody would hear of doubtful comments: `digest` is never";
            validator.within("comments", |validator| validator.wrong("doubtful", problem));
        }
        if let Some(akismet) = &self.akismet {
            validator.within("akismet", |validator| akismet.check(judging.spam, validator));
        }
    }
}

impl Keep {
    fn check(&self, validator: &mut Validator) {
        let all = [
            ("leads", self.leads),
            ("held", self.held),
            ("spam", self.spam),
            ("trash", self.trash),
            ("authors", self.authors),
            ("blocks", self.blocks),
        ];
        for (key, _) in all.into_iter().filter(|(_, days)| *days == 0) {
            validator.advise(key, "after 0 days it would be gone before anybody saw it", "at least 1");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::config::tests::error;

    /// Lines of a site's table, which begins in line 6; and everything that is told about them.
    #[test]
    fn what_cannot_work_is_named_with_its_place() {
        let cases = [
            (
                "origins = [\"https://a.example\",\n\"https://a.example/path\", \"nowhere\"]",
                "line 7, column 1: an origin is scheme and host alone (as https://example.org); \
                 line 7, column 27: an origin is scheme and host alone (as https://example.org)",
            ),
            (
                "privacy = \"//evil.example/\"",
                "line 6, column 11: this is not on the site (a path on the site, or an address at one of its origins)",
            ),
            (
                "lang = \"xx\"",
                "line 6, column 8: there are no texts in this language, but in en, de (a further language is one file in functions/words)",
            ),
            (
                "team = [{ name = \"M\", email = \"Mara@Example.org\" }, { name = \"J\", email = \"j@a.example\" },\n\
                 { name = \"K\", email = \"J@a.example\" }]",
                "line 6, column 31: this address stands here twice, or is the owner's (which role would count?); \
                 line 7, column 23: this address stands here twice, or is the owner's (which role would count?)",
            ),
            (
                "comments = { required = [\"author\", \"shoe_size\"], max_length = 0 }",
                "line 6, column 36: a comment has no such field to ask for (there are author, email, url); \
                 line 6, column 63: 0 would refuse every comment",
            ),
            (
                "digest = \"never\"\ncomments.doubtful = \"digest\"",
                "line 7, column 21: nobody would hear of doubtful comments: `digest` is never",
            ),
            (
                "comments.honeypot = \"email\"",
                "line 6, column 21: people fill in this field of a comment, and would be taken for machines",
            ),
            (
                "comments = { policy = \"none\", pages = [{ match = \"/a\", policy = \"none\" }] }\njudging = { unsure = 1.0, spam = 1.0 }",
                "line 6, column 23: nothing would be held, however doubtful: `judging.unsure` is 1 \
                 (`judging.unsure` below 1 has doubtful ones wait); \
                 line 6, column 65: nothing would be held, however doubtful: `judging.unsure` is 1 \
                 (`judging.unsure` below 1 has doubtful ones wait)",
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(lines), expected, "{lines}");
        }
    }

    #[test]
    fn what_cannot_work_in_a_form_is_named_with_its_place() {
        let cases = [
            (
                "forms.default.thanks = \"https://evil.example/\"",
                "line 6, column 24: this is not on the site (a path on the site, or an address at one of its origins)",
            ),
            (
                "[sites.studio.forms.thanks]\n[sites.studio.forms.comments]\n[sites.studio.forms.\"a/b\"]",
                "line 6, column 21: nobody reaches a form called `thanks`: Deskbell uses this word itself; \
                 line 7, column 21: nobody reaches a form called `comments`: Deskbell uses this word itself; \
                 line 8, column 21: a form's name stands in its address: letters, digits, dashes, dots",
            ),
            (
                "forms.default.fields = [{ name = \"a\" }, { name = \"a\" }, { name = \"b\", required = true, max = 0 }]",
                "line 6, column 50: this field is there twice; \
                 line 6, column 94: nothing fits into this field: it must be filled in, and may have 0 characters",
            ),
            (
                "forms.default.fields = [{ name = \"tel\", required = true }, { name = \"_next\" }]",
                "line 6, column 34: what is sent under this name is filed under another, and would be missed here \
                 (call it `phone` here, the form may keep its name); \
                 line 6, column 69: no form field can have this name: forms use it for something else",
            ),
            (
                "forms.default.fields = [{ name = \"a\", type = \"choice\" }, { name = \"b\", choices = [\"x\"] }]",
                "line 6, column 46: there is nothing to choose from (add choices = [\"…\", \"…\"]); \
                 line 6, column 82: nobody is offered them (add type = \"choice\")",
            ),
            (
                "forms.default.fields = [{ name = \"a\", type = \"choice\", choices = [\"x\", \"xyz\"], max = 2 }]",
                "line 6, column 72: this choice is longer than the 2 characters of the field",
            ),
            (
                "forms.default = { honeypot = \"fax\", fields = [{ name = \"fax\" }] }",
                "line 6, column 30: people fill in this field of the form, and would be taken for machines",
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(lines), expected, "{lines}");
        }
    }

    #[test]
    fn what_cannot_work_in_judging_is_named_with_its_place() {
        let cases = [
            (
                "judging = { unsure = 0.9, spam = 0.5 }",
                "line 6, column 22: `unsure` is 0.9 and `spam` is 0.5: nothing could be unsure (`unsure` must not be above `spam`)",
            ),
            (
                "judging.spam = 0.5",
                "line 6, column 16: `unsure` is 0.8 and `spam` is 0.5: nothing could be unsure (`unsure` must not be above `spam`)",
            ),
            (
                "judging = { unsure = nan, spam = 1.5, rate_per_minute = 0 }",
                "line 6, column 22: a score is above 0 and at most 1; line 6, column 34: a score is above 0 and at most 1; \
                 line 6, column 57: 0 would refuse everybody",
            ),
            (
                "judging = { blocklist = [\"x\", \" \"], languages = [\"de\", \"german\"] }",
                "line 6, column 31: an empty word would be found everywhere; \
                 line 6, column 56: this is no code of a language that can be told from others (two letters, as en or de)",
            ),
            (
                "challenge = { captcha = \"turnstile\", proof = \"never\" }",
                "line 6, column 25: a captcha is named here, and `proof = \"never\"` asks for none",
            ),
            ("akismet = { certain = 2.0 }", "line 6, column 23: a score is between 0 and 1"),
            (
                "akismet = { certain = 0.99 }",
                "line 6, column 23: Akismet would never be asked: what is not certainly real is spam by then (must be below `judging.spam`)",
            ),
            ("challenge = { max_hours = 0 }", "line 6, column 27: this must be from 1 to 720"),
            ("keep.spam = 0", "line 6, column 13: after 0 days it would be gone before anybody saw it (at least 1)"),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(lines), expected, "{lines}");
        }
    }

    #[test]
    fn a_site_has_a_name_an_address_and_an_owner() {
        let text = "mail = { from = \"bell@example.org\" }\n[sites.studio]\nname = \" \"\nurl = \"ftp://example.org\"\n\
                    owner = { name = \"\", email = \"mara@example.org\" }";
        assert_eq!(
            Config::parse(text).expect_err("wrong").to_string(),
            "line 3, column 8: the site has no name; line 4, column 7: a site's address begins with https://; \
             line 5, column 18: the owner has no name"
        );
        let text = "mail = { from = \"bell@example.org\" }\n[sites]\n";
        assert_eq!(
            Config::parse(text).expect_err("none").to_string(),
            "line 2, column 1: no site is configured (add a table [sites.NAME])"
        );
    }

    #[test]
    fn sites_are_told_apart() {
        let lines = "[sites.Studio]\nname = \"B\"\nurl = \"https://b.example\"\nowner = { name = \"B\", email = \"b@b.example\" }\n\
                     [sites.inbox]\nname = \"C\"\nurl = \"https://www.example.org\"\nowner = { name = \"C\", email = \"c@c.example\" }\n\
                     origins = [\"https://b.example\"]";
        assert_eq!(
            error(lines),
            "line 4, column 7: the site `inbox` has this origin too (nobody could tell which of the two a message is for); \
             line 6, column 8: a site's name is lower-case letters, digits and dashes: it stands in addresses; \
             line 10, column 8: no site can be called `inbox`: this is the beginning of Deskbell's own addresses; \
             line 14, column 12: the site `Studio` has this origin too (nobody could tell which of the two a message is for)"
        );
    }
}
