//! `deskbell doctor --before`: what keeps a first deployment from succeeding is found without one, in files and in an
//! account that another implementation of AWS stands for.

use std::time::{Duration, Instant};

use deskbell::connect::Variable;
use deskbell::doctor::{Command, Environment, State, examine, report};
use deskbell_functions::app::Aws;
use serde_json::json;

use super::cloud::Cloud;
use super::{environment, file, found, missing, settings, wrong};
use crate::harness::ministack::{Ministack, REGION};
use crate::harness::settings::sample_with;
use crate::harness::world::eventually;
use crate::infra::cargo_lambda::workspace;
use crate::infra::sam::refused;

const SETTINGS: &str = r#"
[mail]
from = "desk@mail.studio.test"

[sites.studio]
name = "Studio"
url = "https://www.studio.test"
owner = { name = "Mara", email = "mara@studio.test" }
team = [{ name = "Jon", email = "jon@other.test" }]
"#;

/// Parameters that fit these settings.
const PARAMETERS: &str = "MailFrom = \"desk@mail.studio.test\"\nAlarmMail = \"mara@studio.test\"\nMonthlyBudget = 0\n";

/// What looks at settings and parameters in files.
fn before(name: &str, config: &str, parameters: &str) -> Command {
    let sam = format!("[default.global.parameters.parameter_overrides]\n{parameters}");
    let samconfig = Some(file(&format!("sam-{name}"), &sam));
    Command { before: true, settings: settings(file(name, config)), samconfig, ..Command::default() }
}

/// What is asked at an address.
fn at(aws: Aws, url: &str) -> Environment {
    Environment { aws: Ok(aws), endpoint: Some(url.to_owned()), source: "the profile studio".into(), ..environment() }
}

fn with(command: &Command, name: &str, more: &str) -> Command {
    Command {
        before: true,
        settings: command.settings.clone(),
        ..before(name, SETTINGS, &format!("{PARAMETERS}{more}"))
    }
}

#[tokio::test]
async fn what_is_in_files_is_looked_at_without_an_account() {
    let (config, sam) = (workspace().join("infra/deskbell.toml"), workspace().join("infra/samconfig.toml"));
    let shipped = Command { before: true, settings: settings(config), samconfig: Some(sam), ..Command::default() };
    let findings = examine(&shipped, &missing(Variable::Credentials)).await;
    assert_eq!(wrong(&findings), ["addresses", "credentials"], "{}", report(&findings));
    found(&findings, "addresses", State::Problem, "alex@example.org, deskbell@example.org", "samconfig.toml");
    found(&findings, "credentials", State::Problem, "no AWS credentials", "AWS_PROFILE");

    let sms = sample_with("sites.studio.channels = [{ kind = \"sms\", to = \"+491701234567\" }]");
    let other = "MailFrom = \"a@other.test\"\nMailIdentity = \"other.test\"\nDomainName = \"desk.studio.test\"";
    let findings = examine(&before("sms", &sms, other), &environment()).await;
    for (words, advice) in [
        ("allows another sender", "MailFrom = \"deskbell@studio-lindqvist.example\""),
        ("does not make deskbell@studio-lindqvist.example", "MailIdentity = \"studio-lindqvist.example\""),
        ("Nobody would be told", "AlarmMail"),
        ("text messages", "TextMessages = \"on\""),
        ("needs a CertificateArn", "Certificate Manager"),
    ] {
        found(&findings, "parameters", State::Problem, words, advice);
    }
    found(&findings, "region", State::Problem, "is not known", "--region");
    let nowhere = Command { samconfig: Some("nowhere.toml".into()), ..shipped };
    found(&examine(&nowhere, &environment()).await, "samconfig", State::Problem, "nowhere.toml: ", "Deskbell's folder");
}

