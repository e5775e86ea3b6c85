//! Nothing that is deployed costs anything while nobody uses it.

use super::stack::{Resource, Stack};

/// The kinds of resources that may be in the stack, and why each costs nothing while nobody uses it.
const FREE_WHEN_IDLE: [(&str, &str); 26] = [
    ("AWS::ApiGatewayV2::Api", "charged by the request"),
    ("AWS::ApiGatewayV2::ApiMapping", "a setting"),
    ("AWS::ApiGatewayV2::DomainName", "domains of HTTP APIs are free; certificates for them, too"),
    ("AWS::ApiGatewayV2::Stage", "a setting; no cache, which HTTP APIs do not have"),
    ("AWS::Budgets::Budget", "budgets that only send mail are free; those with actions are not"),
    ("AWS::CloudWatch::Alarm", "ten metrics with alarms are free in an account"),
    (
        "AWS::CloudWatch::Dashboard",
        "three of up to 50 metrics are free in an account; the parameter tells, and turns it off",
    ),
    ("AWS::DynamoDB::Table", "on demand: charged by the request and the stored GB, of which 25 are free"),
    ("AWS::IAM::Role", "free"),
    ("AWS::Lambda::EventInvokeConfig", "a setting"),
    ("AWS::Lambda::EventSourceMapping", "reading a table's stream for a function is free"),
    ("AWS::Lambda::Function", "charged by the call; nothing is provisioned"),
    ("AWS::Lambda::LayerVersion", "75 GB of layers and programs are free in an account"),
    ("AWS::Lambda::Permission", "a setting"),
    (
        "AWS::Logs::MetricFilter",
        "its metric is charged by the hours in which something was counted; ten metrics are free",
    ),
    ("AWS::Logs::LogGroup", "charged by what is written and kept, of which 5 GB are free"),
    ("AWS::Route53::RecordSetGroup", "records that point to AWS are free; the zone is the owner's"),
    ("AWS::SES::ConfigurationSet", "a setting; its own metrics, which cost, are off"),
    ("AWS::SES::ConfigurationSetEventDestination", "charged by the event"),
    ("AWS::SES::EmailIdentity", "verified identities are free; dedicated addresses are not, and none is asked for"),
    ("AWS::SNS::Subscription", "charged by the email, of which 1,000 a month are free"),
    ("AWS::SNS::Topic", "charged by the message"),
    ("AWS::SNS::TopicPolicy", "a setting"),
    ("AWS::SQS::Queue", "charged by the request"),
    ("AWS::Scheduler::ScheduleGroup", "a name"),
    ("AWS::Scheduler::Schedule", "charged by the start, of which 14 million a month are free"),
];

/// What is wrong about a resource for somebody who wants to pay for nothing that is not used.
fn charge(resource: &Resource) -> Option<String> {
    let Resource { kind, properties, .. } = resource;
    let has = |pointer: &str| properties.pointer(pointer).is_some();
    let standing = match kind.as_str() {
        kind if FREE_WHEN_IDLE.iter().all(|(free, _)| *free != kind) => Some("its kind is not known to be free"),
        "AWS::DynamoDB::Table" if resource.text("/BillingMode") != "PAY_PER_REQUEST" => Some("it is provisioned"),
        // A GB of it costs more to store than to keep a copy of; and a key of one's own costs a dollar a month.
        "AWS::DynamoDB::Table" if has("/SSESpecification") || has("/TableClass") => Some("a key or a class costs"),
        "AWS::SQS::Queue" | "AWS::SNS::Topic" if has("/KmsMasterKeyId") => Some("a key costs"),
        "AWS::SES::ConfigurationSet" if resource.text("/ReputationOptions/ReputationMetricsEnabled") != "false" => {
            Some("metrics of its own cost")
        }
        "AWS::SES::ConfigurationSet" if has("/VdmOptions") || has("/DeliveryOptions/SendingPoolName") => {
            Some("what it asks for costs")
        }
        "AWS::Logs::LogGroup" if has("/KmsKeyId") => Some("a key costs"),
        "AWS::Lambda::Function" if has("/VpcConfig") || has("/SnapStart") => Some("what stands behind it costs"),
        "AWS::Lambda::Function" if resource.text("/TracingConfig/Mode") == "Active" => Some("traces cost"),
        "AWS::Lambda::EventSourceMapping" if has("/ProvisionedPollerConfig") => Some("it is provisioned"),
        "AWS::CloudWatch::Alarm" if resource.text("/Period").parse().is_ok_and(|period: u32| period < 60) => {
            Some("alarms on seconds cost")
        }
        "AWS::ApiGatewayV2::Stage" if resource.text("/DefaultRouteSettings/DetailedMetricsEnabled") == "true" => {
            Some("a metric for each route costs")
        }
        _ => None,
    };
    standing.map(|why| format!("{} ({kind}): {why}", resource.name))
}

#[tokio::test]
async fn nothing_in_the_stack_has_a_standing_charge() {
    let test = "infra::template::charges::nothing_in_the_stack_has_a_standing_charge";
    let Some(stacks) = Stack::both(test).await else { return };
    for stack in &stacks {
        let charges: Vec<String> = stack.resources().iter().filter_map(charge).collect();
        assert_eq!(charges, [""; 0]);
    }
    let [_, full] = stacks;
    let there = full.resources();
    let gone: Vec<_> = FREE_WHEN_IDLE.iter().filter(|(kind, _)| there.iter().all(|one| one.kind != *kind)).collect();
    assert!(gone.is_empty(), "allowed, and in no stack: {gone:?}");
}

#[tokio::test]
async fn a_standing_charge_would_be_noticed() {
    let test = "infra::template::charges::a_standing_charge_would_be_noticed";
    let Some(stack) = Stack::with(super::stack::BARE, test).await else { return };
    let with = |name: &str, pointer: &str, key: &str, value: serde_json::Value| {
        let mut template = stack.template.clone();
        template["Resources"][name].pointer_mut(pointer).expect("there")[key] = value;
        Stack::of(template, super::stack::BARE).resources().iter().filter(|one| charge(one).is_some()).count()
    };
    let cases = [
        ("Table", "/Properties", "BillingMode", "PROVISIONED".into()),
        ("Table", "/Properties", "SSESpecification", serde_json::json!({ "SSEEnabled": true })),
        ("DeadLetters", "", "Type", "AWS::Kinesis::Stream".into()),
        ("ContactFunction", "/Properties", "TracingConfig", serde_json::json!({ "Mode": "Active" })),
        ("AlarmTopic", "/Properties", "KmsMasterKeyId", "a key".into()),
        ("NotifyDelayAlarm", "/Properties", "Period", 10.into()),
    ];
    for (name, pointer, key, value) in cases {
        assert_eq!(with(name, pointer, key, value), 1, "{name} {key}");
    }
}
