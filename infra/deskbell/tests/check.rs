//! `deskbell check`: all that it says, about wrong files and right ones.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::path::PathBuf;
use std::process::{Command, Output};

/// A file called `deskbell.toml` that goes with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("deskbell-check-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("deskbell.toml"), text).expect("written");
        Self(folder)
    }

    /// Runs the program in the file's folder, with nothing in its environment but this.
    fn check(&self, environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
        command.args(["check", "--config", "deskbell.toml"]).current_dir(&self.0).env_clear();
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

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn everything_wrong_is_told_at_once_with_its_line() {
    let file = File::new(
        "mistakes",
        r#"[mail]
from = "Bell <bell@example.org>"

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
	{ name = "tel" },
]
"#,
    );
    assert_eq!(
        file.wrong(),
        r#"deskbell: deskbell.toml has 8 mistakes

error: not an email address, such as name@example.org
 --> deskbell.toml:2:8
  |
2 | from = "Bell <bell@example.org>"
  |        ^^^^^^^^^^^^^^^^^^^^^^^^^

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

error: this name is an alias, so the field would always be empty
  --> deskbell.toml:21:11
   |
21 |     { name = "tel" },
   |              ^^^^^
   |
   = help: use `phone` here, your HTML form can keep its name
"#
    );
}

#[test]
fn what_is_missing_is_shown_where_it_belongs() {
    let file = File::new("missing", "[sites.studio]\nname = \"Studio\"\nurl = \"www.example.org\"\n");
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
fn what_is_no_toml_is_told_before_anything_else() {
    let file = File::new("syntax", "[mail]\nfrom = \"bell@example.org\n[sites.studio]\nlang = de\ncolour = 1\n");
    assert_eq!(
        file.wrong(),
        r#"deskbell: deskbell.toml has 2 mistakes

error: invalid basic string, expected `"`
 --> deskbell.toml:2:25
  |
2 | from = "bell@example.org
  |                         ^

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
    assert!(String::from_utf8_lossy(&stderr).starts_with("deskbell: no-such-file.toml: "));
}

const SHORT: &str = r#"[mail]
from = "bell@example.org"

[sites.studio]
name = "Studio"
url = "https://www.example.org"
owner = { name = "Mara", email = "mara@example.org" }
challenge.captcha = "turnstile"

[sites.studio.akismet]
certain = 0.1
"#;

#[test]
fn what_is_in_force_is_told_in_plain_words_and_defaults_are_marked() {
    assert_eq!(
        File::new("short", SHORT).right(&[]),
        r"deskbell.toml is right. This is in force:

Letters come from bell@example.org.

studio
  name               Studio
  address            https://www.example.org/
  also at            nowhere else (default)
  language           en (default)
  privacy page       the built-in one, /privacy (default)
    who is asked     you, by the contact form (default)
  hears the bell     Mara <mara@example.org>
  may sign in, too   nobody (default)
  digest             each week, when the template says (default)
  form default       POST /contact (default)
    fields           any (default)
    afterwards       the built-in page (default)
    subject of mail  the sender's name (default)
    honeypot         the customary names (default)
  comments           an author's first one waits for you (default)
    are taken        for ever (default)
    doubtful ones    in the digest, unless their authors show to be persons (default)
    asked for        author, email (default)
    length           at most 20000 characters (default)
    honeypot         the customary names (default)
    agreed to        nothing (default)
  doubtful from      a score of 0.8 on (default)
  spam from          a score of 0.985 on (default)
    known from junk  no words (default)
    always doubtful  no words (default)
    always spam      no words (default)
    languages        any (default)
    whom you blocked doubtful (default)
    at most          10 a minute from one network (default)
  proof asked for    where there is doubt, or much comes from one network (default)
    too quick        within 3 seconds (default)
    too old          after 12 hours (default)
  messages kept      365 days (default)
    undecided        365 days (default)
    spam             30 days (default)
    trash            30 days (default)
    approvals        730 days (default)
    blocks           365 days (default)
  third parties      turnstile, Akismet, about what scores 0.1 or more, in en

These secrets are needed:
  studio             akismet: not looked at
  studio             turnstile: not looked at
Whether they are in the table was not looked at, for AWS_ACCESS_KEY_ID is not set.
"
    );
}

#[test]
fn what_is_in_force_for_some_pages_alone_is_told_in_the_order_that_counts() {
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
    let told = File::new("pages", &format!("{SHORT}{pages}")).right(&[]);
    let about: Vec<_> = told.lines().skip_while(|line| !line.starts_with("  comments")).take(5).collect();
    assert_eq!(
        about.join("\n"),
        "  comments           only doubtful ones wait for you
    are taken        for 30 days
    on /guestbook/   only doubtful ones wait for you; taken for ever
    on /news/*       each waits for you; taken for 1 day
    on /archive/*    none are taken"
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
    let Output { status, stderr, .. } = File::new("table", SHORT).check(&environment);
    assert_eq!(status.code(), Some(1));
    assert!(String::from_utf8_lossy(&stderr).starts_with("deskbell: DynamoDB: "));
}
