//! Whether the stack's name is free, or in which state the stack of that name is.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::types::{ResourceStatus, StackEvent, StackStatus};

use super::super::aws_error::unanswered;
use super::super::finding::Finding;
use super::super::stack::client;
use super::plan::Plan;

/// What a first deployment that failed leaves behind, and nothing can update.
const FAILED: [&str; 4] = ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"];

/// Looks for a stack of that name; `is_update` says whether `sam deploy` would update it.
pub(super) async fn check(plan: &Plan<'_>, is_update: &mut bool) -> Vec<Finding> {
    let client = client!(aws_sdk_cloudformation, plan.aws, plan.endpoint);
    let (name, region) = (&plan.name, &plan.aws.region);
    let stack = match client.describe_stacks().stack_name(name).send().await {
        Ok(described) => described.stacks.unwrap_or_default().into_iter().next(),
        Err(error) if error.message().is_some_and(|told| told.contains("does not exist")) => None,
        Err(error) => return vec![unanswered("stack", &error)],
    };
    let status = stack.as_ref().and_then(|stack| stack.stack_status()).map_or("", StackStatus::as_str);
    let Some(stack) = stack.as_ref().filter(|_| status != "REVIEW_IN_PROGRESS") else {
        return vec![Finding::ok("stack", format!("The name {name} is free in {region}."))];
    };
    vec![if FAILED.contains(&status) {
        let why = first_failure(&client, name).await.map(|why| format!(" It began with {why}")).unwrap_or_default();
        Finding::problem(
            "stack",
            format!("{name} is left from a deployment that failed ({status}), and cannot be updated.{why}"),
            format!(
                "Fix the cause, delete the stack (sam delete --stack-name {name} --region {region}), deploy again."
            ),
        )
    } else if status.ends_with("IN_PROGRESS") {
        Finding::warning("stack", format!("{name}: {status}."), "Wait until it is done, then look again.")
    } else if stack.outputs().iter().all(|output| output.output_key() != Some("ContactForm")) {
        Finding::problem(
            "stack",
            format!("{name} is the name of another stack in {region}, which a deployment would replace."),
            "Choose another stack_name in samconfig.toml.",
        )
    } else if status == "UPDATE_ROLLBACK_FAILED" {
        let advice =
            "Have CloudFormation continue the rollback (aws cloudformation continue-update-rollback), then deploy.";
        Finding::problem("stack", format!("{name} is stuck in a failed update ({status})."), advice)
    } else {
        *is_update = true;
        let found = format!(
            "{name} is deployed ({status}); `sam deploy` updates it, `cargo doctor --stack {name}` looks at it."
        );
        Finding::ok("stack", found)
    }]
}

/// The first resource that could not be created or deleted, and why; what follows it is only its consequence.
async fn first_failure(client: &Client, name: &str) -> Option<String> {
    let events = client.describe_stack_events().stack_name(name).send().await.ok()?.stack_events.unwrap_or_default();
    let has_failed = |event: &&StackEvent| {
        let reason = event.resource_status_reason().unwrap_or_default();
        let failed = [ResourceStatus::CreateFailed, ResourceStatus::DeleteFailed];
        event.resource_status().is_some_and(|status| failed.contains(status)) && !reason.contains("cancelled")
    };
    // The newest comes first.
    let first = events.iter().rfind(has_failed)?;
    let what = first.logical_resource_id().unwrap_or("the stack");
    Some(format!("{what}: {}", first.resource_status_reason().unwrap_or("no reason is given")))
}
