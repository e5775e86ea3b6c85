//! Scenarios that are played in a real browser, in each of several looks.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::harness::chromium::{Browser, Driver, Look};
use crate::harness::world::Desk;

/// A browser wants a processor for itself: with two at a time, both are slow enough to be taken for broken.
static TURN: Mutex<()> = Mutex::const_new(());

/// How long a scenario may take in one look. The driver may not answer, and is otherwise waited for without end.
const SCENARIO: Duration = Duration::from_mins(3);

pub(crate) const SUBMIT: &str = "button[type=submit]";

pub(crate) const DESK: Look = Look { name: "desk", scripts: true, phone: false, dark: false };

pub(crate) const DESK_WITHOUT_SCRIPTS: Look =
    Look { name: "desk-without-scripts", scripts: false, phone: false, dark: false };

pub(crate) const PHONE: Look = Look { name: "phone", scripts: true, phone: true, dark: false };

pub(crate) const PHONE_WITHOUT_SCRIPTS: Look =
    Look { name: "phone-without-scripts", scripts: false, phone: true, dark: false };

/// The driver types faster than people.
const UNHURRIED: &str = "sites.studio.challenge.min_seconds = 0";

/// How everything must work; [`PHONES`] is where room is scarce.
pub(crate) const ALL: &[Look] = &[DESK, DESK_WITHOUT_SCRIPTS, PHONE, PHONE_WITHOUT_SCRIPTS];

pub(crate) const PHONES: &[Look] = &[PHONE, PHONE_WITHOUT_SCRIPTS];

/// Plays a scenario in each of the looks, in a world of its own. Skips it where there is no browser.
pub(crate) async fn play(test: &'static str, looks: &[Look], scenario: impl AsyncFn(&Desk, &Browser<'_>)) {
    play_with(test, UNHURRIED, looks, scenario).await;
}

/// Plays a scenario in worlds with settings of their own, as [`Desk::configured`] has them.
pub(crate) async fn play_with(
    test: &'static str,
    settings: &str,
    looks: &[Look],
    scenario: impl AsyncFn(&Desk, &Browser<'_>),
) {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start(test).await else { return };
    for look in looks {
        play_in(&Desk::configured(settings).await, *look, &driver, &scenario).await;
    }
}

/// Plays a scenario in a world that is there already.
pub(crate) async fn play_at(test: &'static str, desk: &Desk, look: Look, scenario: impl AsyncFn(&Desk, &Browser<'_>)) {
    let _turn = TURN.lock().await;
    let Some(driver) = Driver::start(test).await else { return };
    play_in(desk, look, &driver, &scenario).await;
}

async fn play_in(desk: &Desk, look: Look, driver: &Driver, scenario: impl AsyncFn(&Desk, &Browser<'_>)) {
    let played = timeout(SCENARIO, play_in_time(desk, look, driver, scenario)).await;
    played.unwrap_or_else(|_| panic!("{} came to no end in look {:?}", driver.test, look.name));
}

async fn play_in_time(desk: &Desk, look: Look, driver: &Driver, scenario: impl AsyncFn(&Desk, &Browser<'_>)) {
    let browser = Browser::start(driver, look).await;
    // The driver leaves its browsers behind when it is killed: close this one even when the scenario fails.
    let played = AssertUnwindSafe(scenario(desk, &browser)).catch_unwind().await;
    if played.is_err() {
        let url = browser.client.current_url().await.map(String::from);
        eprintln!("{} failed in look {:?} at {url:?}", driver.test, look.name);
        browser.picture().await;
    }
    browser.client.close().await.expect("the browser closes");
    played.unwrap_or_else(|panic| resume_unwind(panic));
}
