//! A flood: 20 clients send as fast as the template's throttles allow. Every message that is taken is stored, and
//! announced by itself or counted in an email about how much more there is; signing in waits for none of it.
//! `DESKBELL_FLOOD=60 cargo test -p deskbell-tests flood -- --nocapture` sends for a minute, and prints the figures.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deskbell_functions::submission::Status;
use deskbell_functions::submission::delivery::DeliveryState;
use futures_util::future::{join, join_all};
use jiff::SignedDuration;

use crate::harness::client::Client;
use crate::harness::settings::sample_with;
use crate::harness::world::{Desk, OWNER, eventually};
use deskbell::local::Options;

const CLIENTS: usize = 20;

/// What the template lets through of a route: so many at once, and so many a second.
const BURST: u32 = 20;
const RATE: u32 = 5;

/// For how many seconds is sent, if nothing else is asked for.
const SECONDS: u32 = 4;

/// The bound on emails within an hour, as it is if nothing is set.
const BOUND: usize = 30;

/// Everything that is not spam is certainly real, and no network has a limit of its own: the flood comes from many.
const SETTINGS: &str = "sites.studio.judging.rate_per_minute = 1000000\nsites.studio.judging.unsure = 0.999\n\
                        sites.studio.judging.spam = 0.9999\nsites.studio.emails_per_hour = 30";

/// Sends what the throttles allow, from all clients; gives the ids of what was taken.
async fn send(desk: &Desk, seconds: u32) -> Vec<String> {
    let (number, taken, began) = (AtomicU32::new(0), Mutex::new(Vec::new()), Instant::now());
    let client = async || {
        loop {
            let number = number.fetch_add(1, Ordering::SeqCst);
            if number >= BURST + RATE * seconds {
                return;
            }
            let at = Duration::from_secs(1) * number.saturating_sub(BURST) / RATE;
            tokio::time::sleep(at.saturating_sub(began.elapsed())).await;
            let (name, email) = (format!("Ann {number}"), format!("ann{number}@example.org"));
            let message = format!("Could I come at {number} past four? My back hurts, and I would be glad of an hour.");
            let fields = [("name", &*name), ("email", &*email), ("message", &*message)];
            let answer = desk.post_for_json("/contact", &fields).await;
            assert_eq!(answer.status, 201, "{answer:?}");
            taken.lock().unwrap().push(answer.id());
        }
    };
    join_all((0..CLIENTS).map(|_| client())).await;
    taken.into_inner().unwrap()
}

/// Asks for a link amid the flood; gives how long its email took.
async fn sign_in(desk: &Desk, after: Duration) -> Duration {
    tokio::time::sleep(after).await;
    let (browser, began) = (Client::new(desk), Instant::now());
    assert_eq!(browser.ask(OWNER).await.status, 200);
    eventually("the link", async || desk.sign_in_emails(OWNER).await.pop()).await;
    began.elapsed()
}

/// The peak of this process' memory, in MB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1_024)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_of_a_flood_is_stored_and_announced_and_signing_in_does_not_wait() {
    let seconds = std::env::var("DESKBELL_FLOOD").map_or(SECONDS, |seconds| seconds.parse().expect("seconds"));
    let desk = Desk::with(Options { config: sample_with(SETTINGS), ..Options::default() }).await;
    let before = peak();
    let (taken, delay) = join(send(&desk, seconds), sign_in(&desk, Duration::from_millis(500))).await;
    let mut leads = Vec::new();
    for id in &taken {
        if desk.submission(id).await.status == Status::Received {
            leads.push(id);
        }
    }
    assert!(leads.len() > BOUND, "{} of {} are real", leads.len(), taken.len());

    // Within an hour of the clock everything is told.
    let began = desk.now();
    let told = async || {
        desk.advance(20);
        for id in &leads {
            let mailed = desk.submission(id).await.deliveries.get("mail").map(|mailed| mailed.state);
            if mailed != Some(DeliveryState::Sent) {
                return None;
            }
        }
        Some(desk.now().duration_since(began))
    };
    let last: SignedDuration = eventually("all to be announced", told).await;
    let emails: Vec<String> = desk.emails().await.into_iter().map(|email| email.subject).collect();
    let single = emails.iter().filter(|subject| subject.starts_with("Message from")).count();
    let more: Vec<usize> = emails
        .iter()
        .filter_map(|subject| {
            subject.strip_prefix("Studio Lindqvist: ")?.split_once(" more in your inbox")?.0.parse().ok()
        })
        .collect();
    println!(
        "{} sent, {} taken as real; {single} emails about one each, {} about {:?} more; the last announced {} s by the clock after \
         the flood; the link to sign in took {delay:?}; peak of this process, which holds the table too: {before:?} MB before, {:?} \
         MB after",
        taken.len(),
        leads.len(),
        more.len(),
        more,
        last.as_secs(),
        peak(),
    );
    assert_eq!(single, BOUND, "{emails:?}");
    assert_eq!(single + more.iter().sum::<usize>(), leads.len(), "{emails:?}");
    assert!(more.len() <= 5, "{emails:?}");
    assert!(delay < Duration::from_mins(1), "{delay:?}");
    assert_eq!(desk.world.app.store.undelivered("studio", None, 10).await.expect("the table").len(), 0);
}
