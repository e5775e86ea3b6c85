//! From the table to the file.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;

use deskbell_functions::store::{Store, TransferItem};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;

use super::error::{TransferError, in_file};
use super::file::{Head, Line, Lines, Mark, VERSION, create, head};
use super::progress::bar;

/// What was exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exported {
    /// How many items the file holds.
    pub items: u64,
    /// Whether an interrupted export was resumed.
    pub resumed: bool,
}

/// Writes what is stored, of one site or of all, into a file, which only its owner can read. If that was interrupted,
/// it goes on where it was. What comes into the table meanwhile may be in the file or not.
pub async fn export(store: &Store, path: &Path, site: Option<&str>) -> Result<Exported, TransferError> {
    let (from, about) = store.identity().await?;
    let head = Head { version: VERSION, from, site: site.map(Into::into), made_at: Timestamp::now().to_string() };
    let interrupted = if path.exists() { interrupted(path, &head)? } else { None };
    let mut export = match interrupted {
        Some(interrupted) => Export::resume(path, interrupted)?,
        None => Export::begin(store, path, head).await?,
    };
    let bar = bar(about, "{bar:40} about {pos} of {len} items, {elapsed}");
    bar.set_position(export.items);
    export.run(store, site, &bar).await?;
    bar.finish_and_clear();
    Ok(Exported { items: export.items, resumed: export.resumed })
}

/// How far an interrupted export came.
struct Interrupted {
    /// Where in the file it goes on.
    offset: u64,
    /// How many items there are before.
    items: u64,
    /// After which key of the table it goes on.
    after: Option<TransferItem>,
}

/// How far an interrupted export came; none if it has to begin again.
fn interrupted(path: &Path, wanted: &Head) -> Result<Option<Interrupted>, TransferError> {
    let mut lines = Lines::open(path, 0)?;
    let (mut items, mut interrupted) = (0, None);
    if lines.next()?.is_none() {
        // It died before the first line was whole.
        return Ok(None);
    }
    let found = head(path)?;
    if (&found.from, &found.site) != (&wanted.from, &wanted.site) {
        return Err(TransferError::invalid(path, "this is an export of another table or site; name another file"));
    }
    while let Some(line) = lines.next()? {
        match line {
            Line::Item(_) => items += 1,
            Line::Mark(Mark::Next { after }) => {
                let after = after.map(TransferItem::from_json).transpose();
                let after = after.map_err(|error| TransferError::invalid(path, error.to_string()))?;
                interrupted = Some(Interrupted { offset: lines.offset, items, after });
            }
            Line::Mark(Mark::End { items }) => {
                let what =
                    format!("this export is complete, with {items} items; name another file, or delete this one");
                return Err(TransferError::invalid(path, what));
            }
            Line::Mark(Mark::Items(_)) => return Err(TransferError::invalid(path, "the file has two exports in it")),
        }
    }
    Ok(interrupted)
}

/// A file that is being written.
struct Export<'a> {
    path: &'a Path,
    file: BufWriter<File>,
    items: u64,
    after: Option<TransferItem>,
    resumed: bool,
}

impl<'a> Export<'a> {
    /// A new file, with the deployment's secret before everything else: who reads it needs that first.
    async fn begin(store: &Store, path: &'a Path, head: Head) -> Result<Self, TransferError> {
        if path.exists() {
            std::fs::remove_file(path).map_err(in_file(path))?;
        }
        let file = BufWriter::new(create(path).map_err(in_file(path))?);
        let mut export = Self { path, file, items: 0, after: None, resumed: false };
        export.write(&Mark::Items(head))?;
        if let Some(secret) = store.export_secret().await? {
            export.item(&secret)?;
        }
        export.mark()?;
        Ok(export)
    }

    /// A file whose end is cut off behind what is known to be whole.
    fn resume(path: &'a Path, interrupted: Interrupted) -> Result<Self, TransferError> {
        let file = OpenOptions::new().append(true).open(path).map_err(in_file(path))?;
        file.set_len(interrupted.offset).map_err(in_file(path))?;
        let Interrupted { items, after, .. } = interrupted;
        Ok(Self { path, file: BufWriter::new(file), items, after, resumed: true })
    }

    async fn run(&mut self, store: &Store, site: Option<&str>, bar: &ProgressBar) -> Result<(), TransferError> {
        let now = Timestamp::now().as_second();
        loop {
            let (items, next) = store.scan(self.after.take()).await?;
            // The secret is there already.
            for item in items.iter().filter(|item| item.is_transferred(site, now) && !item.is_secret()) {
                self.item(item)?;
            }
            bar.inc(items.len() as u64);
            if next.is_none() {
                break;
            }
            self.after = next;
            self.mark()?;
        }
        self.write(&Mark::End { items: self.items })?;
        self.sync()
    }

    fn item(&mut self, item: &TransferItem) -> Result<(), TransferError> {
        let json = item.to_json().map_err(|error| TransferError::invalid(self.path, error.to_string()))?;
        self.write(&json)?;
        self.items += 1;
        Ok(())
    }

    /// Notes how far it came, once all before that is on the disk.
    fn mark(&mut self) -> Result<(), TransferError> {
        let after = self.after.as_ref().map(TransferItem::to_json).transpose();
        let after = after.map_err(|error| TransferError::invalid(self.path, error.to_string()))?;
        self.write(&Mark::Next { after })?;
        self.sync()
    }

    fn write(&mut self, line: &impl Serialize) -> Result<(), TransferError> {
        let text = serde_json::to_string(line).map_err(|error| TransferError::invalid(self.path, error.to_string()))?;
        writeln!(self.file, "{text}").map_err(in_file(self.path))
    }

    fn sync(&mut self) -> Result<(), TransferError> {
        self.file.flush().and_then(|()| self.file.get_ref().sync_data()).map_err(in_file(self.path))
    }
}
