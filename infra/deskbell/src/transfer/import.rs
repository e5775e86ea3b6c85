//! From the file to the table. An item is put where none is, so that nothing is doubled and nothing that has changed
//! since is put back. The file is read three times: what stands alone comes first, then what people sent, then what
//! only makes sense with it; for the deployed functions see each item as soon as it is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use deskbell_functions::store::{ImportOutcome, Store, TransferItem};
use futures_util::StreamExt as _;
use futures_util::stream;
use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};

use super::error::{TransferError, in_file};
use super::file::{Head, Line, Lines, Mark, head};
use super::progress::bar;

/// How many items are put before it is noted how far it came.
const CHUNK: usize = 500;

/// How many are put concurrently.
const CONCURRENT: usize = 25;

/// What was put into the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Items that were not there.
    pub new: u64,
    /// Items that were there, and the same.
    pub same: u64,
    /// How many stayed as they were, for others were there; by kind.
    pub other: BTreeMap<String, u64>,
    /// Whether an interrupted import was resumed.
    pub resumed: bool,
}

/// Puts what a file holds into a table. If that was interrupted, it goes on where it was.
pub async fn import(store: &Store, path: &Path, replace_secret: bool) -> Result<Imported, TransferError> {
    let head = head(path)?;
    let bytes = std::fs::metadata(path).map_err(in_file(path))?.len();
    let progress = path.with_added_extension("progress");
    let position = Position { into: store.identity().await?.0, head, bytes, pass: 0, offset: 0 };
    let (position, resumed) = position.resume(&progress);
    let mut done = Imported { resumed, ..Imported::default() };
    if !resumed {
        check_whole(path)?;
        match bring_secret(store, path, replace_secret).await? {
            Some(ImportOutcome::Same) => done.same += 1,
            Some(_) => done.new += 1,
            None => {}
        }
    }
    let bar = bar(bytes * u64::from(PASSES), "{bar:40} {percent} %, {elapsed}, about {eta} left");
    let mut import = Import { store, path, progress, position, bar, done };
    import.run().await?;
    import.bar.finish_and_clear();
    std::fs::remove_file(&import.progress).map_err(in_file(&import.progress))?;
    Ok(import.done)
}

/// How often the file is read.
const PASSES: u8 = 3;

/// In which pass an item is put.
fn pass(item: &TransferItem) -> u8 {
    match item.kind() {
        Some("submission") => 1,
        // A retry run forgets those whose submission is not there.
        Some("undelivered" | "akismet") => 2,
        _ => 0,
    }
}

/// How far an import came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Position {
    /// The table, by [`Store::identity`].
    into: String,
    /// What identifies the file.
    head: Head,
    bytes: u64,
    pass: u8,
    /// Where in the file it goes on.
    offset: u64,
}

impl Position {
    /// How far it came with the same file and table, if it was interrupted.
    fn resume(self, progress: &Path) -> (Self, bool) {
        let kept = std::fs::read(progress).ok().and_then(|text| serde_json::from_slice::<Self>(&text).ok());
        let same = |kept: &Self| (&kept.into, &kept.head, kept.bytes) == (&self.into, &self.head, self.bytes);
        match kept.filter(same) {
            Some(kept) => (kept, true),
            None => (self, false),
        }
    }

    /// Notes it, whole or not at all.
    fn keep(&self, progress: &Path) -> std::io::Result<()> {
        let new = progress.with_added_extension("new");
        std::fs::write(&new, serde_json::to_vec(self)?)?;
        std::fs::rename(new, progress)
    }
}

/// A file whose export was interrupted lacks the end.
fn check_whole(path: &Path) -> Result<(), TransferError> {
    let (mut lines, mut items) = (Lines::open(path, 0)?, 0);
    while let Some(line) = lines.next()? {
        match line {
            Line::Item(_) => items += 1,
            Line::Mark(Mark::End { items: all }) if all == items => return Ok(()),
            Line::Mark(_) => {}
        }
    }
    Err(TransferError::invalid(path, "the export is incomplete; run the same `deskbell export` again to finish it"))
}

/// Sees to it that the table has the file's secret before anything else, if there is one in it: the hashes in all other
/// items are made with it.
async fn bring_secret(store: &Store, path: &Path, replace: bool) -> Result<Option<ImportOutcome>, TransferError> {
    let mut lines = Lines::open(path, 0)?;
    lines.next()?;
    let Some(Line::Item(secret)) = lines.next()?.filter(|line| matches!(line, Line::Item(item) if item.is_secret()))
    else {
        return Ok(None);
    };
    match store.import_item(&secret).await? {
        ImportOutcome::Other if !replace => return Err(TransferError::Secret),
        ImportOutcome::Other => store.replace_secret(&secret).await?,
        filed => return Ok(Some(filed)),
    }
    Ok(Some(ImportOutcome::Other))
}

struct Import<'a> {
    store: &'a Store,
    path: &'a Path,
    progress: PathBuf,
    position: Position,
    bar: ProgressBar,
    done: Imported,
}

impl Import<'_> {
    async fn run(&mut self) -> Result<(), TransferError> {
        while self.position.pass < PASSES {
            let mut lines = Lines::open(self.path, self.position.offset)?;
            loop {
                let chunk = self.chunk(&mut lines)?;
                if chunk.is_empty() {
                    break;
                }
                self.put(&chunk).await?;
                self.checkpoint(self.position.pass, lines.offset)?;
            }
            self.checkpoint(self.position.pass + 1, 0)?;
        }
        Ok(())
    }

    /// The next items of this pass; none if there are no more.
    fn chunk(&self, lines: &mut Lines) -> Result<Vec<TransferItem>, TransferError> {
        let mut chunk = Vec::new();
        while chunk.len() < CHUNK {
            match lines.next()? {
                Some(Line::Item(item)) if pass(&item) == self.position.pass && !item.is_secret() => chunk.push(item),
                Some(_) => {}
                None => break,
            }
        }
        Ok(chunk)
    }

    async fn put(&mut self, chunk: &[TransferItem]) -> Result<(), TransferError> {
        let putting = chunk.iter().map(async |item| (item, self.store.import_item(item).await));
        let put: Vec<_> = stream::iter(putting).buffer_unordered(CONCURRENT).collect().await;
        for (item, filed) in put {
            match filed? {
                ImportOutcome::New => self.done.new += 1,
                ImportOutcome::Same => self.done.same += 1,
                ImportOutcome::Other => {
                    *self.done.other.entry(item.kind().unwrap_or("deployment").into()).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// Notes how far it came: everything before that is in the table.
    fn checkpoint(&mut self, pass: u8, offset: u64) -> Result<(), TransferError> {
        (self.position.pass, self.position.offset) = (pass, offset);
        self.bar.set_position(u64::from(pass) * self.position.bytes + offset);
        self.position.keep(&self.progress).map_err(in_file(&self.progress))
    }
}
