//! What people may ask of the owner: what is stored about them, and that it be erased. Found by the index of persons,
//! never by looking through the table; so what came in the last seconds, and is not filed yet, is not found yet either.

mod erase;
mod person_index;
mod stored;

pub use self::erase::{Report, erase, erase_submission, would_erase};
pub(crate) use self::person_index::index_person;
pub use self::stored::{Export, Part, Stored, export, stored};
