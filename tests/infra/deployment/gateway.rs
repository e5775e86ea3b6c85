//! What stands in for what the emulator does not do: it reads no routes from an API's `Body`, unpacks no layers, and answers
//! what browsers ask before they send. Each time it is shown that it does not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::road;
use super::stack::Resources;
use crate::harness::ministack::{ACCOUNT, Ministack, REGION};
use crate::harness::runtime::unpacked;
use crate::infra::template::routes::{Route, routes};
use crate::infra::template::stack::Stack;

/// The way to the functions.
pub(super) struct Gateway<'a> {
    aws: &'a Ministack,
    wanted: BTreeSet<Route>,
    /// The routes that were created here, by the API.
    created: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Gateway<'a> {
    pub(super) fn new(aws: &'a Ministack, stack: &Stack) -> Self {
        Self { aws, wanted: routes(stack), created: BTreeMap::new() }
    }

    /// Creates the routes that the template has and the API has not.
    pub(super) async fn open(&mut self, resources: &Resources) {
        let api = resources["Api"].clone();
        let listed = self.aws.get("apigatewayv2", "get_routes", json!({ "ApiId": api, "MaxResults": "500" })).await;
        let listed = listed["Items"].as_array().expect("a list").iter();
        let listed: BTreeSet<String> =
            listed.filter_map(|route| route["RouteKey"].as_str().map(str::to_owned)).collect();
        let created = self.created.entry(api.clone()).or_default();
        assert_eq!(listed, *created, "ministack reads an API's Body now: delete Gateway::open");
        let mut integrations = BTreeMap::new();
        for (method, path, function) in &self.wanted {
            if !created.insert(format!("{method} {path}")) {
                continue;
            }
            let integration = match integrations.get(function) {
                Some(id) => String::clone(id),
                None => integrate(self.aws, &api, &resources[function]).await,
            };
            integrations.insert(function, integration.clone());
            let route = json!({ "ApiId": api, "RouteKey": format!("{method} {path}"), "Target": format!("integrations/{integration}") });
            self.aws.get("apigatewayv2", "create_route", route).await;
        }
    }

    /// Unpacks what Lambda unpacks below `/opt`.
    pub(super) async fn unpack_layers(&self, resources: &Resources, into: PathBuf) {
        let name = json!({ "FunctionName": resources["ContactFunction"] });
        let function = self.aws.get("lambda", "get_function_configuration", name).await;
        let layers = function["Layers"].as_array().expect("layers");
        assert_eq!(layers.len(), 1, "{layers:?}");
        let layer = self.aws.get("lambda", "get_layer_version_by_arn", json!({ "Arn": layers[0]["Arn"] })).await;
        let place = layer["Content"]["Location"].as_str().expect("a place").replace("localhost", "127.0.0.1");
        let archive = self.aws.folder.path().join("layer.zip");
        let content = reqwest::get(place).await.expect("an answer").bytes().await.expect("an archive");
        std::fs::write(&archive, content).expect("a file");
        unpacked(&archive, &into);
    }

    /// Shows that layers and preflights are still not done, and that the functions would do the latter.
    pub(super) async fn lacks(&self, resources: &Resources) {
        let function = &resources["ContactFunction"];
        let before = settings_at(self.aws, function, Path::new("/opt/deskbell.toml")).await;
        let done = self.aws.get("lambda", "invoke", json!({ "FunctionName": function, "Payload": "{}" })).await;
        let learned = "ministack unpacks layers now: delete Gateway::unpack_layers";
        assert!(
            done["Payload"].as_str().is_some_and(|told| told.contains("/opt/deskbell.toml: No such file")),
            "{learned}"
        );
        settings_at(self.aws, function, Path::new(&before)).await;

        let origin = "https://www.example.org";
        let asked = road::preflight(self.aws, &resources.url(self.aws), "/contact", origin).await;
        let learned = "ministack hands preflights on now: let the road take them";
        assert!(asked.status == 403 && asked.body.contains("CORS not configured"), "{learned}: {asked:?}");
        let http = json!({ "method": "OPTIONS", "path": "/contact", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "" });
        let event = json!({
            "version": "2.0", "routeKey": "ANY /contact", "rawPath": "/contact", "rawQueryString": "", "isBase64Encoded": false,
            "headers": { "origin": origin, "access-control-request-method": "POST", "host": "example.org" },
            "requestContext": {
                "accountId": ACCOUNT, "apiId": "a", "domainName": "example.org", "domainPrefix": "a", "http": http,
                "requestId": "1", "routeKey": "ANY /contact", "stage": "$default", "time": "", "timeEpoch": 0,
            },
        });
        let done =
            self.aws.get("lambda", "invoke", json!({ "FunctionName": function, "Payload": event.to_string() })).await;
        let answer: Value = serde_json::from_str(done["Payload"].as_str().expect("a text")).expect("JSON");
        assert_eq!(
            (&answer["statusCode"], &answer["headers"]["access-control-allow-origin"]),
            (&json!(204), &json!(origin))
        );
    }
}

/// Has an API hand requests to a function; gives the integration.
pub(super) async fn integrate(aws: &Ministack, api: &str, function: &str) -> String {
    let function = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}");
    let integration = json!({
        "ApiId": api, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0", "IntegrationUri": function,
    });
    let made = aws.get("apigatewayv2", "create_integration", integration).await;
    made["IntegrationId"].as_str().expect("an id").to_owned()
}

/// Has a function read its settings elsewhere; gives where it did before.
pub(super) async fn settings_at(aws: &Ministack, function: &str, place: &Path) -> String {
    let told = aws.get("lambda", "get_function_configuration", json!({ "FunctionName": function })).await;
    let mut variables = told["Environment"]["Variables"].clone();
    let before = variables["DESKBELL_CONFIG"].as_str().expect("a path").to_owned();
    variables["DESKBELL_CONFIG"] = place.to_str().into();
    let update = json!({ "FunctionName": function, "Environment": { "Variables": variables } });
    aws.get("lambda", "update_function_configuration", update).await;
    before
}
