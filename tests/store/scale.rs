//! Whether what is asked for stays as quick and as cheap when much is stored. Run by name, for it takes long:
//!
//! `cargo test -p deskbell-tests scale -- --ignored --nocapture`
//!
//! It fills an embedded table with `DESKBELL_SCALE` items (a million, if that does not say otherwise), then a page with 10,
//! with 1,000 and with 100,000 comments, and prints the README's table: in a few minutes, with 5 GB of memory. Units
//! are the table's own word; times are those of this machine, on loopback, with functions that are built without
//! optimisation: compare them within a line.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use deskbell_functions::submission::{Status, Submission};
use dynoxide::AttributeValue;
use serde_json::Value;
use uuid::Uuid;

use crate::harness::client::Client;
use crate::harness::fault_proxy::{FaultProxy, Units};
use crate::harness::metered::metered;
use crate::harness::moderation::published;
use crate::harness::runtime::cpu;
use crate::harness::table::{copy, replying};
use crate::harness::world::{ARTICLE, Desk, OWNER};

/// How often each thing is done; the median counts.
const TIMES: usize = 21;

/// How many items are put at a time.
const CHUNK: usize = 10_000;

/// Comments on the page.
const SIZES: [usize; 3] = [10, 1_000, 100_000];

/// One in so many comments on the page is a reply.
const REPLIES: usize = 10;

/// What one thing takes.
#[derive(Debug)]
struct Taken {
    /// Milliseconds.
    time: f64,
    /// Milliseconds of a processor: the function, the table and who asks, for all of them are this process.
    processor: f64,
    units: Units,
}

/// An item of the table.
type Item = HashMap<String, AttributeValue>;

/// Puts so many items straight into the table.
fn fill(proxy: &FaultProxy, count: usize, item: impl Fn(usize) -> Item) {
    let begun = Instant::now();
    for begin in (0..count).step_by(CHUNK) {
        let items = (begin..count.min(begin + CHUNK)).map(|number| renewed(item(number))).collect();
        proxy.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
    }
    eprintln!("{count} items put in {:.0} s", begun.elapsed().as_secs_f64());
}

/// An item with an id of its own.
fn renewed(mut item: Item) -> Item {
    let id = Uuid::now_v7();
    item.insert("id".into(), AttributeValue::S(id.to_string()));
    item.insert("pk".into(), AttributeValue::S(format!("studio#submission#{id}")));
    item
}

/// Comments that are not on the page: a quarter of every status, the published ones on 5,000 others.
fn elsewhere(proxy: &FaultProxy, pattern: &Submission, count: usize) {
    let kinds = [Status::Published, Status::Held, Status::Spam, Status::Trash].map(|status| copy(pattern, status));
    fill(proxy, count, |number| {
        let mut item = kinds[number % kinds.len()].clone();
        if number % kinds.len() == 0 {
            item.insert("list".into(), AttributeValue::S(format!("studio#page#/page-{}", number % 5_000)));
        }
        item
    });
}

/// Published comments on the page.
fn on_page(proxy: &FaultProxy, pattern: &Submission, count: usize) {
    let first = copy(pattern, Status::Published);
    let reply = replying(first.clone(), pattern.id);
    fill(proxy, count, |number| if number % REPLIES == 0 { reply.clone() } else { first.clone() });
}