#[tokio::test]
async fn an_account_is_looked_at_and_what_will_be_asked_is_said() {
    let test = "infra::doctor::before::an_account_is_looked_at_and_what_will_be_asked_is_said";
    let Some(aws) = Ministack::start(test).await else { return };
    aws.get("sesv2", "create_email_identity", json!({ "EmailIdentity": "studio.test" })).await;
    let environment = at(aws.aws(), &aws.url);
    let command = before("account", SETTINGS, PARAMETERS);
    let look = async |command: &Command| examine(command, &environment).await;
    let findings = look(&command).await;
    assert_eq!(wrong(&findings), ["account"], "{}", report(&findings));
    let whose = format!(
        "Account 000000000000 in {REGION}, as arn:aws:iam::000000000000:root; credentials from the profile studio"
    );
    found(&findings, "account", State::Ok, &whose, "");
    found(&findings, "account", State::Warning, "root credentials", "IAM Identity Center");
    found(&findings, "stack", State::Ok, "The name deskbell is free", "");
    found(&findings, "names", State::Ok, "are free", "");
    found(&findings, "sender", State::Ok, "SES has verified studio.test", "");
    found(&findings, "sandbox", State::Ok, "out of the sandbox", "");
    found(&findings, "asked", State::Ok, "Deploy this changeset? [y/N]", "");
    found(&findings, "asked", State::Ok, "AWS asks mara@studio.test by email", "");

    sandbox(&aws, &command, &environment).await;
    taken(&aws, &command, &environment).await;
    let stockholm = before("budget", SETTINGS, &PARAMETERS.replace("MonthlyBudget = 0", ""));
    found(&look(&stockholm).await, "budget", State::Warning, "cannot create a budget in eu-north-1", "by hand");
    let domain = "DomainName = \"desk.studio.test\"\nCertificateArn = \"arn:aws:acm:us-east-1:1:certificate/x\"";
    let findings = look(&with(&command, "certificate", domain)).await;
    found(&findings, "region", State::Problem, "The certificate is not in eu-north-1", "Certificate Manager");
    found(&findings, "asked", State::Ok, "desk.studio.test needs a CNAME record", "");
    stacks(&aws, &command, &environment).await;
}

/// In SES' sandbox everybody who gets email has to be verified; and the sender, wherever it is.
async fn sandbox(aws: &Ministack, command: &Command, environment: &Environment) {
    let access = |enabled: bool| json!({ "MailType": "TRANSACTIONAL", "WebsiteURL": "https://www.studio.test", "ProductionAccessEnabled": enabled });
    aws.get("sesv2", "put_account_details", access(false)).await;
    let findings = examine(command, environment).await;
    let leave = "put-account-details --region eu-north-1 --production-access-enabled --mail-type TRANSACTIONAL --contact-language EN \
                 --website-url https://www.studio.test/";
    found(&findings, "sandbox", State::Warning, "every recipient must be verified", leave);
    let verify = "create-email-identity --region eu-north-1 --email-identity jon@other.test";
    found(&findings, "sandbox", State::Problem, "has not verified jon@other.test", verify);
    assert!(!report(&findings).contains("verified mara@studio.test,"), "{}", report(&findings));
    aws.get("sesv2", "put_account_details", access(true)).await;

    let known = examine(&with(command, "known", "MailIdentity = \"studio.test\""), environment).await;
    found(&known, "sender", State::Problem, "SES has studio.test already", "Leave MailIdentity empty");
    aws.get("sesv2", "delete_email_identity", json!({ "EmailIdentity": "studio.test" })).await;
    let findings = examine(command, environment).await;
    found(&findings, "sender", State::Problem, "knows neither mail.studio.test", "MailIdentity = \"mail.studio.test\"");
    let wanted = examine(&with(command, "wanted", "MailIdentity = \"studio.test\""), environment).await;
    found(&wanted, "sender", State::Ok, "will have SES verify studio.test", "");
    found(&wanted, "sender", State::Ok, "three CNAME records", "");
    aws.get("sesv2", "create_email_identity", json!({ "EmailIdentity": "studio.test" })).await;
}

/// Names that something else has.
async fn taken(aws: &Ministack, command: &Command, environment: &Environment) {
    let domain = with(
        command,
        "domain",
        "DomainName = \"desk.studio.test\"\nCertificateArn = \"arn:aws:acm:eu-north-1:1:certificate/x\"",
    );
    let cases = [
        ("AWS::Logs::LogGroup", "/aws/lambda/deskbell-notify", "log group /aws/lambda/deskbell-notify"),
        ("AWS::Scheduler::ScheduleGroup", "deskbell-schedules", "schedule group deskbell-schedules"),
        ("AWS::ApiGatewayV2::DomainName", "desk.studio.test", "API Gateway domain desk.studio.test"),
    ];
    for (kind, name, words) in cases {
        let made = json!({ "TypeName": kind, "DesiredState": json!({ "Name": name }).to_string() });
        aws.get("cloudcontrol", "create_resource", made).await;
        found(&examine(&domain, environment).await, "names", State::Problem, words, "stack_name");
        aws.get("cloudcontrol", "delete_resource", json!({ "TypeName": kind, "Identifier": name })).await;
    }
    found(&examine(&domain, environment).await, "names", State::Ok, "are free", "");
}

