//! The routes of the API and of the code are the same, and what writes may be asked for less often than what reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use deskbell_functions::owner;
use deskbell_functions::routes::{Function, ROUTES, is_first_segment, meets_another_route};
use deskbell_functions::visitor::{comments, contact};

use super::stack::Stack;
use crate::harness::world::{Desk, answer};

/// A route as API Gateway has it: method (`ANY`, `POST`), path, and the function's name in the template.
pub(crate) type Route = (String, String, String);

/// The routes of the expanded template.
pub(crate) fn routes(stack: &Stack) -> BTreeSet<Route> {
    let api = stack.of_kind("AWS::ApiGatewayV2::Api").pop().expect("an API");
    let mut routes = BTreeSet::new();
    for (path, methods) in api.properties["Body"]["paths"].as_object().expect("paths") {
        for (method, route) in methods.as_object().expect("methods") {
            let uri = route["x-amazon-apigateway-integration"]["uri"].as_str().expect("a function");
            let function = uri.split(":function:").nth(1).and_then(|rest| rest.split('/').next()).expect("a name");
            let method = if method == "x-amazon-apigateway-any-method" { "ANY".into() } else { method.to_uppercase() };
            routes.insert((method, path.clone(), function.to_owned()));
        }
    }
    routes
}

/// The paths that a function's code serves, as axum writes them when it is asked for what it has.
fn served(router: &Router) -> BTreeSet<String> {
    let written = format!("{router:?}");
    let paths =
        written.split('"').filter(|text| text.len() > 1 && text.starts_with('/') && !text.contains("__private"));
    let paths: BTreeSet<String> = paths.map(str::to_owned).collect();
    assert!(paths.len() >= 6, "axum does not tell its routes any more: {written}");
    paths
}

/// Whether a path in the template is one that a path of the code stands for.
fn is_of(path: &str, code: &str) -> bool {
    let (path, code): (Vec<_>, Vec<_>) = (path.split('/').collect(), code.split('/').collect());
    let same = |(path, code): (&&str, &&str)| path == code || code.starts_with('{');
    path.len() == code.len() && path.iter().zip(&code).all(same)
}

#[tokio::test]
async fn every_path_of_the_code_is_a_route_and_every_route_is_in_the_code() {
    let test = "infra::template::routes::every_path_of_the_code_is_a_route_and_every_route_is_in_the_code";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let app = Arc::clone(&Desk::start().await.world.app);
    let code = [
        ("ContactFunction", served(&contact::router(app.clone()))),
        ("CommentsFunction", served(&comments::router(app.clone()))),
        ("OwnerFunction", served(&owner::router(app))),
    ];
    let routes = routes(&stack);
    for (function, paths) in &code {
        let of_function: Vec<&Route> = routes.iter().filter(|(_, _, name)| name == function).collect();
        for code in paths {
            assert!(of_function.iter().any(|(_, path, _)| is_of(path, code)), "{code} of {function} is no route");
        }
        for (_, path, _) in of_function {
            assert!(paths.iter().any(|code| is_of(path, code)), "{path} is not in the code of {function}");
        }
    }
    assert!(routes.iter().all(|(_, _, function)| code.iter().any(|(name, _)| name == function)));
}

#[tokio::test]
async fn the_table_of_routes_is_the_templates() {
    let test = "infra::template::routes::the_table_of_routes_is_the_templates";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let name = |function: Function| match function {
        Function::Contact => "ContactFunction",
        Function::Comments => "CommentsFunction",
        Function::Owner => "OwnerFunction",
    };
    let stands_for = |(_, path, function): &Route, route: &deskbell_functions::routes::Route| {
        name(route.function) == function && is_of(path.strip_prefix("/{site}").unwrap_or(path), route.path)
    };
    let routes = routes(&stack);
    for one in &routes {
        assert!(ROUTES.iter().any(|route| stands_for(one, route)), "{one:?} is not in functions/src/routes.rs");
    }
    for route in &ROUTES {
        assert!(routes.iter().any(|one| stands_for(one, route)), "{route:?} is not in the template");
    }
}

