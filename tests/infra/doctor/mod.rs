//! `deskbell doctor`: each thing that goes wrong is made to go wrong once, and what is said about it is read.

mod before;
mod cloud;
mod lead;
mod moto;
pub(crate) mod names;

use std::path::PathBuf;
use std::time::Duration;

use deskbell::connect::{ConnectError, Target, Variable};
use deskbell::doctor::{Command, Environment, Finding, State, examine, report};
use deskbell::local::{Options, SAMPLE, Table};
use deskbell::settings::SettingsFile;
use deskbell_functions::app::Aws;
use deskbell_functions::store::{Suppression, SuppressionReason};
use serde_json::json;

use self::cloud::Cloud;
use self::names::Names;
use crate::harness::fault_proxy::FaultProxy;
use crate::harness::receiver::set;
use crate::harness::settings::sample_with;
use crate::harness::world::{Desk, OWNER};

fn command(local: &str) -> Command {
    Command { target: Target { local: Some(local.parse().expect("an address")) }, ..Command::default() }
}

/// What looks at the stack, with the settings in a file.
fn of_stack(config: PathBuf) -> Command {
    Command { stack: Some("deskbell".into()), settings: settings(config), ..Command::default() }
}

fn settings(config: PathBuf) -> SettingsFile {
    SettingsFile { file: Some(config), ..SettingsFile::default() }
}

fn missing(variable: Variable) -> Environment {
    Environment {
        aws: Err(ConnectError::Missing(vec![variable])),
        source: String::new(),
        endpoint: None,
        timeout: Duration::from_secs(20),
        patience: Duration::from_secs(20),
    }
}

fn environment() -> Environment {
    missing(Variable::Region)
}

/// What was found about something.
fn about<'a>(findings: &'a [Finding], check: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.check == check).collect()
}

/// Fails unless something of that kind was found in that state and in such words, with such advice.
fn found(findings: &[Finding], check: &str, state: State, words: &str, advice: &str) {
    let fits = |finding: &&&Finding| {
        let advised = finding.advice.as_deref().unwrap_or_default();
        finding.state == state && finding.found.contains(words) && advised.contains(advice)
    };
    assert!(
        about(findings, check).iter().any(|finding| fits(&finding)),
        "{check}, {state:?}, {words}:\n{}",
        report(findings)
    );
}

/// The checks that are not as they should be.
fn wrong(findings: &[Finding]) -> Vec<&str> {
    let wrong = findings.iter().filter(|finding| matches!(finding.state, State::Warning | State::Problem));
    wrong.map(|finding| finding.check).collect()
}

/// A stack as it should be, whose functions are a world's, with the settings in a file.
struct Stack {
    desk: Desk,
    cloud: Cloud,
    names: Names,
    _proxy: FaultProxy,
    command: Command,
    environment: Environment,
}

