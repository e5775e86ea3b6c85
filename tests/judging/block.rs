//! Senders whom the owner has blocked: by a link in a mail, for a time, without their learning of it.

use deskbell::local::{Options, Table};
use deskbell_functions::store::Block;
use deskbell_functions::submission::Submission;
use deskbell_functions::submission::action::Action;
use serde_json::json;

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::settings::sample_with;
use crate::harness::world::{ARTICLE, Desk, OWNER, evidence, link, said};

/// Whatever is not doubtful is published at once.
const POLICY_NONE: &str = r#"sites.studio.comments.policy = "none""#;

/// Sends a comment; gives it as it is stored.
async fn comment(desk: &Desk, author: &str, email: &str, text: &str) -> Submission {
    let fields = [("page", ARTICLE), ("author", author), ("email", email), ("comment", text)];
    desk.submission(&desk.post_for_json("/comments", &fields).await.id()).await
}

async fn lead(desk: &Desk, email: &str, message: &str) -> Submission {
    let fields = [("name", "Ann"), ("email", email), ("message", message)];
    desk.submission(&desk.post_for_json("/contact", &fields).await.id()).await
}

async fn blocks(desk: &Desk) -> Vec<Block> {
    let (blocks, next) = desk.world.app.store.blocked("studio", None, 10).await.expect("the table");
    assert_eq!(next, None);
    blocks
}

#[tokio::test]
async fn a_blocked_address_is_held_under_every_name_until_it_is_unblocked() {
    let desk = Desk::configured(POLICY_NONE).await;
    let first = comment(&desk, "Ann", "ann@example.org", "Thank you, my back is better!").await;
    assert_eq!(first.status.word(), "published");
    let block = desk.world.app.action_path(&first, Action::BlockAddress);
    let page = desk.get_html(&block).await.body;
    assert!(page.contains("Moves it to the trash and blocks this email address."), "{page}");
    assert!(blocks(&desk).await.is_empty(), "opening the link blocks nobody");
    let done = desk.post(&block, &[]).await;
    assert!(done.status == 200 && done.body.contains("The address is blocked."), "{}", done.body);
    assert_eq!(desk.count(ARTICLE).await, 0, "what it was about is gone");
    assert_eq!(desk.post(&block, &[]).await.status, 409, "once");

    for (name, email) in [("Ann", "ann@example.org"), ("Bea", "Ann+other@Example.org")] {
        let held = comment(&desk, name, email, "Thank you, the warmth helped me a lot.").await;
        assert_eq!((held.status.word(), evidence(&held.verdict).contains(&"blocked_address")), ("held", true));
    }
    let other = comment(&desk, "Cay", "cay@example.org", "Thank you, walking helped me a lot.").await;
    assert_eq!(other.status.word(), "published");
    let marked = lead(&desk, "ann@example.org", "Could I come on Monday?").await;
    assert_eq!(marked.status.word(), "received", "a lead is announced, whoever sent it");
    let mail = desk.email_about("Could I come on Monday?").await;
    assert!(mail.subject.starts_with("[possible spam]"), "{}", mail.subject);
    assert!(said(&mail).contains("You blocked this email address."), "{}", mail.text);

    let page = desk.get_html(&link(&mail)).await.body;
    assert!(page.contains("You have blocked this address.") && !page.contains("value=\"block_address\""), "{page}");
    assert!(page.contains("value=\"block_network\""), "{page}");
    let lifted = desk.post(&link(&mail), &[("choice", "unblock_address")]).await;
    assert!(lifted.status == 200 && lifted.body.contains("The address is no longer blocked."), "{}", lifted.body);
    assert_eq!(desk.submission(&marked.id.to_string()).await.decisions, 0, "that decides nothing about the message");
    assert!(desk.get_html(&link(&mail)).await.body.contains("value=\"block_address\""));
    let free = comment(&desk, "Ann", "ann@example.org", "Thank you, I slept well again.").await;
    assert_eq!(free.status.word(), "published");
}

#[tokio::test]
async fn a_blocked_network_is_held_whatever_address_is_given() {
    let desk = Desk::configured(POLICY_NONE).await;
    let first = comment(&desk, "Ann", "ann@example.org", "Thank you, my back is better!").await;
    let block = desk.world.app.action_path(&first, Action::BlockNetwork);
    assert!(desk.get_html(&block).await.body.contains("Several hundred connections can share a network"));
    assert_eq!(desk.post(&block, &[]).await.status, 200);
    let held = comment(&desk, "Bea", "bea@example.org", "Thank you, the warmth helped me a lot.").await;
    assert_eq!((held.status.word(), evidence(&held.verdict).contains(&"blocked_network")), ("held", true));
    let page = desk.get_html(&desk.world.app.moderation_path(&held)).await.body;
    assert!(page.contains("You have blocked this network."), "{page}");
    let lifted = desk.post(&desk.world.app.moderation_path(&held), &[("choice", "unblock_network")]).await;
    assert_eq!((lifted.status, blocks(&desk).await.len()), (200, 0));
}

