//! What is deployed, as AWS gets it: `infra/template.yaml` expanded by AWS's own translator. What the emulators skip in
//! silence is looked at here.

mod alarms;
mod charges;
pub(crate) mod created;
pub(crate) mod policy;
pub(crate) mod roles;
pub(crate) mod routes;
mod settings;
pub(crate) mod stack;
