//! A stack that SAM deploys.

use std::collections::BTreeMap;
use std::ops::Index;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::ministack::{Ministack, REGION};
use crate::harness::world::eventually;
use crate::infra::cargo_lambda::workspace;
use crate::infra::sam::{self, BUCKET};

const STACK: &str = "deskbell";

/// How a stack is deployed, and where what is needed for it is.
pub(super) struct Deployment<'a> {
    aws: &'a Ministack,
    sam: PathBuf,
    built: PathBuf,
}

/// What AWS calls what a stack holds, by the names in the template.
pub(super) struct Resources(BTreeMap<String, String>);

impl Index<&str> for Resources {
    type Output = String;

    fn index(&self, name: &str) -> &String {
        self.0.get(name).unwrap_or_else(|| panic!("{name} is not in {:?}", self.0.keys()))
    }
}

impl Resources {
    /// All but the settings, with the programs that the functions run.
    pub(super) async fn programs(&self, aws: &Ministack) -> BTreeMap<String, String> {
        let apart = self.0.iter().filter(|(name, _)| !name.starts_with("Settings"));
        let mut all: BTreeMap<String, String> = apart.map(|(name, id)| (name.clone(), id.clone())).collect();
        for (function, _) in sam::FUNCTIONS {
            let asked = json!({ "FunctionName": self[function] });
            let told = aws.get("lambda", "get_function_configuration", asked).await;
            all.insert(format!("{function}'s program"), text(&told["CodeSha256"]));
        }
        all
    }

    /// The settings' version.
    pub(super) fn settings(&self) -> Vec<&String> {
        self.0.iter().filter(|(name, _)| name.starts_with("Settings")).map(|(_, id)| id).collect()
    }

    /// Where the functions are.
    pub(super) fn url(&self, aws: &Ministack) -> String {
        format!("http://{}.execute-api.localhost:{}", self["Api"], aws.address.port())
    }
}

impl<'a> Deployment<'a> {
    pub(super) async fn new(aws: &'a Ministack, sam: PathBuf) -> Self {
        let place = json!({ "LocationConstraint": REGION });
        aws.get("s3", "create_bucket", json!({ "Bucket": BUCKET, "CreateBucketConfiguration": place })).await;
        aws.get("sesv2", "create_email_identity", json!({ "EmailIdentity": "example.org" })).await;
        let built = sam::built(&sam);
        Self { aws, sam, built }
    }

    /// The folder that the functions read their settings from.
    pub(super) fn settings(&self) -> PathBuf {
        self.aws.folder.path().join("opt")
    }

    fn run(&self, arguments: &[&str]) {
        sam::run(&self.sam, &self.aws.url, REGION, arguments);
    }

    /// A template with what SAM has built of the functions, as it stands in the bucket; settings are where the emulator can
    /// have them.
    pub(super) fn package(&self, template: &str) -> Value {
        let mut template = template
            .replace("ContentUri: layer", &format!("ContentUri: {}", workspace().join("infra/layer").display()));
        // Functions with one program are built once, in a folder that has the name of one of them.
        let own = sam::FUNCTIONS.map(|(function, name)| (self.built.join(function), name));
        let shared = sam::FUNCTIONS.map(|(function, name)| (self.built.join(format!("{function}-Shared")), name));
        for (code, name) in own.iter().chain(&shared).filter(|(code, _)| code.exists()) {
            let head = format!("        Binary: {name}\n    Properties:\n");
            assert!(template.contains(&head), "{head}");
            template = template.replace(&head, &format!("{head}      CodeUri: {}\n", code.display()));
        }
        let (from, to) = (self.aws.folder.path().join("from.yaml"), self.aws.folder.path().join("to.json"));
        std::fs::write(&from, template.replace("    CodeUri: ..\n", "")).expect("a file");
        let (from, to) = (from.to_str().expect("UTF-8"), to.to_str().expect("UTF-8"));
        self.run(&[
            "package",
            "--template-file",
            from,
            "--s3-bucket",
            BUCKET,
            "--use-json",
            "--output-template-file",
            to,
        ]);
        let mut template: Value = serde_json::from_slice(&std::fs::read(to).expect("a file")).expect("JSON");
        let place = template.pointer_mut("/Globals/Function/Environment/Variables/DESKBELL_CONFIG").expect("settings");
        assert_eq!(*place, "/opt/deskbell.toml", "delete what stands in for layers");
        *place = self.settings().join("deskbell.toml").to_str().into();
        template
    }

