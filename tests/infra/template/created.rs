//! What a second implementation of CloudFormation (moto's) makes of the template: as much of it as it knows; and that
//! Deskbell works on the table that it made.

use std::collections::BTreeMap;

use deskbell::local::{Options, Table};
use serde_json::{Value, json};

use super::stack::{BARE, Stack};
use crate::harness::moto::Moto;
use crate::harness::world::Desk;
use crate::store::second_dynamodb::everything_works;

/// What it does not know; and the stream's way to a function, by which it would start containers. The other tests of the
/// template look at these.
const UNKNOWN: [&str; 18] = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Budgets::Budget",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Logs::MetricFilter",
    "AWS::Route53::RecordSetGroup",
    "AWS::SES::ConfigurationSet",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SES::EmailIdentity",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::ScheduleGroup",
];

/// The expanded template without what is unknown, and without the outputs, which speak of that.
pub(crate) fn known(mut template: Value) -> Value {
    template.as_object_mut().expect("a template").remove("Outputs");
    let resources = template["Resources"].as_object_mut().expect("resources");
    let unknown: Vec<String> = resources
        .iter()
        .filter(|(_, resource)| UNKNOWN.contains(&resource["Type"].as_str().expect("a type")))
        .map(|(name, _)| name.clone())
        .collect();
    resources.retain(|name, _| !unknown.contains(name));
    without(&template, &unknown)
}

/// The same without references to resources of these names.
fn without(value: &Value, names: &[String]) -> Value {
    let missing = |name: &Value| name.as_str().is_some_and(|name| names.iter().any(|missing| missing == name));
    match value {
        Value::Object(members) => match members.iter().next() {
            Some((key, name)) if key == "Ref" && missing(name) => json!("unknown"),
            Some((key, place)) if key == "Fn::GetAtt" && missing(&place[0]) => json!("unknown"),
            Some((key, text)) if key == "Fn::Sub" && names.iter().any(|name| mentions(text, name)) => json!("unknown"),
            _ => members.iter().map(|(key, value)| (key.clone(), without(value, names))).collect(),
        },
        Value::Array(values) => values.iter().map(|value| without(value, names)).collect(),
        other => other.clone(),
    }
}

fn mentions(text: &Value, name: &str) -> bool {
    text.as_str().is_some_and(|text| text.contains(&format!("${{{name}}}")) || text.contains(&format!("${{{name}.")))
}

/// Asks CloudFormation something, by its query protocol.
async fn ask(url: &str, action: &str, fields: &[(String, String)]) -> String {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let mut form = vec![("Action".to_owned(), action.to_owned()), ("StackName".into(), "deskbell".into())];
    form.extend_from_slice(fields);
    // It is the signature's scope that tells the service.
    let signed = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/cloudformation/aws4_request, \
                  SignedHeaders=host, Signature=none";
    let answer = http.post(url).header("authorization", signed).form(&form).send().await.expect("an answer");
    let (status, text) = (answer.status(), answer.text().await.expect("a text"));
    assert!(status.is_success(), "{action}: {text}");
    text
}

/// Makes the stack; gives the names of what is in it by those in the template. What nobody asks by name may have none.
pub(crate) async fn create(url: &str, template: &Value) -> BTreeMap<String, Option<String>> {
    let mut fields = vec![("TemplateBody".to_owned(), template.to_string())];
    for (number, (name, value)) in BARE.iter().enumerate() {
        fields.push((format!("Parameters.member.{}.ParameterKey", number + 1), (*name).to_owned()));
        fields.push((format!("Parameters.member.{}.ParameterValue", number + 1), (*value).to_owned()));
    }
    ask(url, "CreateStack", &fields).await;
    let made = ask(url, "ListStackResources", &[]).await;
    let element = |text: &str, name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once("</")?.0.trim().to_owned())
    };
    let each = made.split("<member>").skip(1);
    each.filter_map(|one| Some((element(one, "LogicalResourceId")?, element(one, "PhysicalResourceId")))).collect()
}

/// Puts something into a bucket where the template expects the programs and the settings; what it is, nobody asks.
pub(crate) async fn put_packages(url: &str) {
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    // An archive with nothing in it.
    let empty = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    for (path, body) in [("bucket", vec![]), ("bucket/code.zip", empty.clone()), ("bucket/settings.zip", empty)] {
        let put = http.put(format!("{url}/{path}")).body(body).send().await.expect("an answer");
        assert!(put.status().is_success(), "{path}: {put:?}");
    }
}

#[tokio::test]
async fn everything_works_on_the_table_that_the_template_makes() {
    let test = "infra::template::created::everything_works_on_the_table_that_the_template_makes";
    let Some(stack) = Stack::with(BARE, test).await else { return };
    let Some(moto) = Moto::start(test).await else { return };
    put_packages(&moto.url).await;
    let made = create(&moto.url, &known(stack.template.clone())).await;
    let expected = stack.resources().into_iter().filter(|resource| !UNKNOWN.contains(&&*resource.kind));
    let missing: Vec<_> = expected.map(|resource| resource.name).filter(|name| !made.contains_key(name)).collect();
    assert_eq!(missing, [""; 0]);

    let name = made["Table"].clone().expect("a table's name");
    let table = Table::Made { url: moto.url.clone(), name };
    everything_works(&Desk::with(Options { table, ..Options::default() }).await).await;
}
