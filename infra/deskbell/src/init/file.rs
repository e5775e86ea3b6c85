//! The settings file: nothing that somebody has written is lost.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// The settings that come with Deskbell, which nobody has edited yet.
const SHIPPED: &str = include_str!("../../../deskbell.toml");

/// Fails if the file is there, unless it may be overwritten.
pub(super) fn may_be_written(path: &Path, force: bool) -> Result<(), String> {
    let there = path.exists();
    let untouched = || std::fs::read_to_string(path).is_ok_and(|text| text == SHIPPED);
    if there && !force && !untouched() { Err(refusal(path)) } else { Ok(()) }
}

/// Writes the file, or says why it cannot be written.
pub(super) fn write(path: &Path, text: &str, force: bool) -> Result<(), String> {
    may_be_written(path, force)?;
    // A file that has come meanwhile is somebody's.
    let over = path.exists();
    let file = OpenOptions::new().write(true).truncate(over).create(over).create_new(!over).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => refusal(path),
        _ => format!("{}: {error}", path.display()),
    })
}

fn refusal(path: &Path) -> String {
    format!("{} exists: name another file, or overwrite it with --force", path.display())
}
