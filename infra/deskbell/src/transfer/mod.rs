//! `deskbell export --all` and `deskbell import`: transfers what is stored, of one site or of all, from one table to
//! another, by a file. Either can be interrupted at any point and goes on where it was; importing twice is importing
//! once.

mod command;
mod error;
mod export;
mod file;
mod import;
mod progress;

pub use self::command::{Export, Import, run_export, run_import};
pub use self::error::TransferError;
pub use self::export::{Exported, export};
pub use self::import::{Imported, import};
