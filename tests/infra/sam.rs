//! SAM: what `sam build` and `sam deploy` of the README put into the account's bucket is what the functions run with.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::harness::ministack::{Ministack, REGION, ROOT};
use crate::harness::moto::Moto;
use crate::harness::runtime::{package, target, unpacked};
use crate::harness::tools;
use crate::infra::cargo_lambda::{outside, workspace};

/// Where SAM puts what it has packaged.
pub(crate) const BUCKET: &str = "bucket-of-sam";

/// Credentials that any server on this machine takes. It is their scope that tells the region.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none";

/// The functions by their names in the template, and their programs.
pub(crate) const FUNCTIONS: [(&str, &str); 5] = [
    ("ContactFunction", "contact"),
    ("CommentsFunction", "comments"),
    ("OwnerFunction", "owner"),
    ("NotifyFunction", "notify"),
    ("SignInFunction", "notify"),
];

/// Where SAM has put what it has built.
static BUILT: OnceLock<PathBuf> = OnceLock::new();

/// The folder with what SAM builds of the template; a file in it is the template that goes with that.
pub(crate) fn built(sam: &Path) -> PathBuf {
    let build = || {
        let home = target().join("tmp/sam");
        let folder = home.to_str().expect("UTF-8");
        // As the README says, with what `samconfig.toml` holds.
        let making = ["build", "--build-dir", folder];
        // Nothing is asked of AWS.
        run(
            sam,
            "http://127.0.0.1:9",
            "us-east-1",
            &[&making[..], &["--parameter-overrides", "Architecture=x86_64"]].concat(),
        );
        home
    };
    BUILT.get_or_init(build).clone()
}

/// SAM in a folder with AWS at `url`.
fn command(folder: &Path, sam: &Path, url: &str, region: &str, arguments: &[&str]) -> Command {
    let mut command = outside(sam);
    // Whatever this machine's owner has configured: nothing is asked of a real account.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    command.args(arguments).current_dir(folder).env("AWS_ENDPOINT_URL", url).env("SAM_CLI_TELEMETRY", "0");
    command.env("AWS_DEFAULT_REGION", region).env("AWS_REGION", region).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", ROOT).env("AWS_SECRET_ACCESS_KEY", ROOT);
    command
}

/// Runs SAM in the template's folder with AWS at `url`.
pub(crate) fn run(sam: &Path, url: &str, region: &str, arguments: &[&str]) {
    run_in(&workspace().join("infra"), sam, url, region, arguments);
}

/// Runs SAM in a folder with AWS at `url`.
pub(crate) fn run_in(folder: &Path, sam: &Path, url: &str, region: &str, arguments: &[&str]) {
    let ran = command(folder, sam, url, region, arguments).output().expect("sam runs");
    let (said, complained) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "sam {arguments:?}: {said}{complained}");
}

