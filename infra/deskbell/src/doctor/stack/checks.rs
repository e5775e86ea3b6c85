//! Whether a stack's parts work: what starts `notify`, what was given up, and whether anybody is told of failures.

use aws_sdk_lambda as lambda;
use aws_sdk_sesv2::types::EventType;
use aws_sdk_sqs::types::QueueAttributeName;

use super::super::aws_error::unanswered;
use super::super::finding::Finding;
use super::client::client;
use super::described::Stack;

impl Stack {
    /// Looks at what notifies the owner, and at who is told if that fails.
    pub(in crate::doctor) async fn check(&self) -> Vec<Finding> {
        vec![self.mapping().await, self.dead_letters().await, self.alarms().await, self.budget(), self.bounces().await]
    }

    /// Whether the stream starts `notify`, for submissions and for links to sign in.
    async fn mapping(&self) -> Finding {
        let client = client!(lambda, &self.aws, self.endpoint);
        let mut found = Vec::new();
        for id in self.resources("AWS::Lambda::EventSourceMapping") {
            found.push(match client.get_event_source_mapping().uuid(id).send().await {
                Ok(mapping) => mapping_state(
                    mapping.state().unwrap_or_default(),
                    mapping.last_processing_result().unwrap_or_default(),
                ),
                Err(error) => unanswered("notify", &error),
            });
        }
        found.into_iter().max_by_key(|one| one.state).unwrap_or_else(|| {
            let found = "Nothing starts notify when a submission is stored.";
            Finding::problem("notify", found, "Deploy the template again: the stream's mapping is missing.")
        })
    }

    /// How many batches of the stream are in the dead-letter queue.
    async fn dead_letters(&self) -> Finding {
        let Some(queue) = self.resource("DeadLetters") else {
            return Finding::skipped("dead letters", "The stack has no dead-letter queue.");
        };
        let client = client!(aws_sdk_sqs, &self.aws, self.endpoint);
        let number = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = client.get_queue_attributes().queue_url(queue).attribute_names(number.clone()).send().await;
        let attributes = match asked {
            Ok(asked) => asked.attributes.unwrap_or_default(),
            Err(error) => return unanswered("dead letters", &error),
        };
        match attributes.get(&number).and_then(|waiting| waiting.parse::<u64>().ok()) {
            Some(0) => Finding::ok("dead letters", "The dead-letter queue is empty."),
            Some(waiting) => Finding::problem(
                "dead letters",
                format!("Batches of the stream that failed every retry: {waiting}."),
                "Read why in the log of notify, fix that, run `deskbell redrive`, then empty the queue (aws sqs purge-queue).",
            ),
            None => Finding::skipped("dead letters", "The queue does not say how many it holds."),
        }
    }

    /// Whether there are alarms, and anybody is told.
    async fn alarms(&self) -> Finding {
        let count = self.resources("AWS::CloudWatch::Alarm").count();
        let Some(topic) = self.resource("AlarmTopic").filter(|_| count > 0) else {
            let advice = "Deploy the template again, with an address in AlarmMail.";
            return Finding::warning("alarms", "Nobody is told when something does not work.", advice);
        };
        match self.has_subscriber(topic).await {
            Ok(true) => Finding::ok("alarms", format!("{count} alarms are set, and somebody is subscribed.")),
            Ok(false) => Finding::problem(
                "alarms",
                format!("{count} alarms are set, but nobody has confirmed the subscription."),
                "Open the link in the email AWS Notification - Subscription Confirmation that went to AlarmMail; it expires after \
                 three days: then deploy with another address and back, which sends it again.",
            ),
            Err(finding) => finding,
        }
    }

    /// Whether anybody is told of a high bill: in some regions CloudFormation cannot create a budget.
    fn budget(&self) -> Finding {
        if self.resources("AWS::Budgets::Budget").next().is_some() {
            return Finding::ok("budget", "A budget watches the account's bill.");
        }
        if self.parameter("MonthlyBudget") == Some("0") {
            return Finding::skipped("budget", "The stack has no budget, as MonthlyBudget=0 says.");
        }
        let region = &self.aws.region;
        Finding::warning(
            "budget",
            format!("CloudFormation cannot create a budget in {region}, so nobody is told of a high bill."),
            "Create one by hand, as infra/README.md says under Regions, then deploy with the parameter MonthlyBudget=0.",
        )
    }

    /// Whether a topic has a confirmed subscription.
    async fn has_subscriber(&self, topic: &str) -> Result<bool, Finding> {
        let listed = self.aws.sns().list_subscriptions_by_topic().topic_arn(topic).send().await;
        let subscriptions = listed.map_err(|error| unanswered("alarms", &error))?.subscriptions.unwrap_or_default();
        // Before it is confirmed, this is a word instead of a name.
        let confirmed = |arn: &str| arn.starts_with("arn:");
        Ok(subscriptions.iter().filter_map(|subscription| subscription.subscription_arn()).any(confirmed))
    }

    /// Whether SES reports bounces and complaints to `notify`, so that dead addresses get no more email.
    async fn bounces(&self) -> Finding {
        let advice = "Deploy the template again: somebody has changed the configuration set or its topic by hand.";
        let unreported = Finding::warning("bounces", "SES reports bounces and complaints to nobody.", advice);
        let Some(set) = self.resource("ConfigurationSet") else { return unreported };
        let asked = self.aws.ses().get_configuration_set_event_destinations().configuration_set_name(set).send().await;
        let destinations = match asked {
            Ok(asked) => asked.event_destinations.unwrap_or_default(),
            Err(error) => return unanswered("bounces", &error),
        };
        let reporting = destinations.iter().filter(|destination| {
            let kinds = &destination.matching_event_types;
            destination.enabled && kinds.contains(&EventType::Bounce) && kinds.contains(&EventType::Complaint)
        });
        for topic in reporting.filter_map(|destination| destination.sns_destination()) {
            match self.has_subscriber(topic.topic_arn()).await {
                Ok(true) => return Finding::ok("bounces", "SES reports bounces and complaints to notify."),
                Ok(false) => {}
                Err(finding) => return finding,
            }
        }
        unreported
    }
}

/// The event source mapping from the stream to `notify`, by its state and the result of the last batch.
fn mapping_state(state: &str, last: &str) -> Finding {
    if ["Creating", "Enabling", "Updating"].contains(&state) {
        let found = format!("The stream does not start notify yet: its mapping is {state}.");
        return Finding::warning("notify", found, "Wait a minute, then try again.");
    }
    if !state.eq_ignore_ascii_case("Enabled") {
        return Finding::problem(
            "notify",
            format!("The stream does not start notify: its mapping is {state}."),
            "Enable the trigger of the function notify in the Lambda console; what came in during the last day is delivered \
             then, what came before that within the hour. Links to sign in have expired: ask for another.",
        );
    }
    if last.starts_with("PROBLEM") {
        let advice = "Read the log of the function notify, and fix what it names; nothing is lost, it retries.";
        return Finding::problem("notify", format!("The stream starts notify, which fails: {last}"), advice);
    }
    Finding::ok("notify", "The stream starts notify.")
}
