//! What the AWS services say that `deskbell doctor` asks, as their interfaces are documented: about a stack that is well,
//! but for what a test has made wrong. The table itself is a real one; only what is said about it can be made wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const TOPIC: &str = "arn:aws:sns:eu-central-1:000000000000:deskbell-AlarmTopic";
const MAIL_EVENTS: &str = "arn:aws:sns:eu-central-1:000000000000:deskbell-MailEvents";

/// A running AWS; it ends when this is dropped.
pub(super) struct Cloud {
    pub(super) url: String,
    state: Aws,
    _tasks: JoinSet<()>,
}

#[derive(Clone)]
struct Aws {
    /// Where the stack's functions are, and its table.
    functions: String,
    table: String,
    wrong: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Cloud {
    pub(super) async fn start(functions: &str, table: &str) -> Self {
        let state = Aws { functions: functions.into(), table: table.into(), wrong: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new()
            .route("/", post(asked))
            .route("/2015-03-31/event-source-mappings/{id}", get(mapping))
            .route("/v2/email/account", get(account))
            .route("/v2/email/identities/{identity}", get(identity))
            .route("/v2/email/suppression/addresses/{address}", get(suppressed))
            .route("/v2/email/configuration-sets/{name}/event-destinations", get(destinations))
            .route("/early/comments/count", get(early).options(early))
            .with_state(state.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { url, state, _tasks: tasks }
    }

    /// Makes something wrong.
    pub(super) fn with(&self, what: &str, how: &str) {
        self.state.wrong.lock().unwrap().insert(what.into(), how.into());
    }

    /// All is well again.
    pub(super) fn mend(&self) {
        self.state.wrong.lock().unwrap().clear();
    }
}

impl Aws {
    fn is(&self, what: &str) -> Option<String> {
        self.wrong.lock().unwrap().get(what).cloned()
    }

    fn or(&self, what: &str, well: &str) -> String {
        self.is(what).unwrap_or_else(|| well.into())
    }
}

/// What is asked by a target or an action: DynamoDB and SQS, CloudFormation and SNS.
async fn asked(State(aws): State<Aws>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default().to_owned();
    if target == "AmazonSQS.GetQueueAttributes" {
        let attributes = json!({ "ApproximateNumberOfMessages": aws.or("waiting", "0") });
        return axum::Json(json!({ "Attributes": attributes })).into_response();
    }
    if target == "CloudApiService.GetResource" {
        let missing = json!({ "__type": "ResourceNotFoundException", "Message": "not found" }).to_string();
        return (StatusCode::BAD_REQUEST, [("content-type", "application/x-amz-json-1.0")], missing).into_response();
    }
    if target.starts_with("DynamoDB") {
        return table(&aws, &target, body).await;
    }
    let text = String::from_utf8(body.to_vec()).expect("UTF-8");
    let url = reqwest::Url::parse(&format!("http://x/?{text}")).expect("a query");
    let action = url.query_pairs().find(|(name, _)| name == "Action").expect("an action").1.into_owned();
    if let Some(code) = aws.is(&format!("refuse {action}")) {
        let message = if code == "ValidationError" { "Stack with id deskbell does not exist" } else { "no" };
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        return (StatusCode::BAD_REQUEST, [("content-type", "text/xml")], body).into_response();
    }
    let result = match action.as_str() {
        "DescribeStacks" => stacks(&aws),
        "DescribeStackEvents" => String::new(),
        "GetCallerIdentity" => {
            "<Account>000000000000</Account><Arn>arn:aws:iam::000000000000:user/mara</Arn><UserId>A</UserId>".into()
        }
        "ListStackResources" => resources(&aws),
        "ListSubscriptionsByTopic" => {
            let topic = url.query_pairs().find(|(name, _)| name == "TopicArn").expect("a topic").1.into_owned();
            subscriptions(&aws, &topic)
        }
        other => panic!("nobody asks for {other}"),
    };
    let body = format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    ([("content-type", "text/xml")], body).into_response()
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
fn stacks(aws: &Aws) -> String {
    let output = |name: &str, value: &str| {
        format!("<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>")
    };
    let url = output("Url", &aws.or("url", &aws.functions));
    let outputs = format!("{url}{}{}", output("Table", "deskbell"), output("ContactForm", ""));
    let outputs = if aws.is("outputs").is_some() { String::new() } else { outputs };
    let status = aws.or("status", "UPDATE_COMPLETE");
    let parameter = |name: &str, well: &str| {
        let value = aws.or(name, well);
        format!("<member><ParameterKey>{name}</ParameterKey><ParameterValue>{value}</ParameterValue></member>")
    };
    let parameters = format!(
        "{}{}{}",
        parameter("MailFrom", "deskbell@mail.studio-lindqvist.example"),
        parameter("TextMessages", "off"),
        parameter("MonthlyBudget", "5")
    );
    format!(
        "<Stacks><member><StackName>deskbell</StackName><CreationTime>2026-11-23T08:00:00Z</CreationTime>\
         <StackStatus>{status}</StackStatus><Parameters>{parameters}</Parameters><Outputs>{outputs}</Outputs></member></Stacks>"
    )
}

/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html>
fn resources(aws: &Aws) -> String {
    let all = [
        ("Table", "AWS::DynamoDB::Table", "deskbell"),
        ("NotifyFunctionStream", "AWS::Lambda::EventSourceMapping", "0a1b2c3d-0000-4000-8000-000000000000"),
        ("DeadLetters", "AWS::SQS::Queue", "https://sqs.eu-central-1.amazonaws.com/000000000000/deskbell-DeadLetters"),
        ("ConfigurationSet", "AWS::SES::ConfigurationSet", "deskbell-set"),
        ("MailEvents", "AWS::SNS::Topic", MAIL_EVENTS),
        ("AlarmTopic", "AWS::SNS::Topic", TOPIC),
        ("NotifyDelayAlarm", "AWS::CloudWatch::Alarm", "deskbell-NotifyDelayAlarm"),
        ("Budget", "AWS::Budgets::Budget", "deskbell-Budget"),
    ];
    let missing = aws.is("resource").unwrap_or_default();
    let members = all.iter().filter(|(_, kind, _)| *kind != missing).map(|(name, kind, id)| {
        format!(
            "<member><LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{id}</PhysicalResourceId>\
             <ResourceType>{kind}</ResourceType><LastUpdatedTimestamp>2026-11-23T08:00:00Z</LastUpdatedTimestamp>\
             <ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
        )
    });
    format!("<StackResourceSummaries>{}</StackResourceSummaries>", members.collect::<String>())
}

/// <https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html>
fn subscriptions(aws: &Aws, topic: &str) -> String {
    let (what, protocol, endpoint) = match topic {
        TOPIC => ("subscription", "email", "ops@example.org"),
        MAIL_EVENTS => ("notify's", "lambda", "arn:aws:lambda:eu-central-1:000000000000:function:deskbell-notify"),
        other => panic!("nobody made {other}"),
    };
    let arn = aws.or(what, &format!("{topic}:1"));
    if arn == "none" {
        return "<Subscriptions></Subscriptions>".into();
    }
    format!(
        "<Subscriptions><member><SubscriptionArn>{arn}</SubscriptionArn><Protocol>{protocol}</Protocol>\
         <TopicArn>{topic}</TopicArn><Owner>000000000000</Owner><Endpoint>{endpoint}</Endpoint></member></Subscriptions>"
    )
}

/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetConfigurationSetEventDestinations.html>
async fn destinations(State(aws): State<Aws>, Path(set): Path<String>) -> Response {
    assert_eq!(set, "deskbell-set");
    let kinds = if aws.is("destination").as_deref() == Some("bounces alone") {
        json!(["BOUNCE"])
    } else {
        json!(["BOUNCE", "COMPLAINT"])
    };
    let enabled = aws.is("destination").as_deref() != Some("disabled");
    let destination = json!({
        "Name": "events", "Enabled": enabled, "MatchingEventTypes": kinds, "SnsDestination": { "TopicArn": MAIL_EVENTS },
    });
    axum::Json(json!({ "EventDestinations": [destination] })).into_response()
}

/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetSuppressedDestination.html>
async fn suppressed(State(aws): State<Aws>, Path(address): Path<String>) -> Response {
    if aws.is("suppressed").as_deref() == Some(&address) {
        let destination = json!({ "EmailAddress": address, "Reason": "BOUNCE", "LastUpdateTime": 1_795_000_000 });
        return axum::Json(json!({ "SuppressedDestination": destination })).into_response();
    }
    missing(&format!("Email address {address} does not exist on your suppression list."))
}

fn missing(message: &str) -> Response {
    let missing = axum::Json(json!({ "message": message }));
    (StatusCode::NOT_FOUND, [("x-amzn-errortype", "NotFoundException")], missing).into_response()
}

/// A function whose clock is years behind, and which gives nobody leave.
async fn early() -> Response {
    ([("date", "Mon, 23 Nov 2020 08:00:00 GMT")], "{}").into_response()
}

/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html>
async fn mapping(State(aws): State<Aws>, Path(id): Path<String>) -> Response {
    let (state, last) = (aws.or("mapping", "Enabled"), aws.or("last", "OK"));
    axum::Json(json!({ "UUID": id, "State": state, "LastProcessingResult": last })).into_response()
}

/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html>
async fn account(State(aws): State<Aws>) -> Response {
    let sent: f64 = aws.or("sent", "3").parse().expect("a number");
    axum::Json(json!({
        "EnforcementStatus": aws.or("enforcement", "HEALTHY"),
        "ProductionAccessEnabled": aws.is("production").is_none(),
        "SendingEnabled": aws.is("sending").is_none(),
        "SendQuota": { "Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": sent },
    }))
    .into_response()
}

/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetEmailIdentity.html>
async fn identity(State(aws): State<Aws>, Path(identity): Path<String>) -> Response {
    let is_sender = identity.ends_with("mail.studio-lindqvist.example");
    let how = aws.is(if is_sender { "identity" } else { "owner" }).unwrap_or_default();
    let is_other = (how == "address" && !identity.contains('@')) || how == "above";
    let is_above = identity == "studio-lindqvist.example";
    if how == "unknown" || is_other || is_above && aws.is("identity").as_deref() != Some("above") {
        return missing(&format!("Email identity {identity} does not exist."));
    }
    let own = how == "own key" || how == "own key unseen";
    let dkim = json!({
        "SigningEnabled": true,
        "Status": if how == "own key unseen" || how == "unsigned" { "PENDING" } else { "SUCCESS" },
        "SigningAttributesOrigin": if own { "EXTERNAL" } else { "AWS_SES" },
        "Tokens": if own { json!(["selector"]) } else { json!(["token1", "token2", "token3"]) },
        "SigningHostedZone": "dkim.amazonses.com",
    });
    let mut answer =
        json!({ "IdentityType": "DOMAIN", "VerifiedForSendingStatus": how != "unverified", "DkimAttributes": dkim });
    if let Some(domain) = aws.is("mail from") {
        answer["MailFromAttributes"] = json!({ "MailFromDomain": domain, "MailFromDomainStatus": "SUCCESS", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE" });
    }
    axum::Json(answer).into_response()
}

/// What the table says, and what only AWS' own tables have.
async fn table(aws: &Aws, target: &str, body: Bytes) -> Response {
    let operation = target.rsplit('.').next().unwrap_or_default();
    let how = aws.is("table").unwrap_or_default();
    let kind = [("content-type", "application/x-amz-json-1.0")];
    if operation == "DescribeContinuousBackups" {
        let recovery = json!({ "PointInTimeRecoveryStatus": aws.or("backups", "ENABLED") });
        let backups = json!({ "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery });
        return (kind, json!({ "ContinuousBackupsDescription": backups }).to_string()).into_response();
    }
    if operation == "DescribeTable" && how == "gone" {
        let refused =
            json!({ "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "no" });
        return (StatusCode::BAD_REQUEST, kind, refused.to_string()).into_response();
    }
    let request = reqwest::Client::builder().no_proxy().build().expect("a client").post(&aws.table);
    let request = request.header("x-amz-target", target).header("content-type", "application/x-amz-json-1.0");
    let request = request.header("authorization", "AWS4-HMAC-SHA256 Credential=local/20261123/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0");
    let answered = request.header("x-amz-date", "20261123T080000Z").body(body).send().await.expect("the table answers");
    let status = StatusCode::from_u16(answered.status().as_u16()).expect("a status");
    let mut answer: Value = answered.json().await.expect("JSON");
    match operation {
        "DescribeTable" => {
            let table = &mut answer["Table"];
            table["DeletionProtectionEnabled"] = (how != "unprotected").into();
            match how.as_str() {
                "no stream" => table["StreamSpecification"] = Value::Null,
                "keys only" => table["StreamSpecification"]["StreamViewType"] = "KEYS_ONLY".into(),
                _ => {}
            }
        }
        "DescribeTimeToLive" => {
            answer["TimeToLiveDescription"]["TimeToLiveStatus"] = aws.or("expiry", "ENABLED").into();
        }
        _ => {}
    }
    (status, kind, answer.to_string()).into_response()
}
