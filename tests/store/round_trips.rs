//! How many calls to the table wait for each other: counted by the fault proxy, which answers late, so that whatever is
//! asked at once is on its way before the first answer comes back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use deskbell_functions::submission::Status;

use crate::harness::challenge::solved;
use crate::harness::fault_proxy::FaultProxy;
use crate::harness::metered::metered;
use crate::harness::moderation::{choose, published, reply};
use crate::harness::world::{ARTICLE, Answer, Desk};

/// How late the table answers: longer than a busy machine takes to send what is asked at once.
const LATE: Duration = Duration::from_millis(60);

/// What is added to every call where the effect is measured.
const FAR: Duration = Duration::from_millis(5);

/// What a request needs: calls that wait for each other, all calls, write units and read units.
type Trips = (usize, usize, f64, f64);

/// What one request needs, and what it was answered.
async fn trips(proxy: &FaultProxy, desk: &Desk, request: impl AsyncFn() -> Answer) -> (Trips, Answer) {
    let (answer, _) = late(proxy, desk, LATE, request).await;
    let units = proxy.units();
    let trips = (proxy.round_trips(), proxy.calls().len(), units.write, units.read);
    proxy.keep_stream_still(false);
    (trips, answer)
}

/// What a request is answered, and how long that takes, where the table answers so much later. The stream is still then,
/// and stays so.
async fn late(proxy: &FaultProxy, desk: &Desk, by: Duration, request: impl AsyncFn() -> Answer) -> (Answer, Duration) {
    desk.settled().await;
    proxy.quieten().await;
    proxy.answer_late(by);
    let begun = Instant::now();
    let answer = request().await;
    let took = begun.elapsed();
    proxy.answer_late(Duration::ZERO);
    (answer, took)
}

/// The address of who sends what is measured by this name.
fn address(name: &str) -> String {
    format!("{}@example.org", name.replace(|c: char| !c.is_ascii_alphanumeric(), "-"))
}

/// A request, by the name of its measurement.
struct Request {
    name: &'static str,
    path: &'static str,
    fields: Vec<(&'static str, String)>,
}

impl Request {
    fn lead(name: &'static str, message: &str) -> Self {
        let fields = vec![("name", "Ann".to_owned()), ("email", address(name)), ("message", message.to_owned())];
        Self { name, path: "/contact", fields }
    }

    fn comment(name: &'static str, text: &str) -> Self {
        let fields = vec![
            ("page", ARTICLE.to_owned()),
            ("author", "Bo".to_owned()),
            ("email", address(name)),
            ("comment", text.to_owned()),
        ];
        Self { name, path: "/comments", fields }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.fields.push((name, value.to_owned()));
        self
    }

