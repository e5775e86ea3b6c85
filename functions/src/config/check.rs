//! What can be read and still cannot work, or would never come into play.

use std::collections::BTreeMap;

use url::Url;

use crate::config::comments::{COMMENTS_FORM, Doubtful};
use crate::config::root::Config;
use crate::config::site::{Digest, Keep, Site, UNKNOWN_HOST};
use crate::config::validator::Validator;
use crate::config::{channel_table, judging, team};
use crate::routes::{is_first_segment, meets_another_route};
use crate::words;

/// The advice to who wants a language that there is none of.
const ADD_A_LANGUAGE: &str = "to add a language, see functions/words";

impl Config {
    /// Notes everything that cannot work.
    pub(super) fn check(&self, validator: &mut Validator) {
        if self.sites.is_empty() {
            validator.advise("sites", "no sites configured", "add a table [sites.NAME]");
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
                let problem = format!("site `{other}` already has this origin");
                let help = "an origin can belong to one site only";
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
        validator.wrong_key(id, "a site's id is part of its URLs: use lower-case letters, digits and dashes only");
    } else if is_first_segment(id) {
        validator.wrong_key(id, format!("`{id}` is reserved: Deskbell's own URLs start with it"));
    }
}

impl Site {
    fn check(&self, validator: &mut Validator) {
        if self.name.trim().is_empty() {
            validator.wrong("name", "`name` is empty");
        }
        if self.owner.name.trim().is_empty() {
            validator.within("owner", |validator| validator.wrong("name", "`name` is empty"));
        }
        if self.emails_per_hour == 0 {
            validator.wrong("emails_per_hour", "must be at least 1");
        }
        self.check_addresses(validator);
        let unsupported = || format!("unsupported language; available: {}", words::languages());
        if words::words(&self.lang).is_none() {
            validator.advise("lang", unsupported(), ADD_A_LANGUAGE);
        }
        validator.within("languages", |validator| {
            for (index, _) in self.languages.iter().enumerate().filter(|(_, lang)| words::words(lang).is_none()) {
                validator.advise(index, unsupported(), ADD_A_LANGUAGE);
            }
        });
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
            validator.wrong("url", "a site's URL must start with https://");
        }
        validator.within("origins", |validator| {
            for (index, origin) in self.origins.iter().enumerate() {
                if Url::parse(origin).ok().is_none_or(|url| url.origin().ascii_serialization() != *origin) {
                    validator.advise(index, "an origin is only a scheme and a host", "such as https://example.org");
                }
            }
        });
        self.check_on_site("privacy", self.privacy.as_deref(), validator);
        if self.privacy_contact.as_ref().is_some_and(|contact| contact.trim().is_empty()) {
            validator.advise("privacy_contact", "`privacy_contact` is empty", "say whom to ask, or remove the line");
        }
    }

    fn check_forms(&self, validator: &mut Validator) {
        for (name, form) in &self.forms {
            // Form tokens know the comment form by this name.
            if name == COMMENTS_FORM || meets_another_route(name) {
                validator.wrong_key(name, format!("`{name}` is reserved; choose another name for this form"));
            } else if name.is_empty() || name.contains(|c: char| !c.is_ascii_alphanumeric() && !"-_.~".contains(c)) {
                validator
                    .wrong_key(name, "a form's name is part of its URL: use letters, digits, dashes and dots only");
            }
            validator.within(name, |validator| {
                form.check(validator);
                self.check_on_site("thanks", form.thanks.as_deref(), validator);
            });
        }
    }

    /// Where visitors are sent is on the site, or the form would send them anywhere.
    fn check_on_site(&self, key: &str, target: Option<&str>, validator: &mut Validator) {
        let known = self.url.host_str() != Some(UNKNOWN_HOST);
        if known && target.is_some_and(|target| self.own_url(target).is_none()) {
            validator.advise(key, "not on this site", "use a path on the site, or a URL at one of its origins");
        }
    }