/// What something takes that answers with a status below 400: medians, for local mode's clock asks the
/// table something each minute, too.
async fn taken(proxy: &FaultProxy, happen: impl AsyncFn(usize) -> u16) -> Taken {
    let mut all = Vec::new();
    for number in 0..TIMES {
        proxy.forget();
        let (begun, before) = (Instant::now(), cpu(std::process::id()));
        let status = happen(number).await;
        let (time, processor) = (begun.elapsed(), cpu(std::process::id()).saturating_sub(before));
        all.push(Taken { time: milliseconds(time), processor: milliseconds(processor), units: proxy.units() });
        assert!(status < 400, "{status}");
    }
    let mut median = |part: fn(&Taken) -> f64| {
        all.sort_by(|one, other| part(one).total_cmp(&part(other)));
        part(&all[TIMES / 2])
    };
    let units = Units { read: median(|taken| taken.units.read), write: median(|taken| taken.units.write) };
    Taken { time: median(|taken| taken.time), processor: median(|taken| taken.processor), units }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

async fn measure(proxy: &FaultProxy, desk: &Desk, browser: &Client<'_>, size: usize) -> Vec<(&'static str, Taken)> {
    let page = format!("/comments?page={ARTICLE}&limit=10");
    let count = format!("/comments/count?page={ARTICLE}");
    let feed = format!("/comments/feed?page={ARTICLE}");
    let text = |time| format!("With {size} others on the page I write this, for the time number {time}.");
    let (mut waiting, posted) =
        (Vec::new(), taken(proxy, async |time| desk.comment("Bo", &text(time)).await.status).await);
    for time in 0..TIMES {
        // The same again within ten minutes is the first one.
        let id = desk.comment("Bo", &text(time)).await.id();
        waiting.push(desk.world.app.moderation_path(&desk.submission(&id).await));
    }
    let approve = async |time: usize| desk.post(&waiting[time], &[("choice", "approve")]).await.status;
    vec![
        ("the first 10 comments of the page", taken(proxy, async |_| desk.get(&page).await.status).await),
        ("how many there are", taken(proxy, async |_| desk.get(&count).await.status).await),
        ("the feed of the page", taken(proxy, async |_| desk.get(&feed).await.status).await),
        ("the feed of the site", taken(proxy, async |_| desk.get("/comments/feed").await.status).await),
        ("a comment is sent", posted),
        ("it is approved", taken(proxy, approve).await),
        ("the inbox's first page", taken(proxy, async |_| browser.get("/inbox").await.status).await),
    ]
}

/// Units, and milliseconds: of processors, and in all.
fn cell(taken: &Taken) -> String {
    let Taken { time, processor, units } = taken;
    let read = format!("{} R", units.read);
    let write = if units.write > 0.0 { format!("{} W, ", units.write) } else { String::new() };
    format!("{write}{read}; {processor:.0} / {time:.0} ms")
}

#[tokio::test]
#[ignore = "it fills a table with a million items, and measures"]
async fn what_is_asked_for_takes_the_same_whatever_is_stored() {
    let items = std::env::var("DESKBELL_SCALE").map_or(1_000_000, |count| count.parse().expect("a number"));
    // All of it comes from one network.
    let settings = r#"sites.studio = { comments.policy = "all", judging.rate_per_minute = 100_000 }"#;
    let (proxy, desk) = metered(settings).await;
    let pattern = published(&desk).await;
    let browser = desk.sign_in(OWNER).await;
    desk.settled().await;
    proxy.quieten().await;
    elsewhere(&proxy, &pattern, items);
    let (mut lines, mut there): (Vec<(&str, Vec<Taken>)>, usize) = (Vec::new(), 0);
    for size in SIZES {
        on_page(&proxy, &pattern, size - there);
        there = size;
        for (what, taken) in measure(&proxy, &desk, &browser, size).await {
            match lines.iter_mut().find(|(known, _)| *known == what) {
                Some((_, all)) => all.push(taken),
                None => lines.push((what, vec![taken])),
            }
        }
    }
    println!(
        "| with {items} other items in the table, and so many comments on the page | {} |",
        SIZES.map(|size| size.to_string()).join(" | ")
    );
    println!("| --- | --- | --- | --- |");
    for (what, all) in &lines {
        let cells = all.iter().map(cell);
        println!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    for (what, all) in &lines {
        // A feed of ten takes less than one of fifty.
        let [few, some, many] = [all[0].units, all[1].units, all[2].units];
        let bound = (few.write.max(some.write), few.read.max(some.read));
        assert!(many.write <= bound.0 && many.read <= bound.1, "{what}: {all:?}");
    }
    let shown = desk.get(&format!("/comments?page={ARTICLE}&limit=100")).await.json();
    assert_eq!(shown["comments"].as_array().map(Vec::len), Some(100), "{:?}", shown["next"].as_str().map(Value::from));
}
