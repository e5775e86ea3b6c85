//! `deskbell cost`: what it prints is what the README shows.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::process::{Command, Output};

fn cost(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.arg("cost").args(arguments).env_clear().output().expect("it runs")
}

#[test]
fn the_readme_shows_what_the_command_prints() {
    let readme = include_str!("../../README.md");
    let line = readme.lines().find(|line| line.starts_with("$ deskbell cost ")).expect("the command");
    let arguments: Vec<&str> = line.split_whitespace().skip(3).collect();
    let Output { status, stdout, stderr } = cost(&arguments);
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let printed = String::from_utf8(stdout).expect("text");
    assert!(readme.contains(&format!("{line}\n{printed}```")), "the README should have\n{line}\n{printed}");
}

#[test]
fn a_price_list_of_ones_own_is_used_and_what_does_not_fit_is_named() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let name = file.path().to_string_lossy().into_owned();
    let dear = include_str!("../../prices.toml").replace("usd = 0.10\n", "usd = 100.0\n");
    std::fs::write(&file, dear).expect("written");
    let arguments = ["--submissions", "1000", "--views", "0", "--spam", "0", "--comments", "0"];
    let printed = cost(&[&arguments[..], &["--prices", &name]].concat()).stdout;
    let printed = String::from_utf8(printed).expect("text");
    let emails = printed.lines().find(|line| line.starts_with("SES, emails")).expect("a line");
    assert_eq!(emails.split_whitespace().last(), Some("100.00"), "{printed}");

    std::fs::write(&file, "date = 5").expect("written");
    assert!(!cost(&[&arguments[..], &["--prices", &name]].concat()).status.success());
    let uneven = cost(&["--submissions", "1,2", "--views", "3"]);
    assert!(String::from_utf8_lossy(&uneven.stderr).contains("as many numbers"));
}

#[test]
fn the_most_that_a_month_can_cost_follows_from_the_throttles() {
    let readme = include_str!("../../README.md");
    let Output { status, stdout, stderr } = cost(&["--worst"]);
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let printed = String::from_utf8(stdout).expect("text");
    let line = printed.lines().find(|line| line.starts_with("to pay")).expect("a sum");
    let sum = line.split_whitespace().last().expect("a sum").split('.').next().expect("dollars");
    assert!(readme.contains(&format!("{sum} USD")), "the README should name the {sum} USD of\n{printed}");
    assert!(!cost(&["--worst", "--views", "1"]).status.success());
}
