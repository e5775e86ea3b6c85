//! The deployment, as the README has it, to an AWS that others have written (`ministack`, with its roles enforced): SAM
//! builds, packages and deploys; what visitors, the team, schedules, SES and a failure do is done over that AWS' gateway, with
//! the programs that are deployed; the stack is updated, deleted, and deployed again.
//!
//! What that AWS cannot do is done in its place, and each time it is shown that it cannot: as soon as it can, the test says
//! what to delete.

mod doctor;
mod events;
mod gateway;
mod road;
mod roles;
mod stack;

use std::path::Path;

use deskbell::redrive::redrive;
use deskbell_functions::app::App;
use deskbell_functions::config::Config;
use deskbell_functions::store::Store;
use deskbell_functions::submission::delivery::{Channel, DeliveryState};
use serde_json::{Value, json};

use self::gateway::Gateway;
use self::stack::{Deployment, Resources};
use crate::harness::bounces::bounce;
use crate::harness::ministack::Ministack;
use crate::harness::world::eventually;
use crate::harness::{runtime, tools};
use crate::infra::deployed::earlier_lead;
use crate::infra::template::stack::{FULL, Stack};

const SETTINGS: &str = include_str!("../../../infra/deskbell.toml");

/// The template of the release before this one.
const PREVIOUS: &str = include_str!("previous.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn it_is_deployed_used_updated_deleted_and_deployed_again() {
    let test = "infra::deployment::it_is_deployed_used_updated_deleted_and_deployed_again";
    let (Some(sam), Some(_)) = (tools::find(&["sam"], test), tools::find(&["cargo-lambda"], test)) else { return };
    let Some(expanded) = Stack::with(FULL, test).await else { return };
    // What SAM would build otherwise takes minutes.
    if runtime::package("contact").is_none() {
        tools::missing(test, "a package of contact made from this code (see .ci/run)");
        return;
    }
    let Some(aws) = Ministack::start(test).await else { return };
    let deployment = Deployment::new(&aws, sam).await;
    let mut gateway = Gateway::new(&aws, &expanded);

    // The release before.
    let previous = deployment.package(PREVIOUS);
    let resources = deployment.deploy(&stack::previous(previous)).await;
    gateway.open(&resources).await;
    gateway.unpack_layers(&resources, deployment.settings()).await;
    let url = resources.url(&aws);
    let undelivered = road::message(&aws, &url, "Is Monday free?").await;
    let store = Store::new(aws.aws().dynamodb(), resources["Table"].clone());
    refused(&store, &undelivered).await;

    // This one, with everything that was stored.
    let template = deployment.package(include_str!("../../../infra/template.yaml"));
    let resources = update(&deployment, &mut gateway, &template).await;
    assert_eq!(resources.url(&aws), url, "forms keep their address");
    let config = Config::parse(SETTINGS).expect("the settings");
    redrive(None, &config, &store, std::io::sink()).await.expect("the table");
    road::email_about(&aws, "Is Monday free?").await;
    gateway.lacks(&resources).await;
    road::walk(&aws, &url).await;
    assert!(road::inbox(&aws, &url).await.contains("Is Monday free?"), "what the release before has stored");
    Box::pin(doctor::check(&aws)).await;
    roles::check(&aws, &resources, &url).await;
    schedules(&aws, &resources, &store).await;
    bounced(&aws, &resources, store).await;
    given_up(&aws, &resources).await;

    // Other settings, and nothing else.
    let programs = resources.programs(&aws).await;
    let shown = deployment.with_settings(&template, &SETTINGS.replace("Example Studio", "Another Studio")).await;
    assert_ne!(shown.settings(), resources.settings());
    assert_eq!(shown.programs(&aws).await, programs);
    gateway.unpack_layers(&shown, deployment.settings()).await;
    assert!(road::page(&aws, &url, "/privacy").await.contains("Another Studio"));

    // Taken down, but for what people wrote; and up again. (AWS makes up another name for the table; ministack does not.)
    deployment.delete().await;
    let kept = aws.get("dynamodb", "scan", json!({ "TableName": resources["Table"], "Select": "COUNT" })).await;
    assert!(kept["Count"].as_u64() > Some(3), "{kept}");
    let resources = update(&deployment, &mut gateway, &template).await;
    road::message(&aws, &resources.url(&aws), "Is Sunday free?").await;
    road::email_about(&aws, "Is Sunday free?").await;
}

