//! `deskbell check`: all that it says, about wrong files and right ones.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::process::{Command, Output};

use tempfile::TempDir;

/// A file called `deskbell.toml` that goes with the test.
struct File(TempDir);

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("deskbell.toml"), text).expect("written");
        Self(folder)
    }

    /// Runs the program in the file's folder, with nothing in its environment but this.
    fn check(&self, environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
        command.args(["check", "deskbell.toml"]).current_dir(self.0.path()).env_clear();
        command.envs(environment.iter().copied()).output().expect("it runs")
    }

    /// What it says about a wrong file.
    fn wrong(&self) -> String {
        let Output { status, stdout, stderr } = self.check(&[]);
        assert_eq!((status.code(), stdout.as_slice()), (Some(1), &b""[..]));
        String::from_utf8(stderr).expect("text")
    }

    /// What it says about a right one.
    fn right(&self, environment: &[(&str, &str)]) -> String {
        let Output { status, stdout, stderr } = self.check(environment);
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).expect("text")
    }
}

#[test]
fn everything_wrong_is_told_at_once_with_its_line() {
    let file = File::new(
        r#"[mail]
from = "Deskbell <deskbell@example.org>"

[sites.studio]
name = "Studio"
url = "https://www.example.org"
owner = { name = "Mara", email = "mara@example" }
privcy = "/privacy/"

[sites.studio.judging]
unsure = 0.9
spam = 0.5

[sites.studio.akismet]
api_key = "0123456789ab"   # from their mail

[sites.studio.forms.default]
thanks = "https://evil.example/"
fields = [
	{ name = "größe", requierd = true },
	{ name = "_cc" },
]
"#,
    );
    assert_eq!(
        file.wrong(),
        r#"deskbell: deskbell.toml has 8 mistakes

error: not an email address, such as name@example.org
 --> deskbell.toml:2:8
  |
2 | from = "Deskbell <deskbell@example.org>"
  |        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error: not an email address, such as name@example.org
 --> deskbell.toml:7:34
  |
7 | owner = { name = "Mara", email = "mara@example" }
  |                                  ^^^^^^^^^^^^^^

error: unknown key `privcy` in `sites.studio`
 --> deskbell.toml:8:1
  |
8 | privcy = "/privacy/"
  | ^^^^^^
  |
  = help: did you mean `privacy`?

error: `unsure` (0.9) is above `spam` (0.5), so nothing could be unsure
  --> deskbell.toml:11:10
   |
11 | unsure = 0.9
   |          ^^^
   |
   = help: `unsure` must be at most `spam`

error: `api_key` looks like a secret, and secrets do not belong in this file
  --> deskbell.toml:15:1
   |
15 | api_key = …
   | ^^^^^^^
   |
   = help: store it with `deskbell secret set akismet`

error: not on this site
  --> deskbell.toml:18:10
   |
18 | thanks = "https://evil.example/"
   |          ^^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: use a path on the site, or a URL at one of its origins

error: unknown key `requierd` in `sites.studio.forms.default.fields.0`
  --> deskbell.toml:20:20
   |
20 |     { name = "größe", requierd = true },
   |                       ^^^^^^^^
   |
   = help: did you mean `required`?

error: this name is reserved for a control field
  --> deskbell.toml:21:11
   |
21 |     { name = "_cc" },
   |              ^^^^^
"#
    );
}

#[test]
fn what_is_missing_is_shown_where_it_belongs() {
    let file = File::new("[sites.studio]\nname = \"Studio\"\nurl = \"www.example.org\"\n");
    assert_eq!(
        file.wrong(),
        r#"deskbell: deskbell.toml has 3 mistakes

error: missing key `mail`
 --> deskbell.toml:1:1
  |
1 | [sites.studio]
  | ^

error: missing key `owner`
 --> deskbell.toml:1:1
  |
1 | [sites.studio]
  | ^^^^^^^^^^^^^^

error: not a web address, such as https://www.example.org
 --> deskbell.toml:3:7
  |
3 | url = "www.example.org"
  |       ^^^^^^^^^^^^^^^^^
"#
    );
}

#[test]
fn a_line_that_ends_in_blanks_is_marked_within_it() {
    for line in [
        "lang =    ",
        "lang =\t\t",
        "lang    ",
        "name = \"Studio     ",
        "[sites   ",
        "lang = \"de\" x    ",
        "lang = [   ",
        "lang = 'de   ",
        "lang.   ",
        "=   ",
        "   ",
        "lang = \u{a0}\u{a0}",
        "lang = \"é\u{3000}\u{3000}",
    ] {
        for end in ["", "\n", "\r\n"] {
            let text = format!("[sites.studio]\n{line}{end}");
            let wrong = File::new(&text).wrong();
            assert!(wrong.starts_with("deskbell: deskbell.toml has "), "{line:?}: {wrong}");
        }
    }
}

