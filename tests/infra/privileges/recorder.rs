//! The endpoints of AWS with somebody who writes down who asked for what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::harness::fault_proxy::{Call, FaultProxy, signer};
use crate::infra::template::policy::Request;
use crate::infra::template::stack::PLACE;

/// A table, and a way to a world's own mailbox; both remember who asked for what.
pub(super) struct Recorder {
    /// The table.
    pub(super) proxy: FaultProxy,
    /// Where SES and SNS are.
    pub(super) url: String,
    post: Post,
    _tasks: JoinSet<()>,
}

/// A request to SES or SNS.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    who: String,
    body: Bytes,
}

#[derive(Clone, Default)]
struct Post {
    http: reqwest::Client,
    /// The mailbox, once it is there.
    target: Arc<OnceLock<String>>,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Posted {
    /// SES' request.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// A field of SNS' request.
    pub(super) fn form(&self, name: &str) -> Option<String> {
        let url = format!("http://x/?{}", std::str::from_utf8(&self.body).ok()?);
        let url = reqwest::Url::parse(&url).ok()?;
        url.query_pairs().find(|(field, _)| field == name).map(|(_, value)| value.into_owned())
    }
}

impl Recorder {
    pub(super) async fn start() -> Self {
        let (mut tasks, post) = (JoinSet::new(), Post::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass_on).with_state(post.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { proxy: FaultProxy::start().await, url, post, _tasks: tasks }
    }

    /// Where everything goes that is posted.
    pub(super) fn lead_to(&self, mailbox: &str) {
        self.post.target.set(mailbox.to_owned()).expect("once");
    }

    /// What each function asked for so far.
    pub(super) fn asked(&self) -> Asked {
        let calls = self.proxy.calls();
        let posted = self.post.posted.lock().unwrap();
        let calls = calls.iter().map(|call| (call.who.clone(), of_table(call)));
        let all = calls.chain(posted.iter().map(|posted| (posted.who.clone(), of_post(posted))));
        let mut asked = Asked::new();
        for (who, requests) in all {
            asked.entry(who).or_default().extend(requests);
        }
        asked
    }
}

async fn pass_on(State(post): State<Post>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    post.posted.lock().unwrap().push(Posted { who: signer(&headers), body: body.clone() });
    let target = format!("{}{uri}", post.target.get().expect("the mailbox"));
    let answer = post.http.request(method, target).headers(headers).body(body).send().await.expect("an answer");
    let (status, headers) = (answer.status(), answer.headers().clone());
    (status, headers, answer.bytes().await.expect("a body")).into_response()
}

/// What each function asked for.
pub(crate) type Asked = BTreeMap<String, BTreeSet<Request>>;

/// What a call to the table needs to be allowed.
pub(super) fn of_table(call: &Call) -> Vec<Request> {
    let asked: Value = serde_json::from_str(&call.asked).expect("JSON");
    let table = |name: &Value| format!("arn:aws:dynamodb:{PLACE}:table/{}", name.as_str().expect("a table"));
    match call.operation.as_str() {
        // A transaction is allowed if each of its parts is.
        "TransactWriteItems" => {
            let parts = asked["TransactItems"].as_array().expect("parts").iter();
            let parts = parts.flat_map(|part| part.as_object().expect("a part"));
            let request = |(kind, part): (&String, &Value)| {
                let action = if kind == "ConditionCheck" { "ConditionCheckItem" } else { &format!("{kind}Item") };
                led(Request::new(&format!("dynamodb:{action}"), &table(&part["TableName"])), part)
            };
            parts.map(request).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = asked["RequestItems"].as_object().expect("tables").keys();
            let action = format!("dynamodb:{}", call.operation);
            tables.map(|name| Request::new(&action, &table(&json!(name)))).collect()
        }
        operation => {
            let index = asked["IndexName"].as_str().map(|index| format!("/index/{index}")).unwrap_or_default();
            let resource = format!("{}{index}", table(&asked["TableName"]));
            vec![led(Request::new(&format!("dynamodb:{operation}"), &resource), &asked)]
        }
    }
}

/// With the key of the item that is written or read, which policies may look at.
fn led(request: Request, asked: &Value) -> Request {
    let key = ["Item", "Key"].iter().find_map(|part| asked[part]["pk"]["S"].as_str());
    key.map_or(request.clone(), |key| request.when("dynamodb:LeadingKeys", key))
}

/// What a call to SES or SNS needs to be allowed.
fn of_post(posted: &Posted) -> Vec<Request> {
    if let Some(number) = posted.form("PhoneNumber") {
        return vec![Request::new(&format!("sns:{}", posted.form("Action").expect("an action")), &number)];
    }
    let email = posted.json();
    let from = email["FromEmailAddress"].as_str().expect("a sender");
    let domain = from.rsplit('@').next().expect("a domain");
    assert!(email["Content"]["Raw"].is_object(), "{email}");
    // SES asks for either name where an email comes as it is.
    let mut things = vec![format!("identity/{domain}")];
    things.extend(email["ConfigurationSetName"].as_str().map(|name| format!("configuration-set/{name}")));
    let each = things.iter().flat_map(|thing| ["ses:SendEmail", "ses:SendRawEmail"].map(|action| (action, thing)));
    let request = |(action, thing): (&str, &String)| Request::new(action, &format!("arn:aws:ses:{PLACE}:{thing}"));
    each.map(|asked| request(asked).when("ses:FromAddress", from)).collect()
}
