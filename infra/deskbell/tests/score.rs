//! `deskbell score`: what it answers, and what it says about lines that it cannot use.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn write(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path.to_string_lossy().into_owned()
}

fn deskbell(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    // A program that has seen enough closes its input.
    let _ = child.stdin.take().expect("its input").write_all(input.as_bytes());
    child.wait_with_output().expect("it ends")
}

fn answers(arguments: &[&str], input: &str) -> Vec<Value> {
    let Output { status, stdout, stderr } = deskbell(arguments, input);
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    let text = String::from_utf8(stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn fails(arguments: &[&str], input: &str) -> String {
    let Output { status, stderr, .. } = deskbell(arguments, input);
    assert_eq!(status.code(), Some(1), "{arguments:?}");
    String::from_utf8(stderr).expect("text")
}

fn score(answer: &Value) -> f64 {
    answer["score"].as_f64().expect("a score")
}

const LINES: &str = concat!(
    r#"{"id":"a","kind":"contact","author":"Anna Weber","email":null,"url":null,"text":"Could I come for a massage on Monday afternoon?"}"#,
    "\n\n",
    r#"{"id":7,"kind":"comment","author":"Robertfek","text":"<a href=http://pills.example>buy cheap viagra online</a> [url=http://casino.example]casino bonus[/url]"}"#,
    "\n",
);

#[test]
fn texts_are_scored_with_reasons_whatever_their_id() {
    let answers = answers(&["score"], LINES);
    assert_eq!(answers.len(), 2);
    assert_eq!((&answers[0]["id"], &answers[0]["decision"]), (&"a".into(), &"ham".into()));
    assert_eq!((&answers[1]["id"], &answers[1]["decision"]), (&7.into(), &"spam".into()));
    assert!(score(&answers[0]) < 0.1 && score(&answers[1]) > 0.99, "{answers:?}");
    let reasons = answers[1]["reasons"].as_array().expect("reasons");
    let names: Vec<&str> = reasons.iter().filter_map(|reason| reason["name"].as_str()).collect();
    assert!(names.contains(&"words_junk"), "{names:?}");
    assert!(reasons.iter().all(|reason| reason["weight"].is_number()));
}

#[test]
fn lines_that_are_none_are_named_by_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = fails(&["score"], &format!("{LINES}nonsense\n"));
    assert!(error.contains("standard input, line 4"), "{error}");
    let error = fails(&["score"], "{\"id\":1}\n");
    assert!(error.contains("line 1") && error.contains("text"), "{error}");
    let decided = write(&folder, "decided.jsonl", "{\"text\":\"Thank you\",\"label\":\"perhaps\"}\n");
    assert!(fails(&["score", "--learn", &decided], "").contains("line 1"));
    assert!(fails(&["score", "--learn", "no-such-file.jsonl"], "").contains("no-such-file.jsonl"));
    assert_eq!(answers(&["score"], ""), Vec::<Value>::new());
}

#[test]
fn what_the_owner_decided_changes_what_is_like_it_and_little_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |label: &str, author: &str, text: &str| {
        format!("{}\n", serde_json::json!({ "author": author, "text": text, "label": label }))
    };
    let shops = ["Glow Sofas", "Bright Rugs", "Quick Roofs", "Fine Lamps", "Soft Beds"];
    let praise = |shop: &str| format!("Lovely read, we at {shop} agree with every word of it and come back soon.");
    let asked = ["the knee", "the back", "the hip", "a foot", "both shoulders"];
    let question = |part: &str| format!("Does this exercise help after an operation on {part} too?");
    let mut decided: String = shops.iter().map(|shop| line("spam", shop, &praise(shop))).collect();
    decided.extend(asked.iter().map(|part| line("ham", "Ida", &question(part))));
    let decided = write(&folder, "decided.jsonl", &decided);
    let lines = [
        serde_json::json!({ "id": 1, "author": "Cool Chairs", "text": praise("Cool Chairs") }),
        serde_json::json!({ "id": 2, "author": "Ole", "text": question("an elbow") }),
        serde_json::json!({ "id": 3, "author": "Mia", "text": "Vielen Dank, bis Donnerstag!" }),
    ];
    let lines = lines.map(|line| line.to_string()).join("\n");
    let before = answers(&["score"], &lines);
    let after = answers(&["score", "--learn", &decided], &lines);
    let odds = |answer: &Value| (score(answer) / (1.0 - score(answer))).ln();
    assert!(odds(&after[0]) > odds(&before[0]) + 0.5, "{after:?}");
    assert!(odds(&after[1]) < odds(&before[1]) + 0.5, "{after:?}");
    assert_eq!((&after[1]["decision"], &after[2]["decision"]), (&"ham".into(), &"ham".into()));
}
