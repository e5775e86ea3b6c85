//! What the functions log: one line for each request and event, of which alarms count what failed, and in none of them
//! anything of a person or a link that works.

use deskbell_functions::owner;
use deskbell_functions::platform::log::METRICS;
use deskbell_functions::visitor::{comments, contact};
use deskbell_functions::web::warmed_up;
use serde_json::{Value, json};

use crate::harness::client::{BROWSER, Client, SESSION};
use crate::harness::fault_proxy::{Fault, Mood};
use crate::harness::log::{heard, listen};
use crate::harness::metered::metered;
use crate::harness::receiver::{Answering, Receiver, WHSEC, delivery, with_channels};
use crate::harness::stream::StreamHarness;
use crate::harness::world::{ARTICLE, BLATANT, Desk, MODERATOR, OWNER, answer, link};

fn parsed(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

fn saying<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

/// Fails unless a line is a metric as
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
/// has it; gives its name.
fn metric(line: &Value) -> &str {
    let at = line["_aws"]["Timestamp"].as_i64().expect("milliseconds");
    assert!((jiff::Timestamp::now().as_millisecond() - at).abs() < 120_000, "{line}");
    let [directive] = line["_aws"]["CloudWatchMetrics"].as_array().expect("directives").as_slice() else {
        panic!("{line}")
    };
    let dimensions = directive["Dimensions"].as_array().expect("sets");
    for dimension in dimensions.iter().flat_map(|set| set.as_array().expect("a set")) {
        assert!(line[dimension.as_str().expect("a name")].is_string(), "{line}");
    }
    let [metric] = directive["Metrics"].as_array().expect("metrics").as_slice() else { panic!("{line}") };
    let name = metric["Name"].as_str().expect("a name");
    assert!(line[name].is_number() && metric["Unit"] == "Count", "{line}");
    assert_eq!((&directive["Namespace"], dimensions.len()), (&json!("Deskbell"), 1));
    assert!(METRICS.contains(&name) && line["Table"] == "a-table", "{line}");
    name
}

#[tokio::test]
async fn each_request_gives_one_line_with_what_came_of_it() {
    let desk = Desk::start().await;
    listen();
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    let id = desk.post_for_json("/contact", &lead).await.id();
    desk.post_for_json("/studio/contact/default", &[("email", "nobody")]).await;
    desk.get(&format!("/comments?page={ARTICLE}")).await;
    answer(desk.request_get("/comments").header("origin", "https://evil.example")).await;
    desk.get("/moderate/not-a-token").await;
    desk.post("/comments/count", &[]).await;
    desk.get("/nowhere/at/all").await;
    let lines = parsed(&heard());
    let lines = saying(&lines, "answered");
    let told: Vec<_> = lines.iter().map(|line| (&line["method"], &line["route"], &line["status"])).collect();
    assert_eq!(
        json!(told),
        json!([
            ["POST", "/contact", 201],
            ["POST", "/{site}/contact/{form}", 422],
            ["GET", "/comments", 200],
            ["GET", "/comments", 403],
            ["GET", "/moderate/{token}", 403],
            ["POST", "/comments/count", 422],
        ])
    );
    let first = lines[0];
    assert_eq!((&first["id"], &first["site"], &first["level"]), (&json!(id), &json!("studio"), &json!("INFO")));
    assert!(["ham", "unsure"].contains(&first["decision"].as_str().expect("a verdict")), "{first}");
    for line in lines {
        assert!(line["ms"].as_f64().is_some_and(|ms| (0.0..60_000.0).contains(&ms)), "{line}");
        assert!(line["request"].as_str().is_some_and(|id| id.len() == 36), "{line}");
        assert!(line["timestamp"].as_str().is_some_and(|at| at.parse::<jiff::Timestamp>().is_ok()), "{line}");
    }
}

#[tokio::test]
async fn each_event_gives_one_line_and_only_what_fails_is_a_metric() {
    let harness = StreamHarness::start(0).await;
    listen();
    let good = harness.lead(1, "Is Monday free?").await;
    assert_eq!(harness.handle(&[good]).await, [""; 0]);
    let lines = heard();
    assert!(!lines.concat().contains("_aws"), "{lines:?}");
    let lines = parsed(&lines);
    let handled = saying(&lines, "handled");
    assert_eq!((handled.len(), &handled[0]["event"], &handled[0]["records"]), (1, &json!("stream"), &json!(1)));
    assert!(handled[0]["ms"].is_number() && handled[0]["again"] == 0, "{handled:?}");
    assert_eq!(saying(&lines, "delivered").len(), 1);

    // It is tried again without an address to reply to.
    harness.mail.next("", 2, Mood::Refuses(400, "MessageRejected"));
    let bad = harness.lead(2, "And Tuesday?").await;
    harness.handle(&[bad]).await;
    let lines = parsed(&heard());
    let metrics: Vec<&Value> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(metrics.iter().map(|line| metric(line)).collect::<Vec<_>>(), ["DeliveriesFailed"]);
    assert_eq!((&metrics[0]["message"], &metrics[0]["channel"]), (&json!("not delivered"), &json!("mail")));
}

#[tokio::test]
async fn what_the_table_does_not_take_is_a_metric_and_what_it_does_not_give_is_none() {
    let (proxy, desk) = metered("").await;
    listen();
    proxy.fail("PutItem", Fault::Refused);
    let lead = [("name", "Ann"), ("email", "ann@example.org"), ("message", "Is Monday free?")];
    assert_eq!(desk.post("/contact", &lead).await.status, 503);
    assert_eq!(desk.comment("Ann", "It helped").await.status, 503);
    proxy.mend();
    let lines = parsed(&heard());
    let metrics: Vec<&Value> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(metrics.iter().map(|line| metric(line)).collect::<Vec<_>>(), ["Unstored", "Unstored"]);
    assert_eq!((&metrics[0]["route"], &metrics[1]["route"]), (&json!("/contact"), &json!("/comments")));

    proxy.fail("Query", Fault::Refused);
    assert_eq!(desk.get(&format!("/comments?page={ARTICLE}")).await.status, 503);
    let lines = parsed(&heard());
    assert_eq!(saying(&lines, "DynamoDB request failed").len(), 1, "{lines:?}");
    assert!(lines.iter().all(|line| line.get("_aws").is_none()));
}

/// What a visitor says, none of whose words stands anywhere else.
const PRIVATE: [&str; 8] = [
    "Annabel",
    "Featherstonehaugh",
    "annabel",
    "5550100",
    "lumbago",
    "featherstonehaugh.example",
    "Mosaic/9.9",
    "127.0.0.1",
];

/// Sends what visitors send, in every way that ends differently; gives the tokens that they were given.
async fn visitors(desk: &Desk) -> Vec<String> {
    let agent = |request: reqwest::RequestBuilder| request.header("user-agent", "Mosaic/9.9 (Annabel)");
    let who = [("name", "Annabel Featherstonehaugh"), ("email", "annabel@example.com"), ("phone", "5550100")];
    let mut tokens = Vec::new();
    for message in ["My lumbago hurts", "My lumbago won at the casino. Is it good for two?", BLATANT] {
        let lead = [&who[..], &[("message", message)]].concat();
        let page = answer(agent(desk.request_post("/contact")).header("accept", "text/html").form(&lead)).await;
        let comment = [
            ("page", ARTICLE),
            ("author", "Annabel"),
            ("email", "annabel@example.com"),
            ("url", "https://featherstonehaugh.example/"),
            ("comment", message),
        ];
        let waits = answer(agent(desk.request_post("/comments")).header("accept", "text/html").form(&comment)).await;
        for place in [page.header("location"), waits.header("location")] {
            desk.get(place).await;
            tokens.extend(
                place.rsplit_once('/').filter(|(_, token)| token.len() > 20).map(|(_, token)| token.to_owned()),
            );
        }
    }
    desk.post("/contact", &[("email", "annabel@"), ("message", "lumbago")]).await;
    desk.post("/contact?email=annabel@example.com&q=lumbago", &[]).await;
    answer(desk.request_get("/comments").header("origin", "https://featherstonehaugh.example")).await;
    tokens
}

/// Decides by mail and in the inbox; gives the tokens that the team was given.
async fn team(desk: &Desk, about: &str) -> Vec<String> {
    let email = desk.email_about(about).await;
    let decide = link(&email);
    desk.get(&decide).await;
    desk.post(&decide, &[("choice", "spam")]).await;
    let browser = Client::new(desk);
    browser.ask(MODERATOR).await;
    let signing = browser.link_to(MODERATOR).await;
    browser.press(&signing).await;
    browser.get("/inbox?q=Annabel").await;
    browser.post("/inbox/sign-in", &[("email", "annabel@example.com")]).await;
    let owner = desk.sign_in(OWNER).await;
    owner.get("/inbox/messages/spam").await;
    owner.get("/inbox/export?folder=messages").await;
    let links = email.text.lines().filter(|line| line.contains("/moderate/")).map(str::to_owned).chain([signing]);
    let tokens = links.filter_map(|link| Some(link.trim().rsplit_once('/')?.1.to_owned()));
    let cookies = [browser.cookie(SESSION), browser.cookie(BROWSER), owner.cookie(SESSION)];
    tokens.chain(cookies.into_iter().flatten()).collect()
}

#[tokio::test]
async fn no_line_of_a_whole_run_holds_anything_of_a_person_or_a_link_that_works() {
    listen();
    let receiver = Receiver::start().await;
    receiver.answer(&[Answering::Status(400), Answering::Status(200)]);
    let channels = "[[sites.studio.channels]]\nkind = \"slack\"\n\
                    [[sites.studio.channels]]\nkind = \"autoresponse\"\nsubject = \"Thanks\"\ntext = \"Hello {name}\"\n";
    let desk = Desk::with(with_channels(channels, receiver.services())).await;
    crate::harness::receiver::set(&desk, "slack", &receiver.url("/services/secret-path")).await;
    let mut private = visitors(&desk).await;
    assert!(private.len() >= 3, "{private:?}");
    private.extend(team(&desk, "My lumbago hurts").await);
    private.extend(["secret-path", WHSEC, OWNER, MODERATOR].map(str::to_owned));
    private.extend(PRIVATE.map(str::to_owned));
    desk.settled().await;
    let lead = [("name", "Annabel"), ("email", "annabel@example.com"), ("message", "lumbago, the second")];
    let id = desk.post_for_json("/contact", &lead).await.id();
    delivery(&desk, &id, "mail").await;
    let lines = heard();
    assert!(lines.len() > 40, "{lines:#?}");
    for line in &lines {
        for word in &private {
            assert!(!line.contains(word.as_str()), "{word}: {line}");
        }
    }
    let parsed = parsed(&lines);
    for needed in ["answered", "handled", "delivered", "not delivered", "decided", "signed in"] {
        assert!(!saying(&parsed, needed).is_empty(), "nothing was {needed}");
    }
}

#[tokio::test]
async fn the_request_that_nobody_sent_asks_the_table_nothing_and_is_not_logged() {
    let (proxy, desk) = metered("").await;
    desk.settled().await;
    proxy.quieten().await;
    listen();
    proxy.forget();
    let app = &desk.world.app;
    for (router, method, path) in [
        (contact::router(app.clone()), "POST", "/contact"),
        (comments::router(app.clone()), "GET", "/comments"),
        (owner::router(app.clone()), "GET", "/inbox"),
    ] {
        let _ = warmed_up(router, method, path).await;
    }
    assert_eq!((heard(), proxy.calls().len()), (vec![], 0));
}
