//! What a call costs that is not the first.

use serde_json::Value;

use crate::figures::{Figure, milliseconds};
use crate::harness::runtime::{Function, cpu};
use crate::table::Table;
use crate::{event, lead, packages};

/// Calls that are measured, after as many as warm up.
const CALLS: usize = 300;

/// Comments on the page that is read.
const COMMENTS: usize = 10_000;

const ARTICLE: &str = "/blog/massage-for-back-pain/";

/// Prints CPU and time of calls, and memory after them. Baseline: the built-in thank-you page, which asks the table nothing.
pub(crate) async fn measure() {
    let table = Table::start().await;
    let [contact, comments] = packages(&["contact", "comments"]).try_into().expect("two packages");
    let mut contact = Function::start("contact", &mut table.function(&contact)).await.expect("it starts");
    let mut comments = Function::start("comments", &mut table.function(&comments)).await.expect("it starts");
    println!("| warm call | CPU, ms | time, ms | memory, MiB |\n| --- | --- | --- | --- |");
    row("`GET /contact/thanks`", &mut contact, |_| event("GET", "/contact/thanks", "", ""), 200).await;
    row("`POST /contact`", &mut contact, lead, 201).await;

    let fields =
        format!("page={ARTICLE}&author=Ann&email=ann@example.org&comment=It+helped+me+a+lot,+and+I+**thank**+you.");
    let sent = comments.call(event("POST", "/comments", "", &fields)).await.0.expect("an answer");
    let answer: Value = serde_json::from_str(sent["body"].as_str().expect("a body")).expect("JSON");
    let id = answer["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let pattern = table.store.submission("studio", id).await.expect("the table").expect("stored");
    table.fill(&pattern, ARTICLE, COMMENTS);
    let page = |_| event("GET", "/comments", &format!("page={ARTICLE}&limit=10"), "");
    let shown = comments.call(page(0)).await.0.expect("an answer");
    assert_eq!(shown["body"].as_str().expect("a body").matches("\"author\"").count(), 10, "{shown}");
    row("`GET /comments`, 10 of 10,000, as JSON", &mut comments, page, 200).await;
    let fragment = |number| {
        let mut event = page(number);
        event["headers"]["accept"] = "text/html".into();
        event
    };
    row("the same as HTML", &mut comments, fragment, 200).await;
    println!();
}

async fn row(name: &str, function: &mut Function, event: impl Fn(usize) -> Value, expected: u16) {
    let (mut used, mut took) = (Vec::new(), Vec::new());
    for number in 0..2 * CALLS {
        let before = cpu(function.id());
        let (answer, time) = function.call(event(number)).await;
        assert_eq!(answer.expect("an answer")["statusCode"], expected);
        if number >= CALLS {
            used.push(milliseconds(cpu(function.id()).saturating_sub(before)));
            took.push(milliseconds(time));
        }
    }
    let memory = function.status("VmRSS") / 1024.0;
    let (used, took) = (Figure::of(used), Figure::of(took));
    println!("| {name} | {used:.2} | {took:.2} | {memory:.1} |");
}
