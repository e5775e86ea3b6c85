//! The settings of what is in the stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::stack::{FULL, Resource, Stack, texts};

/// Environment variables that the code reads and the template does not set, and why.
const UNSET: [(&str, &str); 5] = [
    ("DESKBELL_AKISMET_URL", "the public address is built in"),
    ("DESKBELL_TURNSTILE_URL", "the public address is built in"),
    ("DESKBELL_HCAPTCHA_URL", "the public address is built in"),
    ("DESKBELL_RECAPTCHA_URL", "the public address is built in"),
    ("DESKBELL_TELEGRAM_URL", "the public address is built in"),
];

/// What API Gateway may write about a request: nothing of who sent it, and no path, which may hold a token.
const LOGGED: [&str; 9] = [
    "requestTimeEpoch",
    "requestId",
    "integration.requestId",
    "httpMethod",
    "routeKey",
    "status",
    "responseLength",
    "responseLatency",
    "integrationLatency",
];

fn functions(stack: &Stack) -> Vec<Resource> {
    let functions = stack.of_kind("AWS::Lambda::Function");
    assert_eq!(functions.len(), 5);
    functions
}

#[tokio::test]
async fn the_table_is_kept_whatever_happens_to_the_stack() {
    let test = "infra::template::settings::the_table_is_kept_whatever_happens_to_the_stack";
    let Some(stacks) = Stack::both(test).await else { return };
    for stack in stacks {
        let table = stack.of_kind("AWS::DynamoDB::Table").pop().expect("a table");
        assert_eq!(
            (&table.whole["DeletionPolicy"], &table.whole["UpdateReplacePolicy"]),
            (&json!("Retain"), &json!("Retain"))
        );
        let expected = json!({
            "DeletionProtectionEnabled": true,
            "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
            "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
            "TimeToLiveSpecification": { "AttributeName": "expires_at", "Enabled": true },
        });
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&table.properties[name], value, "{name}");
        }
    }
}

#[tokio::test]
async fn each_function_writes_a_log_of_its_own_that_ends() {
    let test = "infra::template::settings::each_function_writes_a_log_of_its_own_that_ends";
    let Some(stacks) = Stack::both(test).await else { return };
    for stack in stacks {
        let groups = stack.of_kind("AWS::Logs::LogGroup");
        assert!(groups.iter().all(|group| group.number("/RetentionInDays") > 0));
        let names: BTreeSet<String> = groups.iter().map(|group| group.text("/LogGroupName")).collect();
        let mut written: BTreeSet<String> =
            functions(&stack).iter().map(|function| function.text("/LoggingConfig/LogGroup")).collect();
        let api = stack.of_kind("AWS::ApiGatewayV2::Stage").pop().expect("a stage");
        let arn = api.text("/AccessLogSettings/DestinationArn");
        written.insert(arn.split(':').nth(6).expect("a group").to_owned());
        assert_eq!(names, written, "each log group has one who writes there, and all who write have one");
        assert!(functions(&stack).iter().all(|function| function.text("/LoggingConfig/LogFormat") == "JSON"));
    }
}

#[tokio::test]
async fn the_access_log_tells_nothing_of_who_asked() {
    let test = "infra::template::settings::the_access_log_tells_nothing_of_who_asked";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let api = stack.of_kind("AWS::ApiGatewayV2::Stage").pop().expect("a stage");
    let format = api.text("/AccessLogSettings/Format");
    let line: BTreeMap<String, String> = serde_json::from_str(&format).expect("JSON");
    let told: Vec<&str> = line.values().map(|value| value.strip_prefix("$context.").expect("a variable")).collect();
    assert!(told.iter().all(|variable| LOGGED.contains(variable)), "{told:?}");
    assert!(told.contains(&"routeKey") && told.contains(&"status"));
}

