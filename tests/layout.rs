//! How the code is laid out: areas stand on floors and import downwards, no modules import each other in a circle, and each
//! module with children is a folder with a `mod.rs`. Read off the `use` lines and the paths in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The areas of `functions/src`, from the top floor to the ground. Nothing imports an area of its own floor or above it.
const FLOORS: [&[&str]; 10] = [
    &["owner", "notify"],
    &["visitor", "rights"],
    &["web", "judging", "delivery"],
    &["app"],
    &["store"],
    &["keys"],
    &["submission"],
    &["config"],
    &["form", "routes"],
    &["words", "platform"],
];

/// Where modules are that may not import each other in a circle.
const SOURCES: [&str; 5] =
    ["functions/src", "functions/filter/src", "functions/filter/training/src", "infra/deskbell/src", "tests"];

/// What one line of a file imports: a module, by its path.
struct Import {
    from: String,
    to: String,
    place: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("target") {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The modules below a folder, by their paths (`delivery::channels`), each with its file. Binaries, examples and benchmarks
/// are crates of their own.
fn modules(source: &str) -> BTreeMap<String, PathBuf> {
    let (folder, mut found) = (root().join(source), Vec::new());
    files(&folder, &mut found);
    let module = |file: PathBuf| {
        let path = file.strip_prefix(&folder).expect("below it").with_extension("");
        let mut parts: Vec<&str> = path.iter().map(|part| part.to_str().expect("text")).collect();
        if ["bin", "bench", "panics"].contains(&parts[0]) || parts[0] == "baselines" {
            return None;
        }
        if ["mod", "lib", "main"].contains(parts.last().expect("a name")) {
            parts.pop();
        }
        Some((parts.join("::"), file))
    };
    found.into_iter().filter_map(module).collect()
}

/// Every path that a tree of `use` names: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn leaves(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let body = rest.trim_end().strip_suffix('}').expect("a closing brace");
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in body.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().expect("one").push(c);
            }
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.iter().flat_map(|part| leaves(&format!("{prefix}{}", part.trim()))).collect()
}

/// The `crate::` and `super::` paths in a file, each with its line. What its unit tests import is left out.
fn paths(text: &str) -> Vec<(usize, String)> {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (mut found, mut open) = (Vec::new(), None::<(usize, String)>);
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default().trim();
        // A visibility is no import.
        let code = code.strip_prefix("pub(in ").and_then(|rest| rest.split_once(") ")).map_or(code, |(_, rest)| rest);
        let bare = code.strip_prefix("pub ").or_else(|| code.split_once(") ").map(|(_, rest)| rest)).unwrap_or(code);
        if let Some((_, statement)) = &mut open {
            statement.push_str(code);
        } else if let Some(statement) = bare.strip_prefix("use ").or_else(|| code.strip_prefix("use ")) {
            open = Some((number + 1, statement.to_owned()));
        } else {
            let words = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
            let named = words.filter(|word| word.starts_with("crate::") || word.starts_with("super::"));
            found.extend(named.map(|path| (number + 1, path.to_owned())));
        }
        if let Some((line, statement)) = open.take_if(|(_, statement)| statement.ends_with(';')) {
            found.extend(leaves(statement.trim_end_matches(';')).into_iter().map(|path| (line, path)));
        }
    }
    found
}

/// The module that a path means, seen from another: the longest beginning of it that is one.
fn resolve(modules: &BTreeMap<String, PathBuf>, from: &str, path: &str) -> Option<String> {
    let path = path.split(" as ").next().unwrap_or_default();
    let mut parts: Vec<&str> = path.split("::").map(str::trim).collect();
    let mut base: Vec<&str> = from.split("::").filter(|part| !part.is_empty()).collect();
    match parts[0] {
        "crate" => base.clear(),
        "self" | "super" => {}
        _ => return None,
    }
    while parts.first() == Some(&"super") {
        base.pop();
        parts.remove(0);
    }
    let rest = parts.into_iter().filter(|part| !["crate", "self", "*"].contains(part));
    let mut whole: Vec<&str> = base.into_iter().chain(rest).collect();
    while !whole.is_empty() && !modules.contains_key(&whole.join("::")) {
        whole.pop();
    }
    Some(whole.join("::"))
}

/// What the modules below a folder import of each other. Roots (`lib.rs`, `main.rs`) only put together, and are left out.
fn imports(source: &str) -> Vec<Import> {
    let modules = modules(source);
    let mut imports = Vec::new();
    for (from, file) in modules.iter().filter(|(from, _)| !from.is_empty()) {
        let text = fs::read_to_string(file).expect("a file");
        for (line, path) in paths(&text) {
            let to = resolve(&modules, from, &path).filter(|to| to != from && !to.is_empty());
            let place = format!("{}:{line}", file.strip_prefix(root()).expect("below it").display());
            imports.extend(to.map(|to| Import { from: from.clone(), to, place }));
        }
    }
    imports
}

fn area(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

fn floor(area: &str) -> usize {
    FLOORS.iter().position(|floor| floor.contains(&area)).unwrap_or_else(|| panic!("{area} stands on no floor"))
}

#[test]
fn areas_import_downwards_and_nothing_else() {
    let imports = imports("functions/src");
    assert!(imports.len() > 300, "the imports are not found any more");
    let between = imports.iter().filter(|one| area(&one.from) != area(&one.to));
    let upward: Vec<String> = between
        .filter(|one| floor(area(&one.from)) >= floor(area(&one.to)))
        .map(|one| format!("{}: {} may not import {}", one.place, area(&one.from), one.to))
        .collect();
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn no_modules_import_each_other_in_a_circle() {
    for source in SOURCES {
        let imports = imports(source);
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for one in &imports {
            needs.entry(&one.from).or_default().insert(&one.to);
            needs.entry(&one.to).or_default();
        }
        // What needs nothing that is left is taken away until nothing changes; what stays stands in a circle or on one.
        while let Some(free) = needs.iter().find(|(_, needed)| needed.is_empty()).map(|(free, _)| *free) {
            needs.remove(free);
            for needed in needs.values_mut() {
                needed.remove(free);
            }
        }
        let tied = |one: &&Import| needs.get(&*one.from).is_some_and(|needed| needed.contains(&*one.to));
        let circle: Vec<String> =
            imports.iter().filter(tied).map(|one| format!("{}: {} imports {}", one.place, one.from, one.to)).collect();
        assert!(circle.is_empty(), "{source} has a circle among these:\n{}", circle.join("\n"));
    }
}

#[test]
fn a_module_with_children_is_a_folder_with_a_mod_rs() {
    for source in SOURCES {
        let (folder, mut found) = (root().join(source), Vec::new());
        files(&folder, &mut found);
        assert!(!found.is_empty(), "{source}");
        for file in found {
            assert!(!file.with_extension("").is_dir(), "{} stands beside a folder of its name", file.display());
        }
    }
}

#[test]
fn the_filter_goes_by_one_name() {
    let mut found = Vec::new();
    files(&root().join("functions/src"), &mut found);
    for file in found {
        let text = fs::read_to_string(&file).expect("a file");
        for (number, line) in text.lines().enumerate() {
            assert!(!line.contains("deskbell_filter as "), "{}:{}", file.display(), number + 1);
        }
    }
}
