//! What local mode hands to a function for a request is what the emulator's gateway hands on, field by field, but for what
//! is named here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use deskbell::local::{Functions, Template, gateway};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::gateway::integrate;
use super::road::client;
use crate::harness::ministack::Ministack;
use crate::harness::world::{answer, eventually};

/// What tells one place and one request from another.
const OF_THE_PLACE: [&str; 8] = [
    "/headers/host",
    "/requestContext/accountId",
    "/requestContext/apiId",
    "/requestContext/domainName",
    "/requestContext/domainPrefix",
    "/requestContext/requestId",
    "/requestContext/time",
    "/requestContext/timeEpoch",
];

/// What one has and the other has not, or otherwise, and why.
const KNOWN: [(&str, &str); 7] = [
    ("/cookies/0", "AWS sends cookies in a list of their own, as local mode does"),
    ("/cookies/1", "the same"),
    ("/headers/cookie", "where ministack leaves them"),
    ("/headers/x-forwarded-proto", "AWS sets it, as local mode does"),
    ("/pathParameters/site", "the functions read the path themselves"),
    ("/queryStringParameters/page", "the functions read the query themselves"),
    ("/queryStringParameters/x", "the same, since values of one name are joined with commas there"),
];

/// A function that answers with what it was handed.
const ECHO: &str =
    "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n";

/// The routes that are asked.
const ROUTES: [&str; 3] = ["POST /{site}/contact", "POST /contact", "ANY /comments"];

/// Requests as visitors' browsers and scripts send them.
fn requests(http: &Client, url: &str) -> Vec<RequestBuilder> {
    let to = |method: Method, path: &str| http.request(method, format!("{url}{path}")).header("accept", "text/html");
    let (form, text) = ([("name", "Ann ✓"), ("message", "a+b&c")], "{\"name\":\"Ann ✓\"}");
    let parts = "--b\r\ncontent-disposition: form-data; name=\"name\"\r\n\r\nAnn ✓\r\n--b--\r\n";
    vec![
        to(Method::GET, "/comments?page=%2Fblog%2F&x=1&x=a+b%20c")
            .header("cookie", "a=1; b=2")
            .header("X-Upper-Case", "Value"),
        to(Method::POST, "/studio/contact").form(&form),
        to(Method::POST, "/contact").header("content-type", "application/json").body(text),
        to(Method::POST, "/contact").header("content-type", "application/json; charset=utf-8").body(text),
        to(Method::POST, "/contact").header("content-type", "text/plain").body("Ann ✓"),
        to(Method::POST, "/contact").header("content-type", "application/octet-stream").body(vec![0, 159, 146, 150]),
        to(Method::POST, "/contact").body("without a type"),
        to(Method::POST, "/contact").header("content-type", "multipart/form-data; boundary=b").body(parts),
        to(Method::POST, "/contact"),
    ]
}

/// What stands for `{site}` in a path, as browsers encode it, or leave it.
const SITES: [&str; 9] =
    ["a%20b", "%E2%9C%93", "%22%3Cx%3E", "%5Bx%5D", "[x]", "a%3Fb%23c", "100%25", "a+b&c=d", "%25E2%259C%2593"];

/// The leaves of a JSON value, by their pointers. What a list or an object is empty of is nothing.
fn leaves(value: &Value, at: &str, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, one)| leaves(one, &format!("{at}/{name}"), found)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(index, one)| leaves(one, &format!("{at}/{index}"), found));
        }
        Value::Null => {}
        other => drop(found.insert(at.to_owned(), other.clone())),
    }
}

/// The fields that are not the same in both events, with what each has.
fn differences(one: &Value, other: &Value) -> BTreeMap<String, [Option<Value>; 2]> {
    let (mut left, mut right) = (BTreeMap::new(), BTreeMap::new());
    leaves(one, "", &mut left);
    leaves(other, "", &mut right);
    let names: BTreeSet<String> = left.keys().chain(right.keys()).cloned().collect();
    let apart = names.into_iter().filter(|name| !OF_THE_PLACE.contains(&&**name) && left.get(name) != right.get(name));
    apart.map(|name| (name.clone(), [left.get(&name).cloned(), right.get(&name).cloned()])).collect()
}

/// Local mode's gateway before a function that answers with what it was handed.
async fn local(tasks: &mut JoinSet<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let echo: Functions =
        Arc::new(|_, event| Box::pin(async move { Ok(json!({ "statusCode": 200, "body": event.to_string() })) }));
    let router = gateway(&Template::built_in().routes, &echo);
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves for ever") });
    url
}

