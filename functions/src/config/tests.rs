//! Settings for tests, and the tests of what all settings have.

use proptest::prelude::*;

use crate::config::{Config, ConfigError, Site};

/// A site with further lines, of which the first is the sixth of the text.
fn config(lines: &str) -> Result<Config, ConfigError> {
    Config::parse(&format!(
        "mail = {{ from = \"deskbell@example.org\" }}\n[sites.studio]\nname = \"Studio\"\nurl = \"https://www.example.org\"\n\
         owner = {{ name = \"Mara\", email = \"mara@example.org\" }}\n{lines}"
    ))
}

/// The site that the lines make.
pub(crate) fn site(lines: &str) -> Site {
    config(lines).expect(lines).sites.remove("studio").expect("a site")
}

/// What is wrong with the lines.
pub(crate) fn error(lines: &str) -> String {
    config(lines).expect_err(lines).to_string()
}

#[test]
fn a_short_configuration_gets_a_default_form() {
    let config = config("").expect("valid");
    assert!(config.sites["studio"].forms.contains_key("default"));
    assert_eq!(config.only_site().map(|site| site.id.as_str()), Some("studio"));
}

#[test]
fn third_parties_are_named_here_and_their_keys_are_not() {
    let config = config("challenge.captcha = \"turnstile\"\nakismet = { lang = \"en, de\" }").expect("valid");
    let site = &config.sites["studio"];
    assert_eq!(site.challenge.captcha, Some(crate::form::captcha::Captcha::Turnstile));
    assert!(site.akismet.as_ref().is_some_and(|akismet| akismet.lang.as_deref() == Some("en, de")));
    assert!(site.has_host("www.example.org") && !site.has_host("example.org") && !site.has_host(""));
}

#[test]
fn redirects_stay_on_the_site() {
    let config = config("origins = [\"https://example.org\"]").expect("valid");
    let site = &config.sites["studio"];
    let allowed = ["/thanks/", "thanks", "?ok=1", "https://example.org/x", "https://www.example.org"];
    for target in allowed {
        assert!(site.own_url(target).is_some(), "{target}");
    }
    let refused = [
        "//evil.example/",
        "/\\evil.example",
        "https://www.example.org.evil.example/",
        "https://www.example.org@evil.example/",
        "https://a:b@www.example.org/",
        "http://www.example.org/",
        "javascript:alert(1)",
        "\thttps://evil.example",
    ];
    for target in refused {
        assert!(site.own_url(target).is_none(), "{target}");
    }
}

/// Settings of all kinds, for mistakes to be made in.
const TEXT: &str = "mail = { from = \"deskbell@example.org\" }\n[sites.studio]\nname = \"Studio\"\n\
    url = \"https://ann.github.io/studio/\"\norigins = [\"https://www.m\u{fc}nchen.example\"]\nlang = \"de\"\n\
    owner = { name = \"Mara\", email = \"mara@m\u{fc}nchen.example\" }\nprivacy = \"/privacy/\"\n\
    team = [{ name = \"J\", email = \"j@a.example\", role = \"moderator\" }]\nkeep.spam = 30\n\
    [sites.studio.comments]\nrequired = [\"author\"]\npages = [{ match = \"/news/*\", close_after_days = 3 }]\n\
    [sites.studio.judging]\nunsure = 0.5\nspam = 0.9\n[sites.studio.forms.default]\nthanks = \"/thank-you/\"\n\
    fields = [{ name = \"tea\", type = \"choice\", choices = [\"a\"], required = true }]\n\
    [[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"https://hook.example/x\"\n";

/// Reads a text: whatever is wrong with it has a place in it.
fn has_places(text: &str) {
    let Err(error) = Config::parse(text) else { return };
    assert!(!error.mistakes().is_empty(), "{text}");
    for mistake in error.mistakes() {
        assert!(mistake.span.start <= mistake.span.end && mistake.span.end <= text.len(), "{mistake:?} in {text}");
        assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?} in {text}");
    }
    let lines = text.matches('\n').count() + 1;
    let told = error.to_string();
    let line = told.strip_prefix("line ").and_then(|rest| rest.split(',').next()?.parse::<usize>().ok());
    assert!(line.is_some_and(|line| (1..=lines).contains(&line)), "{told}");
}

proptest! {
    #[test]
    fn every_mistake_in_the_settings_has_a_line(
        at in 0..TEXT.len(), removed in 0..40_usize, added in "[\\PC]{0,6}|[\"'\\[\\]{}=.,#\n0-9a-z-]{0,8}|@|\\\\u00e9|1e999",
    ) {
        let cut = |at: usize| (at..=TEXT.len()).find(|at| TEXT.is_char_boundary(*at)).unwrap_or(TEXT.len());
        let (begin, end) = (cut(at), cut((at + removed).min(TEXT.len())));
        has_places(&format!("{}{added}{}", &TEXT[..begin], &TEXT[end..]));
    }

    #[test]
    fn no_text_makes_the_settings_stumble(text in any::<String>(), toml in "([a-z.]{1,5} ?= ?[\\PC]{0,9}\n|\\[{1,2}[a-z.\"]{0,9}\\]{1,2}\n){0,6}") {
        has_places(&text);
        has_places(&toml);
    }
}

#[test]
fn the_settings_that_mistakes_are_made_in_are_right() {
    assert!(Config::parse(TEXT).is_ok(), "{:?}", Config::parse(TEXT).err());
}
