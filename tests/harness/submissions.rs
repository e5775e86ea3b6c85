//! Submissions that a test puts into the table itself: what is posted is read by the sample's forms, as the functions
//! read it.

use deskbell::local::SAMPLE;
use deskbell_functions::config::{Config, Site};
use deskbell_functions::form::Fields;
use deskbell_functions::submission::SubmissionContent;
use deskbell_functions::submission::comment::Comment;
use deskbell_functions::submission::lead::Lead;
use uuid::Uuid;

/// What the contact form makes of these fields.
pub(crate) fn lead(fields: &[(&str, &str)]) -> SubmissionContent {
    let site = site();
    SubmissionContent::Lead(Lead::read("default", &site.forms["default"], posted(fields)).expect("a lead"))
}

/// What the form for comments makes of these fields.
pub(crate) fn comment(fields: &[(&str, &str)]) -> Comment {
    Comment::read(&site(), posted(fields)).expect("a comment")
}

/// An id as it is made at a time, in milliseconds since 1970.
pub(crate) fn id_at(milliseconds: u64) -> Uuid {
    let random = Uuid::new_v4();
    let random = random.as_bytes().first_chunk().expect("bytes");
    uuid::Builder::from_unix_timestamp_millis(milliseconds, random).into_uuid()
}

fn site() -> Site {
    Config::parse(SAMPLE).expect("the sample").sites.remove("studio").expect("the site")
}

fn posted(fields: &[(&str, &str)]) -> Fields {
    let pairs = fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Fields { pairs, ..Fields::default() }
}
