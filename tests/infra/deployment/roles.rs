//! The deployed roles, weighed by somebody else's evaluator: each call that the programs make is allowed, and with one action
//! less, one is not.

use serde_json::{Value, json};

use super::road;
use super::stack::Resources;
use crate::harness::ministack::{ACCOUNT, Ministack, REGION};
use crate::infra::privileges::{FUNCTIONS, LAMBDAS, recorded};
use crate::infra::template::policy::Request;
use crate::infra::template::stack::PLACE;

/// Weighs the roles of all functions.
pub(super) async fn check(aws: &Ministack, resources: &Resources, url: &str) {
    let (asked, _) = recorded().await;
    for binary in FUNCTIONS {
        let (role, asked) = (&resources[&*named(binary, "Role")], &asked[binary]);
        let asked: Vec<Request> = asked.iter().map(|request| deployed(request, &resources["Table"])).collect();
        for Request { action, resource, .. } in &asked {
            assert!(may(aws, role, action, resource).await, "{role} may not {action} {resource}");
        }
        let policy = json!({ "RoleName": role, "PolicyName": binary });
        let document = aws.get("iam", "get_role_policy", policy).await["PolicyDocument"].clone();
        for lesser in with_one_action_less(&document) {
            assert!(!all_allowed(aws, &lesser, &asked).await, "{binary}: {lesser} would do, of {document}");
        }
    }
    enforced(aws, resources, url).await;
}

/// As `ContactRole`.
fn named(binary: &str, what: &str) -> String {
    let (first, rest) = binary.split_at(1);
    format!("{}{rest}{what}", first.to_uppercase())
}

/// A request of the local world, as it is one to what is deployed.
fn deployed(request: &Request, table: &str) -> Request {
    let here = PLACE.replace("eu-central-1", REGION);
    let resource = request.resource.replace(PLACE, &here).replace("table/deskbell", &format!("table/{table}"));
    Request { resource, ..request.clone() }
}

/// Whether a role allows something.
pub(super) async fn may(aws: &Ministack, role: &str, action: &str, resource: &str) -> bool {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/{role}");
    let asked = json!({ "PolicySourceArn": role, "ActionNames": [action], "ResourceArns": [resource] });
    is_allowed(&aws.get("iam", "simulate_principal_policy", asked).await)
}

fn is_allowed(weighed: &Value) -> bool {
    weighed["EvaluationResults"][0]["EvalDecision"] == "allowed"
}

/// Whether a policy allows all of these.
async fn all_allowed(aws: &Ministack, document: &Value, asked: &[Request]) -> bool {
    for Request { action, resource, .. } in asked {
        let asked = json!({
            "PolicyInputList": [document.to_string()], "ActionNames": [action], "ResourceArns": [resource],
        });
        if !is_allowed(&aws.get("iam", "simulate_custom_policy", asked).await) {
            return false;
        }
    }
    true
}

/// The same policy without one of its actions, for each that a program makes use of itself.
fn with_one_action_less(document: &Value) -> Vec<Value> {
    let statements = document["Statement"].as_array().expect("statements");
    let mut lesser = Vec::new();
    for (index, statement) in statements.iter().enumerate() {
        let actions = statement["Action"].as_array().expect("actions");
        for action in actions.iter().filter(|action| !LAMBDAS.iter().any(|one| *action == one)) {
            let left: Vec<&Value> = actions.iter().filter(|other| *other != action).collect();
            let mut without = document.clone();
            match left.as_slice() {
                [] => drop(without["Statement"].as_array_mut().expect("statements").remove(index)),
                left => without["Statement"][index]["Action"] = json!(left),
            }
            lesser.push(without);
        }
    }
    assert!(!lesser.is_empty(), "{document}");
    lesser
}

/// What is weighed is also enforced: without the right to store, nothing is said to be stored.
async fn enforced(aws: &Ministack, resources: &Resources, url: &str) {
    let policy = json!({ "RoleName": resources["ContactRole"], "PolicyName": "contact" });
    let document = aws.get("iam", "get_role_policy", policy.clone()).await["PolicyDocument"].clone();
    let put = async |document: &Value| {
        let mut policy = policy.clone();
        policy["PolicyDocument"] = document.to_string().into();
        aws.get("iam", "put_role_policy", policy).await
    };
    let may_not_store = |document: &&Value| !document.to_string().contains("dynamodb:PutItem");
    let lesser = with_one_action_less(&document);
    put(lesser.iter().find(may_not_store).expect("one")).await;
    assert_eq!(road::try_message(aws, url, "Is Friday free?").await.status, 503);
    put(&document).await;
    assert_eq!(road::try_message(aws, url, "Is Friday free?").await.status, 201);
}
