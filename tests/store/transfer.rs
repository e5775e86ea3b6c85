//! A site moves to another table: with all that it has, and without anybody hearing of it.

use std::path::Path;

use deskbell::local::CaughtEmail;
use deskbell::transfer::{TransferError, export, import};
use deskbell_filter::Verdict;
use deskbell_functions::app::Aws;
use deskbell_functions::form::Email;
use deskbell_functions::rights;
use deskbell_functions::store::Store;
use deskbell_functions::submission::{ModerationDecision, Status, Submission, SubmissionContent};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::fixtures::{Fixtures, everything, kind};
use crate::harness::moto::Moto;
use crate::harness::stream::minutes_ago;
use crate::harness::world::{ARTICLE, said};

fn store(url: &str) -> Store {
    Store::new(Aws::local(url.into(), url.into()).dynamodb(), "deskbell".into())
}

/// What goes along, of everything.
fn moving(items: Vec<Value>) -> Vec<Value> {
    // The old kind `token` stays, too; nothing writes it any more.
    let stays = ["claim", "rate", "sent", "sign-in", "sessions", "hour", "bundle", "bundles"];
    items.into_iter().filter(|item| !stays.contains(&kind(item))).collect()
}

/// Stores what came so many days ago, as if it had been written by an earlier deployment: a message that nobody was told of
/// over any channel, and a comment that was decided about and has left the memory.
async fn long_ago(store: &Store, fixtures: &Fixtures, days: i64) {
    let site = &fixtures.desk.world.app.config.sites["studio"];
    let id = || {
        let random = Uuid::new_v4();
        let random = random.as_bytes().first_chunk().expect("bytes");
        uuid::Builder::from_unix_timestamp_millis(minutes_ago(days * 24 * 60), random).into_uuid()
    };
    let lead = json!({ "lead": { "form": "default", "name": "Lea", "email": "lea@example.org", "message": "From long ago", "fields": [] } });
    let comment =
        json!({ "comment": { "page": ARTICLE, "author": "Leo", "email": "leo@example.org", "text": "From long ago" } });
    let read = |wrote| serde_json::from_value::<SubmissionContent>(wrote).expect("what was written");
    let lead = Submission::new(id(), site, read(lead), Verdict::owner(), Status::Received);
    store.insert(lead).await.expect("the table");
    let decided = ModerationDecision { by: "Mara".into(), at: 1, open: false, previous: None };
    let comment = Submission::new(id(), site, read(comment), Verdict::owner(), Status::Spam);
    let comment = Submission { decisions: 1, decision: Some(decided), ..comment };
    store.insert(comment).await.expect("the table");
}

#[tokio::test]
async fn a_site_is_transferred_with_all_that_it_has_and_nobody_is_notified_twice() {
    let (here, there, folder) =
        (FaultProxy::start().await, FaultProxy::start().await, tempfile::tempdir().expect("a folder"));
    let fixtures = Fixtures::open(&here.url).await;
    fixtures.fill().await;
    for days in [20, 3] {
        long_ago(&fixtures.desk.world.app.store, &fixtures, days).await;
    }
    fixtures.desk.settled().await;
    let file = folder.path().join("items.jsonl");
    let exported = export(&store(&here.url), &file, None).await.expect("exported");
    assert_private(&file);
    let before = moving(fixtures.items().await);
    assert_eq!(exported.items, before.len() as u64);
    let link = fixtures.desk.world.app.moderation_path(&waiting(&fixtures).await);

    // There, everything runs already.
    let new = Fixtures::open(&there.url).await;
    let refused = import(&store(&there.url), &file, false).await.expect_err("another secret");
    assert!(matches!(refused, TransferError::Secret), "{refused}");
    assert_eq!(everything(&store(&there.url)).await.len(), 1, "nothing was touched");
    let imported = import(&store(&there.url), &file, true).await.expect("imported");
    assert_eq!((imported.new, imported.same, imported.other.len()), (exported.items, 0, 0));
    new.desk.settled().await;
    // Only of what came since: two messages from addresses of 32 digits, which are answered.
    let about_since = |mail: &CaughtEmail| said(mail).contains("my back is better") || mail.to[0].len() == 44;
    let heard = new.desk.emails().await;
    assert!(heard.iter().all(about_since), "{heard:?}");
    assert_eq!(new.webhook.got().len(), 2);
    assert!(!new.akismet.asked().iter().any(|(route, _)| route.contains("submit")), "Akismet is not told again");
    new.desk.world.stop().await;

    // Filing, learning and counting have changed nothing.
    let after = moving(everything(&store(&there.url)).await);
    let is = |item: &Value, other: &Value| (&item["pk"], &item["sk"]) == (&other["pk"], &other["sk"]);
    let of_before = |item: &Value| before.iter().any(|old| is(item, old));
    let (moved, since): (Vec<Value>, Vec<Value>) = after.into_iter().partition(of_before);
    assert_eq!(moved.len(), before.len());
    for (now, then) in moved.iter().zip(&before) {
        // The two messages that came since were sent to a telephone, too.
        let mut then = then.clone();
        if kind(&then) == "month" {
            let taken: u32 = then["taken"]["N"].as_str().and_then(|taken| taken.parse().ok()).expect("a number");
            (then["taken"]["N"], then["expires_at"]) = ((taken + 2).to_string().into(), now["expires_at"].clone());
        }
        // What came in just now may be marked once more, by records of the new table's own stream, which know of deliveries
        // that the old table's had not come to yet.
        if kind(&then) == "stats" {
            for name in ["sequence_number", "delivered", "failed"] {
                then[name] = now[name].clone();
            }
        }
        assert_eq!(*now, then);
    }
    assert!(
        since
            .iter()
            .all(|item| ["submission", "person", "answered", "akismet", "undelivered", "stats"].contains(&kind(item)))
    );
    let mut again = import(&store(&there.url), &file, false).await.expect("imported");
    let marked = again.other.remove("stats").unwrap_or_default();
    assert_eq!((again.new, again.same), (0, exported.items - 1 - marked), "twice is once");
    assert_eq!(again.other, [("month".into(), 1)].into(), "what has changed since is not put back");

    let new = Fixtures::open(&there.url).await;
    assert_eq!(new.desk.post(&link, &[("choice", "approve")]).await.status, 200, "a link in an old mail works");
    assert_eq!(new.desk.comment("Eva", "It still helps me.").await.status, 201, "she was approved");
    let (app, email) = (&new.desk.world.app, Email::parse("ann@example.org").expect("an address"));
    let stored = rights::export(app, &app.config.sites["studio"], &email, 100).await.expect("the table").stored;
    assert!(!stored.is_empty(), "people are known by the same hashes");
}

