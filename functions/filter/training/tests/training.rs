//! Training and measuring: what the program answers, and that the same lines give the same model.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../model/seeds.jsonl");

fn write(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path.to_string_lossy().into_owned()
}

fn training(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_deskbell-training")).args(arguments).output().expect("it runs")
}

fn fails(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = training(arguments);
    assert_eq!(status.code(), Some(1), "{arguments:?}");
    String::from_utf8(stderr).expect("text")
}

#[test]
fn files_and_lines_that_are_none_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let only = write(&folder, "ham.jsonl", "{\"text\":\"Thank you\",\"label\":\"ham\"}\n");
    assert!(fails(&["eval", &only]).contains("labelled \"spam\""));
    assert!(fails(&["eval", "no-such-file.jsonl"]).contains("no-such-file.jsonl"));
    let nonsense = write(&folder, "nonsense.jsonl", "{\"text\":\"Thank you\"}\n\nnonsense\n");
    let error = fails(&["eval", &nonsense]);
    assert!(error.contains("nonsense.jsonl, line 3"), "{error}");
}

#[test]
fn the_list_of_disposable_hosts_is_that_of_its_source() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = write(&folder, "disposable.hosts", "");
    assert!(training(&["hosts", "--output", &list]).status.success());
    let hashes = std::fs::read(&list).expect("a list");
    let (hashes, rest) = hashes.as_chunks::<4>();
    assert!(rest.is_empty() && hashes.len() > 10_000, "{}", hashes.len());
    assert!(hashes.is_sorted_by_key(|hash| u32::from_le_bytes(*hash)));
}

#[test]
fn the_filter_is_measured_and_its_curve_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let svg = write(&folder, "curve.svg", "");
    let Output { status, stdout, .. } = training(&["eval", SEEDS, "--svg", &svg]);
    assert!(status.success());
    let report = String::from_utf8(stdout).expect("text");
    for part in ["caught at 0.1 %", "average precision", "| language |", "| kind |", "under 8 words", "Worst misses"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let drawing = std::fs::read_to_string(&svg).expect("drawn");
    assert!(drawing.starts_with("<svg") && drawing.trim_end().ends_with("</svg>") && drawing.contains("<path"));
}

#[test]
fn the_same_lines_make_the_same_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let seeds = std::fs::read_to_string(SEEDS).expect("the seeds");
    let labelled = |label: &str, source: &str| -> String {
        let of = seeds.lines().filter(|line| line.contains(&format!("\"label\":\"{label}\""))).take(24);
        of.map(|line| line.replacen('{', &format!("{{\"source\":\"{source}\","), 1) + "\n").collect()
    };
    let data = write(&folder, "data.jsonl", &(labelled("ham", "one") + &labelled("spam", "two")));
    let none = write(&folder, "none.jsonl", "");
    let made = |name: &str| {
        let (model, card) = (write(&folder, name, ""), write(&folder, "card.md", ""));
        let Output { status, stderr, .. } =
            training(&["train", &data, "--seeds", &none, "--model", &model, "--card", &card]);
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        (std::fs::read(Path::new(&model)).expect("a model"), std::fs::read_to_string(card).expect("a card"))
    };
    let ((first, card), (second, again)) = (made("first"), made("second"));
    assert!(first == second && card == again, "not the same");
    assert!(first.len() <= 1024 * 1024 && first.starts_with(b"DBM1"), "{}", first.len());
    assert!(card.contains("| one |") && !card.contains("{{"), "{card}");
}