    async fn send(&self, desk: &Desk) -> Answer {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        desk.post_for_json(self.path, &fields).await
    }
}

/// Everything that visitors send, in all its shapes.
async fn requests(desk: &Desk, parent: &str) -> Vec<Request> {
    let token = |form: &str| desk.token(form, 20_000);
    let text = "Could I come on Monday afternoon? My back hurts again, and I would be glad of an hour with you.";
    let spam = "[url=https://casino.example]online casino[/url] free bonus spins, cheap pills";
    vec![
        Request::lead("a lead", text),
        Request::lead("a lead", text),
        Request::lead("a lead with a token", text).with("_token", &token("default")),
        Request::lead("a lead with a foreign token", text).with("_token", &token("comments")),
        Request::lead("a lead with an old token", text).with("_token", &desk.token("default", 86_400_000)),
        Request::lead("a lead with a proof", text).with("altcha", &solved(&desk.challenge("default").await)),
        Request::lead("a lead in the trap", text).with("_gotcha", "x"),
        Request::lead("spam", spam),
        Request::comment("a comment", text),
        Request::comment("a comment", text),
        Request::comment("a comment with a token", text).with("_token", &token("comments")),
        Request::comment("a reply", text).with("parent", parent),
        Request::comment("a reply with a token", text).with("parent", parent).with("_token", &token("comments")),
        Request::comment("a comment in the trap", text).with("_gotcha", "x"),
    ]
}

async fn taking(settings: &str) -> Vec<(&'static str, Trips)> {
    let (proxy, desk) = metered(settings).await;
    let parent = desk.comment("Pattern", "A comment that others answer.").await.id();
    if desk.submission(&parent).await.status != Status::Published {
        choose(&desk, &parent, "approve").await;
    }
    let mut found = Vec::new();
    for request in requests(&desk, &parent).await {
        let (trips, answer) = trips(&proxy, &desk, async || request.send(&desk).await).await;
        assert!((200..300).contains(&answer.status), "{}: {answer:?}", request.name);
        println!(
            "{}: {} round trips, {} calls, {} write units, {} read units",
            request.name, trips.0, trips.1, trips.2, trips.3
        );
        found.push((request.name, trips));
    }
    found
}

#[tokio::test]
async fn taking_a_submission_makes_two_round_trips_at_most_within_its_units() {
    for settings in [
        "",
        "sites.studio.comments.close_after_days = 30",
        r#"sites.studio.comments.policy = "none""#,
        r#"sites.studio.challenge.proof = "always""#,
    ] {
        println!("with {settings:?}");
        for (name, (round_trips, _, write, read)) in taking(settings).await {
            assert!(round_trips <= 2, "{name}, {settings}: {round_trips} round trips");
            assert!(write <= 4.0 && read <= 2.0, "{name}, {settings}: {write} write units, {read} read units");
        }
    }
}

#[tokio::test]
async fn showing_a_page_makes_one_round_trip_and_two_where_threads_have_replies() {
    for settings in ["", "sites.studio.comments.close_after_days = 30"] {
        let (proxy, desk) = metered(settings).await;
        let first = published(&desk).await.id.to_string();
        let paths = [
            format!("/comments?page={ARTICLE}"),
            format!("/comments?page={ARTICLE}&order=newest&limit=1"),
            format!("/comments/count?page={ARTICLE}&page=/b/"),
            format!("/comments/feed?page={ARTICLE}"),
            "/comments/feed".to_owned(),
        ];
        for replies in [0, 1, 2] {
            if replies > 0 {
                let id = reply(&desk, &first, &format!("Cy{replies}"), &format!("Answer {replies}")).await;
                if !desk.submission(&id).await.counted {
                    choose(&desk, &id, "approve").await;
                }
            }
            for path in &paths {
                let (json, _) = trips(&proxy, &desk, async || desk.get_json(path).await).await;
                let (html, _) = trips(&proxy, &desk, async || desk.get_html(path).await).await;
                println!("{path} with {replies} replies, {settings:?}: {} as JSON, {} as HTML", json.0, html.0);
                let most = if replies > 0 && path.contains("comments?") { 2 } else { 1 };
                assert!(json.0 <= most && html.0 <= most, "{path}: {} {}", json.0, html.0);
            }
        }
    }
}

/// Says how long visitors wait where the table is five milliseconds away; run it with `--ignored --nocapture`.
#[tokio::test]
#[ignore = "measures"]
async fn what_five_milliseconds_on_every_call_make_of_an_answer() {
    let (proxy, desk) = metered("sites.studio.judging.rate_per_minute = 100_000").await;
    let parent = published(&desk).await.id.to_string();
    let answer = reply(&desk, &parent, "Cy", "An answer").await;
    choose(&desk, &answer, "approve").await;
    for by in [Duration::ZERO, FAR] {
        let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
        for round in 0..15 {
            let text = format!("{by:?} {round}");
            let sent = [
                Request::lead("a lead", &text),
                Request::lead("a lead with a token", &text).with("_token", &desk.token("default", 20_000)),
                Request::comment("a comment", &text),
                Request::comment("a reply", &text).with("parent", &parent),
            ];
            for request in &sent {
                let (answer, took) = late(&proxy, &desk, by, async || request.send(&desk).await).await;
                assert!((200..300).contains(&answer.status), "{}: {answer:?}", request.name);
                times.entry(request.name).or_default().push(took);
                proxy.keep_stream_still(false);
            }
            let page = format!("/comments?page={ARTICLE}");
            let (_, took) = late(&proxy, &desk, by, async || desk.get_html(&page).await).await;
            times.entry("a page with replies").or_default().push(took);
            proxy.keep_stream_still(false);
        }
        for (name, mut times) in times {
            times.sort();
            println!("{name}, with {by:?} on every call: {:?} (median of {})", times[times.len() / 2], times.len());
        }
    }
}
