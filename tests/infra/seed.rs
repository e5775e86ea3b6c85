//! What local mode starts with: sent as visitors send it.

use deskbell::local::{Options, Pages, Table};
use deskbell_functions::submission::Status;
use serde_json::Value;

use crate::harness::settings::sample_with;
use crate::harness::world::{ARTICLE, Desk, eventually};

/// How many of what waits for the owner have a status.
async fn count(desk: &Desk, status: &str) -> usize {
    desk.items().await.iter().filter(|item| item["item"]["status"] == status).count()
}

#[tokio::test]
async fn the_sample_begins_with_comments_messages_and_spam_and_their_emails() {
    let desk = Desk::start().await;
    assert_eq!(desk.world.seed().await, Ok(true));
    let thread = &desk.comments(ARTICLE).await["comments"];
    let replies = thread[0]["replies"].as_array().map_or(0, Vec::len);
    assert_eq!((thread.as_array().map(Vec::len), replies), (Some(1), 2), "{thread}");
    assert_eq!((count(&desk, "held").await, count(&desk, "received").await, count(&desk, "spam").await), (1, 2, 1));
    for about in ["book first?", "Tuesday or Wednesday", "the invoice"] {
        desk.email_about(about).await;
    }
    desk.settled().await;
    assert!(!desk.emails().await.iter().any(|email| email.text.contains("casino")));
    // Whoever tries it out next is not stopped by what came from there.
    let network = desk.comment("Bo", "Me first").await;
    let mine = desk.submission(&network.id()).await;
    assert_eq!(mine.status, Status::Held);
    assert_eq!(desk.world.seed().await, Ok(false), "once");
    assert_eq!(count(&desk, "spam").await, 1);
}

#[tokio::test]
async fn a_site_of_ones_own_is_seeded_whatever_its_forms_require_unless_something_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = sample_with(
        "sites.studio.url = \"https://www.example.org/studio/\"\nsites.studio.comments.required = [\"author\", \"email\", \"url\"]\n\
         sites.studio.comments.consent = \"Mine\"\n[sites.studio.judging]\nrate_per_minute = 2\n[sites.studio.forms.default]\n\
         fields = [{ name = \"message\" }, { name = \"day\", type = \"date\", required = true },\
         { name = \"size\", type = \"choice\", choices = [\"S\"], required = true },\
         { name = \"ok\", type = \"consent\", label = \"OK\", required = true }]",
    );
    let options = || Options {
        config: config.clone(),
        pages: Pages::Elsewhere,
        table: Table::File(folder.path().join("table.db")),
        ..Options::default()
    };
    let desk = Desk::with(options()).await;
    assert_eq!(desk.world.seed().await, Ok(true));
    let published = async || (desk.count("/").await == 3).then_some(());
    eventually("the comments of the home page", published).await;
    let items: Vec<Value> = desk.items().await;
    let filled = |item: &Value| item["item"].to_string().contains("\"S\"");
    assert_eq!(items.iter().filter(|item| filled(item)).count(), 3, "{items:?}");
    desk.world.stop().await;
    let desk = Desk::with(options()).await;
    assert_eq!(desk.world.seed().await, Ok(false), "what is kept is not added to");
}
