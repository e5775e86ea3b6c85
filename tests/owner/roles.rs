//! What is the owner's alone, and by whose name and mark moderators answer.

use deskbell_functions::submission::action::Action;
use deskbell_functions::submission::{Status, Submission};

use crate::harness::client::Client;
use crate::harness::moderation::link;
use crate::harness::world::{ARTICLE, Answer, Desk, MODERATOR, OWNER};

/// Asks for something about a submission as it stands.
async fn ask(desk: &Desk, browser: &Client<'_>, id: &str, deed: &str, more: &[(&str, &str)]) -> Answer {
    let item = format!("{id}.{}", desk.submission(id).await.decisions);
    let fields = [&[("do", deed), ("item", &*item)], more].concat();
    browser.post(&format!("/inbox/item/{id}"), &fields).await
}

async fn blocked(desk: &Desk) -> usize {
    desk.world.app.store.blocked("studio", None, 10).await.expect("the table").0.len()
}

async fn reply_below(desk: &Desk, author: &str) -> serde_json::Value {
    let page = desk.comments(ARTICLE).await;
    let threads = page["comments"].as_array().expect("comments");
    threads.iter().find(|thread| thread["author"] == author).expect("it")["replies"][0].clone()
}

#[tokio::test]
async fn each_of_the_team_answers_by_their_own_name_and_mark() {
    let desk = Desk::start().await;
    let (owner, moderator) = (desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    let reply = [("reply", "An answer")];
    let ids = [
        desk.comment("Ann", "One").await.id(),
        desk.comment("Bo", "Two").await.id(),
        desk.comment("Cy", "Three").await.id(),
    ];
    assert_eq!(ask(&desk, &owner, &ids[0], "reply", &reply).await.status, 303);
    assert_eq!(ask(&desk, &moderator, &ids[1], "reply", &reply).await.status, 303);
    assert_eq!(desk.post(&link(&desk, &ids[2]).await, &[("choice", "reply"), reply[0]]).await.status, 200);
    for (author, name, by_owner) in
        [("Ann", "Mara Lindqvist", true), ("Bo", "Jon Berg", false), ("Cy", "Mara Lindqvist", true)]
    {
        let reply = reply_below(&desk, author).await;
        assert_eq!((reply["author"].as_str(), reply["by_owner"] == true), (Some(name), by_owner), "{reply}");
        assert_eq!(reply["by_team"] == true, !by_owner, "{reply}");
    }
    let html = desk.get_html(&format!("/comments?page={ARTICLE}")).await.body;
    assert_eq!((html.matches(">Owner</span>").count(), html.matches(">Team</span>").count()), (2, 1), "{html}");
    let list = owner.get("/inbox/comments/published").await.body;
    assert_eq!((list.matches(">Owner</span>").count(), list.matches(">Team</span>").count()), (2, 1), "{list}");
    // It is no visitor's: nobody is told of it, it is not counted, and there is nobody to block.
    desk.settled().await;
    assert!(!desk.emails().await.iter().any(|email| email.text.contains("An answer")));
    let answer = reply_below(&desk, "Bo").await["id"].as_str().expect("an id").to_owned();
    let page = owner.get(&format!("/inbox/item/{answer}")).await.body;
    assert!(!page.contains("value=\"block_"), "{page}");
    // Taken back, it goes with the approval.
    assert_eq!(ask(&desk, &moderator, &ids[1], "undo", &[]).await.status, 303);
    assert_eq!(desk.submission(&answer).await.status, Status::Trash);
}

#[tokio::test]
async fn only_the_owner_blocks_anybody_and_ends_a_block() {
    let desk = Desk::start().await;
    let (owner, moderator) = (desk.sign_in(OWNER).await, desk.sign_in(MODERATOR).await);
    for action in [Action::BlockAddress, Action::BlockNetwork] {
        let word = action.word();
        let id = desk.comment("Ann", &format!("About {word}")).await.id();
        let unchanged = async |before: &Submission| {
            let now = desk.submission(&id).await;
            assert_eq!(
                (now.status, now.decisions, now.decision),
                (before.status, before.decisions, before.decision.clone())
            );
        };
        let before = desk.submission(&id).await;
        let page = moderator.get(&format!("/inbox/item/{id}")).await;
        assert!(page.status == 200 && !page.body.contains("value=\"block_"), "{}", page.body);
        assert_eq!(ask(&desk, &moderator, &id, word, &[]).await.status, 403);
        let item = format!("{id}.0");
        let bulk = moderator.post("/inbox/comments/pending", &[("do", word), ("item", &*item)]).await;
        assert_eq!((bulk.status, blocked(&desk).await), (403, 0), "{word}");
        unchanged(&before).await;

        // The owner may, also here; and what only the owner can do, only the owner undoes.
        assert_eq!(ask(&desk, &owner, &id, word, &[]).await.status, 303);
        let decided = desk.submission(&id).await;
        assert_eq!((decided.status, blocked(&desk).await), (Status::Trash, 1), "{word}");
        let page = moderator.get(&format!("/inbox/item/{id}")).await.body;
        assert!(!page.contains("value=\"undo\""), "{page}");
        assert_eq!(ask(&desk, &moderator, &id, "undo", &[]).await.status, 403);
        let item = format!("{id}.1");
        let bulk = moderator.post("/inbox/comments/trash", &[("do", "undo"), ("item", &*item)]).await;
        assert_eq!((bulk.status, blocked(&desk).await), (403, 1), "{word}");
        unchanged(&decided).await;
        assert!(owner.get(&format!("/inbox/item/{id}")).await.body.contains("value=\"undo\""));
        assert_eq!(ask(&desk, &owner, &id, "undo", &[]).await.status, 303);
        assert_eq!((desk.submission(&id).await.status, blocked(&desk).await), (Status::Held, 0), "{word}");
    }
}

/// What stands where the inbox's addresses name an id, or carry a report.
const STRANGE: [&str; 14] = [
    "",
    "0",
    "x",
    "..",
    "%00",
    "%ff%fe",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "%7B01933b5e-0000-7000-8000-000000000000%7D",
    "urn:uuid:01933b5e-0000-7000-8000-000000000000",
    "01933b5e000070008000000000000000",
    "spam...0.AAAAAAAAAAAAAAAAAAAAAA",
    "approve.AAAA.AAAA.99999999999.x",
    "%E2%80%AE%F0%9F%99%82",
];

#[tokio::test]
async fn whatever_stands_in_the_inboxs_addresses_and_cookies_is_answered_and_believed_never() {
    let desk = Desk::start().await;
    let id = desk.message_from("Ann", "Is Monday free?").await;
    let browser = desk.sign_in(OWNER).await;
    for strange in STRANGE {
        for path in [
            format!("/inbox/messages/new?older={strange}"),
            format!("/inbox/messages/new?newer={strange}&older={strange}"),
            format!("/inbox/comments/published?older={strange}&q=ann@example.org"),
            format!("/inbox/messages/new?q={strange}"),
            format!("/inbox/messages/new?report={strange}"),
            format!("/inbox/item/{id}?report={strange}"),
            format!("/inbox/item/{strange}"),
            format!("/inbox/export?after={strange}"),
            format!("/inbox/person?after={strange}&email={strange}"),
            format!("/inbox/deliveries?after={strange}"),
        ] {
            let answer = browser.get(&path).await;
            assert!(answer.status < 500, "{path}: {}", answer.status);
            assert!(!answer.body.contains("class=\"flash\""), "{path}: a report that nobody signed");
        }
        // A browser makes another address of these.
        let paths =
            if ["", ".."].contains(&strange) { [].as_slice() } else { &["inbox/sign-in", "moderate", "second-chance"] };
        for path in paths.iter().map(|path| format!("/{path}/{strange}")) {
            for answer in [desk.get_html(&path).await, desk.post(&path, &[("choice", "spam")]).await] {
                assert!((300..500).contains(&answer.status), "{path}: {answer:?}");
            }
        }
        let fields = [("do", "spam"), ("item", strange)];
        assert!(browser.post(&format!("/inbox/item/{id}"), &fields).await.status < 500, "{strange}");
    }
    assert_eq!(desk.submission(&id).await.decisions, 0);
}
