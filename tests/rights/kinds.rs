//! Every kind of item that holds a person is found when they ask for it: shown, and erased. A new kind has to say here
//! whether it holds anybody.

use std::collections::BTreeSet;

use deskbell_functions::form::Email;
use deskbell_functions::judging::block::senders;
use deskbell_functions::rights;
use deskbell_functions::words::english;
use serde_json::Value;

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::fixtures::{Fixtures, kind};
use crate::harness::world::OWNER;

/// The kinds whose items hold a person, and are looked for.
const PERSONAL: [&str; 10] = [
    "submission",
    "person",
    "claim",
    "akismet",
    "author",
    "answered",
    "undelivered",
    "block",
    "suppressed",
    "sessions",
];

/// What becomes of the items of a kind that hold a person who has asked for an erase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// They are shown, and go.
    Goes,
    /// They are shown, and stay until they expire: nobody is to end them by asking.
    Stays,
    /// They hold no person, but perhaps the id of what one has sent, which leads to nothing once that is gone.
    Nobody,
    /// They can be found by nobody, and expire within the hour.
    Short,
}

fn fate(item: &Value) -> Fate {
    match kind(item) {
        "submission" | "person" | "claim" | "akismet" | "author" | "answered" | "undelivered" | "memory" => Fate::Goes,
        // Who is of the team stays signed in.
        "block" | "suppressed" | "sessions" => Fate::Stays,
        "sign-in" | "rate" => Fate::Short,
        "sent"
        | "stats"
        | "page"
        | "month"
        | "hour"
        | "bundle"
        | "bundles"
        | "digest"
        | "secret"
        | "deployment"
        | "deployment's-secret" => Fate::Nobody,
        other => panic!("do items of the kind {other:?} hold a person? {item}"),
    }
}

/// What the export calls the items of a kind.
fn shown_as(kind: &str) -> &'static [&'static str] {
    match kind {
        "claim" => &["to recognise the same content"],
        "akismet" => &["the spam filter Akismet"],
        "author" => &["was approved before"],
        "answered" => &["got an automatic reply"],
        "block" => &["is blocked here"],
        "suppressed" => &["bounced"],
        "sessions" => &["is signed in to the inbox"],
        "submission" => &["A message", "A comment"],
        // The index is named once; what failed stands in the record, and what was learnt is no item of the person's.
        _ => &[],
    }
}

/// Whatever stands for a person in the table.
fn names_of(fixtures: &Fixtures, name: &str, email: &str) -> Vec<String> {
    let app = &fixtures.desk.world.app;
    let (site, address) = (&app.config.sites["studio"], Email::parse(email).expect("an address"));
    let blocked = senders(app, site, Some(&address), None).into_iter().map(|(_, hash)| hash);
    let hashes = [app.person_hash("studio", email), app.address_hash(email), app.member_hash("studio", email)];
    let author = app.author_hash(site, name, email);
    hashes.into_iter().chain(blocked).chain([author, email.to_owned()]).collect()
}

/// The ids of what a person has sent.
fn ids_of(items: &[Value], email: &str) -> Vec<String> {
    let theirs = items.iter().filter(|item| kind(item) == "submission" && item["wrote"].to_string().contains(email));
    theirs.map(|item| item["id"]["S"].as_str().expect("an id").to_owned()).collect()
}

fn holding<'a>(items: &'a [Value], names: &[String]) -> Vec<&'a Value> {
    items
        .iter()
        .filter(|item| names.iter().any(|name| item.to_string().to_lowercase().contains(&name.to_lowercase())))
        .collect()
}

#[tokio::test]
async fn whatever_holds_a_person_is_shown_and_erased_whichever_kind_it_is() {
    let proxy = FaultProxy::start().await;
    let fixtures = Fixtures::open(&proxy.url).await;
    fixtures.fill().await;
    let (desk, app) = (&fixtures.desk, &fixtures.desk.world.app);
    let site = &app.config.sites["studio"];
    let people = [
        ("Ann", "ann@example.org"),
        ("Bea", "bea@example.org"),
        ("Cid", "cid@example.org"),
        ("Dan", "dan@example.org"),
        ("Bot", "bot@example.com"),
        ("Eva", "eva@example.org"),
        ("Fay", "fay@example.org"),
        ("Gus", "gus@example.org"),
        ("Hal", "hal@example.org"),
        ("Ike", "ike@example.org"),
        ("Jim", "jim@example.org"),
        ("Kim", "kim@example.org"),
        ("", "gone@example.org"),
        ("Mara Lindqvist", OWNER),
    ];
    let mut seen = BTreeSet::new();
    for (name, email) in people {
        let items = fixtures.items().await;
        let (names, ids) = (names_of(&fixtures, name, email), ids_of(&items, email));
        let held = holding(&items, &[names.clone(), ids.clone()].concat());
        assert!(!held.is_empty(), "{email}");
        let address = Email::parse(email).expect("an address");
        let export = rights::export(app, site, &address, 100).await.expect("the table");
        let shown: Vec<&str> = export.stored.iter().map(|stored| &*stored.what).collect();
        for item in &held {
            let expected = shown_as(kind(item));
            let is_shown =
                expected.is_empty() || shown.iter().any(|what| expected.iter().any(|text| what.contains(text)));
            assert!(
                is_shown || matches!(fate(item), Fate::Nobody | Fate::Short),
                "{email}: {item} is not in {shown:?}"
            );
        }
        seen.extend(held.iter().map(|item| kind(item).to_owned()));

        rights::erase(app, site, &address, 100).await.expect("the table");
        desk.settled().await;
        let left = fixtures.items().await;
        for item in holding(&left, &names) {
            assert!(matches!(fate(item), Fate::Stays | Fate::Short), "{email}: {item} is left");
            if fate(item) == Fate::Short {
                let until: i64 = item["expires_at"]["N"].as_str().expect("a time").parse().expect("a number");
                assert!(until - jiff::Timestamp::now().as_second() <= 3_600, "{item}");
            }
        }
        for item in holding(&left, &ids) {
            // The place of a comment to which others have replied, and what refers to it.
            let place = item["erased"]["BOOL"] == true || item["wrote"].to_string().contains("parent");
            assert!(place || matches!(fate(item), Fate::Stays | Fate::Nobody), "{email}: {item} is left");
        }
        let again = rights::export(app, site, &address, 100).await.expect("the table").stored;
        assert!(
            again.iter().all(|stored| stored.written.is_empty() && stored.what != english().stored_answered),
            "{again:?}"
        );
    }
    for kind in PERSONAL {
        assert!(seen.contains(kind), "nobody's was looked for: {kind} {seen:?}");
    }
    // Every kind that there is has been said something about.
    for item in &fixtures.items().await {
        let _ = fate(item);
    }
}
