//! What tests are made with: the world and who speaks to it, the fault proxy, third parties on this machine, Lambda. No
//! tests stand here, and nothing of what is tested.

pub(crate) mod bounces;
pub(crate) mod challenge;
pub(crate) mod chromium;
pub(crate) mod client;
pub(crate) mod elsewhere;
pub(crate) mod fault_proxy;
pub(crate) mod fixtures;
pub(crate) mod item;
pub(crate) mod log;
pub(crate) mod metered;
pub(crate) mod ministack;
pub(crate) mod moderation;
pub(crate) mod moto;
pub(crate) mod page;
pub(crate) mod receiver;
pub(crate) mod runtime;
pub(crate) mod scenario;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod stream;
pub(crate) mod submissions;
pub(crate) mod table;
pub(crate) mod tls;
pub(crate) mod tools;
pub(crate) mod world;
