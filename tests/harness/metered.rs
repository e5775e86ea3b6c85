//! Worlds whose table stands behind the fault proxy, which counts what is asked of it.

use deskbell::local::{Options, Table};

use crate::harness::fault_proxy::{FaultProxy, Units};
use crate::harness::settings::sample_with;
use crate::harness::world::Desk;

/// A world whose calls to the table are metered.
pub(crate) async fn metered(settings: &str) -> (FaultProxy, Desk) {
    let proxy = FaultProxy::start().await;
    let (table, config) = (Table::Server(proxy.url.clone()), sample_with(settings));
    let desk = Desk::with(Options { table, config, ..Options::default() }).await;
    (proxy, desk)
}

/// What one request costs: its own calls, for the stream stands still meanwhile.
pub(crate) async fn cost(proxy: &FaultProxy, desk: &Desk, request: impl AsyncFn() -> u16) -> Units {
    desk.settled().await;
    // What was delivered is counted, too.
    proxy.quieten().await;
    let status = request().await;
    let units = proxy.units();
    proxy.keep_stream_still(false);
    assert!((200..300).contains(&status), "{status}");
    units
}
