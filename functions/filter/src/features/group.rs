//! What kinds of features there are, and who takes them.

/// A kind of feature. Each has its own normalisation, so that a long text does not outweigh a telling name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Group {
    /// Single words and signs.
    Words,
    /// Two words in a row.
    Pairs,
    /// Three to five letters in a row inside a word.
    Letters,
    /// Parts of links.
    Links,
    /// The author's name.
    Author,
    /// Length, scripts, links, capitals: what can be seen from afar.
    Shape,
}

/// How many groups there are.
pub const GROUPS: usize = 6;

/// Takes the features of a submission, one by one.
pub trait Sink {
    /// One feature: its group, its hash, and the token of the text that it was read from.
    fn feature(&mut self, group: Group, hash: u32, token: usize);

    /// Whether it takes [`Group::Letters`], which are most of all features.
    fn wants_letters(&self) -> bool {
        true
    }
}

/// A token's number for features that come from no token of the text.
pub const NOWHERE: usize = usize::MAX;
