//! A stack that a second implementation of AWS (moto) has made of the template, as far as it knows it: CloudFormation, the
//! stream's mapping, the queue and the table answer by themselves. Nothing is written to that table, so that no function
//! is started, for which moto would need containers.

use deskbell::doctor::{Command, Environment, State, examine};
use deskbell::local::SAMPLE;
use deskbell_functions::app::Aws;
use reqwest::Method;
use serde_json::{Value, json};

use super::{environment, file, found, of_stack, settings};
use crate::harness::moto::Moto;
use crate::harness::settings::sample_with;
use crate::harness::world::Desk;
use crate::infra::template::created::{create, known, put_packages};
use crate::infra::template::stack::{BARE, Stack};

/// What is known of the template, with the stream's mapping, and with outputs about functions that are at `url`.
fn template(stack: &Stack, url: &str) -> Value {
    let mut template = known(stack.template.clone());
    let all = stack.template["Resources"].as_object().expect("resources");
    let mapping = all.iter().find(|(_, resource)| resource["Type"] == "AWS::Lambda::EventSourceMapping");
    let (name, mapping) = mapping.expect("a mapping");
    template["Resources"][name] = mapping.clone();
    template["Outputs"] = json!({ "Url": { "Value": url }, "Table": { "Value": { "Ref": "Table" } } });
    template
}

/// Asks one of moto's services something that changes it; it is the signature's scope that tells the service.
async fn change(method: Method, url: &str, service: &str, body: String, kind: &str) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let signed = format!(
        "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/{service}/aws4_request, SignedHeaders=host, \
         Signature=none"
    );
    let request = http.request(method, url).header("authorization", signed).header("content-type", kind).body(body);
    let answer = request.send().await.expect("an answer");
    let (status, text) = (answer.status(), answer.text().await.expect("a text"));
    assert!(status.is_success(), "{url}: {text}");
}

#[tokio::test]
async fn a_stack_that_moto_has_made_is_looked_at() {
    let test = "infra::doctor::moto::a_stack_that_moto_has_made_is_looked_at";
    let Some(stack) = Stack::with(BARE, test).await else { return };
    let Some(moto) = Moto::start(test).await else { return };
    let desk = Desk::start().await;
    put_packages(&moto.url).await;
    let made = create(&moto.url, &template(&stack, &desk.world.url)).await;
    let of_kind = |part: &str| made.iter().find(|(name, _)| name.contains(part)).and_then(|(_, id)| id.clone());
    let (mapping, queue) = (of_kind("FunctionStream").expect("a mapping"), of_kind("DeadLetters").expect("a queue"));

    let mut aws = Aws::local(moto.url.clone(), moto.url.clone());
    aws.sns_url = Some(moto.url.clone());
    let environment = Environment { aws: Ok(aws), endpoint: Some(moto.url.clone()), ..environment() };
    let config = file("moto", &sample_with(r#"mail.from = "deskbell@example.org""#));
    let mut stack = of_stack(config);
    let findings = examine(&stack, &environment).await;
    for check in ["settings", "stack", "parameters", "origin", "table", "stream", "protection", "notify"] {
        found(&findings, check, State::Ok, "", "");
    }
    found(&findings, "dead letters", State::Ok, "queue is empty", "");
    found(&findings, "sender", State::Problem, "SES knows neither example.org nor deskbell@example.org", "DKIM");
    // Alarms and the configuration set are nothing that it makes, and expiry and backups it passes over.
    found(&findings, "alarms", State::Warning, "Nobody is told", "AlarmMail");
    found(&findings, "bounces", State::Warning, "to nobody", "Deploy");

    let address = format!("{}/2015-03-31/event-source-mappings/{mapping}", moto.url);
    change(Method::PUT, &address, "lambda", json!({ "Enabled": false }).to_string(), "application/json").await;
    let send = format!("Action=SendMessage&QueueUrl={queue}&MessageBody=record");
    change(Method::POST, &moto.url, "sqs", send, "application/x-www-form-urlencoded").await;
    stack.settings = settings(file("moto-other", SAMPLE));
    let findings = examine(&stack, &environment).await;
    found(&findings, "notify", State::Problem, "its mapping is Disabled", "Enable the trigger");
    found(&findings, "dead letters", State::Problem, "every retry: 1", "redrive");
    found(&findings, "parameters", State::Problem, "does not allow", "MailFrom=deskbell@studio-lindqvist.example");

    let elsewhere = Command { stack: Some("elsewhere".into()), ..stack };
    found(&examine(&elsewhere, &environment).await, "stack", State::Problem, "There is no stack elsewhere", "--region");
}
