//! Who would deploy, and where to.

use super::super::aws_error::unanswered;
use super::super::finding::Finding;
use super::super::stack::{client, is_served};
use super::plan::Plan;

/// Whose credentials these are; `source` says where they were found.
pub(super) async fn check(plan: &Plan<'_>, source: &str) -> Vec<Finding> {
    let sts: aws_sdk_sts::Client = client!(aws_sdk_sts, plan.aws, plan.endpoint);
    let who = match sts.get_caller_identity().send().await {
        Ok(who) => who,
        Err(error) => return vec![unanswered("account", &error)],
    };
    let (account, arn) = (who.account().unwrap_or("?"), who.arn().unwrap_or("?"));
    let region = &plan.aws.region;
    let found = format!("Account {account} in {region}, as {arn}; credentials from {source}.");
    let mut findings = vec![Finding::ok("account", found)];
    if arn.ends_with(":root") {
        findings.push(Finding::warning(
            "account",
            "These are the account's root credentials, which may do everything, and cannot be limited.",
            "Create a user in IAM Identity Center with AdministratorAccess, and sign in as that (see infra/README.md).",
        ));
    }
    if !is_served(region) {
        findings.push(Finding::problem(
            "region",
            format!("CloudFormation cannot set up SES in {region}."),
            "Deploy to one of the regions that infra/README.md names (region in samconfig.toml).",
        ));
    }
    findings
}