impl Stack {
    async fn start(name: &str) -> Self {
        let proxy = FaultProxy::start().await;
        let options = Options { table: Table::Server(proxy.url.clone()), ..Options::default() };
        let desk = Desk::with(options).await;
        let (cloud, names) = (Cloud::start(&desk.world.url, &proxy.url).await, Names::start().await);
        let mut aws = Aws::local(cloud.url.clone(), cloud.url.clone());
        aws.sns_url = Some(cloud.url.clone());
        let config = file(name, &sample_with(r#"mail.from = "deskbell@mail.studio-lindqvist.example""#));
        let command = Command { dns: Some(names.address), ..of_stack(config) };
        let environment = Environment { aws: Ok(aws), endpoint: Some(cloud.url.clone()), ..environment() };
        Self { desk, cloud, names, _proxy: proxy, command, environment }
    }

    async fn examine(&self) -> Vec<Finding> {
        examine(&self.command, &self.environment).await
    }
}

/// A file with settings.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("doctor-{name}.toml"));
    std::fs::write(&path, text).expect("a file");
    path
}

#[tokio::test]
async fn where_nothing_runs_it_is_said_what_to_start() {
    let findings = examine(&command("http://127.0.0.1:9"), &environment()).await;
    assert_eq!(findings.len(), 1);
    found(&findings, "local mode", State::Problem, "Local mode does not run at http://127.0.0.1:9: ", "cargo dev");
    let text = report(&findings);
    assert!(text.contains("problem  local mode") && text.contains("fix: Start it with"), "{text}");
    assert!(text.ends_with("1 problem, 0 warnings\n"), "{text}");
}

#[tokio::test]
async fn a_person_to_whom_mail_came_back_is_named() {
    let desk = Desk::start().await;
    let app = &desk.world.app;
    let bounced = Suppression { reason: SuppressionReason::Bounced, at: 1 };
    app.store.suppress(&app.address_hash(OWNER), bounced).await.expect("the table");
    let findings = examine(&Command { send: true, ..command(&desk.world.url) }, &environment()).await;
    let advice = "deskbell unsuppress --email mara@studio-lindqvist.example";
    found(&findings, "recipients", State::Problem, "sent to mara@studio-lindqvist.example: email to this", advice);
    found(&findings, "message", State::Problem, "by mail (email to this address bounced", "recipients");
}

#[tokio::test]
async fn a_secret_that_is_missing_is_named() {
    let desk = Desk::configured(r#"sites.studio.channels = [{ kind = "slack" }]"#).await;
    let findings = examine(&command(&desk.world.url), &environment()).await;
    found(&findings, "secret", State::Problem, "slack is not set, for studio", "deskbell secret set slack");
    set(&desk, "slack", "https://hooks.slack.example/services/T/B/x").await;
    let findings = examine(&command(&desk.world.url), &environment()).await;
    found(&findings, "secret", State::Ok, "slack is set", "");
}

#[tokio::test]
async fn settings_and_credentials_come_first() {
    let wrong_file = of_stack(file("wrong", "[mail]\nform = 1\n"));
    let findings = examine(&wrong_file, &environment()).await;
    assert_eq!(findings.len(), 1);
    found(&findings, "settings", State::Problem, "form", "deskbell check");
    let no_file = of_stack("nowhere.toml".into());
    found(&examine(&no_file, &environment()).await, "settings", State::Problem, "nowhere.toml: not found", "--config");
    let right = of_stack(file("right", SAMPLE));
    found(&examine(&right, &environment()).await, "region", State::Problem, "is not known", "--region");
    let findings = examine(&right, &missing(Variable::Credentials)).await;
    found(&findings, "credentials", State::Problem, "no AWS credentials", "export-credentials");
    let expired = Environment { aws: Err(ConnectError::Credentials("expired".into())), ..environment() };
    found(&examine(&right, &expired).await, "credentials", State::Problem, "expired", "aws sso login");
}

#[tokio::test]
async fn a_stack_that_is_well_gives_no_problem_and_a_message_is_delivered() {
    let mut stack = Stack::start("well").await;
    stack.command.send = true;
    let findings = stack.examine().await;
    assert_eq!(wrong(&findings), [""; 0], "{}", report(&findings));
    for check in
        ["stack", "protection", "backups", "notify", "dead letters", "alarms", "dkim", "spf", "dmarc", "message"]
    {
        found(&findings, check, State::Ok, "", "");
    }
    for check in ["parameters", "bounces", "mail", "sender", "recipients", "secret", "clock"] {
        found(&findings, check, State::Ok, "", "");
    }
    let json = serde_json::to_value(&findings).expect("JSON");
    assert_eq!((&json[0]["check"], &json[0]["state"]), (&json!("settings"), &json!("ok")));
    assert!(!json.to_string().contains("\"do\""), "{json}");
    drop(stack.desk);
}

#[tokio::test]
async fn what_is_wrong_with_a_stack_is_reported_with_what_to_do() {
    let stack = Stack::start("ill").await;
    let cases: &[(&str, &str, &str, State, &str, &str)] = &[
        ("status", "ROLLBACK_COMPLETE", "stack", State::Problem, "ROLLBACK_COMPLETE", "events"),
        ("status", "UPDATE_ROLLBACK_COMPLETE", "stack", State::Warning, "the last deployment failed", "deploy again"),
        ("status", "UPDATE_IN_PROGRESS", "stack", State::Warning, "IN_PROGRESS", "Wait"),
        ("outputs", "none", "stack", State::Problem, "no outputs", "sam deploy"),
        ("refuse DescribeStacks", "ValidationError", "stack", State::Problem, "There is no stack deskbell", "--region"),
        ("refuse DescribeStacks", "ExpiredToken", "stack", State::Problem, "have expired", "Sign in again"),
        (
            "refuse DescribeStacks",
            "InvalidClientTokenId",
            "stack",
            State::Problem,
            "does not know",
            "AWS_ACCESS_KEY_ID",
        ),
        ("refuse DescribeStacks", "SignatureDoesNotMatch", "stack", State::Problem, "secret key", "clock"),
        ("refuse DescribeStacks", "AccessDenied", "stack", State::Problem, "may not read", "ReadOnlyAccess"),
        ("resource", "AWS::Lambda::EventSourceMapping", "notify", State::Problem, "Nothing starts", "Deploy"),
        ("mapping", "Disabled", "notify", State::Problem, "its mapping is Disabled", "Enable the trigger"),
        ("last", "PROBLEM: Function call failed", "notify", State::Problem, "Function call failed", "log of"),
        ("mapping", "Enabling", "notify", State::Warning, "does not start notify yet", "Wait"),
        ("MailFrom", "deskbell@example.org", "parameters", State::Problem, "does not allow", "MailFrom=deskbell@mail."),
        ("waiting", "3", "dead letters", State::Problem, "every retry: 3", "deskbell redrive"),
        ("resource", "AWS::CloudWatch::Alarm", "alarms", State::Warning, "Nobody is told", "AlarmMail"),
        (
            "subscription",
            "PendingConfirmation",
            "alarms",
            State::Problem,
            "nobody has confirmed",
            "Subscription Confirmation",
        ),
        ("subscription", "none", "alarms", State::Problem, "nobody has confirmed", "AlarmMail"),
        (
            "resource",
            "AWS::Budgets::Budget",
            "budget",
            State::Warning,
            "cannot create a budget in eu-",
            "MonthlyBudget=0",
        ),
        ("resource", "AWS::SES::ConfigurationSet", "bounces", State::Warning, "to nobody", "Deploy the template"),
        ("destination", "disabled", "bounces", State::Warning, "to nobody", "by hand"),
        ("destination", "bounces alone", "bounces", State::Warning, "to nobody", "by hand"),
        ("notify's", "none", "bounces", State::Warning, "to nobody", "by hand"),
        (
            "suppressed",
            OWNER,
            "recipients",
            State::Problem,
            "mara@studio-lindqvist.example is on SES' suppression list",
            "delete-suppressed-destination",
        ),
        ("sending", "false", "mail", State::Problem, "sends nothing", "Reputation"),
        ("enforcement", "PROBATION", "mail", State::Warning, "on probation", "SES console"),
        ("production", "false", "sandbox", State::Warning, "no visitor", "production access"),
        ("sent", "190", "quota", State::Warning, "190 of 200", "quota"),
        ("identity", "unknown", "sender", State::Problem, "SES knows neither", "DKIM"),
        ("identity", "unverified", "sender", State::Problem, "not verified", "72 hours"),
        ("table", "gone", "table", State::Problem, "There is no table", "restore"),
        ("table", "no stream", "stream", State::Problem, "nobody is notified", "by hand"),
        ("table", "keys only", "stream", State::Problem, "KEYS_ONLY", "by hand"),
        ("table", "unprotected", "protection", State::Warning, "deleted by mistake", "by hand"),
        ("backups", "DISABLED", "backups", State::Warning, "no continuous backups", "by hand"),
        ("expiry", "DISABLED", "expiry", State::Problem, "Nothing ever expires", "by hand"),
    ];
    for (what, how, check, state, words, advice) in cases {
        stack.cloud.with(what, how);
        found(&stack.examine().await, check, *state, words, advice);
        stack.cloud.mend();
    }
    assert_eq!(wrong(&stack.examine().await), [""; 0], "all is mended");
}

#[tokio::test]
async fn what_a_region_lacks_is_said() {
    let mut stack = Stack::start("region").await;
    stack.cloud.with("resource", "AWS::Budgets::Budget");
    stack.cloud.with("MonthlyBudget", "0");
    found(&stack.examine().await, "budget", State::Skipped, "as MonthlyBudget=0 says", "");
    stack.cloud.mend();
    let mut aws = stack.environment.aws.expect("credentials");
    aws.region = "ap-east-1".into();
    stack.environment.aws = Ok(aws);
    stack.cloud.with("refuse DescribeStacks", "ValidationError");
    found(
        &stack.examine().await,
        "stack",
        State::Problem,
        "in ap-east-1, where CloudFormation cannot",
        "one of the regions",
    );
}

#[tokio::test]
async fn in_the_sandbox_an_owner_without_a_verified_address_hears_nothing() {
    let stack = Stack::start("sandbox").await;
    stack.cloud.with("production", "false");
    stack.cloud.with("owner", "unknown");
    found(&stack.examine().await, "sandbox", State::Problem, "no email reaches jon@", "verify each address");
}

#[tokio::test]
async fn what_the_dns_lacks_is_told_with_the_record_to_put_there() {
    let stack = Stack::start("dns").await;
    let domain = "mail.studio-lindqvist.example";
    stack.names.remove(&format!("token2._domainkey.{domain}"));
    let findings = stack.examine().await;
    found(
        &findings,
        "dkim",
        State::Problem,
        "1 of 3",
        "token2._domainkey.mail.studio-lindqvist.example -> token2.dkim",
    );

    stack.names.restore();
    stack.names.remove("_dmarc.studio-lindqvist.example");
    found(&stack.examine().await, "dmarc", State::Warning, "no DMARC record", "v=DMARC1; p=none");
    stack.names.restore();
    stack.cloud.with("identity", "address");
    let findings = stack.examine().await;
    found(&findings, "dkim", State::Warning, "signed by SES' domain", "Easy DKIM");
    found(&findings, "dmarc", State::Problem, "asks mail services to reject", "SES sign for");
    stack.cloud.with("identity", "own key");
    found(&stack.examine().await, "dkim", State::Ok, "a key of your own", "");
    stack.cloud.with("identity", "own key unseen");
    found(&stack.examine().await, "dkim", State::Problem, "does not find your own key", "public part");
    stack.cloud.with("identity", "unsigned");
    found(&stack.examine().await, "dkim", State::Warning, "does not sign with them yet", "72 hours");
    stack.cloud.mend();
    stack.names.put("_dmarc.mail.studio-lindqvist.example", "TXT", "v=DMARC1; p=none");
    stack.names.put("_dmarc.mail.studio-lindqvist.example", "TXT", "v=DMARC1; p=reject");
    found(&stack.examine().await, "dmarc", State::Problem, "2 DMARC records", "into one");
    stack.names.restore();

    stack.cloud.with("mail from", "bounce.studio-lindqvist.example");
    found(&stack.examine().await, "spf", State::Problem, "may not send", "include:amazonses.com");
    stack.names.put("bounce.studio-lindqvist.example", "TXT", "v=spf1 include:amazonses.com ~all");
    found(&stack.examine().await, "spf", State::Ok, "may send", "");
    stack.names.put("bounce.studio-lindqvist.example", "TXT", "v=spf1 -all");
    found(&stack.examine().await, "spf", State::Problem, "2 SPF records", "into one");
}

#[tokio::test]
async fn a_domain_above_the_senders_may_be_the_one_that_ses_knows() {
    let stack = Stack::start("above").await;
    stack.cloud.with("identity", "above");
    let findings = stack.examine().await;
    found(&findings, "sender", State::Ok, "verified studio-lindqvist.example", "");
    found(&findings, "dkim", State::Problem, "3 of 3", "token1._domainkey.studio-lindqvist.example -> token1.dkim");
    for number in 1..=3 {
        let name = format!("token{number}._domainkey.studio-lindqvist.example");
        stack.names.put(&name, "CNAME", &format!("token{number}.dkim.amazonses.com"));
    }
    let findings = stack.examine().await;
    assert_eq!(wrong(&findings), [""; 0], "{}", report(&findings));
}

#[tokio::test]
async fn settings_that_were_not_deployed_show_in_the_origins() {
    let mut stack = Stack::start("origins").await;
    let other = sample_with(r#"sites.studio.origins = ["https://shop.example"]"#);
    stack.command.settings = settings(file("origins-new", &other));
    let findings = stack.examine().await;
    found(&findings, "origin", State::Problem, "https://shop.example is refused", "Deploy again");
    found(&findings, "origin", State::Ok, "Other origins are refused", "");
    stack.cloud.with("url", &format!("{}/early", stack.cloud.url));
    let findings = stack.examine().await;
    found(&findings, "clock", State::Problem, "This machine's clock is", "NTP");
    found(&findings, "origin", State::Problem, "may not read", "url and origins");
    found(&findings, "origin", State::Problem, "may not send forms: OPTIONS /contact answers 404", "CorsConfiguration");
    found(&findings, "origin", State::Problem, "Other origins are allowed, too", "CorsConfiguration");
    stack.cloud.with("url", "http://127.0.0.1:9");
    found(&stack.examine().await, "address", State::Problem, "does not answer", "online");
}
