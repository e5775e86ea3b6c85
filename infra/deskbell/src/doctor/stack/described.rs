//! What CloudFormation says about a stack.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Stack as Description, StackResourceSummary, StackStatus};
use deskbell_functions::app::Aws;
use deskbell_functions::config::Config;
use deskbell_functions::config::channels::Way;

use super::super::aws_error::unanswered;
use super::super::finding::Finding;
use super::client::client;

/// The regions in which CloudFormation can create everything that the template holds, but for the budget.
const REGIONS: &str = include_str!("../../../../regions.txt");

/// The template, which names the regions in which CloudFormation can create a budget.
const TEMPLATE: &str = include_str!("../../../../template.yaml");

/// A stack: its parameters, outputs and resources.
pub(in crate::doctor) struct Stack {
    pub(super) aws: Aws,
    /// The endpoint of the SDKs that only the doctor has, if not the public one.
    pub(super) endpoint: Option<String>,
    parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
    resources: Vec<StackResourceSummary>,
}

impl Stack {
    /// Nothing keeps this program from looking.
    pub(in crate::doctor) fn unseen() -> Option<Finding> {
        None
    }

    /// The stack of that name; what is wrong with it goes into `findings`. Where `endpoint` is given, AWS is there.
    pub(in crate::doctor) async fn find(
        name: &str,
        aws: &Aws,
        endpoint: Option<String>,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        let client = client!(aws_sdk_cloudformation, aws, endpoint);
        let described = match client.describe_stacks().stack_name(name).send().await {
            Ok(described) => described.stacks.unwrap_or_default().into_iter().next()?,
            Err(error) => {
                findings.push(missing(name, &aws.region, unanswered("stack", &error)));
                return None;
            }
        };
        findings.push(finished(name, &described));
        let mut listed = client.list_stack_resources().stack_name(name).into_paginator().items().send();
        let mut resources = Vec::new();
        while let Some(resource) = listed.next().await {
            match resource {
                Ok(resource) => resources.push(resource),
                Err(error) => {
                    findings.push(unanswered("stack", &error));
                    return None;
                }
            }
        }
        let parameters = described.parameters.unwrap_or_default().into_iter();
        let parameters = parameters.filter_map(|one| Some((one.parameter_key?, one.parameter_value?))).collect();
        let outputs = described.outputs.unwrap_or_default().into_iter();
        let outputs = outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect();
        let stack = Self { aws: aws.clone(), endpoint, parameters, outputs, resources };
        if ["Url", "Table"].iter().any(|name| stack.output(name).is_none()) {
            let advice = "Name Deskbell's stack, and finish its deployment: `sam deploy` prints its outputs.";
            findings.push(Finding::problem("stack", format!("{name} has no outputs Url and Table."), advice));
        }
        Some(stack)
    }

    /// An output.
    pub(in crate::doctor) fn output(&self, name: &str) -> Option<String> {
        self.outputs.get(name).cloned()
    }

    /// A parameter that it was deployed with.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// What AWS calls the resource that has this name in the template.
    pub(super) fn resource(&self, name: &str) -> Option<&str> {
        let found = self.resources.iter().find(|resource| resource.logical_resource_id() == Some(name));
        found.and_then(StackResourceSummary::physical_resource_id)
    }

    /// What AWS calls its resources of a type.
    pub(super) fn resources(&self, kind: &str) -> impl Iterator<Item = &str> {
        let fits = move |resource: &&StackResourceSummary| resource.resource_type() == Some(kind);
        self.resources.iter().filter(fits).filter_map(|resource| resource.physical_resource_id())
    }

    /// Whether it was deployed with what the settings need.
    pub(in crate::doctor) fn agrees(&self, config: &Config) -> Finding {
        let is_otherwise = |name: &str, wanted: &str| self.parameter(name).is_some_and(|value| value != wanted);
        let from = config.mail.from.as_str();
        if is_otherwise("MailFrom", from) {
            return Finding::problem(
                "parameters",
                format!("The settings send email from {from}, which the stack does not allow."),
                format!("Deploy again with the parameter MailFrom={from}, or change mail.from in the settings."),
            );
        }
        let mut channels = config.sites.values().flat_map(|site| &site.channels);
        if is_otherwise("TextMessages", "on") && channels.any(|channel| matches!(channel.way, Way::Sms(_))) {
            let found = "The settings send text messages, which the stack does not allow.";
            return Finding::problem("parameters", found, "Deploy again with the parameter TextMessages=on.");
        }
        Finding::ok("parameters", "The stack allows what the settings need.")
    }
}

/// Whether CloudFormation can create what the template holds there, but for the budget.
pub(in crate::doctor) fn is_served(region: &str) -> bool {
    REGIONS.lines().any(|served| served == region)
}

/// Whether CloudFormation can create a budget there.
pub(in crate::doctor) fn has_budgets(region: &str) -> bool {
    TEMPLATE.contains(&format!("!Equals [!Ref AWS::Region, {region}]"))
}

/// A stack that does not exist, apart from other refusals.
fn missing(name: &str, region: &str, refused: Finding) -> Finding {
    if !refused.found.contains("does not exist") {
        return refused;
    }
    if !is_served(region) {
        let found = format!("There is no stack {name} in {region}, where CloudFormation cannot set up SES.");
        return Finding::problem("stack", found, "Deploy to one of the regions that infra/README.md names (--region).");
    }
    let found = format!("There is no stack {name} in {region}.");
    Finding::problem("stack", found, "Check its name and its region (--region); `sam deploy` prints both.")
}

fn finished(name: &str, stack: &Description) -> Finding {
    let status = stack.stack_status().map_or("UNKNOWN", StackStatus::as_str);
    if ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"].contains(&status) {
        return Finding::ok("stack", format!("{name}: {status}."));
    }
    if status == "UPDATE_ROLLBACK_COMPLETE" {
        let found = format!("{name}: the last deployment failed; the one before it is running.");
        return Finding::warning("stack", found, "Read why in the stack's events, then deploy again.");
    }
    if status.ends_with("IN_PROGRESS") {
        return Finding::warning("stack", format!("{name}: {status}."), "Wait until it is done, then try again.");
    }
    let reason = stack.stack_status_reason().unwrap_or("no reason is given");
    let advice =
        "Read the stack's events in the CloudFormation console, fix what the first failure names, deploy again.";
    Finding::problem("stack", format!("{name}: {status} ({reason})."), advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_region_lacks_is_known() {
        let known = ["eu-central-1", "eu-north-1", "ap-east-1"].map(|region| (is_served(region), has_budgets(region)));
        assert_eq!(known, [(true, true), (true, false), (false, false)]);
        assert_eq!(REGIONS.lines().filter(|region| has_budgets(region)).count(), 15);
    }
}
