//! The server: SES v2's `SendEmail` and SNS' `Publish`, as far as Deskbell calls them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::sync::PoisonError;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::StatusCode;
use jiff::Timestamp;
use mail_parser::{HeaderValue, MessageParser};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::caught::{CaughtEmail, Mailbox, Text};
use crate::local::refusal::refusal;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: Option<String>,
    destination: Destination,
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    #[serde(default)]
    to_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    raw: Raw,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

impl Mailbox {
    /// Starts the server and gives its address.
    pub async fn serve(&self, tasks: &mut JoinSet<()>) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let router = Router::new()
            .route("/v2/email/outbound-emails", post(catch))
            .route("/v2/email/account", get(account))
            .route("/v2/email/identities/{identity}", get(identity))
            .route("/v2/email/suppression/addresses/{address}", get(suppressed))
            .route("/", post(catch_text));
        let router = router.with_state(self.clone());
        tasks.spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(format!("http://{address}"))
    }
}

async fn catch(State(mailbox): State<Mailbox>, Json(email): Json<SendEmail>) -> Response {
    let raw = BASE64.decode(&email.content.raw.data).unwrap_or_default();
    let to = email.destination.to_addresses;
    let refused = |why: String| {
        let refusal = Json(json!({ "message": why }));
        (StatusCode::BAD_REQUEST, [("x-amzn-errortype", "BadRequestException")], refusal).into_response()
    };
    if let Some(why) = refusal(&raw, email.from_email_address.as_deref(), &to) {
        return refused(why);
    }
    let mut emails = mailbox.emails.lock().unwrap_or_else(PoisonError::into_inner);
    let number = emails.len() + 1;
    let Some(email) = parse(&raw, to, number) else { return refused("the message is not MIME".into()) };
    emails.push(email);
    Json(json!({ "MessageId": format!("local-{number}") })).into_response()
}

/// An account that may send to everybody: <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetAccount.html>.
async fn account() -> Response {
    Json(json!({ "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": true, "SendingEnabled": true }))
        .into_response()
}

/// Every identity is one that may send.
async fn identity() -> Response {
    Json(json!({ "VerifiedForSendingStatus": true, "VerificationStatus": "SUCCESS" })).into_response()
}

/// No address is one to which mail came back:
/// <https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_GetSuppressedDestination.html>.
async fn suppressed() -> Response {
    let missing = Json(json!({ "message": "Email address does not exist on your suppression list." }));
    (StatusCode::NOT_FOUND, [("x-amzn-errortype", "NotFoundException")], missing).into_response()
}

/// SNS' `Publish` to a telephone, in AWS' query protocol
/// (<https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>).
async fn catch_text(State(mailbox): State<Mailbox>, Form(asked): Form<BTreeMap<String, String>>) -> Response {
    let field = |name: &str| asked.get(name).cloned().unwrap_or_default();
    if field("Action") != "Publish" || field("PhoneNumber").is_empty() || field("Message").is_empty() {
        let refusal = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
                       <Code>InvalidParameter</Code><Message>not a text message</Message></Error></ErrorResponse>";
        return (StatusCode::BAD_REQUEST, [("content-type", "text/xml")], refusal).into_response();
    }
    let mut texts = mailbox.texts.lock().unwrap_or_else(PoisonError::into_inner);
    texts.push(Text { to: field("PhoneNumber"), text: field("Message") });
    let answer = format!(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>local-{}</MessageId>\
         </PublishResult></PublishResponse>",
        texts.len()
    );
    ([("content-type", "text/xml")], answer).into_response()
}

fn parse(raw: &[u8], to: Vec<String>, number: usize) -> Option<CaughtEmail> {
    let message = MessageParser::default().parse(raw)?;
    let address = |value: Option<&mail_parser::Address>| {
        value.and_then(|list| list.first()).and_then(|first| first.address().map(str::to_owned))
    };
    let headers = message.headers_raw().map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    let name = message.from().and_then(|list| list.first()).and_then(|first| first.name()).unwrap_or_default();
    Some(CaughtEmail {
        number,
        at: Timestamp::now().as_second(),
        from_name: name.to_owned(),
        from: address(message.from())?,
        to,
        reply_to: match message.header("Reply-To") {
            Some(HeaderValue::Address(list)) => address(Some(list)),
            _ => None,
        },
        subject: message.subject().unwrap_or_default().to_owned(),
        text: body(message.body_text(0)),
        html: body(message.body_html(0)),
        headers: headers.collect(),
    })
}

/// A part without the line ends that mail travels with.
fn body(part: Option<Cow<str>>) -> String {
    part.unwrap_or_default().replace("\r\n", "\n")
}
