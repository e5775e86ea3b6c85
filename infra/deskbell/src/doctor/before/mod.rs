//! Before the first deployment: whether `sam deploy` would succeed, whether email would flow then, and what will be asked
//! meanwhile. It needs no table and no stack, and changes nothing.

mod account;
mod email;
mod names;
mod parameters;
mod plan;
mod stack;

use std::time::Duration;

use self::plan::Plan;
use super::command::{Command, Environment};
use super::finding::{Finding, has_problem};
use super::instance::{unreachable, valid};
use super::samconfig::Samconfig;

/// Looks at what a deployment needs: first at what is in files, then at the account.
pub(super) async fn check(command: &Command, environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    let file = command.settings.path().display().to_string();
    let Some(config) = valid(&file, command.settings.read(), &mut findings) else { return findings };
    let sam = match Samconfig::read(command.samconfig()) {
        Ok(sam) => sam,
        Err(finding) => {
            findings.push(finding);
            return findings;
        }
    };
    let name = command.stack.clone().unwrap_or_else(|| sam.stack_name.clone());
    findings.extend(parameters::check(&config, &sam));
    let aws = match &environment.aws {
        Ok(aws) => aws,
        Err(error) => {
            findings.extend(unreachable(&name, error));
            return findings;
        }
    };
    let plan = Plan { config, sam, name, aws, endpoint: environment.endpoint.clone() };
    let patience = environment.patience;
    let known = within(patience, "account", account::check(&plan, &environment.source)).await;
    let is_reached = !has_problem(&known);
    findings.extend(known);
    findings.extend(parameters::of_region(&plan));
    if is_reached {
        findings.extend(of_account(&plan, patience).await);
    }
    findings
}

/// What is in the account already, and what will be asked.
async fn of_account(plan: &Plan<'_>, patience: Duration) -> Vec<Finding> {
    let mut is_update = false;
    let mut findings = within(patience, "stack", async { stack::check(plan, &mut is_update).await }).await;
    if !is_update {
        findings.extend(within(patience, "names", names::check(plan)).await);
    }
    findings.extend(within(patience, "mail", email::check(plan, is_update)).await);
    findings.extend(parameters::asked(plan, is_update));
    findings
}

/// What a check has found; or that AWS takes too long.
async fn within(patience: Duration, check: &'static str, looking: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    tokio::time::timeout(patience, looking).await.unwrap_or_else(|_| {
        let found = format!("AWS did not answer within {} seconds.", patience.as_secs());
        let advice =
            "Check that this machine is online, whether a proxy is in between, and the name of the region (--region).";
        vec![Finding::problem(check, found, advice)]
    })
}
