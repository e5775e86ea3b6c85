//! What people may ask of the owner: what is stored about them, and that it be erased. Found by the index of persons,
//! never by looking through the table.

mod file;

pub(crate) use self::file::file;