#[tokio::test]
async fn functions_are_small_and_short() {
    let Some(stacks) = Stack::both("infra::template::settings::functions_are_small_and_short").await else { return };
    for stack in stacks {
        for function in functions(&stack) {
            let Resource { name, .. } = &function;
            let binary = function.binary.clone().expect("a binary");
            assert_eq!(function.text("/Runtime"), "provided.al2023", "{name}");
            assert_eq!(function.properties["Architectures"], json!(["arm64"]), "{name}");
            assert_eq!(function.number("/MemorySize"), 128, "{name}");
            // API Gateway waits for 30 s, visitors do not.
            let longest = match &*binary {
                "contact" | "comments" => 15,
                "owner" => 29,
                _ => 60,
            };
            assert_eq!(function.number("/Timeout"), longest, "{name}");
            assert!(function.properties.get("TracingConfig").is_none(), "{name}");
        }
    }
}

#[tokio::test]
async fn nothing_is_set_aside_unless_it_is_asked_for() {
    let test = "infra::template::settings::nothing_is_set_aside_unless_it_is_asked_for";
    let Some([bare, full]) = Stack::both(test).await else { return };
    let aside = |stack: &Stack| -> Vec<String> {
        functions(stack).iter().map(|function| function.text("/ReservedConcurrentExecutions")).collect()
    };
    // A new account has ten in all, and keeps ten for what has none set aside.
    assert_eq!(aside(&bare), ["", "", "", "", ""]);
    assert_eq!(aside(&full), ["5", "5", "5", "5", "5"]);
}

