//! Parts of lists: up to a number of items, and after which of them the next part begins.

use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::submission::{Submission, Visible};

/// Which end of a list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Newest,
    /// The oldest first.
    Oldest,
}

/// What stands in a list.
pub trait Listed: DeserializeOwned + Clone {
    /// The attributes that are asked for, as paths; all, if none are named.
    const ATTRIBUTES: &[&str];

    /// Its id.
    fn id(&self) -> Uuid;
}

impl Listed for Submission {
    const ATTRIBUTES: &[&str] = &[];

    fn id(&self) -> Uuid {
        self.id
    }
}

impl Listed for Visible {
    const ATTRIBUTES: &[&str] = Visible::ATTRIBUTES;

    fn id(&self) -> Uuid {
        self.id
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<T = Submission> {
    /// What stands in it.
    pub submissions: Vec<T>,
    /// After which id the next part begins; none if this is the last.
    pub next: Option<Uuid>,
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { submissions: Vec::new(), next: None }
    }
}

impl<T: Listed> Part<T> {
    /// Up to `limit` of these; `more` if it is known that others follow.
    pub(super) fn cut(mut submissions: Vec<T>, more: bool, limit: usize) -> Self {
        let more = more || submissions.len() > limit;
        submissions.truncate(limit);
        let next = submissions.last().filter(|_| more).map(T::id);
        Self { submissions, next }
    }

    /// This part and another of the same order, as one. Nothing is left out in between: the part ends where the first
    /// of the two ends.
    pub(super) fn joined(self, other: Self, order: Order, limit: usize) -> Self {
        let later = |a: Uuid, b: Uuid| if order == Order::Newest { a < b } else { a > b };
        let ends: Vec<Uuid> = [self.next, other.next].into_iter().flatten().collect();
        let mut both = [self.submissions, other.submissions].concat();
        let all = both.len();
        both.retain(|one| !ends.iter().any(|end| later(one.id(), *end)));
        let more = !ends.is_empty() || both.len() < all;
        both.sort_unstable_by_key(T::id);
        if order == Order::Newest {
            both.reverse();
        }
        Self::cut(both, more, limit)
    }
}
