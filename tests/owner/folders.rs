//! The folders of the inbox, and decisions that are taken back: the table's part of it.

use deskbell_functions::store::{List, Moderation, Part};
use deskbell_functions::submission::{Status, Submission};

use crate::harness::world::{ARTICLE, Desk, eventually};

/// What stands in a folder of the comments.
async fn folder(desk: &Desk, status: Status) -> Part {
    desk.world.app.store.list("studio", List::Comments(status), None, 25).await.expect("the table")
}

fn ids(part: &Part) -> Vec<String> {
    part.submissions.iter().map(|submission| submission.id.to_string()).collect()
}

async fn decide(desk: &Desk, id: &str, status: Status) -> Submission {
    let (app, before) = (&desk.world.app, desk.submission(id).await);
    let decision = Moderation { status, by: "Mara".into(), author: None, reply: None, block: None };
    app.store.decide(&app.config.sites["studio"], &before, &decision).await.expect("decided")
}

#[tokio::test]
async fn every_comment_is_found_in_the_folder_of_what_it_is() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "none""#).await;
    let first = desk.comment("Ann", "First words").await.id();
    eventually("the count", async || (desk.count(ARTICLE).await == 1).then_some(())).await;
    assert_eq!(ids(&folder(&desk, Status::Published).await), [&*first]);

    // It leaves its page, and comes back to it, as a removed one, when somebody's reply is published after all.
    let reply =
        [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", "x"), ("parent", &first)];
    let reply = desk.post_for_json("/comments", &reply).await.id();
    eventually("the count", async || (desk.count(ARTICLE).await == 2).then_some(())).await;
    decide(&desk, &reply, Status::Held).await;
    decide(&desk, &first, Status::Trash).await;
    assert_eq!(ids(&folder(&desk, Status::Trash).await), [&*first]);
    decide(&desk, &reply, Status::Published).await;
    assert_eq!(desk.comments(ARTICLE).await["comments"][0]["removed"], true);
    assert_eq!(ids(&folder(&desk, Status::Trash).await), [&*first]);
    assert_eq!(ids(&folder(&desk, Status::Published).await), [&*reply]);
    assert_eq!(ids(&folder(&desk, Status::Held).await), [""; 0]);

    // With the reply gone it is still there to be put back.
    decide(&desk, &reply, Status::Spam).await;
    assert_eq!(ids(&folder(&desk, Status::Trash).await), [&*first]);
    assert_eq!(ids(&folder(&desk, Status::Spam).await), [&*reply]);
    decide(&desk, &first, Status::Published).await;
    assert_eq!(ids(&folder(&desk, Status::Trash).await), [""; 0]);
    assert_eq!(ids(&folder(&desk, Status::Published).await), [&*first]);
    assert_eq!(desk.count(ARTICLE).await, 1);
}

#[tokio::test]
async fn a_folder_is_one_though_it_is_read_from_two_places() {
    let desk = Desk::configured(r#"sites.studio.comments.policy = "none""#).await;
    let mut expected = Vec::new();
    for number in 0..7 {
        let id = desk.comment("Ann", &format!("Number {number}")).await.id();
        if number % 3 == 0 {
            let fields = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@a.example"), ("parent", &*id)];
            let text = format!("To number {number}");
            desk.post_for_json("/comments", &[&fields[..], &[("comment", &text)]].concat()).await;
        }
        expected.insert(0, id);
    }
    eventually("the count", async || (desk.count(ARTICLE).await == 10).then_some(())).await;
    for id in &expected {
        decide(&desk, id, Status::Trash).await;
    }
    let store = &desk.world.app.store;
    for limit in 1..9 {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let part = store.list("studio", List::Comments(Status::Trash), after, limit).await.expect("the table");
            assert!(part.submissions.len() <= limit);
            found.extend(ids(&part));
            after = part.next;
            if after.is_none() {
                break;
            }
            let than = part.submissions[0].id;
            let newer = store.newer("studio", List::Comments(Status::Trash), than, limit).await.expect("the table");
            let end = found.len() - part.submissions.len();
            assert_eq!(ids(&newer), expected[end.saturating_sub(limit)..end], "{limit}");
            assert_eq!(newer.next.is_some(), end > limit);
        }
        assert_eq!(found, expected, "{limit}");
    }
}

#[tokio::test]
async fn a_decision_is_taken_back_once_with_all_that_came_of_it() {
    let desk = Desk::start().await;
    let id = desk.comment("Ann", "A first comment").await.id();
    // What is noted of the email to the owner would come between.
    let told = async || Some(desk.submission(&id).await).filter(|stored| stored.deliveries.contains_key("mail"));
    let (app, before) = (&desk.world.app, eventually("the delivery", told).await);
    let site = &app.config.sites["studio"];
    let author = app.author(site, before.comment().expect("a comment")).expect("an author");
    let approve = Moderation {
        status: Status::Published,
        by: "Mara".into(),
        author: Some((author.clone(), false)),
        reply: None,
        block: None,
    };
    let approved = app.store.decide(site, &before, &approve).await.expect("decided");
    assert_eq!((desk.count(ARTICLE).await, approved.label().is_some()), (1, true));
    assert!(app.store.trusts("studio", &author.hash).await.expect("the table"));

    let back = app.store.undo(site, &approved, "Jo", Some(&author)).await.expect("taken back");
    assert_eq!((back.status, back.decisions, back.label()), (Status::Held, 2, None));
    assert_eq!(desk.submission(&id).await, back);
    assert_eq!(desk.count(ARTICLE).await, 0);
    assert!(!app.store.trusts("studio", &author.hash).await.expect("the table"));
    assert!(app.store.undo(site, &approved, "Jo", None).await.is_err(), "twice");
    assert!(app.store.undo(site, &back, "Jo", None).await.is_err(), "what was taken back");

    // What had been decided before that is what stands again.
    decide(&desk, &id, Status::Published).await;
    let spam = decide(&desk, &id, Status::Spam).await;
    let again = app.store.undo(site, &spam, "Mara", None).await.expect("taken back");
    assert_eq!((again.status, again.label().is_some(), desk.count(ARTICLE).await), (Status::Published, true, 1));
}