/// Whether API Gateway may choose a route for a path.
fn fits(path: &str, route: &str) -> bool {
    let (path, route): (Vec<_>, Vec<_>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len() && path.iter().zip(&route).all(|(path, route)| path == route || route.starts_with('{'))
}

/// Of two routes that both fit with a variable each, AWS does not say which it chooses; local mode chooses the one whose
/// first segment is fixed.
#[tokio::test]
async fn a_form_that_may_have_its_name_is_reached_whichever_fitting_route_is_chosen() {
    let test = "infra::template::routes::a_form_that_may_have_its_name_is_reached_whichever_fitting_route_is_chosen";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let routes = routes(&stack);
    let words = routes.iter().flat_map(|(_, path, _)| path.split('/')).filter(|word| !word.starts_with('{'));
    let names: BTreeSet<&str> =
        words.filter(|word| !word.is_empty()).chain(["default", "booking", "a.b_c~d-e"]).collect();
    let mut reserved = Vec::new();
    for name in names {
        let paths = [
            format!("/contact/{name}"),
            format!("/f/{name}"),
            format!("/studio/contact/{name}"),
            format!("/studio/f/{name}"),
        ];
        let reached = |path: &String| {
            let fixed = routes.iter().any(|(_, route, _)| route == path);
            !fixed
                && routes
                    .iter()
                    .filter(|(_, route, _)| fits(path, route))
                    .all(|(_, _, function)| function == "ContactFunction")
        };
        assert_eq!(paths.iter().all(reached), !meets_another_route(name), "{name}");
        if meets_another_route(name) {
            reserved.push(name);
        }
    }
    assert_eq!(reserved, ["challenge", "comments", "embed.css", "embed.js", "inbox", "openapi.json", "thanks"]);
    assert!(!is_first_segment("studio"), "the site of these paths");
}

#[tokio::test]
async fn every_route_may_start_its_function_and_no_other_may() {
    let test = "infra::template::routes::every_route_may_start_its_function_and_no_other_may";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let wild = |path: &str| -> String {
        path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect::<Vec<_>>().join("/")
    };
    let expected: BTreeSet<_> = routes(&stack).iter().map(|(_, path, name)| (name.clone(), wild(path))).collect();
    let mut allowed = BTreeSet::new();
    for permission in stack.of_kind("AWS::Lambda::Permission") {
        if permission.text("/FunctionName") == "NotifyFunction" {
            // It has no route.
            assert_eq!(permission.text("/Principal"), "sns.amazonaws.com", "{}", permission.name);
            continue;
        }
        assert_eq!(permission.text("/Principal"), "apigateway.amazonaws.com", "{}", permission.name);
        // arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH
        let source = permission.text("/SourceArn");
        let path = source.splitn(4, '/').nth(3).expect("a path");
        assert!(source.contains(":Api/"), "{source}");
        allowed.insert((permission.text("/FunctionName"), format!("/{path}")));
    }
    assert_eq!(allowed, expected);
}

#[tokio::test]
async fn what_writes_for_strangers_is_throttled_more_than_what_reads() {
    let test = "infra::template::routes::what_writes_for_strangers_is_throttled_more_than_what_reads";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let stage = stack.of_kind("AWS::ApiGatewayV2::Stage").pop().expect("a stage");
    let rate = |pointer: &str| {
        (
            stage.number(&format!("{pointer}/ThrottlingRateLimit")),
            stage.number(&format!("{pointer}/ThrottlingBurstLimit")),
        )
    };
    let default = rate("/DefaultRouteSettings");
    assert!(default.0 <= 2 && default.1 <= 20, "what is asked for rarely: {default:?}");
    let own: BTreeMap<&String, _> = stage.properties["RouteSettings"].as_object().expect("settings").iter().collect();
    let of = |key: &str| {
        let key = key.replace('/', "~1");
        if own.keys().any(|own| own.replace('/', "~1") == key) {
            rate(&format!("/RouteSettings/{key}"))
        } else {
            default
        }
    };
    // API Gateway refuses settings of a route that is not there.
    let keys: BTreeSet<String> = routes(&stack).iter().map(|(method, path, _)| format!("{method} {path}")).collect();
    assert!(own.keys().all(|key| keys.contains(*key)), "{own:?}");
    let all: u64 = keys.iter().map(|key| of(key).0).sum();
    assert!(all <= 254, "{all} requests a second let more through than anybody wants to pay");

    let desk = Desk::start().await;
    let mut writing = 0;
    for (_, path, function) in routes(&stack) {
        // What the team writes, it writes after having signed in. Asking for counts writes nothing.
        let strangers = function != "OwnerFunction" || path.ends_with("/inbox/sign-in");
        if !strangers || path.ends_with("/comments/count") || !posts(&desk, &path).await {
            continue;
        }
        // Apart from what reads, and from preflights: neither uses up the other's.
        assert!(stack_has_post(&stack, &path), "{path} has no route for POST");
        let post = of(&format!("POST {path}"));
        assert!(post.0 <= 5 && post.1 <= 20, "POST {path}: {post:?}");
        writing += 1;
    }
    assert!(writing >= 10, "{writing}");
}

/// Whether what is posted to a path has a route of its own.
fn stack_has_post(stack: &Stack, path: &str) -> bool {
    routes(stack).iter().any(|(method, other, _)| method == "POST" && other == path)
}

/// Whether a path takes what is posted, as it says itself to who asks with a method that nothing takes.
async fn posts(desk: &Desk, path: &str) -> bool {
    let path = path.replace("{site}", "studio").replace("{form}", "default").replace("{token}", "x");
    let url = desk.url(&path.replace("{id}", "x"));
    let told = answer(reqwest::Client::new().delete(url)).await;
    assert_eq!(told.status, 405, "{path}");
    told.header("allow").contains("POST")
}
