//! The file in between: a line of JSON for each item as `DynamoDB` writes it, and among them lines about the file
//! itself, with an attribute `deskbell`. It holds secrets and whatever people wrote, so nobody but its owner may read
//! it.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek as _, SeekFrom};
use std::path::Path;

use deskbell_functions::store::TransferItem;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::{TransferError, in_file};

/// The version of the file's form.
pub(super) const VERSION: u32 = 1;

/// A line about the file itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deskbell", rename_all = "lowercase")]
pub(super) enum Mark {
    /// The first line.
    Items(Head),
    /// All items up to a key are there; after it the export goes on. No key: after the deployment's secret.
    Next { after: Option<Value> },
    /// The last line, with how many items there are.
    End { items: u64 },
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Head {
    /// [`VERSION`].
    pub(super) version: u32,
    /// Which table it comes from, by [`deskbell_functions::store::Store::identity`].
    pub(super) from: String,
    /// The only site whose items it holds; all without it.
    pub(super) site: Option<String>,
    /// When it was begun.
    pub(super) made_at: String,
}

/// A line.
#[derive(Debug)]
pub(super) enum Line {
    /// About the file.
    Mark(Mark),
    /// An item.
    Item(TransferItem),
}

/// Creates a file that nobody but its owner can read, unless there is one.
pub(super) fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A file that is read line by line: no more than one is held at a time.
pub(super) struct Lines<'a> {
    path: &'a Path,
    reader: BufReader<File>,
    text: Vec<u8>,
    /// Where the next line begins, in bytes.
    pub(super) offset: u64,
}

impl<'a> Lines<'a> {
    /// Opens a file at the beginning of a line.
    pub(super) fn open(path: &'a Path, offset: u64) -> Result<Self, TransferError> {
        let mut file = File::open(path).map_err(in_file(path))?;
        file.seek(SeekFrom::Start(offset)).map_err(in_file(path))?;
        Ok(Self { path, reader: BufReader::new(file), text: Vec::new(), offset })
    }

    /// The next line, if there is a whole one.
    pub(super) fn next(&mut self) -> Result<Option<Line>, TransferError> {
        self.text.clear();
        let length = self.reader.read_until(b'\n', &mut self.text).map_err(in_file(self.path))?;
        if self.text.pop() != Some(b'\n') {
            return Ok(None);
        }
        let line = parse(&self.text).map_err(|error| {
            TransferError::invalid(self.path, format!("invalid line at byte {}: {error}", self.offset))
        })?;
        self.offset += length as u64;
        Ok(Some(line))
    }
}

fn parse(text: &[u8]) -> Result<Line, serde_json::Error> {
    let json: Value = serde_json::from_slice(text)?;
    if json.get("deskbell").is_some_and(Value::is_string) {
        return serde_json::from_value(json).map(Line::Mark);
    }
    TransferItem::from_json(json).map(Line::Item)
}

/// The first line of a file.
pub(super) fn head(path: &Path) -> Result<Head, TransferError> {
    match Lines::open(path, 0)?.next()? {
        Some(Line::Mark(Mark::Items(head))) if head.version > VERSION => {
            Err(TransferError::invalid(path, "this was written by a newer release of deskbell"))
        }
        Some(Line::Mark(Mark::Items(head))) => Ok(head),
        _ => Err(TransferError::invalid(
            path,
            "this is not an export; make one with: deskbell export --all --output FILE",
        )),
    }
}
