//! `deskbell check`: everything that is wrong with the settings, or the settings in effect.

mod diagnostic;
mod diagnostics;
mod effective;
mod messages;
mod phrases;
mod recover;
mod secrets;
mod tree;

use std::error::Error;
use std::io::Write;
use std::path::Path;

use deskbell_functions::store::Store;

pub use self::diagnostics::{Diagnostics, parse};

/// Writes the settings in effect, defaults included, and, where there is a table, which of the secrets that they need
/// are set; fails with everything that is wrong with the text, which stands in the file `path`.
pub async fn check(
    path: &Path,
    text: &str,
    table: Option<impl AsyncFnOnce() -> Result<Store, Box<dyn Error>>>,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    let (config, document) = parse(text).map_err(|wrong| wrong.report(&path.display().to_string()))?;
    writeln!(output, "{} is valid. Settings in effect:\n", path.display())?;
    write!(output, "{}", effective::text(&config, &document))?;
    write!(output, "{}", secrets::text(&config, table).await?)?;
    Ok(())
}
