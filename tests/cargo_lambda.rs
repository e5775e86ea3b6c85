//! cargo-lambda: one function as it deploys it.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::doubles::Moto;
use crate::runtime::{package, target};
use crate::tools;

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

#[tokio::test]
async fn cargo_lambda_deploy_sends_the_package_of_one_function() {
    let test = "cargo_lambda::cargo_lambda_deploy_sends_the_package_of_one_function";
    let Some(program) = tools::find(&["cargo-lambda"], test) else { return };
    if package("contact").is_none() || !target().join("lambda/contact/bootstrap").is_file() {
        tools::missing(test, "a package of contact made from this code (see .ci/run)");
        return;
    }
    let Some(moto) = Moto::start(test).await else { return };
    for version in ["1", "2"] {
        let mut command = Command::new(&program);
        command.args(["lambda", "deploy", "contact"]).current_dir(workspace()).env("AWS_ENDPOINT_URL", &moto.url);
        command.env("AWS_REGION", "eu-central-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        let deployed = command.output().expect("cargo-lambda runs");
        let told = String::from_utf8_lossy(&deployed.stderr).into_owned() + &String::from_utf8_lossy(&deployed.stdout);
        assert!(deployed.status.success(), "{told}");
        assert!(told.contains(&format!("version: {version}")), "{told}");
    }
    // It is the signature's scope that tells the region.
    let signed = "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/lambda/aws4_request, SignedHeaders=host, Signature=none";
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let asked = http.get(format!("{}/2015-03-31/functions/contact", moto.url)).header("authorization", signed);
    let stored: Value = asked.send().await.expect("an answer").json().await.expect("JSON");
    // It has made the same package again.
    let package = std::fs::read(target().join("lambda/contact/bootstrap.zip")).expect("a package");
    assert_eq!(stored["Configuration"]["CodeSha256"], BASE64.encode(Sha256::digest(&package)));
    assert_eq!(stored["Configuration"]["Runtime"], "provided.al2023");
}
