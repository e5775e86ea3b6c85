//! What tests are made with: the world and who speaks to it, the fault proxy, third parties on this machine, Lambda. No
//! tests stand here, and nothing of what is tested.

pub(crate) mod chromium;
pub(crate) mod client;
pub(crate) mod fault_proxy;
pub(crate) mod fixtures;
pub(crate) mod receiver;
pub(crate) mod runtime;
pub(crate) mod services;
pub(crate) mod stream;
pub(crate) mod tls;
pub(crate) mod tools;
pub(crate) mod world;
