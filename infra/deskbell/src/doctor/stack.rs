//! A stack in an AWS account: what CloudFormation made, whether the stream starts `notify`, what was given up, and whether
//! anybody hears of trouble.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::{Stack as Described, StackResourceSummary, StackStatus};
use aws_sdk_lambda as lambda;
use aws_sdk_sesv2::types::EventType;
use aws_sdk_sqs::types::QueueAttributeName;
use deskbell_functions::app::Aws;
use deskbell_functions::config::Config;
use deskbell_functions::config::channels::Way;

use super::finding::Finding;
use super::trouble::unanswered;

/// A stack: what it says about itself, and what it is made of.
pub(super) struct Stack {
    aws: Aws,
    endpoint: Option<String>,
    parameters: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
    resources: Vec<StackResourceSummary>,
}

/// A client of another SDK, with what all of them need.
macro_rules! client {
    ($sdk:ident, $aws:expr, $endpoint:expr) => {{
        let aws: &Aws = $aws;
        let mut config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(aws.region.clone()))
            .credentials_provider(aws.credentials.clone())
            .http_client(aws.http_client());
        config.set_endpoint_url($endpoint.clone());
        $sdk::Client::from_conf(config.build())
    }};
}

impl Stack {
    /// Nothing keeps this program from looking.
    pub(super) fn unseen() -> Option<Finding> {
        None
    }

