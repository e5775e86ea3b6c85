//! What is deployed, and the program of who runs a site.

pub(crate) mod cargo_lambda;
pub(crate) mod costs;
pub(crate) mod dependencies;
pub(crate) mod deployed;
pub(crate) mod deployment;
pub(crate) mod doctor;
pub(crate) mod generators;
pub(crate) mod local;
pub(crate) mod mailbox;
pub(crate) mod own_site;
pub(crate) mod picture;
pub(crate) mod privileges;
pub(crate) mod release;
pub(crate) mod sam;
pub(crate) mod secrets;
pub(crate) mod seed;
pub(crate) mod template;
