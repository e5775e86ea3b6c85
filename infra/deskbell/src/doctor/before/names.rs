//! Names that the template gives, and that something else in the account may have.

use aws_sdk_cloudcontrol::Client;
use aws_sdk_cloudcontrol::operation::get_resource::GetResourceError;

use super::super::aws_error::unanswered;
use super::super::finding::Finding;
use super::super::stack::client;
use super::plan::Plan;

/// Looks for them. All other names AWS makes up.
pub(super) async fn check(plan: &Plan<'_>) -> Vec<Finding> {
    let client = client!(aws_sdk_cloudcontrol, plan.aws, plan.endpoint);
    let mut findings = Vec::new();
    for (kind, name) in names(plan) {
        findings.extend(taken(&client, kind, &name).await);
    }
    if findings.is_empty() {
        findings.push(Finding::ok("names", "The names of its log groups, schedules and domain are free."));
    }
    findings
}

/// What is named by the stack's name, and the domain.
fn names(plan: &Plan<'_>) -> Vec<(&'static str, String)> {
    let stack = &plan.name;
    let groups = ["contact", "comments", "owner", "notify"].map(|name| format!("/aws/lambda/{stack}-{name}"));
    let groups = groups.into_iter().chain([format!("/aws/vendedlogs/{stack}-api")]);
    let mut names: Vec<_> = groups.map(|name| ("AWS::Logs::LogGroup", name)).collect();
    names.push(("AWS::Scheduler::ScheduleGroup", format!("{stack}-schedules")));
    names.extend(plan.parameter("DomainName").map(|domain| ("AWS::ApiGatewayV2::DomainName", domain.to_owned())));
    names
}

/// What is wrong with a name, if anything is.
async fn taken(client: &Client, kind: &'static str, name: &str) -> Option<Finding> {
    let asked = client.get_resource().type_name(kind).identifier(name).send().await;
    let what = match kind {
        "AWS::Logs::LogGroup" => "log group",
        "AWS::Scheduler::ScheduleGroup" => "schedule group",
        _ => "API Gateway domain",
    };
    match asked {
        Ok(_) => Some(Finding::problem(
            "names",
            format!("There is a {what} {name} already, so the deployment would fail."),
            "Delete it if nothing needs it, or choose another stack_name or DomainName in samconfig.toml.",
        )),
        Err(error) if error.as_service_error().is_some_and(GetResourceError::is_resource_not_found_exception) => None,
        Err(error) => Some(unanswered("names", &error)),
    }
}
