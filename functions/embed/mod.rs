//! Makes the files of the embed script, and the description of the HTTP interface, a part of the program: without
//! comments and indentation, compressed, and each with the version by which it can be kept for ever. What must come
//! along stays readable in this folder.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

const FOLDER: &str = "embed";

/// What the script loads when it is needed stands before it: it names both by their versions.
const FILES: [(&str, &str); 4] =
    [("embed.css", "text/css"), ("work.js", SCRIPT), ("embed.js", SCRIPT), (DESCRIPTION, "application/json")];

/// Stands beside the folder: it says which version it describes.
const DESCRIPTION: &str = "openapi.json";

const SCRIPT: &str = "text/javascript";

/// Writes the files, and the table of them.
pub(crate) fn write() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    println!("cargo::rerun-if-changed={DESCRIPTION}");
    let out = env::var("OUT_DIR")?;
    let mut table = format!("static FILES: [File; {}] = [", FILES.len());
    let mut versions: Vec<(&str, String)> = Vec::new();
    for (name, kind) in FILES {
        let path = if name == DESCRIPTION { name.into() } else { Path::new(FOLDER).join(name) };
        let mut text = bare(&fs::read_to_string(path)?).replace("{version}", &env::var("CARGO_PKG_VERSION")?);
        if kind == SCRIPT {
            text = squeezed(&text);
        }
        for (other, version) in &versions {
            text = text.replace(&format!("embed/{other}"), &format!("embed/{version}"));
        }
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let version = name.replace('.', &format!("-{:08x}.", crc.sum()));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(text.as_bytes())?;
        fs::write(Path::new(&out).join(name), &text)?;
        fs::write(Path::new(&out).join(format!("{name}.gz")), gzip.finish()?)?;
        let path = Path::new(&out).join(name).display().to_string();
        writeln!(
            table,
            "File {{ name: {name:?}, version: {version:?}, kind: \"{kind}; charset=utf-8\", \
             text: include_str!({path:?}), gzip: include_bytes!({:?}) }},",
            format!("{path}.gz")
        )?;
        versions.push((name, version));
    }
    table.push_str("];\n");
    fs::write(Path::new(&out).join("embed.rs"), table)?;
    Ok(())
}

/// A script or a style without its comments, each line of which begins with its mark, and without indentation.
fn bare(text: &str) -> String {
    let lines = text.lines().map(str::trim);
    let said = lines.filter(|line| !line.is_empty() && !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark)));
    said.collect::<Vec<_>>().join("\n")
}

/// A script without the spaces and line ends that mean nothing. Only what a quote begins is text to it: a regular
/// expression must not hold a quote.
fn squeezed(script: &str) -> String {
    let mut out = String::with_capacity(script.len());
    let mut quote = None;
    let mut rest = script.chars().peekable();
    while let Some(one) = rest.next() {
        let before = out.chars().next_back();
        let next = rest.peek().copied();
        match quote {
            Some(mark) if one == mark && before != Some('\\') => quote = None,
            None if one == ' ' && !(is_word(before) && is_word(next)) => continue,
            None if one == '\n' && (ends_open(before) || begins_open(next)) => continue,
            None if ['"', '\'', '`'].contains(&one) => quote = Some(one),
            Some(_) | None => {}
        }
        out.push(one);
    }
    out
}

/// Whether it may be a part of a name or a number, so that a space beside another one says something.
fn is_word(one: Option<char>) -> bool {
    one.is_some_and(|one| one.is_alphanumeric() || "_$".contains(one))
}

/// Whether a statement goes on after it, whatever comes.
fn ends_open(one: Option<char>) -> bool {
    one.is_none_or(|one| "{;,([&|?:>".contains(one))
}

/// Whether it cannot begin a statement.
fn begins_open(one: Option<char>) -> bool {
    one.is_none_or(|one| "}])?:.&|".contains(one))
}
