//! What a person has sent: found by the address, shown, and erased.

use deskbell::local::{Options, Table};
use deskbell_functions::submission::Submission;
use serde_json::Value;

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::moderation::{choose, link, reply};
use crate::harness::table::items;
use crate::harness::world::{ARTICLE, BLATANT, Desk, eventually};

/// A world whose table can be looked into.
async fn open() -> (FaultProxy, Desk) {
    let proxy = FaultProxy::start().await;
    let table = Table::Server(proxy.url.clone());
    (proxy, Desk::with(Options { table, ..Options::default() }).await)
}

/// What is filed under an address, the newest first.
pub(crate) async fn filed(desk: &Desk, email: &str) -> Vec<Submission> {
    let app = &desk.world.app;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let part = app.store.by_person("studio", &app.person_hash("studio", email), after, 2).await.expect("the table");
        all.extend(part.submissions);
        after = part.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn whatever_bears_an_address_is_filed_under_it_spam_too() {
    let desk = Desk::start().await;
    let lead = |email, message| [("name", "Ann"), ("email", email), ("message", message)];
    let trap = [&lead("ann@example.org", BLATANT)[..], &[("_gotcha", "x")]].concat();
    let sent = [
        desk.post_for_json("/contact", &lead("Ann@Example.org", "First")).await.id(),
        desk.comment("Ann", "Second").await.id(),
        desk.post_for_json("/contact", &trap).await.id(),
    ];
    desk.post_for_json("/contact", &lead("bo@example.org", "Of somebody else")).await;
    desk.settled().await;
    for email in ["ann@example.org", " ANN@example.ORG"] {
        let found: Vec<String> = filed(&desk, email).await.iter().map(|found| found.id.to_string()).collect();
        assert_eq!(found, [&*sent[2], &*sent[1], &*sent[0]], "{email}");
    }
    assert_eq!(filed(&desk, "nobody@example.org").await, []);
    assert!(!desk.emails().await.iter().any(|mail| mail.text.contains("online casino")), "spam is not announced");
}

#[tokio::test]
async fn a_pointer_is_kept_exactly_as_long_as_what_it_points_to() {
    let (proxy, desk) = open().await;
    let id = desk.comment("Ann", "Waiting").await.id();
    let lives_alike = async || {
        let items = items(&proxy);
        let find = |pk: &str, sk: &str| items.iter().find(|item| item["pk"]["S"] == pk && item["sk"]["S"] == sk);
        let submission = find(&format!("studio#submission#{id}"), "item").expect("stored");
        let person = format!("studio#person#{}", desk.world.app.person_hash("studio", "ann@example.org"));
        let pointer = find(&person, &id)?;
        (pointer["expires_at"] == submission["expires_at"]).then(|| pointer["expires_at"].is_null())
    };
    assert!(!eventually("the pointer", lives_alike).await);
    for (choice, endless) in [("trash", false), ("approve", true), ("spam", false)] {
        desk.settled().await;
        choose(&desk, &id, choice).await;
        assert_eq!(eventually(choice, lives_alike).await, endless, "{choice}");
    }
    assert_eq!(desk.count(ARTICLE).await, 0);
}

#[tokio::test]
async fn a_first_comment_that_was_taken_down_goes_when_the_last_reply_has_gone() {
    let desk = Desk::start().await;
    let first = desk.comment("Ann", "First words").await.id();
    choose(&desk, &first, "approve").await;
    let second = reply(&desk, &first, "Bo", "Second words").await;
    choose(&desk, &second, "approve").await;
    choose(&desk, &first, "trash").await;
    let kept = async || desk.submission(&first).await.expires_at;
    assert_eq!(kept().await, None);
    choose(&desk, &second, "spam").await;
    eventually("a time of keeping", kept).await;
    let waits = desk.items().await.iter().filter(|item| item["item"]["status"] == "trash").count();
    assert_eq!(waits, 1, "it stands in the trash");
}

#[tokio::test]
async fn a_reply_whose_thread_is_gone_begins_one() {
    let desk = Desk::start().await;
    let first = desk.comment("Ann", "First words").await.id();
    choose(&desk, &first, "approve").await;
    let [second, third] = [reply(&desk, &first, "Bo", "Second").await, reply(&desk, &first, "Cy", "Third").await];
    let (site, store) = (&desk.world.app.config.sites["studio"], &desk.world.app.store);
    assert_eq!(
        store.erase(site, &desk.submission(&first).await).await.expect("the table"),
        deskbell_functions::store::Erased::Removed
    );
    assert_eq!(desk.count(ARTICLE).await, 0);

    let answer = desk.post(&link(&desk, &second).await, &[("choice", "reply"), ("reply", "Of mine")]).await;
    assert_eq!(answer.status, 200);
    choose(&desk, &third, "approve").await;
    let page = desk.comments(ARTICLE).await;
    let texts = |thread: &Value| (thread["author"].clone(), thread["replies"].as_array().expect("replies").len());
    let threads: Vec<_> = page["comments"].as_array().expect("comments").iter().map(texts).collect();
    assert_eq!((threads, &page["count"]), (vec![("Bo".into(), 1), ("Cy".into(), 0)], &3.into()));
}