    /// What is right by itself and of no effect together.
    fn check_together(&self, validator: &mut Validator) {
        let judging = &self.judging;
        if judging.unsure >= 1.0 {
            validator.within("comments", |validator| self.comments.check_none(validator));
        }
        if self.digest == Digest::Never && self.doubtful() == Doubtful::Digest {
            let problem = "nobody would be told about doubtful comments, because `digest` is \"never\"";
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
            validator.advise(key, "0 days would delete everything before anyone sees it", "use 1 or more");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::config::tests::error;

    /// Lines of a site's table, which begins in line 6; and everything that is wrong with them.
    #[test]
    fn what_cannot_work_is_named_with_its_place() {
        let cases = [
            (
                "origins = [\"https://a.example\",\n\"https://a.example/path\", \"nowhere\"]",
                "line 7, column 1: an origin is only a scheme and a host (such as https://example.org); \
                 line 7, column 27: an origin is only a scheme and a host (such as https://example.org)",
            ),
            (
                "privacy = \"//evil.example/\"",
                "line 6, column 11: not on this site (use a path on the site, or a URL at one of its origins)",
            ),
            (
                "lang = \"xx\"",
                "line 6, column 8: unsupported language; available: en, de, es, fr, it, nl, pl, pt (to add a language, see functions/words)",
            ),
            (
                "languages = [\"en\", \"tlh\"]",
                "line 6, column 20: unsupported language; available: en, de, es, fr, it, nl, pl, pt \
                 (to add a language, see functions/words)",
            ),
            (
                "team = [{ name = \"M\", email = \"Mara@Example.org\" }, { name = \"J\", email = \"j@a.example\" },\n\
                 { name = \"K\", email = \"J@a.example\" }]",
                "line 6, column 31: this email is listed twice, or is the owner's (list each person once); \
                 line 7, column 23: this email is listed twice, or is the owner's (list each person once)",
            ),
            (
                "comments = { required = [\"author\", \"shoe_size\"], max_length = 0 }",
                "line 6, column 36: comments have no such field (expected author, email, url); \
                 line 6, column 63: 0 would reject every comment",
            ),
            (
                "digest = \"never\"\ncomments.doubtful = \"digest\"",
                "line 7, column 21: nobody would be told about doubtful comments, because `digest` is \"never\"",
            ),
            (
                "comments.honeypot = \"email\"",
                "line 6, column 21: people fill in this field, so they would be treated as bots",
            ),
            (
                "comments = { policy = \"none\", pages = [{ match = \"/a\", policy = \"none\" }] }\njudging = { unsure = 1.0, spam = 1.0 }",
                "line 6, column 23: no comment would ever be held, because `judging.unsure` is 1 \
                 (set `judging.unsure` below 1 to hold doubtful comments); \
                 line 6, column 65: no comment would ever be held, because `judging.unsure` is 1 \
                 (set `judging.unsure` below 1 to hold doubtful comments)",
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
                "line 6, column 24: not on this site (use a path on the site, or a URL at one of its origins)",
            ),
            (
                "[sites.studio.forms.thanks]\n[sites.studio.forms.comments]\n[sites.studio.forms.\"a/b\"]\n\
                 [sites.studio.forms.inbox]\n[sites.studio.forms.challenge]\n[sites.studio.forms.contact]",
                "line 6, column 21: `thanks` is reserved; choose another name for this form; \
                 line 7, column 21: `comments` is reserved; choose another name for this form; \
                 line 8, column 21: a form's name is part of its URL: use letters, digits, dashes and dots only; \
                 line 9, column 21: `inbox` is reserved; choose another name for this form; \
                 line 10, column 21: `challenge` is reserved; choose another name for this form",
            ),
            (
                "forms.default.fields = [{ name = \"a\" }, { name = \"a\" }, { name = \"b\", required = true, max = 0 }]",
                "line 6, column 50: duplicate field name; \
                 line 6, column 94: 0 would reject everything that is typed here",
            ),
            (
                "forms.default.fields = [{ name = \"tel\", required = true }, { name = \"_Next\" }]",
                "line 6, column 69: this name is reserved for a control field",
            ),
            (
                "forms.default.fields = [{ name = \"a\", type = \"choice\" }, { name = \"b\", choices = [\"x\"] }]",
                "line 6, column 46: a choice field needs choices (add choices = [\"…\", \"…\"]); \
                 line 6, column 82: `choices` has no effect in a field of another type (add type = \"choice\")",
            ),
            (
                "forms.default.fields = [{ name = \"a\", type = \"choice\", choices = [\"x\", \"xyz\"], max = 2 }]",
                "line 6, column 72: longer than the field's maximum of 2 characters",
            ),
            (
                "forms.default = { honeypot = \"fax\", fields = [{ name = \"fax\" }] }",
                "line 6, column 30: people fill in this field, so they would be treated as bots",
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
                "line 6, column 22: `unsure` (0.9) is above `spam` (0.5), so nothing could be unsure (`unsure` must be at most `spam`)",
            ),
            (
                "judging.spam = 0.5",
                "line 6, column 16: `unsure` (0.8) is above `spam` (0.5), so nothing could be unsure (`unsure` must be at most `spam`)",
            ),
            (
                "judging = { unsure = nan, spam = 1.5, rate_per_minute = 0 }",
                "line 6, column 22: must be above 0 and at most 1; line 6, column 34: must be above 0 and at most 1; \
                 line 6, column 57: 0 would reject every message",
            ),
            (
                "judging = { blocklist = [\"x\", \" \"], languages = [\"de\", \"german\"] }",
                "line 6, column 31: an empty word would match every message; \
                 line 6, column 56: unknown language code (use two letters, such as en or de)",
            ),
            (
                "challenge = { captcha = \"turnstile\", proof = \"never\" }",
                "line 6, column 25: `captcha` has no effect, because `proof` is \"never\"",
            ),
            ("akismet = { certain = 2.0 }", "line 6, column 23: must be between 0 and 1"),
            (
                "akismet = { certain = 0.99 }",
                "line 6, column 23: Akismet would never be used: everything it would check already counts as spam (must be below `judging.spam`)",
            ),
            ("challenge = { max_hours = 0 }", "line 6, column 27: must be from 1 to 720"),
            (
                "keep.spam = 0",
                "line 6, column 13: 0 days would delete everything before anyone sees it (use 1 or more)",
            ),
        ];
        for (lines, expected) in cases {
            assert_eq!(error(lines), expected, "{lines}");
        }
    }

    #[test]
    fn a_site_has_a_name_an_address_and_an_owner() {
        let text = "mail = { from = \"deskbell@example.org\" }\n[sites.studio]\nname = \" \"\nurl = \"ftp://example.org\"\n\
                    owner = { name = \"\", email = \"mara@example.org\" }";
        assert_eq!(
            Config::parse(text).expect_err("wrong").to_string(),
            "line 3, column 8: `name` is empty; line 4, column 7: a site's URL must start with https://; \
             line 5, column 18: `name` is empty"
        );
        let text = "mail = { from = \"deskbell@example.org\" }\n[sites]\n";
        assert_eq!(
            Config::parse(text).expect_err("none").to_string(),
            "line 2, column 1: no sites configured (add a table [sites.NAME])"
        );
    }

    #[test]
    fn sites_are_told_apart() {
        let lines = "[sites.Studio]\nname = \"B\"\nurl = \"https://b.example\"\nowner = { name = \"B\", email = \"b@b.example\" }\n\
                     [sites.inbox]\nname = \"C\"\nurl = \"https://www.example.org\"\nowner = { name = \"C\", email = \"c@c.example\" }\n\
                     origins = [\"https://b.example\"]";
        assert_eq!(
            error(lines),
            "line 4, column 7: site `inbox` already has this origin (an origin can belong to one site only); \
             line 6, column 8: a site's id is part of its URLs: use lower-case letters, digits and dashes only; \
             line 10, column 8: `inbox` is reserved: Deskbell's own URLs start with it; \
             line 14, column 12: site `Studio` already has this origin (an origin can belong to one site only)"
        );
    }
}
