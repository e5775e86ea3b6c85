//! What a moderator does by the links in emails, and visitors in reply.

use deskbell_functions::submission::Submission;

use crate::harness::world::{ARTICLE, Desk};

/// The path of the link to decide about a submission, as it stands now.
pub(crate) async fn link(desk: &Desk, id: &str) -> String {
    desk.world.app.moderation_path(&desk.submission(id).await)
}

pub(crate) async fn choose(desk: &Desk, id: &str, choice: &str) {
    let answer = desk.post(&link(desk, id).await, &[("choice", choice)]).await;
    assert_eq!(answer.status, 200, "{choice}: {}", answer.body);
}

pub(crate) async fn reply(desk: &Desk, parent: &str, author: &str, text: &str) -> String {
    let email = format!("{}@example.org", author.to_lowercase());
    let fields = [("page", ARTICLE), ("author", author), ("email", &email), ("comment", text), ("parent", parent)];
    desk.post_for_json("/comments", &fields).await.id()
}

/// A published comment of the sample site.
pub(crate) async fn published(desk: &Desk) -> Submission {
    let sent = desk.comment("Pattern", "A published comment of quite a usual length, as people write them.").await;
    let link = desk.link_about("of quite a usual length").await;
    assert_eq!(desk.post(&link, &[("choice", "approve")]).await.status, 200);
    desk.submission(&sent.id()).await
}
