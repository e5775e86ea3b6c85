//! Local mode itself: the table that is kept, the routes of the template, the port.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate};
use deskbell::local::{Filter, Options, Table, Template, World, WorldError};
use deskbell_functions::app::Aws;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::harness::fault_proxy::FaultProxy;
use crate::harness::moderation::{choose, reply};
use crate::harness::world::{ARTICLE, Desk, answer};
use crate::visitor::feed::OF_ARTICLE;

#[tokio::test]
async fn what_is_stored_outlives_a_restart_and_is_announced_only_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || Options { table: Table::File(folder.path().join("table.db")), ..Options::default() };
    let desk = Desk::with(options()).await;
    let sent = desk.comment("Bo", "Kept").await;
    let link = desk.link_about("Kept").await;
    let path = link.trim_start_matches(&desk.world.url).to_owned();
    desk.world.stop().await;

    let desk = Desk::with(options()).await;
    assert_eq!(desk.post(&path, &[("choice", "approve")]).await.status, 200, "the secret is kept too");
    assert_eq!(desk.comments(ARTICLE).await["comments"][0]["id"].as_str(), Some(&*sent.id()));
    desk.settled().await;
    assert!(!desk.emails().await.iter().any(|email| email.text.contains("Kept")));
    desk.world.stop().await;
}

#[tokio::test]
async fn a_table_that_an_older_release_made_gets_the_index_that_has_come_since() {
    let proxy = FaultProxy::start().await;
    let options = || Options { table: Table::Server(proxy.url.clone()), ..Options::default() };
    let desk = Desk::with(options()).await;
    let first = desk.comment("Ann", "First words").await.id();
    choose(&desk, &first, "approve").await;
    let second = reply(&desk, &first, "Bo", "Second words").await;
    choose(&desk, &second, "approve").await;
    desk.world.stop().await;

    // As it was before there were feeds.
    let client = Aws::local(proxy.url.clone(), proxy.url.clone()).dynamodb();
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("replies").build().expect("an action");
    let update = GlobalSecondaryIndexUpdate::builder().delete(delete).build();
    client.update_table().table_name("deskbell").global_secondary_index_updates(update).send().await.expect("older");

    let desk = Desk::with(options()).await;
    let feed = desk.get(OF_ARTICLE).await;
    assert!(feed.status == 200 && feed.body.contains("First words") && feed.body.contains("Second words"), "{feed:?}");
}

#[tokio::test]
async fn a_used_port_is_named() {
    let desk = Desk::start().await;
    let port = desk.world.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let error = World::start(Options { port, ..Options::default() }).await.expect_err("the port is taken");
    assert!(matches!(error, WorldError::PortInUse(taken) if taken == port));
    assert!(error.to_string().contains("--port"), "{error}");
}

#[tokio::test]
async fn every_route_of_the_template_leads_to_its_function() {
    let desk = Desk::start().await;
    let template = Template::built_in();
    assert_eq!(template.routes.len(), 66);
    for route in template.routes {
        let path = route.path.replace("{site}", "studio").replace("{form}", "default").replace("{token}", "x");
        let path = path.replace("{folder}", "spam").replace("{id}", "x");
        if route.method == "POST" {
            continue;
        }
        let got = answer(desk.request_get(&path)).await;
        assert!(got.status < 500 && !got.body.contains("Page not found"), "{}", route.path);
    }
    let elsewhere = desk.get("/contact/default/more").await;
    assert!(elsewhere.status == 404 && elsewhere.body.contains("Page not found"), "{elsewhere:?}");
}

#[tokio::test]
async fn the_sample_site_is_served_as_a_static_host_would() {
    let desk = Desk::start().await;
    for path in ["/", "/contact/", "/thank-you/", "/privacy/", ARTICLE, "/style.css", "/embed.js", "/embed.css"] {
        assert_eq!(desk.get(path).await.status, 200, "{path}");
    }
    let bare = desk.get(ARTICLE.trim_end_matches('/')).await;
    assert_eq!((bare.status, bare.header("location")), (308, ARTICLE));
    assert_eq!(desk.get("/../Cargo.toml").await.status, 404);
}

