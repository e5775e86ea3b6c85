//! A site on which everything has happened once: items of every kind, of invented people at example domains.

use deskbell::local::{Options, Table};
use deskbell_functions::config::secret::Secret;
use deskbell_functions::delivery::digest::weekly;
use deskbell_functions::platform::outgoing::{Reach, Services};
use deskbell_functions::store::{Store, TransferItem};
use deskbell_functions::submission::Status;
use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use crate::harness::bounces::{bounce, hear};
use crate::harness::client::Client;
use crate::harness::moderation::{choose, reply};
use crate::harness::receiver::{Answering, Receiver, WHSEC, set};
use crate::harness::services::{Fault, KEY, Service};
use crate::harness::settings::sample_with;
use crate::harness::world::{BLATANT, Desk, OWNER, eventually};

/// A site with something of everything, and whom it notifies.
pub(crate) struct Fixtures {
    pub(crate) desk: Desk,
    pub(crate) akismet: Service,
    pub(crate) webhook: Receiver,
}

impl Fixtures {
    /// A deployment of the site on a table.
    pub(crate) async fn open(table: &str) -> Self {
        let (akismet, webhook) = (Service::akismet().await, Receiver::start().await);
        webhook.answer(&[Answering::Status(410)]);
        let table = Table::Server(table.into());
        let services = Services { reach: Reach { loopback: true, ..Reach::default() }, ..akismet.services() };
        let desk = Desk::with(Options { table, config: config(webhook.port), services, ..Options::default() }).await;
        Self { desk, akismet, webhook }
    }

    /// Has everything happen once.
    pub(crate) async fn fill(&self) {
        let desk = &self.desk;
        desk.world.app.store.set_named_secret(None, &Secret::Akismet, KEY).await.expect("the table");
        set(desk, "webhook", WHSEC).await;
        self.messages().await;
        self.comments().await;
        self.akismet.fault(Fault::Provisional(3_600));
        desk.comment("Hal", "My knee cracks on the stairs. Is that for you, too?").await;
        self.akismet.fault(None);
        desk.sign_in(OWNER).await;
        Client::new(desk).ask(OWNER).await;
        weekly(&desk.world.notifier, Timestamp::now()).await;
        hear(&desk.world.notifier, &bounce("Permanent", "gone@example.org", None)).await;
        desk.settled().await;
    }

    /// Messages of every status; one with a note, one with a token, one that was told over every channel.
    async fn messages(&self) {
        let desk = &self.desk;
        let token = desk.challenge("default").await["token"].as_str().expect("a token").to_owned();
        let mut ids = Vec::new();
        for (name, message) in [
            ("Ann", "Could I come on Monday afternoon? My back hurts again."),
            ("Bea", "Do you have time on Friday? I would bring my mother."),
            ("Cid", "Thank you, my shoulder is much better. See you in spring!"),
            ("Dan", "Please forget about this one."),
        ] {
            let email = format!("{}@example.org", name.to_lowercase());
            let mut fields = vec![("name", name), ("email", &*email), ("phone", "+46 8 555 010"), ("message", message)];
            fields.extend((name == "Ann").then_some(("_token", &*token)));
            // Only who shows a token is answered.
            let own = desk.token("default", 60_000);
            fields.extend((name != "Ann").then_some(("_token", &*own)));
            ids.push(desk.post_for_json("/contact", &fields).await.id());
        }
        let spam = [("name", "Bot"), ("email", "bot@example.com"), ("message", BLATANT), ("_gotcha", "x")];
        desk.post_for_json("/contact", &spam).await;
        eventually("the emails", async || (desk.emails().await.len() >= 4).then_some(())).await;
        let browser = desk.sign_in(OWNER).await;
        let note = [("do", "note"), ("note_id", &*Uuid::new_v4().to_string()), ("note", "Called back on Tuesday.")];
        assert!(browser.post(&format!("/inbox/item/{}", ids[0]), &note).await.status < 400);
        for (id, deed) in ids[1..].iter().zip(["read", "done", "trash"]) {
            let fields = [("do", deed), ("item", &*format!("{id}.0"))];
            assert!(browser.post(&format!("/inbox/item/{id}"), &fields).await.status < 400, "{deed}");
        }
    }

    /// Comments of every status, a thread, one whose place is kept, the owner's answer, and a sender who is blocked.
    async fn comments(&self) {
        let desk = &self.desk;
        let first = desk.comment("Eva", "It **helped** me, too.").await.id();
        choose(desk, &first, "approve").await;
        let answer = reply(desk, &first, "Fay", "How long did it take?").await;
        let link = desk.world.app.moderation_path(&desk.submission(&answer).await);
        let answered = desk.post(&link, &[("choice", "reply"), ("reply", "Three weeks, most often.")]).await;
        assert_eq!(answered.status, 200);
        let taken_down = desk.comment("Gus", "Something that I should not have said.").await.id();
        choose(desk, &taken_down, "approve").await;
        let below = reply(desk, &taken_down, "Fay", "I do not think so.").await;
        if desk.submission(&below).await.status != Status::Published {
            choose(desk, &below, "approve").await;
        }
        choose(desk, &taken_down, "trash").await;
        let spam = desk.comment("Ike", "A word about my shop").await.id();
        choose(desk, &spam, "spam").await;
        let blocked = desk.comment("Jim", "A word against everybody").await.id();
        choose(desk, &blocked, "block_address").await;
        desk.comment("Kim", "One that waits.").await;
    }

    /// Everything that is stored.
    pub(crate) async fn items(&self) -> Vec<Value> {
        everything(&self.desk.world.app.store).await
    }
}

fn config(port: u16) -> String {
    let channels = format!(
        "[[sites.studio.channels]]\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/hook\"\n\
         [[sites.studio.channels]]\nkind = \"sms\"\nto = \"+491701234567\"\n\
         [[sites.studio.channels]]\nkind = \"autoresponse\"\nsubject = \"Thank you\"\ntext = \"You will hear from us.\"\n\
         [sites.studio.akismet]\ncertain = 0.0\n[sites.studio.comments]\nclose_after_days = 30\n"
    );
    sample_with(&channels)
}

/// What kind of item it is. What a network has sent in a minute, `sent`, stands beside the network's block.
pub(crate) fn kind(item: &Value) -> &str {
    let key = |name: &str| item[name]["S"].as_str().expect("a key");
    match key("pk").split('#').nth(1) {
        Some("block") if key("sk").bytes().all(|byte| byte.is_ascii_digit()) => "sent",
        Some(kind) => kind,
        None if key("sk") == "secret" => "deployment",
        None => "deployment's-secret",
    }
}

/// Everything in a table, in the order of its keys.
pub(crate) async fn everything(store: &Store) -> Vec<Value> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (items, next) = store.scan(after).await.expect("the table");
        found.extend(items.iter().map(|item| item.to_json().expect("JSON")));
        after = next;
        if after.is_none() {
            break;
        }
    }
    found.sort_by_key(|item| (kind(item).to_owned(), item["pk"].to_string(), item["sk"].to_string()));
    found
}

/// Puts items into a table that was made; its functions must start anew.
pub(crate) async fn put(store: &Store, items: &[Value]) {
    for item in items {
        let item = TransferItem::from_json(item.clone()).expect("an item");
        if item.is_secret() {
            store.replace_secret(&item).await.expect("the table");
        } else {
            store.import_item(&item).await.expect("the table");
        }
    }
}