    /// The stack of that name; what is wrong with it goes into `findings`. Where `endpoint` is given, AWS is there.
    pub(super) async fn find(
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
            let advice = "Name the stack of Deskbell, and finish its deployment: `sam deploy` prints its outputs.";
            findings.push(Finding::problem("stack", format!("{name} has no outputs Url and Table."), advice));
        }
        Some(stack)
    }

    /// What it tells under a name.
    pub(super) fn output(&self, name: &str) -> Option<String> {
        self.outputs.get(name).cloned()
    }

    /// What AWS calls the resource that has this name in the template.
    fn resource(&self, name: &str) -> Option<&str> {
        let found = self.resources.iter().find(|resource| resource.logical_resource_id() == Some(name));
        found.and_then(StackResourceSummary::physical_resource_id)
    }

    /// What AWS calls its resources of a type.
    fn resources(&self, kind: &str) -> impl Iterator<Item = &str> {
        let fits = move |resource: &&StackResourceSummary| resource.resource_type() == Some(kind);
        self.resources.iter().filter(fits).filter_map(|resource| resource.physical_resource_id())
    }

    /// Whether it was deployed with what the settings need.
    pub(super) fn agrees(&self, config: &Config) -> Finding {
        let is_otherwise = |name: &str, wanted: &str| self.parameters.get(name).is_some_and(|value| value != wanted);
        let from = config.mail.from.as_str();
        if is_otherwise("MailFrom", from) {
            return Finding::problem(
                "parameters",
                format!("The settings send letters as {from}, which the stack does not allow."),
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

    /// Looks at what rings, and at who hears if it does not.
    pub(super) async fn check(&self) -> Vec<Finding> {
        vec![self.mapping().await, self.given_up().await, self.alarms().await, self.returned().await]
    }

    /// Whether the stream starts `notify`.
    async fn mapping(&self) -> Finding {
        let Some(id) = self.resources("AWS::Lambda::EventSourceMapping").next() else {
            let found = "Nothing starts notify when something comes in.";
            return Finding::problem("notify", found, "Deploy the template again: the stream's mapping is missing.");
        };
        let client = client!(lambda, &self.aws, self.endpoint);
        match client.get_event_source_mapping().uuid(id).send().await {
            Ok(mapping) => {
                starts(mapping.state().unwrap_or_default(), mapping.last_processing_result().unwrap_or_default())
            }
            Err(error) => unanswered("notify", &error),
        }
    }

    /// How much was given up after all tries.
    async fn given_up(&self) -> Finding {
        let Some(queue) = self.resource("Unrung") else {
            return Finding::skipped("given up", "The stack has no queue for what is given up.");
        };
        let client = client!(aws_sdk_sqs, &self.aws, self.endpoint);
        let number = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = client.get_queue_attributes().queue_url(queue).attribute_names(number.clone()).send().await;
        let attributes = match asked {
            Ok(asked) => asked.attributes.unwrap_or_default(),
            Err(error) => return unanswered("given up", &error),
        };
        match attributes.get(&number).and_then(|waiting| waiting.parse::<u64>().ok()) {
            Some(0) => Finding::ok("given up", "Nothing was given up."),
            Some(waiting) => Finding::problem(
                "given up",
                format!("Given up after all tries: {waiting} of the stream's batches."),
                "Read why in the log of notify, mend that, run `deskbell redrive`, then empty the queue (aws sqs purge-queue).",
            ),
            None => Finding::skipped("given up", "The queue does not tell."),
        }
    }

    /// Whether there are alarms, and anybody hears of them.
    async fn alarms(&self) -> Finding {
        let count = self.resources("AWS::CloudWatch::Alarm").count();
        let Some(topic) = self.resource("Trouble").filter(|_| count > 0) else {
            let advice = "Deploy the template again, with an address in AlarmMail.";
            return Finding::warning("alarms", "Nobody hears when something does not work.", advice);
        };
        match self.is_heard(topic).await {
            Ok(true) => Finding::ok("alarms", format!("{count} alarms are set, and somebody hears of them.")),
            Ok(false) => Finding::problem(
                "alarms",
                format!("{count} alarms are set, and nobody has agreed to hear of them."),
                "Open the link in the letter AWS Notification - Subscription Confirmation that went to AlarmMail; after three \
                 days the link is void: then deploy with another address and back, which sends it again.",
            ),
            Err(finding) => finding,
        }
    }

    /// Whether anybody has agreed to hear what a topic tells.
    async fn is_heard(&self, topic: &str) -> Result<bool, Finding> {
        let listed = self.aws.sns().list_subscriptions_by_topic().topic_arn(topic).send().await;
        let subscriptions = listed.map_err(|error| unanswered("alarms", &error))?.subscriptions.unwrap_or_default();
        // What waits for its confirmation has this word in the place of a name.
        let confirmed = |arn: &str| arn.starts_with("arn:");
        Ok(subscriptions.iter().filter_map(|subscription| subscription.subscription_arn()).any(confirmed))
    }

    /// Whether SES tells `notify` which letters come back, so that dead addresses are not written to for ever.
    async fn returned(&self) -> Finding {
        let advice = "Deploy the template again: somebody has changed the configuration set or its topic by hand.";
        let deaf = Finding::warning("returned", "SES tells nobody which letters come back.", advice);
        let Some(set) = self.resource("ConfigurationSet") else { return deaf };
        let asked = self.aws.ses().get_configuration_set_event_destinations().configuration_set_name(set).send().await;
        let destinations = match asked {
            Ok(asked) => asked.event_destinations.unwrap_or_default(),
            Err(error) => return unanswered("returned", &error),
        };
        let tells = destinations.iter().filter(|destination| {
            let kinds = &destination.matching_event_types;
            destination.enabled && kinds.contains(&EventType::Bounce) && kinds.contains(&EventType::Complaint)
        });
        for topic in tells.filter_map(|destination| destination.sns_destination()) {
            match self.is_heard(topic.topic_arn()).await {
                Ok(true) => return Finding::ok("returned", "SES tells notify which letters come back."),
                Ok(false) => {}
                Err(finding) => return finding,
            }
        }
        deaf
    }
}

/// How the way from the stream to `notify` is, by its state and what came of the last batch.
fn starts(state: &str, last: &str) -> Finding {
    if ["Creating", "Enabling", "Updating"].contains(&state) {
        let found = format!("The stream does not start notify yet: its mapping is {state}.");
        return Finding::warning("notify", found, "Wait a minute, then look again.");
    }
    if !state.eq_ignore_ascii_case("Enabled") {
        return Finding::problem(
            "notify",
            format!("The stream does not start notify: its mapping is {state}."),
            "Enable the trigger of the function notify in the Lambda console; what came in during the last day rings then, \
             what came before that within the hour.",
        );
    }
    if last.starts_with("PROBLEM") {
        let advice = "Read the log of the function notify, and mend what it names; nothing is lost, it is tried again.";
        return Finding::problem("notify", format!("The stream starts notify, which fails: {last}"), advice);
    }
    Finding::ok("notify", "The stream starts notify.")
}

/// There being no such stack is said otherwise than other refusals.
fn missing(name: &str, region: &str, refused: Finding) -> Finding {
    if !refused.found.contains("does not exist") {
        return refused;
    }
    let found = format!("There is no stack {name} in {region}.");
    Finding::problem("stack", found, "Look at its name and its region (--region); `sam deploy` says both.")
}

fn finished(name: &str, stack: &Described) -> Finding {
    let status = stack.stack_status().map_or("UNKNOWN", StackStatus::as_str);
    if ["CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"].contains(&status) {
        return Finding::ok("stack", format!("{name}: {status}."));
    }
    if status == "UPDATE_ROLLBACK_COMPLETE" {
        let found = format!("{name}: the last deployment failed, and what was before it runs.");
        return Finding::warning("stack", found, "Read why in the stack's events, then deploy again.");
    }
    if status.ends_with("IN_PROGRESS") {
        return Finding::warning("stack", format!("{name}: {status}."), "Wait until it is done, then look again.");
    }
    let reason = stack.stack_status_reason().unwrap_or("no reason is given");
    let advice =
        "Read the stack's events in the CloudFormation console, mend what the first failure names, deploy again.";
    Finding::problem("stack", format!("{name}: {status} ({reason})."), advice)
}
