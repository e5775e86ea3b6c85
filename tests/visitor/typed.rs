//! What people type, and what is made of it: text that nobody sees, and text of any length.

use deskbell_functions::form::Email;
use serde_json::Value;

use crate::harness::settings::OPEN;
use crate::harness::world::{ARTICLE, Desk};

#[tokio::test]
async fn a_field_without_anything_to_see_is_empty_and_addresses_hold_nothing_unseen() {
    let desk = Desk::configured(OPEN).await;
    for nothing in [
        "\u{3164}",
        "\u{2060}\u{200b}",
        "\u{2800} \u{feff}",
        "\u{115f}\u{1160}",
        "\u{ad}\u{200d}\u{e0041}",
        "\u{200f}\n\u{180e}",
    ] {
        for (author, text) in [("Ann", nothing), (nothing, "Thank you for this article.")] {
            let fields = [("page", ARTICLE), ("author", author), ("email", "ann@example.org"), ("comment", text)];
            let refused = desk.post_for_json("/comments", &fields).await;
            assert_eq!(refused.status, 422, "{author:?} {text:?}");
            assert_eq!(refused.json()["errors"][0]["code"], "required", "{refused:?}");
        }
    }
    let fields = [
        ("name", "Zoë 👩\u{200d}🚀 می\u{200c}خواهم"),
        ("email", "\u{feff}zoe\u{200d}@example\u{ad}.org\u{200b}"),
        ("message", "Is Monday\u{200b} free?\u{2060}"),
    ];
    let id = desk.post_for_json("/contact", &fields).await.id();
    let stored = desk.submission(&id).await;
    assert_eq!(stored.email().map(Email::as_str), Some("zoe@example.org"));
    assert_eq!(stored.text(), Some("Is Monday free?"));
    assert!(stored.lines().iter().any(|(_, value)| *value == fields[0].1), "{:?}", stored.lines());
}

/// The comments of a part, threads and replies alike, and how to go on.
fn part(list: &Value) -> (Vec<String>, Vec<String>) {
    let id = |one: &Value| one["id"].as_str().expect("an id").to_owned();
    let mut ids = Vec::new();
    let mut more = Vec::new();
    for thread in list["comments"].as_array().expect("comments") {
        ids.push(id(thread));
        for reply in thread["replies"].as_array().into_iter().flatten() {
            ids.push(id(reply));
        }
        more.extend(thread["more_replies"].as_str().map(|after| format!("&parent={}&after={after}", id(thread))));
    }
    more.extend(list["next"].as_str().map(|after| format!("&after={after}")));
    (ids, more)
}

#[tokio::test]
async fn long_comments_come_in_parts_of_a_megabyte_that_leave_nothing_out() {
    let desk = Desk::configured(OPEN).await;
    let long = "<".repeat(19_000);
    let send = async |text: String, parent: &str| {
        let fields = [
            ("page", ARTICLE),
            ("author", "Ann"),
            ("email", "ann@example.org"),
            ("comment", &text),
            ("parent", parent),
        ];
        let sent = desk.post_for_json("/comments", &fields).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        sent.id()
    };
    let mut all = Vec::new();
    for number in 0..10 {
        let first = send(format!("{number} {long}"), "").await;
        for reply in 0..if number == 4 { 20 } else { 1 } {
            all.push(send(format!("{number} {reply} {long}"), &first).await);
        }
        all.push(first);
    }
    desk.settled().await;
    let (mut seen, mut parts) = (Vec::new(), 0);
    let mut ways = vec![String::new()];
    while let Some(way) = ways.pop() {
        // A way to more replies goes on by itself, and so does the page.
        let answered = desk.get(&format!("/comments?page={ARTICLE}{way}")).await;
        assert!(answered.body.len() < 1_300_000, "{}", answered.body.len());
        let (ids, more) = part(&answered.json());
        let parent = way.split("&after=").next().filter(|parent| parent.contains("parent")).unwrap_or_default();
        ways.extend(
            more.into_iter().map(|more| if more.contains("parent") { more } else { format!("{parent}{more}") }),
        );
        seen.extend(ids);
        parts += 1;
        let html = desk.get_html(&format!("/comments?page={ARTICLE}{way}")).await;
        assert!(html.status == 200 && html.body.len() < 1_300_000);
    }
    all.sort();
    seen.sort();
    assert_eq!(seen, all);
    assert!(parts > 2, "{parts}");
}