#[tokio::test]
async fn what_starts_notify_ends_in_the_queue_if_it_fails_for_good() {
    let test = "infra::template::settings::what_starts_notify_ends_in_the_queue_if_it_fails_for_good";
    let Some(stacks) = Stack::both(test).await else { return };
    for stack in stacks {
        let queue = stack.of_kind("AWS::SQS::Queue").pop().expect("a queue");
        assert_eq!(queue.number("/MessageRetentionPeriod"), 14 * 86_400);
        let arn = stack.resolve(&json!({ "Fn::GetAtt": [queue.name, "Arn"] }));
        let mappings = stack.of_kind("AWS::Lambda::EventSourceMapping");
        let of = |function: &str| mappings.iter().find(|one| one.text("/FunctionName") == function).expect("a mapping");
        let (mapping, sign_ins) = (of("NotifyFunction"), of("SignInFunction"));
        let otherwise = stack.of_kind("AWS::Lambda::EventInvokeConfig").pop().expect("a setting");
        assert_eq!(otherwise.text("/FunctionName"), "NotifyFunction");
        for (resource, tries) in [(mapping, 10), (sign_ins, 10), (&otherwise, 2)] {
            assert_eq!(resource.properties["DestinationConfig"]["OnFailure"]["Destination"], arn);
            assert_eq!(resource.number("/MaximumRetryAttempts"), tries);
        }
        // In time: the stream itself forgets after a day.
        assert!(mapping.number("/MaximumRecordAgeInSeconds") < 86_400);
        assert!(mapping.number("/MaximumBatchingWindowInSeconds") <= 2, "every lead is announced soon");
        assert_eq!(mapping.properties["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]));
        assert_eq!(mapping.properties["BisectBatchOnFunctionError"], json!(true));
        let patterns = |mapping: &Resource| mapping.properties["FilterCriteria"]["Filters"].to_string();
        assert!(patterns(mapping).contains("status") && !patterns(mapping).contains("sign_in"));
        assert!(patterns(sign_ins).contains("sign_in") && !patterns(sign_ins).contains("status"));
        assert_eq!((mappings.len(), sign_ins.number("/MaximumBatchingWindowInSeconds")), (2, 0));
    }
}

#[tokio::test]
async fn functions_get_the_environment_that_their_code_reads() {
    let test = "infra::template::settings::functions_get_the_environment_that_their_code_reads";
    let Some(stacks) = Stack::both(test).await else { return };
    let read = variables(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/src"));
    for stack in stacks {
        let mut all = BTreeSet::new();
        for function in functions(&stack) {
            let binary = function.binary.clone().expect("a binary");
            let set = function.properties["Environment"]["Variables"].as_object().expect("an environment");
            let mut expected = vec!["DESKBELL_CONFIG", "DESKBELL_TABLE"];
            // Only who writes emails needs to know where the functions are; all others are told by who asks.
            if binary == "notify" {
                expected = vec!["DESKBELL_CONFIG", "DESKBELL_CONFIGURATION_SET", "DESKBELL_TABLE", "DESKBELL_URL"];
            }
            assert_eq!(set.keys().collect::<Vec<_>>(), expected, "{binary}");
            all.extend(set.keys().cloned());
        }
        let known = UNSET.iter().map(|(name, _)| (*name).to_owned());
        assert_eq!(all.into_iter().chain(known).collect::<BTreeSet<_>>(), read);
    }
}

/// The environment variables of its own that the code in a folder names.
fn variables(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let of = |path: PathBuf| -> BTreeSet<String> {
        if path.is_dir() {
            return variables(&path);
        }
        let code = std::fs::read_to_string(path).expect("a file");
        let named = code.split("\"DESKBELL_").skip(1).filter_map(|rest| rest.split_once('"'));
        let named = named.map(|(name, _)| name).filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'));
        named.map(|name| format!("DESKBELL_{name}")).collect()
    };
    entries.flat_map(of).collect()
}

#[tokio::test]
async fn notify_hears_of_bounces_and_complaints() {
    let Some(stacks) = Stack::both("infra::template::settings::notify_hears_of_bounces_and_complaints").await else {
        return;
    };
    for stack in stacks {
        let set = stack.of_kind("AWS::SES::ConfigurationSet").pop().expect("a set");
        assert_eq!(set.properties["SuppressionOptions"]["SuppressedReasons"], json!(["BOUNCE", "COMPLAINT"]));
        let destination = stack.of_kind("AWS::SES::ConfigurationSetEventDestination").pop().expect("a destination");
        let published = json!(["bounce", "complaint", "deliveryDelay", "reject"]);
        assert_eq!(destination.properties["EventDestination"]["MatchingEventTypes"], published);
        assert_eq!(destination.properties["EventDestination"]["Enabled"], json!(true));
        let topic = destination.text("/EventDestination/SnsDestination/TopicARN");
        let subscriptions = stack.of_kind("AWS::SNS::Subscription");
        let hears = subscriptions.iter().find(|one| one.text("/TopicArn") == topic).expect("somebody hears");
        let notify = stack.resolve(&json!({ "Fn::GetAtt": ["NotifyFunction", "Arn"] }));
        assert_eq!((hears.text("/Protocol"), &hears.properties["Endpoint"]), ("lambda".into(), &notify));
        let may = stack.of_kind("AWS::SNS::TopicPolicy").pop().expect("a policy");
        let statement = &may.properties["PolicyDocument"]["Statement"][0];
        assert_eq!(statement["Principal"]["Service"], "ses.amazonaws.com");
        assert_eq!(statement["Condition"]["StringEquals"]["AWS:SourceAccount"], "000000000000");
        let permissions = stack.of_kind("AWS::Lambda::Permission");
        let mut may_start = permissions.iter().filter(|one| one.text("/FunctionName") == "NotifyFunction");
        assert!(may_start.any(|one| one.text("/SourceArn") == topic && one.text("/Principal") == "sns.amazonaws.com"));
    }
}

#[tokio::test]
async fn an_identity_is_made_only_if_it_is_asked_for() {
    let test = "infra::template::settings::an_identity_is_made_only_if_it_is_asked_for";
    let made = async |identity: &str| {
        let stack = Stack::with(&[FULL, &[("MailIdentity", identity)]].concat(), test).await?;
        let identities = stack.of_kind("AWS::SES::EmailIdentity").len();
        Some((identities, stack.outputs().contains_key("MailDomainRecords")))
    };
    let Some(none) = made("").await else { return };
    // An address has no DNS records; asking for them would fail the stack.
    let (domain, address) = (made("example.org").await, made("deskbell@example.org").await);
    assert_eq!((none, domain, address), ((0, false), Some((1, true)), Some((1, false))));
}

/// The default of a custom domain is IPv4 alone; a record for IPv6 would lead nowhere.
#[tokio::test]
async fn a_domain_with_a_record_for_ipv6_has_an_address_for_it() {
    let test = "infra::template::settings::a_domain_with_a_record_for_ipv6_has_an_address_for_it";
    let Some(stack) = Stack::with(FULL, test).await else { return };
    let domain = stack.of_kind("AWS::ApiGatewayV2::DomainName").pop().expect("a domain");
    let records = stack.of_kind("AWS::Route53::RecordSetGroup").pop().expect("records");
    assert_eq!([records.text("/RecordSets/0/Type"), records.text("/RecordSets/1/Type")], ["A", "AAAA"]);
    assert_eq!(domain.text("/DomainNameConfigurations/0/IpAddressType"), "dualstack");
}

#[tokio::test]
async fn two_stacks_can_stand_side_by_side() {
    let Some(stacks) = Stack::both("infra::template::settings::two_stacks_can_stand_side_by_side").await else {
        return;
    };
    for stack in stacks {
        for resource in stack.resources() {
            let named = ["Name", "TableName", "FunctionName", "RoleName", "QueueName", "TopicName", "LogGroupName"];
            let named = named.into_iter().chain(["AlarmName", "DashboardName", "BudgetName", "DBName"]);
            for property in named {
                let whole = &resource.whole["Properties"][property];
                let own = whole["Fn::Sub"].as_str().is_some_and(|name| name.contains("${AWS::StackName}"));
                let refers = whole.is_null() || whole["Ref"].is_string();
                assert!(
                    own || refers || resource.kind.starts_with("AWS::Route53"),
                    "{} has a fixed {property}",
                    resource.name
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_asked_at_deployment_is_checked_or_has_a_default() {
    let test = "infra::template::settings::what_is_asked_at_deployment_is_checked_or_has_a_default";
    let Some(stack) = Stack::with(FULL, test).await else { return };
    let parameters = stack.template["Parameters"].as_object().expect("parameters");
    let shown = &stack.template["Metadata"]["AWS::CloudFormation::Interface"];
    let grouped: BTreeSet<&str> = texts(&shown["ParameterGroups"]).into_iter().collect();
    for (name, parameter) in parameters {
        let has = |key: &str| parameter.get(key).is_some();
        let checked = has("AllowedPattern") || has("AllowedValues") || has("MinValue");
        assert!(checked, "{name} takes anything");
        assert_eq!(has("AllowedPattern"), has("ConstraintDescription"), "{name} does not say what is wrong");
        let required = ["MailFrom", "AlarmMail"].contains(&&**name);
        assert_eq!(has("Default"), !required, "{name}");
        assert!(parameter["Description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
        assert!(grouped.contains(&**name) && shown["ParameterLabels"][name]["default"].is_string(), "{name}");
    }
    let known = shown["ParameterLabels"].as_object().expect("labels").keys();
    assert!(known.eq(parameters.keys()), "labels of what is not asked");
}

#[tokio::test]
async fn the_outputs_lead_on() {
    let Some([bare, full]) = Stack::both("infra::template::settings::the_outputs_lead_on").await else { return };
    let (own, given) = ("https://deskbell.example.org", "https://Api.execute-api.eu-central-1.amazonaws.com");
    for (stack, url) in [(&bare, given), (&full, own)] {
        let outputs = stack.outputs();
        assert_eq!((&*outputs["Url"], &*outputs["Table"]), (url, "deskbell"));
        assert!(outputs["ContactForm"].contains(&format!("<form method=\"post\" action=\"{url}/contact\">")));
        let notify = functions(stack).into_iter().find(|function| function.binary.as_deref() == Some("notify"));
        assert_eq!(notify.expect("notify").text("/Environment/Variables/DESKBELL_URL"), url);
    }
    assert_eq!(bare.outputs().keys().collect::<Vec<_>>(), ["ContactForm", "Table", "Url"]);
    let added: Value = json!(full.outputs().keys().collect::<Vec<_>>());
    assert_eq!(added, json!(["ContactForm", "DashboardUrl", "DomainTarget", "MailDomainRecords", "Table", "Url"]));
}

/// Else `sam deploy --guided` asks at each route whether it is meant to need no sign-in, and gives up if that is passed over.
#[test]
fn nobody_is_asked_whether_the_routes_are_public() {
    assert!(include_str!("../../../infra/template.yaml").contains("Auth: { EnableIamAuthorizer: false }"));
}
