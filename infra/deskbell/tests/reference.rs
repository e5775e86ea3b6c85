//! `infra/settings.md` lists the settings as the code has them: every key, the words that it takes, and its default.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::collections::{BTreeMap, BTreeSet};

use deskbell_functions::config::Config;

const REFERENCE: &str = include_str!("../../settings.md");

/// A key that no table has.
const UNKNOWN: &str = "zz_unknown";

/// Where a table stands: `sites.NAME.comments.pages`.
type Path = Vec<Step>;

/// A key, and what its value is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    key: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    /// Tables by names that are the user's.
    Named(&'static str),
    /// A list of tables.
    List,
}

/// What is said of a key.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    default: String,
    text: String,
}

/// A document with nothing but a table at the end of a path, which holds this.
fn document(path: &[Step], inside: &str) -> String {
    let mut text = inside.to_owned();
    for step in path.iter().rev() {
        let table = format!("{{ {text} }}");
        let value = match step.kind {
            Kind::Table => table,
            Kind::Named(_) => format!("{{ studio = {table} }}"),
            Kind::List => format!("[{table}]"),
        };
        text = format!("{} = {value}", step.key);
    }
    text
}

/// What is wrong with the table at the end of a path if it holds this.
fn wrong(path: &[Step], inside: &str) -> String {
    Config::parse(&document(path, inside)).map_or_else(|error| error.to_string(), |_| String::new())
}

/// What stands in backticks.
fn ticked(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What was expected, by a message of the parser.
fn expected(message: &str) -> Vec<String> {
    message.split_once("expected ").map_or_else(Vec::new, |(_, words)| ticked(words))
}

/// The heading of a table in the reference.
fn heading(path: &[Step]) -> String {
    let names: Vec<String> = path
        .iter()
        .map(|step| match step.kind {
            Kind::Named(name) => format!("{}.{name}", step.key),
            _ => step.key.clone(),
        })
        .collect();
    match path.last().map(|step| step.kind) {
        Some(Kind::List) => format!("[[{}]]", names.join(".")),
        _ => format!("[{}]", names.join(".")),
    }
}

/// All tables of the settings with their keys, as the parser itself names them: it is asked for a key that no table has,
/// in each place where there may be a table.
fn tables(path: &Path, found: &mut BTreeMap<String, (Path, Vec<String>)>) {
    let keys = expected(&wrong(path, &format!("{UNKNOWN} = 1")));
    for key in &keys {
        let name = match key.as_str() {
            "sites" => "NAME",
            "translations" => "LANG",
            _ => "FORM",
        };
        for kind in [Kind::Table, Kind::Named(name), Kind::List] {
            let below = [path.clone(), vec![Step { key: key.clone(), kind }]].concat();
            if wrong(&below, &format!("{UNKNOWN} = 1")).contains(&format!("unknown field `{UNKNOWN}`")) {
                tables(&below, found);
            }
        }
    }
    found.insert(heading(path), (path.clone(), keys));
}

fn all_tables() -> BTreeMap<String, (Path, Vec<String>)> {
    let mut found = BTreeMap::new();
    tables(&Path::new(), &mut found);
    // The root and `[sites]` hold nothing but tables.
    found.retain(|heading, _| heading != "[]");
    found
}

/// The reference: its tables, each with its rows.
fn reference() -> BTreeMap<String, BTreeMap<String, Row>> {
    let sections = REFERENCE.split("\n## ").skip(1);
    let section = |section: &str| {
        let name = ticked(section.lines().next().expect("a heading"));
        let rows = section.lines().filter(|line| line.starts_with("| `")).map(|line| {
            let line = line.replace("\\|", "¦");
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (ticked(cells[1])[0].clone(), Row { default: cells[2].into(), text: cells[3].into() })
        });
        (name[0].clone(), rows.collect())
    };
    sections.map(section).collect()
}

#[test]
fn the_reference_has_every_key_and_no_other() {
    let code = all_tables();
    assert!(code.len() >= 14, "{:?}", code.keys());
    let reference = reference();
    assert_eq!(code.keys().collect::<Vec<_>>(), reference.keys().collect::<Vec<_>>());
    for (table, (_, keys)) in &code {
        let listed: BTreeSet<&String> = reference[table].keys().collect();
        assert_eq!(keys.iter().collect::<BTreeSet<_>>(), listed, "{table}");
    }
}

#[test]
fn the_reference_has_every_word_that_a_key_takes() {
    let (reference, tables, mut words) = (reference(), all_tables(), 0);
    for (table, (path, keys)) in &tables {
        for key in keys {
            // A list is read as the values of a table, too.
            let kinds = [Kind::Table, Kind::Named("FORM"), Kind::List];
            let below = |kind| heading(&[path.clone(), vec![Step { key: key.clone(), kind }]].concat());
            if kinds.into_iter().any(|kind| tables.contains_key(&below(kind))) {
                continue;
            }
            let row = &reference[table][key];
            for value in [format!("{key} = \"{UNKNOWN}\""), format!("{key} = [\"{UNKNOWN}\"]")] {
                let message = wrong(path, &value);
                if !message.contains("unknown value") {
                    continue;
                }
                for word in expected(&message) {
                    words += 1;
                    assert!(ticked(&row.text).contains(&word), "{table} {key}: {word} is missing");
                }
            }
        }
    }
    assert!(words > 30, "{words}");
}

/// What a table has to hold, so that the rest of it can be left out.
fn needed(table: &str) -> &'static str {
    match table {
        "[mail]" => "from = \"deskbell@example.org\"",
        "[sites.NAME]" => {
            "name = \"Studio\", url = \"https://www.example.org\", owner = { name = \"Mara\", email = \"mara@example.org\" }"
        }
        "[sites.NAME.owner]" | "[[sites.NAME.team]]" => "name = \"Jon\", email = \"jon@example.org\"",
        "[[sites.NAME.forms.FORM.fields]]" => "name = \"colour\"",
        "[[sites.NAME.comments.pages]]" => "match = \"/news/*\"",
        "[[sites.NAME.channels]]" => "kind = \"sms\", to = \"+491701234567\"",
        _ => "",
    }
}

