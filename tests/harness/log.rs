//! What the functions of a test have logged.

use std::cell::RefCell;
use std::sync::Once;

use deskbell_functions::platform::log::Lines;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

thread_local! {
    /// What this thread, which is this test, has logged since it began to listen.
    static LOGGED: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Keeps what this test's functions log from now on. One listener for all tests: what is logged at all is decided once in
/// a process.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let keep = |line: &str| {
            LOGGED.with_borrow_mut(|logged| logged.as_mut().map(|logged| logged.push(line.into())));
        };
        tracing_subscriber::registry().with(Lines::new("a-table", keep)).init();
    });
    LOGGED.set(Some(Vec::new()));
}

/// The lines that this test's functions logged since it began to listen, or heard the last time.
pub(crate) fn heard() -> Vec<String> {
    LOGGED.replace(Some(Vec::new())).expect("somebody listens")
}