/// The stack's name in other states than free.
async fn stacks(aws: &Ministack, command: &Command, environment: &Environment) {
    let create = async |name: &str, template: serde_json::Value, status: &str| {
        let stack =
            json!({ "StackName": name, "TemplateBody": template.to_string(), "Capabilities": ["CAPABILITY_IAM"] });
        aws.get("cloudformation", "create_stack", stack).await;
        let reached = async || {
            let described = aws.get("cloudformation", "describe_stacks", json!({ "StackName": name })).await;
            (described["Stacks"][0]["StackStatus"] == status).then_some(())
        };
        eventually(status, reached).await;
    };
    let topic = json!({ "Type": "AWS::SNS::Topic" });
    create("deskbell", json!({ "Resources": { "Topic": topic, "Policy": refused() } }), "ROLLBACK_COMPLETE").await;
    let findings = examine(command, environment).await;
    found(
        &findings,
        "stack",
        State::Problem,
        "(ROLLBACK_COMPLETE), and cannot be updated",
        "sam delete --stack-name deskbell",
    );
    found(
        &findings,
        "stack",
        State::Problem,
        "It began with Policy: The role with name none cannot be found",
        "Fix the cause",
    );

    create("other", json!({ "Resources": { "Topic": topic } }), "CREATE_COMPLETE").await;
    let other = Command { stack: Some("other".into()), ..command.clone() };
    found(&examine(&other, environment).await, "stack", State::Problem, "the name of another stack", "stack_name");
    let outputs = json!({ "ContactForm": { "Value": "<form>" } });
    create("mine", json!({ "Resources": { "Topic": topic }, "Outputs": outputs }), "CREATE_COMPLETE").await;
    let mine = Command { stack: Some("mine".into()), ..with(command, "mine", "MailIdentity = \"studio.test\"") };
    let findings = examine(&mine, environment).await;
    found(&findings, "stack", State::Ok, "mine is deployed (CREATE_COMPLETE)", "");
    // Its identity is its own.
    found(&findings, "sender", State::Ok, "SES has verified studio.test", "");
}

#[tokio::test]
async fn a_sender_that_waits_to_be_verified_and_a_stack_in_between_are_told() {
    let cloud = Cloud::start("http://127.0.0.1:9", "http://127.0.0.1:9").await;
    let environment = at(Aws::local(cloud.url.clone(), cloud.url.clone()), &cloud.url);
    let config = sample_with(r#"mail.from = "deskbell@mail.studio-lindqvist.example""#);
    let command =
        before("cloud", &config, "MailFrom = \"deskbell@mail.studio-lindqvist.example\"\nAlarmMail = \"a@b.test\"");
    let cases = [
        ("identity", "unverified", "sender", State::Problem, "not verified mail.studio-lindqvist.example yet", "CNAME"),
        ("sending", "false", "mail", State::Problem, "sends nothing", "Account dashboard"),
        ("status", "DELETE_FAILED", "stack", State::Problem, "(DELETE_FAILED)", "sam delete"),
        ("status", "UPDATE_ROLLBACK_FAILED", "stack", State::Problem, "stuck in a failed", "continue"),
        ("outputs", "none", "stack", State::Problem, "another stack", "stack_name"),
        ("status", "CREATE_IN_PROGRESS", "stack", State::Warning, "CREATE_IN_PROGRESS", "Wait"),
        ("status", "REVIEW_IN_PROGRESS", "stack", State::Ok, "is free", ""),
        ("refuse DescribeStacks", "AccessDenied", "stack", State::Problem, "may not read", "ReadOnlyAccess"),
        ("refuse GetCallerIdentity", "ExpiredToken", "account", State::Problem, "have expired", "Sign in again"),
        ("refuse GetCallerIdentity", "InvalidClientTokenId", "account", State::Problem, "does not know", "AWS_PROFILE"),
    ];
    for (what, how, check, state, words, advice) in cases {
        cloud.with(what, how);
        found(&examine(&command, &environment).await, check, state, words, advice);
        cloud.mend();
    }
    let mut elsewhere = environment;
    if let Ok(aws) = &mut elsewhere.aws {
        aws.region = "ap-east-1".into();
    }
    let findings = examine(&command, &elsewhere).await;
    found(&findings, "region", State::Problem, "cannot set up SES in ap-east-1", "regions that infra/README.md");
}

#[tokio::test]
async fn what_does_not_answer_is_said_in_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("http://{}", silent.local_addr().expect("an address"));
    let command = before("silent", SETTINGS, PARAMETERS);
    let cases: [(&str, &str); 2] =
        [("http://127.0.0.1:9", "was not reached"), (&silent, "did not answer within 3 seconds")];
    for (url, words) in cases {
        let started = Instant::now();
        let environment =
            Environment { patience: Duration::from_secs(3), ..at(Aws::local(url.into(), url.into()), url) };
        let findings = examine(&command, &environment).await;
        found(&findings, "account", State::Problem, words, "online");
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
        assert_eq!(findings.len(), 3, "nothing more is asked: {}", report(&findings));
    }
}
