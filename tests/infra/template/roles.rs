//! Who may do what, as it is written. Whether that is what the functions do, the end-to-end run shows (`infra::privileges`).

use serde_json::{Value, json};

use super::policy::{Resources, Statement, statements};
use super::stack::{Resource, Stack};

/// Patterns that stand for more than one thing, and why nothing narrower will do.
const WIDE: [(&str, &str); 4] = [
    ("arn:aws:dynamodb:eu-central-1:000000000000:table/deskbell/stream/*", "a list of streams has no stream's name"),
    ("arn:aws:logs:eu-central-1:000000000000:log-group:/aws/lambda/notifier-*:*", "the streams of one log group"),
    (
        "arn:aws:ses:eu-central-1:000000000000:identity/*",
        "the sender's address or its domain, and in SES' sandbox the recipient's, too; ses:FromAddress says whose emails",
    ),
    ("arn:aws:sns:*:*:*", "all topics, to none of which it may publish: only telephones are left"),
];

/// What a role may do.
pub(crate) fn allowed(role: &Resource) -> Vec<Statement> {
    let policies = role.properties["Policies"].as_array().into_iter().flatten();
    policies.flat_map(|policy| statements(&policy["PolicyDocument"])).collect()
}

/// The role of a function, by the name of its binary.
pub(crate) fn role_of(stack: &Stack, binary: &str) -> Resource {
    let functions = stack.of_kind("AWS::Lambda::Function");
    let function = functions.iter().find(|function| function.binary.as_deref() == Some(binary)).expect("a function");
    let arn = function.text("/Role");
    let named = |role: &Resource| arn.ends_with(&format!(":role/{}", role.name));
    stack.of_kind("AWS::IAM::Role").into_iter().find(named).expect("a role")
}

fn is_known_to_be_wide(pattern: &str) -> bool {
    let log_group = |wide: &str| {
        let (begin, end) = wide.split_once("-*").unwrap_or((wide, ""));
        pattern
            .strip_prefix(begin)
            .and_then(|rest| rest.strip_suffix(end))
            .is_some_and(|rest| !rest.contains(['*', '?']))
    };
    WIDE.iter().any(|(wide, _)| *wide == pattern || log_group(wide))
}

#[tokio::test]
async fn nobody_may_do_anything_to_everything() {
    let Some(stacks) = Stack::both("infra::template::roles::nobody_may_do_anything_to_everything").await else {
        return;
    };
    let wide = |text: &&String| text.contains(['*', '?']);
    for stack in stacks {
        assert!(stack.of_kind("AWS::IAM::Policy").is_empty(), "what a role may do stands with the role");
        for role in stack.of_kind("AWS::IAM::Role") {
            assert!(role.properties.get("ManagedPolicyArns").is_none(), "{}: others could widen it", role.name);
            for statement in allowed(&role) {
                assert_eq!(statement.actions.iter().find(wide), None, "{}", role.name);
                let (Resources::Only(patterns) | Resources::AllBut(patterns)) = &statement.resources;
                let unknown = patterns.iter().filter(wide).find(|pattern| !is_known_to_be_wide(pattern));
                assert_eq!(unknown, None, "{}", role.name);
            }
        }
    }
}

#[tokio::test]
async fn each_role_is_one_functions_or_one_schedules() {
    let test = "infra::template::roles::each_role_is_one_functions_or_one_schedules";
    let Some(stacks) = Stack::both(test).await else { return };
    for stack in stacks {
        let functions = ["contact", "comments", "owner", "notify"].map(|binary| role_of(&stack, binary));
        let mut names: Vec<&str> = functions.iter().map(|role| &*role.name).collect();
        names.dedup();
        assert_eq!(names.len(), 4, "{names:?}");
        for role in stack.of_kind("AWS::IAM::Role") {
            let trust = &role.properties["AssumeRolePolicyDocument"]["Statement"];
            let service = if names.contains(&&*role.name) { "lambda" } else { "scheduler" };
            let trusted = format!("{service}.amazonaws.com");
            assert!([json!(trusted), json!([trusted])].contains(&trust[0]["Principal"]["Service"]), "{}", role.name);
            assert_eq!(trust.as_array().map(Vec::len), Some(1), "{}", role.name);
        }
        for schedule in stack.of_kind("AWS::Scheduler::Schedule") {
            let role = schedule.text("/Target/RoleArn").split('/').next_back().unwrap_or_default().to_owned();
            let role = stack.of_kind("AWS::IAM::Role").into_iter().find(|one| one.name == role).expect("a role");
            let statements = allowed(&role);
            let target = Resources::Only(vec![schedule.text("/Target/Arn")]);
            assert!(statements.len() == 1 && statements[0].resources == target, "{statements:?}");
            assert_eq!(statements[0].actions, ["lambda:InvokeFunction"]);
            let input: Value = serde_json::from_str(&schedule.text("/Target/Input")).expect("JSON");
            assert!(input["deskbell"].is_string());
        }
    }
}
