//! What is about to be deployed, and where to.

use deskbell_functions::app::Aws;
use deskbell_functions::config::Config;

use super::super::samconfig::Samconfig;

/// What is about to be deployed, and where to.
pub(super) struct Plan<'a> {
    pub(super) config: Config,
    pub(super) sam: Samconfig,
    /// The stack's name.
    pub(super) name: String,
    pub(super) aws: &'a Aws,
    /// The endpoint of the SDKs that only the doctor has, if not the public one.
    pub(super) endpoint: Option<String>,
}

impl Plan<'_> {
    /// A parameter of the template that is set and not empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.sam.parameter(name)
    }
}