#[test]
fn what_is_no_toml_is_told_before_anything_else() {
    let file = File::new("[mail]\nfrom = \"deskbell@example.org\n[sites.studio]\nlang = de\ncolour = 1\n");
    assert_eq!(
        file.wrong(),
        r#"deskbell: deskbell.toml has 2 mistakes

error: invalid basic string, expected `"`
 --> deskbell.toml:2:29
  |
2 | from = "deskbell@example.org
  |                             ^

error: string values must be quoted, expected literal string
 --> deskbell.toml:4:8
  |
4 | lang = de
  |        ^^
"#
    );
    let Output { status, stderr, .. } = Command::new(env!("CARGO_BIN_EXE_deskbell"))
        .args(["check", "--config", "no-such-file.toml"])
        .output()
        .expect("it runs");
    assert_eq!(status.code(), Some(1));
    let advice = "Run this in Deskbell's folder, or name a file: --config FILE\n";
    assert_eq!(String::from_utf8_lossy(&stderr), format!("deskbell: no-such-file.toml: not found. {advice}"));
}

const SHORT: &str = r#"[mail]
from = "deskbell@example.org"

[sites.studio]
name = "Studio"
url = "https://www.example.org"
owner = { name = "Mara", email = "mara@example.org" }
challenge.captcha = "turnstile"

[sites.studio.akismet]
certain = 0.1
"#;

#[test]
fn the_settings_in_effect_are_printed_and_defaults_are_marked() {
    assert_eq!(
        File::new(SHORT).right(&[]),
        r"deskbell.toml is valid. Settings in effect:

Emails come from deskbell@example.org.

studio
  name               Studio
  address            https://www.example.org/
  other origins      none (default)
  language           en (default)
    others           none (default)
  time zone          UTC (default)
  privacy page       built-in, /privacy (default)
    contact          the contact form (default)
  owner              Mara <mara@example.org>
    emails           up to 30 an hour (default)
  team               none (default)
  digest             weekly (default)
  form default       POST /contact (default)
    fields           any (default)
    thank-you page   built-in (default)
    email subject    the sender's name (default)
    honeypot         built-in names (default)
  comments           an author's first comment is held (default)
    open             always (default)
    doubtful         weekly digest, or at once if the author passes the human check (default)
    required         author, email (default)
    length           at most 20000 characters (default)
    honeypot         built-in names (default)
    consent          none (default)
  doubtful           from a score of 0.8 (default)
  spam               from a score of 0.985 (default)
    blocklist        no words (default)
    always held      no words (default)
    always spam      no words (default)
    languages        any (default)
    blocked senders  held for you (default)
    rate limit       10 a minute from one network (default)
  proof of work      if in doubt, or if one network sends a lot (default)
    too quick        under 3 seconds (default)
    too old          after 12 hours (default)
  messages kept      365 days (default)
    held             365 days (default)
    spam             30 days (default)
    trash            30 days (default)
    approved authors 730 days (default)
    blocks           365 days (default)
  third parties      turnstile, Akismet (scores from 0.1, in en)

Secrets needed:
  studio             akismet: not checked
  studio             turnstile: not checked
To look for them in the table, run: export DESKBELL_TABLE=TABLE; or add --local.
"
    );
}

#[test]
fn settings_for_some_pages_only_are_printed_in_the_order_that_counts() {
    let pages = r#"
[sites.studio.comments]
policy = "none"
close_after_days = 30

[[sites.studio.comments.pages]]
match = "/guestbook/"
closed = false

[[sites.studio.comments.pages]]
match = "/news/*"
policy = "all"
close_after_days = 1

[[sites.studio.comments.pages]]
match = "/archive/*"
closed = true
"#;
    let told = File::new(&format!("{SHORT}{pages}")).right(&[]);
    let about: Vec<_> = told.lines().skip_while(|line| !line.starts_with("  comments")).take(5).collect();
    assert_eq!(
        about.join("\n"),
        "  comments           only doubtful comments are held
    open             for 30 days
    on /guestbook/   only doubtful comments are held; open always
    on /news/*       every comment is held; open for 1 day
    on /archive/*    closed"
    );
}

#[test]
fn a_table_that_does_not_answer_is_named() {
    let environment = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("DESKBELL_TABLE", "deskbell"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ];
    let Output { status, stderr, .. } = File::new(SHORT).check(&environment);
    assert_eq!(status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stderr).starts_with("deskbell: DynamoDB: "));
}
