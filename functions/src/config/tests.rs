//! Settings for tests, and the tests of what all settings have.

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
