//! `deskbell init` and `deskbell snippet` as programs.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the program in a folder, where nobody can be asked.
fn deskbell(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).output().expect("it runs")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("text")
}

/// What it prints if it succeeds.
fn right(folder: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = deskbell(folder, arguments);
    assert!(status.success(), "{}", text(stderr));
    text(stdout)
}

/// What it says if it fails.
fn wrong(folder: &Path, arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = deskbell(folder, arguments);
    assert!(!status.success());
    text(stderr)
}

const ANSWERS: [&str; 8] =
    ["--name", "Knoten & Co.", "--url", "blog.example", "--owner", "mara@blog.example", "--from", "bell@blog.example"];

#[test]
fn init_writes_settings_that_are_valid_and_says_what_comes_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let init = |more: &[&'static str]| [&["init", "mine.toml"], &ANSWERS[..], more].concat();
    let told = right(folder.path(), &init(&["--lang", "de", "--generator", "hugo"]));
    for expected in
        ["layouts/partials/comments.html", "Absenden", "http://127.0.0.1:8787/comments", "cargo dev mine.toml"]
    {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    let settings = std::fs::read_to_string(folder.path().join("mine.toml")).expect("the settings");
    assert!(settings.lines().count() <= 12, "{settings}");
    let valid = right(folder.path(), &["check", "mine.toml"]);
    for line in ["mine.toml is valid.", "Knoten & Co.", "https://blog.example/", "bell@blog.example"] {
        assert!(valid.contains(line), "{line}: {valid}");
    }

    let refused = wrong(folder.path(), &init(&[]));
    assert!(refused.contains("mine.toml exists") && refused.contains("--force"), "{refused}");
    assert_eq!(std::fs::read_to_string(folder.path().join("mine.toml")).expect("the settings"), settings);
    right(folder.path(), &init(&["--force", "--lang", "en"]));
    assert!(!std::fs::read_to_string(folder.path().join("mine.toml")).expect("the settings").contains("\"de\""));
}

#[test]
fn the_settings_that_come_with_deskbell_are_replaced_and_edited_ones_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("infra/deskbell.toml");
    std::fs::create_dir(folder.path().join("infra")).expect("a folder");
    std::fs::write(&file, include_str!("../../deskbell.toml")).expect("a file");
    let init = [&["init"], &ANSWERS[..]].concat();
    assert!(right(folder.path(), &init).starts_with("infra/deskbell.toml is written."));
    assert!(std::fs::read_to_string(&file).expect("the settings").contains("Knoten & Co."));
    assert!(wrong(folder.path(), &init).contains("exists"));
}

#[test]
fn init_says_what_is_missing_where_nobody_can_be_asked_and_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = wrong(folder.path(), &["init", "a.toml", "--name", "Blog"]);
    assert!(missing.contains("--url URL --owner EMAIL --from EMAIL") && !missing.contains("--name"), "{missing}");
    let bad =
        ["init", "a.toml", "--name", "", "--url", "ftp://blog.example", "--owner", "mara", "--from", "m@blog.example"];
    let bad = wrong(folder.path(), &bad);
    for line in ["--name NAME: `name` is empty", "--url URL: a site's URL must", "--owner EMAIL: not an email address"]
    {
        assert!(bad.contains(line), "{line}: {bad}");
    }
    assert!(wrong(folder.path(), &["init", "a.toml", "--lang", "tlh"]).contains("available: en, de"));
    assert!(!folder.path().join("a.toml").exists());
    let nowhere = wrong(folder.path(), &[&["init", "no/such/a.toml"], &ANSWERS[..]].concat());
    assert!(nowhere.contains("no/such/a.toml: No such file"), "{nowhere}");
}

const GENERATORS: [&str; 9] =
    ["plain", "hugo", "eleventy", "jekyll", "astro", "zola", "mkdocs", "docusaurus", "pelican"];

#[test]
fn each_generator_gets_comments_and_a_contact_form_that_work_without_scripts() {
    let folder = tempfile::tempdir().expect("a folder");
    for generator in GENERATORS {
        let snippet = |part: &str| {
            let bell = "https://bell.example/studio/";
            right(folder.path(), &["snippet", "--generator", generator, "--part", part, "--bell", bell])
        };
        let comments = snippet("comments");
        assert!(comments.lines().count() <= 28, "{comments}");
        for expected in [
            "<deskbell-comments page=",
            "<form method=\"post\" action=\"https://bell.example/studio/comments\">",
            "<input type=\"hidden\" name=\"page\" value=",
            "https://bell.example/studio/comments?page=",
            "<script src=\"https://bell.example/studio/embed.js\" async",
        ] {
            assert!(comments.contains(expected), "{generator}: {expected}: {comments}");
        }
        let inside =
            comments.split("<deskbell-comments").nth(1).and_then(|rest| rest.split("</deskbell-comments>").next());
        assert!(inside.is_some_and(|inside| inside.contains("<form") && inside.contains("<a href=")), "{generator}");
        let contact = snippet("contact");
        for expected in ["action=\"https://bell.example/studio/contact\" data-deskbell", "_gotcha", "embed.js"] {
            assert!(contact.contains(expected), "{generator}: {expected}: {contact}");
        }
        let both = right(folder.path(), &["snippet", "--generator", generator]);
        assert!(both.contains("Comments: ") && both.contains("A contact form: ") && both.contains("127.0.0.1:8787"));
    }
    let of = |generator: &str| right(folder.path(), &["snippet", "--generator", generator, "--part", "comments"]);
    assert!(
        of("docusaurus").contains("autoComplete=\"name\" required />") && !of("docusaurus").contains("autocomplete")
    );
    assert!(of("astro").starts_with("---\nconst page = Astro.url.pathname;\n---\n"));
    for wrong_bell in ["bell.example", "ftp://bell.example", "https://bell.example/?x", "https://bell.example/#x"] {
        assert!(wrong(folder.path(), &["snippet", "--bell", wrong_bell]).contains("not a URL"), "{wrong_bell}");
    }
}
