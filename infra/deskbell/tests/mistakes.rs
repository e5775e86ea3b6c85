//! Everything that is wrong with settings, in plain English and without the values.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use deskbell::check::parse;

/// What is wrong with a text.
fn wrong(text: &str) -> String {
    parse(text).expect_err(text).to_string()
}

/// What is wrong with further lines of a site, of which the first is the sixth of the text.
fn error(lines: &str) -> String {
    wrong(&format!(
        "mail = {{ from = \"deskbell@example.org\" }}\n[sites.studio]\nname = \"Studio\"\nurl = \"https://www.example.org\"\n\
         owner = {{ name = \"Mara\", email = \"mara@example.org\" }}\n{lines}"
    ))
}

#[test]
fn what_does_not_fit_is_named_in_plain_words_and_without_its_value() {
    let cases = [
        ("colour = \"red\"", "line 6, column 1: unknown key `colour` in `sites.studio` (expected name, url, "),
        ("privcy = \"/x\"", "line 6, column 1: unknown key `privcy` in `sites.studio` (did you mean `privacy`?)"),
        (
            "forms.default.fields = [{ name = \"a\" }, { name = \"b\", Required = true }]",
            "line 6, column 55: unknown key `Required` in `sites.studio.forms.default.fields.1` (did you mean `required`?)",
        ),
        (
            "akismet = { key = \"0123456789ab\" }",
            "line 6, column 13: `key` looks like a secret, and secrets do not belong in this file \
             (store it with `deskbell secret set akismet`)",
        ),
        (
            "smtp_password = \"0123456789ab\"",
            "line 6, column 1: `smtp_password` looks like a secret, and secrets do not belong in this file \
             (store it with `deskbell secret set NAME`)",
        ),
        (
            "channels = [{ kind = \"slack\", urll = \"x\" }]",
            "line 6, column 31: unknown key `urll` in `sites.studio.channels.0` (did you mean `url`?)",
        ),
        (
            "channels = [{ kind = \"slack\", token = \"x\" }]",
            "line 6, column 31: `token` looks like a secret, and secrets do not belong in this file \
             (store it with `deskbell secret set NAME`)",
        ),
        (
            "comments.pages = [{ match = \"news/*\" }, { policy = \"all\" }]",
            "line 6, column 29: expected a path that starts with /, such as /news/*; line 6, column 41: missing key `match`",
        ),
        ("lang = 7", "line 6, column 8: expected a string in quotes, found a whole number"),
        ("privacy = []", "line 6, column 11: expected a string in quotes, found a list"),
        ("origins = \"https://a.example\"", "line 6, column 11: expected a list in [ ], found a string"),
        ("keep = 30", "line 6, column 8: expected a table { … }, found a whole number"),
        ("keep.spam = \"30, expected x\"", "line 6, column 13: expected a whole number, 0 or more, found a string"),
        ("keep.spam = -1", "line 6, column 13: out of range: expected a whole number, 0 or more"),
        ("keep.spam = 1.5", "line 6, column 13: expected a whole number, 0 or more, found a number"),
        ("judging.spam = true", "line 6, column 16: expected a number, found true or false"),
        ("comments.policy = \"frist\"", "line 6, column 19: unknown value (did you mean `first`?)"),
        ("challenge.proof = \"x\"", "line 6, column 19: unknown value (expected never, unsure or always)"),
        ("comments.policy = 1", "line 6, column 19: expected a word in quotes"),
        ("team = [{ name = \"J\" }]", "line 6, column 9: missing key `email`"),
        ("[[sites.studio.team]]\nname = \"J\"", "line 6, column 1: missing key `email`"),
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
from = \"Bell <deskbell@example.org>\"
[sites.a]
name = 5
url = \"www.example.org\"
origins = [\"https://a.example/blog/\"]
privacy = \"/privacy/\"
forms.default = { thanks = \"/thanks/\", fields = [{ name = \"_cc\" }, { nam = \"b\" }] }
keep = { spam = 0, trash = \"x\" }
[sites.b]
url = \"https://b.example\"
owner = { email = \"nobody\", phone = 1 }
privacy = \"https://c.example\"
";
    let told = wrong(text);
    let lines: Vec<&str> = told.split("; ").collect();
    assert_eq!(
        lines,
        [
            "line 2, column 8: not an email address, such as name@example.org",
            "line 3, column 1: missing key `owner`",
            "line 4, column 8: expected a string in quotes, found a whole number",
            "line 5, column 7: not a web address, such as https://www.example.org",
            "line 6, column 12: an origin is only a scheme and a host (such as https://example.org)",
            "line 8, column 59: this name is reserved for a control field",
            "line 8, column 68: missing key `name`",
            "line 8, column 70: unknown key `nam` in `sites.a.forms.default.fields.1` (did you mean `name`?)",
            "line 9, column 17: 0 days would delete everything before anyone sees it (use 1 or more)",
            "line 9, column 28: expected a whole number, 0 or more, found a string",
            "line 10, column 1: missing key `name`",
            "line 12, column 9: missing key `name`",
            "line 12, column 19: not an email address, such as name@example.org",
            "line 12, column 29: unknown key `phone` in `sites.b.owner` (expected name or email)",
            "line 13, column 11: not on this site (use a path on the site, or a URL at one of its origins)",
        ]
    );
}

#[test]
fn what_nothing_can_replace_is_told_all_the_same() {
    for (text, expected) in [
        ("", "line 1, column 1: missing key `mail`; line 1, column 1: missing key `sites`"),
        ("sites = 5", "line 1, column 1: missing key `mail`; line 1, column 9: expected a table, found a whole number"),
        (
            "mail = 5\n[sites.a]\n",
            "line 1, column 8: expected a table { … }, found a whole number; line 2, column 1: missing key `name`; \
             line 2, column 1: missing key `url`; line 2, column 1: missing key `owner`",
        ),
        (
            "a = [1,\nb = \"x",
            "line 2, column 1: string values must be quoted, expected literal string; line 2, column 7: unclosed array, expected `]`",
        ),
    ] {
        assert_eq!(wrong(text), expected, "{text}");
    }
}
