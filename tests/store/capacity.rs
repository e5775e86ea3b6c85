//! What an erase costs, whatever others have stored.

use std::collections::HashMap;
use std::env;

use deskbell::local::{Options, Table};
use deskbell_functions::app::App;
use deskbell_functions::form::Email;
use deskbell_functions::rights::{self, Report};
use deskbell_functions::submission::{Submission, SubmissionContent};
use serde_json::json;
use uuid::Uuid;

use crate::harness::fault_proxy::{FaultProxy, Units};
use crate::harness::moderation::{choose, reply};
use crate::harness::table::stored_as;
use crate::harness::world::{ARTICLE, Desk};

/// What others have sent, unless [`MANY`] says otherwise.
const FEW: usize = 100;

/// The environment variable that says how much others have sent in the second measurement: 100,000 takes minutes.
const MANY: &str = "DESKBELL_ERASE_AMONG";

/// Items of the table.
type Items = Vec<HashMap<String, dynoxide::AttributeValue>>;

/// A message of somebody else, and that it is filed under them.
fn of_somebody(pattern: &Submission, app: &App) -> Items {
    let id = Uuid::now_v7();
    let submission = Submission { id, ..pattern.clone() };
    let item = stored_as(&submission, "studio#lead#received");
    let person = app.person_hash("studio", &format!("{id}@example.org"));
    let pointer = json!({ "pk": { "S": format!("studio#person#{person}") }, "sk": { "S": id.to_string() } });
    [item, pointer].map(|item| serde_json::from_value(item).expect("an item")).into()
}

/// A person with three messages and two comments, one of which others have replied to.
async fn person(desk: &Desk, name: &str) -> Submission {
    let email = format!("{}@example.org", name.to_lowercase());
    let mut message = String::new();
    for number in 0..3 {
        message = format!("Message {number} of {name}");
        let fields = [("name", name), ("email", &*email), ("message", &*message)];
        message = desk.post_for_json("/contact", &fields).await.id();
    }
    let first = desk.comment(name, &format!("What {name} thinks of massage")).await.id();
    choose(desk, &first, "approve").await;
    let reply = reply(desk, &first, "Other", &format!("An answer to {name}")).await;
    if !desk.submission(&reply).await.counted {
        choose(desk, &reply, "approve").await;
    }
    desk.comment(name, &format!("And another thing, says {name}")).await;
    desk.settled().await;
    desk.submission(&message).await
}

/// What an export and an erase of a person cost while `others` messages of others are there.
async fn measure(proxy: &FaultProxy, desk: Desk, name: &str, others: usize) -> [Units; 2] {
    let pattern = person(&desk, name).await;
    assert!(matches!(pattern.content, SubmissionContent::Lead(_)));
    // From here on nobody but this test asks the table anything.
    let app = desk.world.app.clone();
    desk.world.stop().await;
    for part in 0..others.div_ceil(1_000) {
        let some = (0..1_000.min(others - part * 1_000)).flat_map(|_| of_somebody(&pattern, &app)).collect();
        proxy.database.import_items("deskbell", some, dynoxide::ImportOptions::default()).expect("imported");
    }
    let email = Email::parse(&format!("{name}@example.org")).expect("an address");
    let site = &app.config.sites["studio"];
    let page = site.page(ARTICLE).expect("a page");
    proxy.forget();
    let export = rights::export(&app, site, &email, usize::MAX).await.expect("the table");
    let exporting = proxy.units();
    proxy.forget();
    let report = rights::erase(&app, site, &email, 100).await.expect("the table");
    let erasing = proxy.units();
    assert!(!proxy.calls().iter().any(|call| call.operation == "Scan"));
    assert_eq!(export.stored.iter().filter(|stored| !stored.written.is_empty()).count(), 5);
    let expected = Report { leads: 3, comments: 1, tombstones: 1, approvals: 1, lessons: 1, ..Report::default() };
    assert_eq!(report, expected);
    assert_eq!(app.store.count("studio", &page).await.expect("the table").published, 1);
    [exporting, erasing]
}

#[tokio::test]
async fn an_erase_costs_what_the_person_has_sent_and_not_what_others_have() {
    let many = env::var(MANY).map_or(2_000, |many| many.parse().expect("a number"));
    let mut costs = Vec::new();
    for (name, others) in [("Few", FEW), ("Many", many)] {
        // Each on a table of its own, so that the filter has learnt as much in both.
        let proxy = FaultProxy::start().await;
        let table = Table::Server(proxy.url.clone());
        let desk = Desk::with(Options { table, ..Options::default() }).await;
        let [exporting, erasing] = measure(&proxy, desk, name, others).await;
        println!(
            "among {others}: an export of 3 messages and 2 comments takes {} read units; an erase {} read units and {} write units",
            exporting.read, erasing.read, erasing.write
        );
        costs.push((exporting, erasing));
    }
    assert_eq!(costs[0], costs[1]);
}
