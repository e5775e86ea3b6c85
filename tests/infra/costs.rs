//! What each thing takes that happens on a site, from the request to the last email: `deskbell cost` reckons with it.

use std::cell::RefCell;

use deskbell::cost::{
    Action, CHALLENGE, COMMENT, COUNTS, DECISION, FEED, HOURLY, MESSAGE, MINUTELY, PAGE, POLL, SPAM, VIEW,
};
use deskbell::local::{Options, Table};
use deskbell_functions::notify;
use deskbell_functions::submission::Status;

use crate::harness::client::{ASK, Client};
use crate::harness::fault_proxy::FaultProxy;
use crate::harness::moderation::published;
use crate::harness::stream::StreamHarness;
use crate::harness::table::{copy, replying};
use crate::harness::world::{ARTICLE, Answer, BLATANT, Desk, OWNER, answer};

struct Site {
    proxy: FaultProxy,
    desk: Desk,
    /// What takes more than it is said to, or so much less that the reckoning would be wrong.
    wrong: RefCell<Vec<String>>,
}

impl Site {
    async fn start() -> Self {
        let proxy = FaultProxy::start().await;
        let options = Options { table: Table::Server(proxy.url.clone()), ..Options::default() };
        let desk = Desk::with(options).await;
        desk.settled().await;
        let site = Self { proxy, desk, wrong: RefCell::default() };
        site.proxy.caught_up().await;
        site
    }

    /// Has something happen; compares what it took, with all that followed, with what it is said to take.
    async fn takes(&self, what: &str, said: Action, happen: impl AsyncFnOnce()) {
        self.proxy.forget();
        let emails = self.desk.emails().await.len();
        happen().await;
        self.proxy.caught_up().await;
        let (units, calls) = (self.proxy.units(), self.proxy.calls());
        let writes = ["PutItem", "UpdateItem", "TransactWriteItems"];
        let record = |call: &&crate::harness::fault_proxy::Call| {
            writes.contains(&call.operation.as_str()) && call.asked.contains("#submission#")
        };
        let (records, emails) = (calls.iter().filter(record).count(), self.desk.emails().await.len() - emails);
        println!("{what}: {units:?}, {} calls, {records} records, {emails} emails", calls.len());
        for (name, took, said) in [
            ("write units", units.write, said.write),
            ("read units", units.read, said.read),
            ("calls", count(calls.len()), said.calls),
            ("records", count(records), said.records),
            ("emails", count(emails), said.emails),
        ] {
            if took > said || took < said - 2.0 {
                self.wrong.borrow_mut().push(format!("{what} takes {took} {name}, and is said to take {said}"));
            }
        }
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("few"))
}

#[tokio::test]
async fn what_happens_on_a_site_takes_what_the_reckoning_says() {
    let site = Site::start().await;
    let desk = &site.desk;
    let text = "Could I come on Monday afternoon? My back hurts again, and I would be glad of an hour with you.";
    let comment = "A word about my own back, which had hurt for years until somebody showed me how to sit at a desk.";
    let message = [("name", "Ann"), ("email", "ann@example.org"), ("phone", "+46 8 555 010"), ("message", text)];
    site.takes("a message", MESSAGE, async || assert_eq!(desk.post_for_json("/contact", &message).await.status, 201))
        .await;
    site.takes("a comment", COMMENT, async || assert_eq!(desk.comment("Bo", comment).await.status, 202)).await;
    let spam = [("name", "Bot"), ("email", "bot@example.org"), ("message", BLATANT), ("_gotcha", "x")];
    site.takes("spam", SPAM, async || assert_eq!(desk.post_for_json("/contact", &spam).await.status, 201)).await;
    let link = desk.link_about("A word about my own back").await;
    // What there is to learn from is small yet.
    site.takes("a decision", DECISION, async || {
        assert_eq!(desk.get_html(&link).await.status, 200);
        assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
    })
    .await;
    let page = format!("/comments?page={ARTICLE}&limit=10");
    for number in 0..9 {
        let comment = desk.comment("Bo", &format!("{text} {number}")).await;
        assert_eq!(comment.status, 201, "{comment:?}");
    }
    site.proxy.caught_up().await;
    site.takes("a view", VIEW, async || {
        let fragment = desk.get_html(&page).await.body;
        assert!(count(fragment.len()) <= VIEW.answer, "{} bytes", fragment.len());
    })
    .await;
    assert_eq!(site.wrong.take(), [""; 0]);
}

#[tokio::test]
async fn what_strangers_ask_for_takes_what_the_reckoning_says() {
    let site = Site::start().await;
    let desk = &site.desk;
    let pattern = published(desk).await;
    let comments = (0..50).map(|_| copy(&pattern, Status::Published));
    let items = comments.chain((0..50).map(|_| replying(copy(&pattern, Status::Published), pattern.id))).collect();
    site.proxy.database.import_items("deskbell", items, dynoxide::ImportOptions::default()).expect("imported");
    desk.settled().await;
    site.proxy.caught_up().await;
    let short = |answer: &Answer, said: Action| {
        assert!(answer.status == 200 && count(answer.body.len()) <= said.answer, "{} bytes", answer.body.len());
    };
    let pages: Vec<(&str, String)> = (0..100).map(|number| ("page", format!("/blog/{number}/"))).collect();
    site.takes("counts", COUNTS, async || {
        short(&answer(desk.request_get("/comments/count").query(&pages)).await, COUNTS);
    })
    .await;
    site.takes("a page's feed", FEED, async || {
        let feed = desk.get(&format!("/comments/feed?page={ARTICLE}")).await;
        assert_eq!(feed.body.matches("<entry>").count(), 50);
        short(&feed, FEED);
    })
    .await;
    site.takes("a poll", POLL, async || assert_eq!(desk.get("/comments/feed").await.status, 200)).await;
    site.takes("a challenge", CHALLENGE, async || short(&desk.get("/challenge?form=comments").await, CHALLENGE)).await;
    // Whom the link goes to is bounded, and the page takes less than asking.
    let asking = Action { requests: 2.0, emails: 1.0, ..PAGE };
    site.takes("the page to sign in, and asking for a link", asking, async || {
        short(&Client::new(desk).get(ASK).await, PAGE);
        short(&Client::new(desk).ask(OWNER).await, PAGE);
    })
    .await;
    assert_eq!(site.wrong.take(), [""; 0]);
}

/// What a run takes whose schedule finds nothing to do, so many times.
async fn idle(harness: &StreamHarness, times: f64, run: impl AsyncFnOnce()) -> Action {
    harness.proxy.forget();
    run().await;
    let (units, calls) = (harness.proxy.units(), count(harness.proxy.calls().len()));
    Action { calls: calls * times, write: units.write * times, read: units.read * times, ..MINUTELY }
}

#[tokio::test]
async fn schedules_that_find_nothing_take_exactly_what_the_reckoning_says() {
    let harness = StreamHarness::start(0).await;
    let (notifier, now) = (&harness.notifier, harness.notifier.app.clock.now());
    let hourly = idle(&harness, HOURLY.records, async || notify::hourly(notifier, now).await).await;
    assert_eq!(Action { records: HOURLY.records, idle: HOURLY.idle, ..hourly }, HOURLY);
    let minutely = idle(&harness, MINUTELY.idle, async || assert_eq!(notify::minutely(notifier, now).await, 0)).await;
    assert_eq!(minutely, MINUTELY);
}