/// The emulator's gateway before one like it.
async fn emulated(aws: &Ministack) -> String {
    let trust =
        json!({ "Effect": "Allow", "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" });
    let trust = json!({ "Version": "2012-10-17", "Statement": [trust] });
    let function = json!({
        "FunctionName": "echo", "Runtime": "python3.11", "Handler": "index.handler", "Code": { "ZipFile": ECHO },
        "Role": { "Fn::GetAtt": ["Role", "Arn"] },
    });
    let template = json!({ "Resources": {
        "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust } },
        "Echo": { "Type": "AWS::Lambda::Function", "Properties": function },
    }});
    let stack =
        json!({ "StackName": "echo", "TemplateBody": template.to_string(), "Capabilities": ["CAPABILITY_IAM"] });
    aws.get("cloudformation", "create_stack", stack).await;
    let there = async || aws.ask("lambda", "get_function", json!({ "FunctionName": "echo" })).await.ok();
    eventually("the function", there).await;
    let api =
        aws.get("apigatewayv2", "create_api", json!({ "Name": "echo", "ProtocolType": "HTTP" })).await["ApiId"].clone();
    let api = api.as_str().expect("an id");
    let target = format!("integrations/{}", integrate(aws, api, "echo").await);
    for route in ROUTES {
        aws.get("apigatewayv2", "create_route", json!({ "ApiId": api, "RouteKey": route, "Target": target })).await;
    }
    aws.get("apigatewayv2", "create_stage", json!({ "ApiId": api, "StageName": "$default", "AutoDeploy": true })).await;
    format!("http://{api}.execute-api.localhost:{}", aws.address.port())
}

#[tokio::test]
async fn local_mode_hands_on_what_another_gateway_does() {
    let test = "infra::deployment::events::local_mode_hands_on_what_another_gateway_does";
    let Some(aws) = Ministack::start(test).await else { return };
    let mut tasks = JoinSet::new();
    let (here, there) = (local(&mut tasks).await, emulated(&aws).await);
    let http = Client::builder().no_proxy().build().expect("a client");
    let both = requests(&http, &here).into_iter().zip(requests(&client(&aws, &there), &there));
    let mut unlike = BTreeMap::new();
    for (ours, theirs) in both {
        let (ours, theirs) = (answer(ours).await.json(), answer(theirs).await.json());
        assert_eq!(theirs["version"], "2.0", "{theirs}");
        unlike.extend(differences(&ours, &theirs));
    }
    let known: BTreeSet<&str> = KNOWN.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = unlike.keys().map(String::as_str).collect();
    assert_eq!(found, known, "{unlike:#?}");
}

#[tokio::test]
async fn paths_are_handed_on_as_another_gateway_does() {
    let test = "infra::deployment::events::paths_are_handed_on_as_another_gateway_does";
    let Some(aws) = Ministack::start(test).await else { return };
    let mut tasks = JoinSet::new();
    let (here, there) = (local(&mut tasks).await, emulated(&aws).await);
    let http = Client::builder().no_proxy().build().expect("a client");
    let emulated = client(&aws, &there);
    for site in SITES {
        let path = format!("/{site}/contact?x=%20{site}");
        let ours = answer(http.post(format!("{here}{path}"))).await.json();
        let theirs = answer(emulated.post(format!("{there}{path}"))).await.json();
        let paths = |event: &Value| {
            ["/rawPath", "/requestContext/http/path"]
                .map(|at| event.pointer(at).and_then(Value::as_str).unwrap_or("").to_owned())
        };
        // Of all characters, ministack leaves % as it came; AWS does not, as others have seen.
        assert_eq!(paths(&ours), paths(&theirs).map(|path| path.replace("%25", "%")), "{path}");
        assert_eq!(theirs["rawPath"].as_str().map(|path| path.contains("%25")), Some(site.contains("%25")));
        assert_eq!(ours["rawQueryString"], theirs["rawQueryString"], "{path}");
    }
    // ministack makes one of several slashes; nobody has written down what AWS does.
    let ours = answer(http.post(format!("{here}//contact"))).await.json();
    let theirs = answer(emulated.post(format!("{there}//contact"))).await.json();
    assert_eq!((&ours["rawPath"], &theirs["rawPath"]), (&json!("//contact"), &json!("/contact")));
}
