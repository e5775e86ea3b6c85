//! What is the matter with a language's file that the build cannot see, for it needs no Rust to be wrong: texts that
//! were left in English, forms for numbers that the language has not, dates with English months in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::{WORDS, words};

/// What is the same in some language as in English.
const SAME: [&str; 20] = [
    "Actions",
    "Contact",
    "Cookies",
    "Export: {folder}",
    "Inbox",
    "Message",
    "Messages",
    "Name",
    "Notes",
    "Notifications",
    "Page",
    "Privacy",
    "RSS",
    "Spam",
    "Team",
    "Website",
    "ltr",
    "spam",
    "{name}, {when}",
    "{site}: {count}",
];

/// A text's forms by their name; one without a name where it has no forms.
type Forms = BTreeMap<String, String>;

/// The texts of a language's file, by table and name.
fn texts(language: &str) -> BTreeMap<String, Forms> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("words/{language}.toml"));
    let file = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut texts = BTreeMap::new();
    gather("", &toml::from_str(&file).expect(language), &mut texts);
    texts
}

fn gather(place: &str, table: &toml::Table, texts: &mut BTreeMap<String, Forms>) {
    for (name, value) in table {
        let name = format!("{place}{name}");
        match value {
            toml::Value::String(text) => {
                texts.insert(name, Forms::from([(String::new(), text.clone())]));
            }
            toml::Value::Table(table) if table.values().all(toml::Value::is_str) && table.contains_key("one") => {
                let forms = table.iter().map(|(form, text)| (form.clone(), text.as_str().unwrap_or("").to_owned()));
                texts.insert(name, forms.collect());
            }
            toml::Value::Table(table) => gather(&format!("{name}."), table, texts),
            other => panic!("{name} is {other:?}"),
        }
    }
}

/// The names in braces.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

fn others() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|words| words.lang).filter(|lang| *lang != "en")
}

#[test]
fn every_file_is_a_language_and_says_what_english_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("words");
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").file_name());
    let files: BTreeSet<String> = files.map(|name| name.to_string_lossy().replace(".toml", "")).collect();
    assert_eq!(files, WORDS.iter().map(|words| words.lang.to_owned()).collect());
    let english = texts("en");
    for lang in others() {
        let own = texts(lang);
        assert!(own.keys().eq(english.keys()), "{lang} has other texts than English");
        for (name, forms) in &own {
            let all: BTreeSet<&str> = english[name].values().flat_map(|text| places(text)).collect();
            let one = |form: &str| form == "one";
            for (form, text) in forms {
                let same = places(text) == all || one(form) && places(text).is_subset(&all);
                assert!(same, "{lang}: {name} has other places to fill: {text}");
            }
        }
    }
}

#[test]
fn nothing_was_left_in_english() {
    let english = texts("en");
    for lang in others() {
        for (name, forms) in texts(lang) {
            // How dates and numbers are written is no text.
            if !["thousands", "time_format", "inbox.date_format"].contains(&name.as_str()) {
                let left = forms.values().find(|text| english[&name].values().any(|there| there == *text));
                let left = left.filter(|text| !SAME.contains(&text.as_str()));
                assert_eq!(left, None, "{lang}: {name} is as in English. If that is right, put it into SAME");
            }
        }
    }
}

#[test]
fn what_ends_a_sentence_does_so_in_every_language() {
    let ends = |text: &str| text.ends_with(['.', '?', ':', '!']);
    let english = texts("en");
    for lang in others() {
        for (name, forms) in texts(lang).into_iter().filter(|(name, _)| name != "thousands") {
            for text in forms.values() {
                let there = english[&name].values().any(|there| ends(there));
                assert_eq!(ends(text), there, "{lang}: {name}: {text}");
                let tidy = text.trim() == text && !text.contains("  ");
                assert!(tidy, "{lang}: {name} has spaces too many: {text:?}");
            }
        }
    }
}

#[test]
fn a_language_has_the_forms_for_numbers_that_unicode_knows_of_it() {
    for language in &WORDS {
        let mut numbers: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for number in 0..10_000 {
            numbers.entry(language.numbers.category(number).expect("rules")).or_default().push(number);
        }
        for (name, forms) in texts(language.lang).iter().filter(|(_, forms)| forms.len() > 1) {
            let (lang, own): (_, Vec<&str>) = (language.lang, forms.keys().map(String::as_str).collect());
            assert_eq!(own, numbers.keys().copied().collect::<Vec<_>>(), "{lang}: {name}");
            let all: BTreeSet<&str> = forms.values().flat_map(|text| places(text)).collect();
            // "A minute ago" is for one minute, and not for none.
            let silent = forms.iter().filter(|(_, text)| places(text) != all);
            for (form, text) in silent {
                assert_eq!(numbers[form.as_str()], [1], "{lang}: {name} does not say its number: {text}");
            }
        }
    }
}

#[test]
fn numbers_are_said_as_each_language_says_them() {
    let cases: [(&str, &[(u32, &str)]); 4] = [
        ("en", &[(0, "0 minutes ago"), (1, "a minute ago"), (2, "2 minutes ago"), (12_345, "12,345 minutes ago")]),
        ("de", &[(1, "vor einer Minute"), (7, "vor 7 Minuten"), (1_234_567, "vor 1.234.567 Minuten")]),
        ("fr", &[(0, "il y a 0 minute"), (1, "il y a 1 minute"), (1_000, "il y a 1\u{202f}000 minutes")]),
        (
            "pl",
            &[
                (0, "0 minut temu"),
                (1, "minutę temu"),
                (2, "2 minuty temu"),
                (5, "5 minut temu"),
                (12, "12 minut temu"),
                (22, "22 minuty temu"),
                (112, "112 minut temu"),
                (999, "999 minut temu"),
            ],
        ),
    ];
    for (lang, numbers) in cases {
        let text = words(lang).expect(lang).inbox.minutes_ago;
        for (number, expected) in numbers {
            assert_eq!(text.format("count", *number), *expected);
        }
    }
    // As the rule for Spanish has it, for which there is no text of its own.
    let spanish = words("es").expect("Spanish").inbox.days_ago;
    assert_eq!(spanish.format("count", 1_000_000), "hace 1.000.000 días");
}

#[test]
fn dates_hold_no_english_names_where_the_language_is_another() {
    // The parts of the time that jiff has in English alone.
    let english = ["%A", "%a", "%B", "%b", "%h", "%p", "%P", "%c", "%x", "%X", "%r"];
    for language in WORDS.iter().filter(|words| words.lang != "en") {
        for form in [language.time_format, language.inbox.date_format] {
            assert!(!english.iter().any(|part| form.contains(part)), "{}: {form}", language.lang);
        }
    }
}
