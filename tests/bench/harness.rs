//! What the tests have, too.

#[path = "../harness/item.rs"]
pub(crate) mod item;
#[path = "../harness/runtime.rs"]
pub(crate) mod runtime;
#[path = "../harness/tls.rs"]
pub(crate) mod tls;
