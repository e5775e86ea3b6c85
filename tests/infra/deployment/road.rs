//! What people do, over the deployed API.

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::client::{Cookies, csrf};
use crate::harness::ministack::{Email, Ministack};
use crate::harness::world::{ARTICLE, Answer, answer, eventually};

const OWNER: &str = "alex@example.org";

/// A client that knows where the API is.
pub(super) fn client(aws: &Ministack, url: &str) -> Client {
    let host = reqwest::Url::parse(url).expect("an address").host_str().expect("a host").to_owned();
    let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).resolve(&host, aws.address);
    client.build().expect("a client")
}

fn for_json(request: RequestBuilder) -> RequestBuilder {
    request.header("accept", "application/json")
}

/// Sends a message by a form; gives the answer.
pub(super) async fn try_message(aws: &Ministack, url: &str, text: &str) -> Answer {
    let fields = [("name", "Ann"), ("email", "ann@example.org"), ("message", text)];
    answer(for_json(client(aws, url).post(format!("{url}/contact"))).form(&fields)).await
}

/// Sends a message that is taken; gives its id.
pub(super) async fn message(aws: &Ministack, url: &str, text: &str) -> String {
    let sent = try_message(aws, url, text).await;
    assert_eq!(sent.status, 201, "{sent:?}");
    sent.id()
}

/// A page, as a browser sees it.
pub(super) async fn page(aws: &Ministack, url: &str, path: &str) -> String {
    let page = answer(client(aws, url).get(format!("{url}{path}")).header("accept", "text/html")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body
}

/// What a browser asks before it sends.
pub(super) async fn preflight(aws: &Ministack, url: &str, path: &str, origin: &str) -> Answer {
    let request = client(aws, url).request(Method::OPTIONS, format!("{url}{path}")).header("origin", origin);
    answer(request.header("access-control-request-method", "POST")).await
}

/// The email with these words, as soon as it has come.
pub(super) async fn email_about(aws: &Ministack, words: &str) -> Email {
    let found = async || aws.emails().await.into_iter().find(|email| email.text.contains(words));
    eventually(words, found).await
}

/// The last line of an email with a link to this path.
fn link(email: &Email, path: &str) -> String {
    email.text.lines().rfind(|line| line.contains(path)).expect("a link").trim().to_owned()
}

/// A message as form, JSON and multipart; a comment that is approved by the link in its email and stands on its page.
pub(super) async fn walk(aws: &Ministack, url: &str) {
    let http = client(aws, url);
    let post = |path: &str| for_json(http.post(format!("{url}{path}")));
    message(aws, url, "Is Tuesday free? ✓").await;
    let email = email_about(aws, "Is Tuesday free? ✓").await;
    assert_eq!((&*email.to, &*email.subject), (OWNER, "Message from Ann"));
    let lead = |text: &str| json!({ "name": "Ann", "email": "ann@example.org", "message": text });
    assert_eq!(answer(post("/studio/contact").json(&lead("Is Wednesday free? ✓"))).await.status, 201);
    email_about(aws, "Is Wednesday free? ✓").await;
    let (name, address) = (("name", "Ann"), ("email", "ann@example.org"));
    let parts = [name, address, ("message", "Is Thursday free? ✓")].into_iter();
    let parts = parts.fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(name, value));
    assert_eq!(answer(post("/f/default").multipart(parts)).await.status, 201);
    email_about(aws, "Is Thursday free? ✓").await;

    let text = "It helped me a lot, and I thank you for it.";
    let fields = [("page", ARTICLE), ("author", "Bo"), ("email", "bo@example.org"), ("comment", text)];
    assert_eq!(answer(post("/comments").form(&fields)).await.status, 202);
    let comments = async || answer(http.get(format!("{url}/comments?page={ARTICLE}"))).await.json();
    assert_eq!(comments().await["comments"], json!([]));
    let deciding = link(&email_about(aws, text).await, "/moderate/");
    assert!(deciding.starts_with(url), "{deciding}");
    assert!(answer(http.get(&deciding)).await.body.contains(text));
    assert_eq!(answer(http.post(&deciding).form(&[("choice", "approve")])).await.status, 200);
    let shown: Value = comments().await;
    assert_eq!((&shown["count"], &shown["comments"][0]["author"]), (&json!(1), &json!("Bo")));
}

/// The inbox, for somebody who signs in by the link in the email.
pub(super) async fn inbox(aws: &Ministack, url: &str) -> String {
    let (http, cookies) = (client(aws, url), Cookies::default());
    let asking = format!("{url}/inbox/sign-in");
    let asked = cookies.send(http.get(&asking)).await;
    let fields = [("email", OWNER), ("csrf", &csrf(&asked)), ("next", "")];
    cookies.send(http.post(&asking).form(&fields)).await;
    let entering = link(&email_about(aws, "/inbox/sign-in/").await, "/inbox/sign-in/");
    let page = cookies.send(http.get(&entering)).await;
    let entered = cookies.send(http.post(&entering).form(&[("csrf", csrf(&page))])).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/inbox"), "{entered:?}");
    let inbox = cookies.send(http.get(format!("{url}/inbox/messages/new"))).await;
    assert_eq!(inbox.status, 200, "{inbox:?}");
    inbox.body
}