async fn waiting(fixtures: &Fixtures) -> Submission {
    let items = fixtures.items().await;
    let held = items.iter().find(|item| kind(item) == "submission" && item["status"]["S"] == "held").expect("one");
    fixtures.desk.submission(held["id"]["S"].as_str().expect("an id")).await
}

#[cfg(unix)]
fn assert_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(file).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[cfg(not(unix))]
fn assert_private(_: &Path) {}

#[tokio::test]
async fn an_export_that_was_broken_off_anywhere_goes_on_and_is_not_taken_for_whole() {
    let (proxy, folder) = (FaultProxy::start().await, tempfile::tempdir().expect("a folder"));
    let fixtures = Fixtures::open(&proxy.url).await;
    fixtures.desk.comment("Ann", "A comment").await;
    fixtures.desk.settled().await;
    proxy.keep_stream_still(true);
    let (table, file) = (store(&proxy.url), folder.path().join("items.jsonl"));
    let whole = export(&table, &file, None).await.expect("exported");
    let text = std::fs::read_to_string(&file).expect("the file");
    let refused = export(&table, &file, None).await.expect_err("it is whole").to_string();
    assert!(refused.contains("this export is complete"), "{refused}");
    let items = |text: &str| {
        let mut items: Vec<String> = text.lines().filter(|line| line.contains("\"pk\"")).map(str::to_owned).collect();
        items.sort_unstable();
        items
    };
    for cut in (0..text.len()).step_by(97).chain([text.len() - 1]) {
        std::fs::write(&file, &text[..cut]).expect("written");
        if cut > 0 {
            let refused = import(&table, &file, false).await.expect_err("it is not whole").to_string();
            assert!(refused.contains("is incomplete") || refused.contains("is not an export"), "{refused}");
        }
        let again = export(&table, &file, None).await.expect("it goes on");
        assert_eq!(again.items, whole.items, "cut at {cut}");
        assert_eq!(items(&std::fs::read_to_string(&file).expect("the file")), items(&text), "cut at {cut}");
    }
    std::fs::write(&file, "{\"pk\": 5}\n").expect("written");
    let refused = import(&table, &file, false).await.expect_err("no export").to_string();
    assert!(refused.contains("invalid line at byte 0"), "{refused}");
}

#[tokio::test]
async fn one_site_moves_without_the_others() {
    let (here, there, folder) =
        (FaultProxy::start().await, FaultProxy::start().await, tempfile::tempdir().expect("a folder"));
    let fixtures = Fixtures::open(&here.url).await;
    fixtures.desk.comment("Ann", "A comment").await;
    fixtures.desk.settled().await;
    let file = folder.path().join("items.jsonl");
    assert_eq!(export(&store(&here.url), &file, Some("other")).await.expect("exported").items, 1, "the secret");
    let refused = export(&store(&here.url), &file, Some("studio")).await.expect_err("another's").to_string();
    assert!(refused.contains("another table or site"), "{refused}");
    drop(Fixtures::open(&there.url).await);
    assert_eq!(import(&store(&there.url), &file, true).await.expect("imported").new, 1);
}

#[tokio::test]
async fn a_site_is_transferred_to_another_implementation_of_the_table_and_back() {
    let Some(moto) =
        Moto::start("store::transfer::a_site_is_transferred_to_another_implementation_of_the_table_and_back").await
    else {
        return;
    };
    let (here, there, folder) =
        (FaultProxy::start().await, FaultProxy::start().await, tempfile::tempdir().expect("a folder"));
    let fixtures = Fixtures::open(&here.url).await;
    fixtures.fill().await;
    fixtures.desk.world.stop().await;
    let before = moving(everything(&store(&here.url)).await);
    let (out, back) = (folder.path().join("out.jsonl"), folder.path().join("back.jsonl"));
    export(&store(&here.url), &out, None).await.expect("exported");
    for (from, to, file) in [(&here.url, &moto.url, &out), (&moto.url, &there.url, &back)] {
        drop(Fixtures::open(to).await);
        if from == &moto.url {
            export(&store(from), file, None).await.expect("exported");
        }
        import(&store(to), file, true).await.expect("imported");
        assert_eq!(moving(everything(&store(to)).await), before);
    }
}