    /// Deploys a packaged template, as the README does; gives what there is then.
    pub(super) async fn deploy(&self, template: &Value) -> Resources {
        let file = self.aws.folder.path().join("packaged.json");
        std::fs::write(&file, template.to_string()).expect("a file");
        let config = workspace().join("infra/samconfig.toml");
        let deploy = ["deploy", "--template-file", file.to_str().expect("UTF-8")];
        let without_asking = ["--config-file", config.to_str().expect("UTF-8"), "--no-confirm-changeset"];
        let parameters =
            ["MailFrom=deskbell@example.org", "AlarmMail=dev@example.org", "Architecture=x86_64", "TextMessages=on"];
        self.run(&[&deploy[..], &without_asking, &["--parameter-overrides"], &parameters].concat());
        let listed = self.aws.get("cloudformation", "describe_stack_resources", json!({ "StackName": STACK })).await;
        let each = listed["StackResources"].as_array().expect("a list").iter();
        let named = each.map(|one| (text(&one["LogicalResourceId"]), text(&one["PhysicalResourceId"])));
        Resources(named.collect())
    }

    /// The same template with other settings: SAM uploads them.
    pub(super) async fn with_settings(&self, template: &Value, settings: &str) -> Resources {
        let layer = self.aws.folder.path().join("layer");
        std::fs::create_dir_all(&layer).expect("a folder");
        std::fs::write(layer.join("deskbell.toml"), settings).expect("a file");
        let mut template = without_conditions_on_email(template.clone());
        template["Resources"]["Settings"]["Properties"]["ContentUri"] = layer.to_str().into();
        self.deploy(&template).await
    }

    /// Takes the stack down.
    pub(super) async fn delete(&self) {
        let name = json!({ "StackName": STACK });
        self.aws.get("cloudformation", "delete_stack", name.clone()).await;
        let gone = async || self.aws.ask("cloudformation", "describe_stacks", name.clone()).await.err();
        let told = eventually("the stack's end", gone).await;
        assert!(told.contains("does not exist"), "{told}");
    }
}

/// The release before this one was refused where CloudFormation cannot create budgets, and its alarm on two metrics is one
/// that the emulator cannot create. Its programs are today's, of which the one for forms wants one right more.
pub(super) fn previous(mut template: Value) -> Value {
    let actions = "/Resources/ContactRole/Properties/Policies/0/PolicyDocument/Statement/0/Action";
    let actions = template.pointer_mut(actions).and_then(Value::as_array_mut).expect("actions");
    assert!(!actions.contains(&json!("dynamodb:Query")), "{actions:?}");
    actions.push(json!("dynamodb:Query"));
    let resources = template["Resources"].as_object_mut().expect("resources");
    for name in ["Budget", "UnstoredAlarm"] {
        assert!(resources.remove(name).is_some(), "{name}");
    }
    template
}

/// The emulator takes everything for what an email is sent by, and does not know its sender; see [`super::refused`].
pub(super) fn without_conditions_on_email(mut template: Value) -> Value {
    let policies = "/Resources/NotifyRole/Properties/Policies/0/PolicyDocument/Statement";
    let statements = template.pointer_mut(policies).and_then(Value::as_array_mut).expect("statements");
    let of_email = |statement: &&mut Value| statement["Action"].to_string().contains("ses:SendEmail");
    let statement = statements.iter_mut().find(of_email).expect("a statement");
    assert!(statement["Condition"]["StringEquals"]["ses:FromAddress"].is_object(), "{statement}");
    *statement = json!({ "Effect": "Allow", "Action": statement["Action"], "Resource": "*" });
    template
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}