#[tokio::test]
async fn what_sam_uploads_are_the_programs_and_the_settings() {
    let test = "infra::sam::what_sam_uploads_are_the_programs_and_the_settings";
    let (Some(sam), Some(_)) = (tools::find(&["sam"], test), tools::find(&["cargo-lambda"], test)) else { return };
    // What it would build otherwise takes minutes.
    if package("contact").is_none() {
        tools::missing(test, "a package of contact made from this code (see .ci/run)");
        return;
    }
    let Some(moto) = Moto::start(test).await else { return };
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let made = http.put(format!("{}/{BUCKET}", moto.url)).header("authorization", SIGNED).send().await;
    assert!(made.expect("an answer").status().is_success());

    let home = built(&sam);
    let (built, uploaded) = (home.join("template.yaml"), home.join("uploaded.json"));
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (from, to) = (path(&built), path(&uploaded));
    let upload =
        ["package", "--template-file", &from, "--s3-bucket", BUCKET, "--use-json", "--output-template-file", &to];
    run(&sam, &moto.url, "us-east-1", &upload);

    let template: Value = serde_json::from_slice(&std::fs::read(uploaded).expect("a file")).expect("JSON");
    let unpack = async |resource: &str, property: &str| {
        let place = template["Resources"][resource]["Properties"][property].as_str().expect("a place").to_owned();
        let object = place.strip_prefix("s3://").unwrap_or_else(|| panic!("{resource} stays at {place}"));
        let got = http.get(format!("{}/{object}", moto.url)).header("authorization", SIGNED).send().await;
        let archive = home.join(resource).with_extension("zip");
        std::fs::write(&archive, got.expect("an answer").bytes().await.expect("an archive")).expect("a file");
        unpacked(&archive, &home.join(format!("{resource}-unpacked")))
    };
    let same = |one: &Path, other: &Path| std::fs::read(one).expect("a file") == std::fs::read(other).expect("a file");
    let settings = unpack("Settings", "ContentUri").await;
    assert!(same(&settings.join("deskbell.toml"), &workspace().join("infra/deskbell.toml")));
    assert_eq!(std::fs::read_dir(&settings).expect("a folder").count(), 1);
    for (resource, name) in FUNCTIONS {
        let program = unpack(resource, "CodeUri").await.join("bootstrap");
        assert!(same(&program, &target().join("lambda").join(name).join("bootstrap")), "{name}");
    }
}

/// A resource that is refused only when it is created.
pub(crate) fn refused() -> Value {
    let policy = json!({ "PolicyName": "x", "PolicyDocument": { "Statement": [] }, "Roles": ["none"] });
    json!({ "Type": "AWS::IAM::Policy", "Properties": policy })
}

/// Deploys as the README does, with what `samconfig.toml` says, and answers its question; gives whether it went well and
/// what was said.
fn deploy(sam: &Path, aws: &Ministack, template: &Value) -> (bool, String) {
    let file = aws.folder.path().join("template.json");
    std::fs::write(&file, template.to_string()).expect("a file");
    let (file, config) = (file.to_str().expect("UTF-8"), workspace().join("infra/samconfig.toml"));
    let asked = ["deploy", "--template-file", file, "--config-file", config.to_str().expect("UTF-8")];
    let mut command = command(workspace(), sam, &aws.url, REGION, &asked);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("sam runs");
    process.stdin.take().expect("its input").write_all(b"y\n").expect("it reads");
    let ran = process.wait_with_output().expect("it ends");
    (ran.status.success(), String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_deployment_that_fails_is_in_nobodys_way() {
    let test = "infra::sam::a_first_deployment_that_fails_is_in_nobodys_way";
    let Some(sam) = tools::find(&["sam"], test) else { return };
    let Some(aws) = Ministack::start(test).await else { return };
    let mut template = json!({
        "Parameters": { "MailFrom": { "Type": "String" }, "AlarmMail": { "Type": "String" } },
        "Resources": { "Topic": { "Type": "AWS::SNS::Topic" }, "Policy": refused() },
        "Outputs": { "Mail": { "Value": { "Fn::Sub": "${MailFrom} ${AlarmMail}" } } },
    });
    let (deployed, said) = deploy(&sam, &aws, &template);
    assert!(!deployed && said.contains("CREATE_FAILED"), "{said}");
    let told = aws.ask("cloudformation", "describe_stacks", json!({ "StackName": "deskbell" })).await;
    assert!(told.as_ref().is_err_and(|told| told.contains("does not exist")), "{told:?}\n{said}");

    template["Resources"].as_object_mut().expect("resources").remove("Policy");
    let (deployed, said) = deploy(&sam, &aws, &template);
    assert!(deployed && said.contains("deskbell@example.org alex@example.org"), "{said}");
    assert_eq!(said.matches("[y/N]").count(), 1, "{said}");

    // What fails later is rolled back, not deleted.
    template["Resources"]["Policy"] = refused();
    let (deployed, said) = deploy(&sam, &aws, &template);
    let stacks = aws.get("cloudformation", "describe_stacks", json!({ "StackName": "deskbell" })).await;
    assert!(!deployed && stacks["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE", "{stacks}\n{said}");
}