#[test]
fn cargo_lambda_watch_is_given_the_routes_of_the_template() {
    let manifest: toml::Table = include_str!("../../Cargo.toml").parse().expect("a manifest");
    let watched = manifest["workspace"]["metadata"]["lambda"]["watch"]["router"].as_table().expect("routes");
    let watched = watched.iter().map(|(path, function)| (path.as_str(), function.as_str().expect("a name")));
    let template = Template::built_in();
    let routes = template.routes.iter().map(|route| (route.path.as_str(), route.function.as_str()));
    assert_eq!(watched.collect::<BTreeMap<_, _>>(), routes.collect());
}

#[test]
fn a_record_starts_notify_that_fits_one_pattern_in_every_part() {
    let patterns = [
        r#"{"eventName":["INSERT","MODIFY"],"dynamodb":{"NewImage":{"status":{"S":["held"]}}}}"#,
        r#"{"eventName":["REMOVE"]}"#,
    ];
    let filter = Filter::parse(&patterns).expect("patterns");
    let record = |name: &str, image: Value| json!({ "eventName": name, "dynamodb": { "NewImage": image } });
    assert!(filter.lets_pass(&record("INSERT", json!({ "status": { "S": "held" }, "id": { "S": "1" } }))));
    assert!(filter.lets_pass(&record("REMOVE", json!({}))));
    assert!(!filter.lets_pass(&record("INSERT", json!({ "status": { "S": "spam" } }))));
    assert!(!filter.lets_pass(&record("INSERT", json!({ "hits": { "N": "1" } }))));
    assert!(!filter.lets_pass(&json!({})));
    for unknown in [r#"{"a":[{"exists":true}]}"#, r#"{"a":"b"}"#, "{"] {
        assert!(Filter::parse(&[unknown]).is_err(), "{unknown}");
    }
}

/// Sends bytes as they are, and gives the answer's first line.
async fn raw(desk: &Desk, request: &str) -> String {
    let address = desk.world.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_gateway_takes_what_api_gateway_takes() {
    let desk = Desk::start().await;
    let head = |path: &str, header: usize| {
        desk.request_get(path).header("x-long", "x".repeat(header)).header("accept", "application/json")
    };
    assert_eq!(answer(head("/challenge", 9_000)).await.status, 200);
    assert_eq!(answer(head("/challenge", 10_240)).await.status, 431);
    assert_eq!(answer(head(&format!("/challenge?x={}", "x".repeat(10_240)), 1)).await.status, 414);
    let body = |size: usize| {
        desk.request_post("/contact")
            .header("content-type", "application/octet-stream")
            .header("accept", "application/json")
            .body(vec![0; size])
    };
    let passed = answer(body(4_000_000)).await;
    assert_eq!(
        (passed.status, passed.header("content-type")),
        (413, "application/problem+json"),
        "the function says so"
    );
    for size in [6_000_000, 11_000_000] {
        let refused = answer(body(size)).await;
        assert_eq!(
            (refused.status, refused.header("content-type")),
            (413, "application/json"),
            "{size}: no function saw it"
        );
    }
}

#[tokio::test]
async fn a_host_that_is_none_and_a_path_with_escapes_are_answered() {
    let desk = Desk::start().await;
    let hosts =
        ["a b", "[::1", "a:b:c", "{", "%", "a/b", "a@b", "\u{e9}", "a?b", "::", "999.999.999.999", "x:99999", ""];
    for host in hosts {
        let line =
            raw(&desk, &format!("GET /comments?page=/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!(line.starts_with("HTTP/1.1 2") || line.starts_with("HTTP/1.1 4"), "{host:?}: {line}");
    }
    for path in [
        "/contact/%3F",
        "/contact/a%23b",
        "/f/%25",
        "/f/%2541",
        "/f/%C3%BC",
        "/f/%FF",
        "/f/%20",
        "/f/%7B%7D",
        "/studio%3F/contact",
    ] {
        let sent =
            answer(desk.request_post(path).form(&[("message", "Hello")]).header("accept", "application/json")).await;
        assert_eq!((sent.status, sent.header("content-type")), (404, "application/problem+json"), "{path}");
    }
}
