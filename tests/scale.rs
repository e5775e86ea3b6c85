//! Whether what is asked for stays as quick and as cheap when much is stored. Run by name, for it takes long:
//!
//! `cargo test -p deskbell-tests scale -- --ignored --nocapture`
//!
//! It fills an embedded table with `DESKBELL_SCALE` items (a million, if that does not say otherwise), then a page with 10,
//! with 1,000 and with 100,000 comments, and prints the README's table. Units are the table's own word; times are those of
//! this machine, on loopback, built without optimisation: compare them within a line.

use std::time::Instant;

use deskbell_functions::submission::{Status, Submission};
use serde_json::Value;

use crate::client::Client;
use crate::storage::{copy, metered, published};
use crate::wire::{Units, Wire};
use crate::world::{ARTICLE, Desk, OWNER};

/// How often each thing is done; the median counts.
const TIMES: usize = 15;

/// How many items are put at a time.
const CHUNK: usize = 10_000;

/// Comments on the page.
const SIZES: [usize; 3] = [10, 1_000, 100_000];

/// What one thing takes: milliseconds and units.
type Taken = (f64, Units);

/// Puts copies of a comment straight into the table, below its page or, `elsewhere`, below others.
fn fill(wire: &Wire, pattern: &Submission, count: usize, elsewhere: bool) {
    let statuses = [Status::Published, Status::Held, Status::Spam, Status::Trash];
    for begin in (0..count).step_by(CHUNK) {
        let items = (begin..count.min(begin + CHUNK)).map(|number| {
            let status = if elsewhere { statuses[number % statuses.len()] } else { Status::Published };
            let item = copy(pattern, status);
            if elsewhere && status == Status::Published { away(item, number) } else { item }
        });
        let items = items.collect();
        wire.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
    }
}

/// An item on another page.
fn away(
    mut item: std::collections::HashMap<String, dynoxide::AttributeValue>,
    number: usize,
) -> std::collections::HashMap<String, dynoxide::AttributeValue> {
    item.insert("list".into(), dynoxide::AttributeValue::S(format!("studio#page#/page-{}", number % 5_000)));
    item
}

/// The median of what something takes that answers with a status below 400.
async fn taken(wire: &Wire, happen: impl AsyncFn(usize) -> u16) -> Taken {
    let mut all = Vec::new();
    for time in 0..TIMES {
        wire.forget();
        let begun = Instant::now();
        let status = happen(time).await;
        all.push((begun.elapsed().as_secs_f64() * 1_000.0, wire.units()));
        assert!(status < 400, "{status}");
    }
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    all[TIMES / 2]
}

async fn measure(wire: &Wire, desk: &Desk, browser: &Client<'_>, size: usize) -> Vec<(&'static str, Taken)> {
    let page = format!("/comments?page={ARTICLE}&limit=10");
    let count = format!("/comments/count?page={ARTICLE}");
    let text = |time| format!("With {size} others on the page I write this, for the time number {time}.");
    let (mut waiting, posted) =
        (Vec::new(), taken(wire, async |time| desk.comment("Bo", &text(time)).await.status).await);
    for time in 0..TIMES {
        // The same again within ten minutes is the first one.
        let id = desk.comment("Bo", &text(time)).await.id();
        waiting.push(desk.world.app.moderation_path(&desk.submission(&id).await));
    }
    let approve = async |time: usize| desk.post(&waiting[time], &[("choice", "approve")]).await.status;
    vec![
        ("the first 10 comments of the page", taken(wire, async |_| desk.get(&page).await.status).await),
        ("how many there are", taken(wire, async |_| desk.get(&count).await.status).await),
        ("a comment is sent", posted),
        ("it is approved", taken(wire, approve).await),
        ("the inbox's first page", taken(wire, async |_| browser.get("/inbox").await.status).await),
    ]
}

#[tokio::test]
#[ignore = "it fills a table with a million items, and measures"]
async fn what_is_asked_for_takes_the_same_whatever_is_stored() {
    let items = std::env::var("DESKBELL_SCALE").map_or(1_000_000, |count| count.parse().expect("a number"));
    let policy = "[sites.studio.comments]\npolicy = \"all\"\n\n[sites.studio.judging]";
    let (wire, desk) = metered(&[("[sites.studio.judging]", policy)]).await;
    let pattern = published(&desk).await;
    let browser = desk.sign_in(OWNER).await;
    desk.settled().await;
    wire.quieten().await;
    fill(&wire, &pattern, items, true);
    let (mut lines, mut there): (Vec<(&str, Vec<Taken>)>, usize) = (Vec::new(), 0);
    for size in SIZES {
        fill(&wire, &pattern, size - there, false);
        there = size;
        for (what, taken) in measure(&wire, &desk, &browser, size).await {
            match lines.iter_mut().find(|(known, _)| *known == what) {
                Some((_, all)) => all.push(taken),
                None => lines.push((what, vec![taken])),
            }
        }
    }
    println!(
        "| with {items} items in the table, and on the page | {} comments |",
        SIZES.map(|size| size.to_string()).join(" | ")
    );
    println!("| --- | --- | --- | --- |");
    for (what, all) in &lines {
        let cells = all.iter().map(|(ms, units)| format!("{ms:.1} ms, {} W, {} R", units.write, units.read));
        println!("| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
    for (what, all) in &lines {
        // An author's first approval takes one unit more than the next.
        let few = all[0].1;
        assert!(all.iter().all(|(_, units)| units.write <= few.write && units.read <= few.read), "{what}: {all:?}");
    }
    let shown = desk.get(&format!("/comments?page={ARTICLE}&limit=100")).await.json();
    assert_eq!(shown["comments"].as_array().map(Vec::len), Some(100), "{:?}", shown["next"].as_str().map(Value::from));
}