/// Deploys, and stands in for what the emulator does not do.
async fn update(deployment: &Deployment<'_>, gateway: &mut Gateway<'_>, template: &Value) -> Resources {
    let resources = deployment.deploy(&stack::without_conditions_on_email(template.clone())).await;
    gateway.open(&resources).await;
    gateway.unpack_layers(&resources, deployment.settings()).await;
    resources
}

/// The emulator knows neither whose emails a role may send, nor by what SES is asked for it.
async fn refused(store: &Store, id: &str) {
    let (id, store) = (id.parse().expect("an id"), &store);
    let tried = async || store.submission("studio", id).await.expect("the table")?.delivery(&Channel::Mail).cloned();
    let tried = eventually("an attempt", tried).await;
    let learned = "ministack knows ses:FromAddress now: delete without_conditions_on_email";
    assert_eq!(tried.state, DeliveryState::Failed, "{learned}: {tried:?}");
    assert!(format!("{tried:?}").contains("AccessDenied"), "{learned}: {tried:?}");
}

/// Each schedule may start `notify`, which takes what it brings.
async fn schedules(aws: &Ministack, resources: &Resources, store: &Store) {
    // A digest tells of what is some minutes old.
    earlier_lead(store, "Are you open on Sundays?", 30).await;
    road::email_about(aws, "Are you open on Sundays?").await;
    let listed = aws.get("scheduler", "list_schedules", json!({})).await;
    let listed = listed["Schedules"].as_array().expect("a list").clone();
    assert_eq!(listed.len(), 3, "{listed:?}");
    for one in listed {
        let schedule =
            aws.get("scheduler", "get_schedule", json!({ "Name": one["Name"], "GroupName": one["GroupName"] })).await;
        let target = &schedule["Target"];
        let arn = target["Arn"].as_str().expect("a function");
        assert!(arn.ends_with(&resources["NotifyFunction"]), "{target}");
        let role = target["RoleArn"].as_str().expect("a role").rsplit('/').next().expect("a name");
        assert!(roles::may(aws, role, "lambda:InvokeFunction", arn).await, "{role}");
        let event = json!({ "FunctionName": arn, "Payload": target["Input"] });
        let done = aws.get("lambda", "invoke", event).await;
        let answer: Value = serde_json::from_str(done["Payload"].as_str().expect("a text")).expect("JSON");
        assert_eq!(answer, json!({ "batchItemFailures": [] }));
    }
    let digest = async || aws.emails().await.into_iter().find(|email| email.subject.contains("week"));
    assert_eq!(eventually("the digest", digest).await.to, "alex@example.org");
}

/// An email that came back, as SES tells by the topic.
async fn bounced(aws: &Ministack, resources: &Resources, store: Store) {
    let told = bounce("Permanent", "gone@example.org", None)["Records"][0]["Sns"]["Message"].clone();
    aws.get("sns", "publish", json!({ "TopicArn": resources["MailEvents"], "Message": told })).await;
    let app = App::with(store, Config::parse(SETTINGS).expect("the settings")).await.expect("the table");
    let gone = app.address_hash("gone@example.org");
    eventually("the suppression", async || app.store.suppressed(&gone).await.expect("the table")).await;
}

/// What failed every retry is in the dead-letter queue.
async fn given_up(aws: &Ministack, resources: &Resources) {
    let function = &resources["NotifyFunction"];
    let before = gateway::settings_at(aws, function, Path::new("/nowhere/deskbell.toml")).await;
    let event = r#"{"deskbell":"hourly"}"#;
    let start = json!({ "FunctionName": function, "InvocationType": "Event", "Payload": event });
    aws.get("lambda", "invoke", start).await;
    let queue = json!({ "QueueUrl": resources["DeadLetters"] });
    let waiting = async || {
        aws.get("sqs", "receive_message", queue.clone()).await["Messages"][0]["Body"].as_str().map(str::to_owned)
    };
    let letter: Value = serde_json::from_str(&eventually("a dead letter", waiting).await).expect("JSON");
    assert_eq!(letter["requestContext"]["condition"], "RetriesExhausted", "{letter}");
    assert_eq!(letter["requestPayload"].to_string(), event);
    assert!(letter["responsePayload"].to_string().contains("/nowhere"), "{letter}");
    gateway::settings_at(aws, function, Path::new(&before)).await;
}
