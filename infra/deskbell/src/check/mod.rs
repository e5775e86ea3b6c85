//! `deskbell check`: everything that is wrong with the settings, or the settings in effect.

mod effective;
mod phrases;
mod secrets;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use deskbell_functions::config::{Config, ConfigError, Document};
use deskbell_functions::store::Store;

/// Writes the settings in effect, defaults included, and, where there is a table, which of the secrets that they need are
/// set; fails with everything that is wrong with the text, which stands in the file `path`.
pub async fn check(
    path: &Path,
    text: &str,
    table: Option<impl AsyncFnOnce() -> Result<Store, Box<dyn Error>>>,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    let read = Document::parse(text).and_then(|document| Ok((Config::read(&document)?, document)));
    let (config, document) = read.map_err(|wrong| report(&wrong, path))?;
    writeln!(output, "{} is valid. Settings in effect:\n", path.display())?;
    write!(output, "{}", effective::text(&config, &document))?;
    write!(output, "{}", secrets::text(&config, table).await?)?;
    Ok(())
}

/// Everything that is wrong with a file, as compilers report it.
#[must_use]
pub fn report(wrong: &ConfigError, path: &Path) -> String {
    let file = path.display().to_string();
    let mut text = match wrong.count() {
        1 => format!("{file} has a mistake\n\n"),
        count => format!("{file} has {count} mistakes\n\n"),
    };
    let _ = write!(text, "{}", wrong.report(&file).trim_end());
    text
}