/// Settings in which a table holds what it needs and this.
fn settings(path: &[Step], table: &str, more: &str) -> String {
    let inside = [needed(table), more].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let mail = format!("mail = {{ {} }}\n", needed("[mail]"));
    match path {
        [mail] if mail.key == "mail" => {
            format!("mail = {{ {inside} }}\nsites = {{ studio = {{ {} }} }}", needed("[sites.NAME]"))
        }
        [_] => format!("{mail}sites = {{ studio = {{ {inside} }} }}"),
        [_, rest @ ..] => {
            let owner = rest[0].key == "owner";
            let site = needed("[sites.NAME]");
            let site = if owner { site.split(", owner").next().expect("a part") } else { site };
            format!("{mail}sites = {{ studio = {{ {site}, {} }} }}", document(rest, &inside))
        }
        [] => String::new(),
    }
}

#[test]
fn the_defaults_of_the_reference_are_those_in_effect() {
    let (reference, mut defaults) = (reference(), 0);
    for (table, (path, _)) in all_tables() {
        let config = |more: &str| {
            let text = settings(&path, &table, more);
            format!("{:?}", Config::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}")))
        };
        for (key, row) in &reference[&table] {
            let [default] = &ticked(&row.default)[..] else { continue };
            defaults += 1;
            assert_eq!(config(&format!("{key} = {default}")), config(""), "{table} {key}");
            // Not because it is the same whatever it is.
            if let Ok(number) = default.replace('_', "").parse::<u32>() {
                assert_ne!(config(&format!("{key} = {}", number + 1)), config(""), "{table} {key}");
            }
        }
    }
    assert!(defaults > 30, "{defaults}");
}

#[test]
fn links_within_the_reference_lead_somewhere() {
    let anchors: BTreeSet<String> = REFERENCE
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|title| title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect())
        .collect();
    for link in REFERENCE.split("](#").skip(1) {
        let anchor = link.split(')').next().expect("an anchor");
        assert!(anchors.contains(anchor), "{anchor}");
    }
}
