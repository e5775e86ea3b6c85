//! The description of the HTTP interface: it names what programs may ask for and nothing else, is valid, and holds for
//! what is answered, whatever is asked.

use std::collections::BTreeSet;
use std::path::Path;

use deskbell_functions::routes::{Function, ROUTES};

use crate::harness::tools;
use crate::harness::world::Desk;

/// Nobody is counted: everything comes from one network.
const SETTINGS: &str = "sites.studio.judging.rate_per_minute = 1000000\nsites.studio.comments.policy = \"none\"";

/// What every answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,unsupported_method,allow_header_conformance";

#[tokio::test]
async fn every_route_for_programs_is_described_with_its_methods_and_no_other() {
    let desk = Desk::start().await;
    let answer = desk.get("/openapi.json").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json; charset=utf-8"));
    assert!(answer.body.contains(&format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"))), "{}", answer.body);
    let described: BTreeSet<(String, String)> = answer.json()["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, methods)| methods.as_object().expect("methods").keys().map(move |method| (path, method)))
        .map(|(path, method)| (path.clone(), method.to_uppercase()))
        .collect();
    // The owner's pages are for people.
    let public = ROUTES.iter().filter(|route| route.function != Function::Owner);
    let methods = public.flat_map(|route| route.methods.split(", ").map(|method| (route.path, method)));
    let asked = methods.filter(|(_, method)| !["HEAD", "OPTIONS"].contains(method));
    let expected = asked.map(|(path, method)| (path.to_owned(), method.to_owned())).collect();
    assert_eq!(described, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_valid_and_holds_for_whatever_is_asked() {
    let test = "visitor::openapi::it_is_valid_and_holds_for_whatever_is_asked";
    let Some(validator) = tools::find(&["openapi-spec-validator"], test) else { return };
    let Some(schemathesis) = tools::find(&["schemathesis"], test) else { return };
    let desk = Desk::configured(SETTINGS).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/openapi.json");
    run(&validator, &[file.to_str().expect("UTF-8")]).await;
    let description = desk.url("/openapi.json");
    let asking = ["run", &description, "--checks", CHECKS, "--phases", "examples,coverage,fuzzing"];
    let bounds = ["--max-examples", "20", "--seed", "1", "--warnings", "off", "--continue-on-failure"];
    run(&schemathesis, &[&asking[..], &bounds].concat()).await;
}

async fn run(program: &Path, arguments: &[&str]) {
    let ran = tokio::process::Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .await
        .expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
}
