//! The table: what it is asked, what that costs, what stands in it.

pub(crate) mod capacity;
pub(crate) mod requests;
pub(crate) mod round_trips;
pub(crate) mod scale;
pub(crate) mod second_dynamodb;
pub(crate) mod transfer;
pub(crate) mod versions;
