//! What visitors send and see.

pub(crate) mod addresses;
pub(crate) mod challenge;
pub(crate) mod closing;
pub(crate) mod comments;
pub(crate) mod contact;
pub(crate) mod embed;
pub(crate) mod feed;
pub(crate) mod fields;
pub(crate) mod languages;
pub(crate) mod openapi;
mod pages;
pub(crate) mod person;
pub(crate) mod privacy;
pub(crate) mod repeats;
pub(crate) mod second_chance;
pub(crate) mod typed;
