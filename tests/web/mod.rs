//! HTTP and pages, whatever stands on them.

pub(crate) mod axe;
pub(crate) mod bodies;
pub(crate) mod browser;
pub(crate) mod embed;
pub(crate) mod logged;
pub(crate) mod malicious_input;
