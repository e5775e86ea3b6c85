//! Each function may do exactly what it does: every call that it makes on the whole way of a submission is one that the template's
//! policies allow, and nothing is allowed that it never does.

mod recorder;
mod walkthrough;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::sync::OnceCell;

use self::recorder::{Asked, Recorder, of_table};
use crate::harness::fault_proxy::Call;
use crate::infra::template::policy::{Request, Statement, statements};
use crate::infra::template::roles::{allowed, role_of};
use crate::infra::template::stack::{PLACE, Stack};

/// What Lambda itself does with a function's role, by the function's settings: no code of ours calls it.
pub(crate) const LAMBDAS: [&str; 7] = [
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "sqs:SendMessage",
];

pub(crate) const FUNCTIONS: [&str; 4] = ["contact", "comments", "owner", "notify"];

/// What was recorded, and the address that emails come from.
static RECORDED: OnceCell<(Asked, String)> = OnceCell::const_new();

/// What each function asks for on the whole way of a submission, and the address that emails come from.
pub(crate) async fn recorded() -> &'static (Asked, String) {
    let record = async || {
        let recorder = Recorder::start().await;
        let from = walkthrough::walk(&recorder).await;
        (recorder.asked(), from)
    };
    RECORDED.get_or_init(record).await
}

/// What a function asked for that none of the statements allows.
fn denied<'a>(asked: &'a BTreeSet<Request>, allowed: &[Statement]) -> Vec<&'a Request> {
    asked.iter().filter(|request| !allowed.iter().any(|statement| statement.allows(request))).collect()
}

/// What the statements allow that was never asked for, other than by Lambda itself.
fn idle(asked: &BTreeSet<Request>, allowed: &[Statement]) -> Vec<String> {
    let parts = allowed.iter().flat_map(Statement::parts);
    let ours = parts.filter(|part| !part.actions.iter().any(|action| LAMBDAS.contains(&&**action)));
    let idle = ours.filter(|part| !asked.iter().any(|request| part.allows(request)));
    let idle = idle.map(|part| format!("{:?} on {:?}", part.actions, part.resources));
    idle.chain(allowed.iter().flat_map(|statement| statement.unused_patterns(asked))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_function_may_do_exactly_what_it_does() {
    let test = "infra::privileges::each_function_may_do_exactly_what_it_does";
    let (asked, from) = recorded().await;
    let parameters = [("MailFrom", &**from), ("AlarmMail", "dev@example.org"), ("TextMessages", "on")];
    let Some(stack) = Stack::with(&parameters, test).await else { return };
    assert!(asked.keys().all(|who| who == "local" || FUNCTIONS.contains(&&**who)), "{:?}", asked.keys());
    for function in FUNCTIONS {
        let allowed = allowed(&role_of(&stack, function));
        let asked = asked.get(function).expect("it asked for something");
        assert_eq!(denied(asked, &allowed), Vec::<&Request>::new(), "{function} may not do what it does");
        assert_eq!(idle(asked, &allowed), [""; 0], "{function} may do what it never does");
    }
}

#[test]
fn what_is_not_allowed_and_what_is_not_used_are_found() {
    let table = format!("arn:aws:dynamodb:{PLACE}:table/deskbell");
    let call = |operation: &str, asked: Value| Call {
        operation: operation.into(),
        who: "contact".into(),
        asked: asked.to_string(),
        units: 0.0,
    };
    let parts = json!([{ "Put": { "TableName": "deskbell" } }, { "ConditionCheck": { "TableName": "deskbell" } }]);
    let calls = [
        call("GetItem", json!({ "TableName": "deskbell" })),
        call("Query", json!({ "TableName": "deskbell", "IndexName": "lists" })),
        call("BatchGetItem", json!({ "RequestItems": { "deskbell": {} } })),
        call("TransactWriteItems", json!({ "TransactItems": parts })),
    ];
    let asked: BTreeSet<Request> = calls.iter().flat_map(of_table).collect();
    let wanted = ["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem"];
    let wanted = wanted.map(|action| Request::new(&format!("dynamodb:{action}"), &table));
    let query = Request::new("dynamodb:Query", &format!("{table}/index/lists"));
    assert_eq!(asked, wanted.into_iter().chain([query.clone()]).collect());

    let actions = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"];
    let document = json!({ "Statement": [
        { "Effect": "Allow", "Action": actions, "Resource": table },
        { "Effect": "Allow", "Action": "dynamodb:Query", "Resource": [table, format!("{table}/index/folders")] },
        { "Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:r:1:q" },
    ]});
    let allowed = statements(&document);
    let check = Request::new("dynamodb:ConditionCheckItem", &table);
    assert_eq!(denied(&asked, &allowed), [&check, &query]);
    let idle = idle(&asked, &allowed);
    assert_eq!(idle.len(), 3, "{idle:?}");
    assert!(idle[0].contains("DeleteItem") && idle[1].contains("Query") && idle[2].contains("folders"), "{idle:?}");
}