#[tokio::test]
async fn a_trusted_author_who_is_blocked_is_held_and_trusted_again_afterwards() {
    let desk = Desk::start().await;
    let first = comment(&desk, "Ann", "ann@example.org", "Thank you, my back is better!").await;
    assert_eq!(desk.post(&desk.world.app.action_path(&first, Action::Approve), &[]).await.status, 200);
    let second = comment(&desk, "Ann", "ann@example.org", "Thank you, the warmth helped me.").await;
    assert_eq!(second.status.word(), "published");
    assert_eq!(desk.post(&desk.world.app.action_path(&second, Action::BlockAddress), &[]).await.status, 200);
    let third = comment(&desk, "Ann", "ann@example.org", "Thank you, walking helped me.").await;
    assert_eq!(third.status.word(), "held");
    let page = desk.world.app.moderation_path(&third);
    assert_eq!(desk.post(&page, &[("choice", "unblock_address")]).await.status, 200);
    let fourth = comment(&desk, "Ann", "ann@example.org", "Thank you, I slept well again.").await;
    assert_eq!(fourth.status.word(), "published");
}

#[tokio::test]
async fn where_the_site_wants_it_what_the_blocked_send_is_spam() {
    let desk = Desk::configured(r#"sites.studio.judging.block = "spam""#).await;
    let first = lead(&desk, "ann@example.org", "Could I come on Monday?").await;
    assert_eq!(desk.post(&desk.world.app.action_path(&first, Action::BlockAddress), &[]).await.status, 200);
    let second = lead(&desk, "ann@example.org", "Could I come on Tuesday?").await;
    assert_eq!(second.status.word(), "spam");
    let answer =
        desk.post("/contact", &[("name", "Ann"), ("email", "ann@example.org"), ("message", "Wednesday?")]).await;
    assert_eq!(answer.status, 303, "whoever is blocked does not learn of it");
    // Not spam is not unblocked, but that message comes through.
    assert_eq!(desk.post(&desk.world.app.action_path(&second, Action::NotSpam), &[]).await.status, 200);
    desk.email_about("Could I come on Tuesday?").await;
    // Spam stays spam when its sender is blocked.
    let spam = lead(&desk, "bea@example.org", crate::harness::world::BLATANT).await;
    assert_eq!(desk.post(&desk.world.app.action_path(&spam, Action::BlockAddress), &[]).await.status, 200);
    assert_eq!(desk.submission(&spam.id.to_string()).await.status.word(), "spam");
}

#[tokio::test]
async fn a_block_is_stored_as_a_hash_for_a_year_listed_and_taken_back_with_its_decision() {
    let desk = Desk::start().await;
    let first = comment(&desk, "Ann", "ann@example.org", "Thank you, my back is better!").await;
    assert_eq!(desk.post(&desk.world.app.action_path(&first, Action::BlockAddress), &[]).await.status, 200);
    let second = comment(&desk, "Bea", "bea@example.org", "Thank you, the warmth helped me.").await;
    assert_eq!(desk.post(&desk.world.app.action_path(&second, Action::BlockNetwork), &[]).await.status, 200);
    let listed = blocks(&desk).await;
    let told: Vec<_> = listed.iter().map(|block| (block.what.word(), block.about, block.by.as_str())).collect();
    assert_eq!(told, [("network", second.id, "Mara Lindqvist"), ("address", first.id, "Mara Lindqvist")]);
    for block in &listed {
        let days = (block.expires_at - jiff::Timestamp::now().as_second() + 3_600) / 86_400;
        assert!(days == 365 && !format!("{block:?}").contains("example.org"), "{block:?}");
    }
    let (one, next) = desk.world.app.store.blocked("studio", None, 1).await.expect("the table");
    assert_eq!((&one[..], next), (&listed[..1], Some(listed[0].id)));
    let (rest, end) = desk.world.app.store.blocked("studio", next, 1).await.expect("the table");
    assert_eq!((&rest[..], end), (&listed[1..], None));

    let browser = desk.sign_in(OWNER).await;
    let undo = [("do", "undo"), ("item", &*format!("{}.1", first.id))];
    assert_eq!(browser.post(&format!("/inbox/item/{}", first.id), &undo).await.status, 303);
    assert_eq!(blocks(&desk).await, listed[..1]);
    assert_eq!(desk.submission(&first.id.to_string()).await.status.word(), "held");
}

#[tokio::test]
async fn a_block_whose_time_is_over_counts_no_more() {
    let proxy = FaultProxy::start().await;
    let (table, config) = (Table::Server(proxy.url.clone()), sample_with(POLICY_NONE));
    let desk = Desk::with(Options { table, config, ..Options::default() }).await;
    let first = comment(&desk, "Ann", "ann@example.org", "Thank you, my back is better!").await;
    assert_eq!(desk.post(&desk.world.app.action_path(&first, Action::BlockAddress), &[]).await.status, 200);
    let block = blocks(&desk).await.remove(0);
    let item = json!({
        "pk": { "S": format!("studio#block#{}", block.hash) }, "sk": { "S": "item" },
        "list": { "S": "studio#block" }, "id": { "S": block.id }, "hash": { "S": block.hash },
        "what": { "S": "address" }, "about": { "S": block.about }, "by": { "S": block.by }, "expires_at": { "N": "5" },
    });
    let item = serde_json::from_value(item).expect("an item");
    proxy.database.import_items("deskbell", vec![item], dynoxide::ImportOptions::default()).expect("imported");
    let free = comment(&desk, "Ann", "ann@example.org", "Thank you, the warmth helped me.").await;
    assert_eq!(free.status.word(), "published");
}
