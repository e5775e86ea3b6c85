//! Alarms: few enough to be free, and each is heard and says what to do.

use std::collections::BTreeSet;

use serde_json::Value;

use super::stack::{FULL, Resource, Stack, text};

/// How many metrics with alarms are free.
const FREE: usize = 10;

/// How many metrics a dashboard may show for nothing.
const SHOWN: usize = 50;

/// The metrics that an alarm looks at.
fn metrics(alarm: &Resource) -> Vec<String> {
    let one = |metric: &Value| format!("{} {} {}", metric["Namespace"], metric["MetricName"], metric["Dimensions"]);
    match alarm.properties["Metrics"].as_array() {
        Some(several) => several.iter().filter_map(|metric| metric.pointer("/MetricStat/Metric")).map(one).collect(),
        None => vec![one(&alarm.properties)],
    }
}

#[tokio::test]
async fn there_are_no_more_alarms_than_are_free() {
    let Some(stacks) = Stack::both("infra::template::alarms::there_are_no_more_alarms_than_are_free").await else {
        return;
    };
    for stack in stacks {
        let alarms = stack.of_kind("AWS::CloudWatch::Alarm");
        let watched: Vec<String> = alarms.iter().flat_map(metrics).collect();
        assert!(watched.len() <= FREE, "{watched:#?}");
        assert_eq!(watched.iter().collect::<BTreeSet<_>>().len(), watched.len(), "one is watched twice: {watched:#?}");
    }
}

#[tokio::test]
async fn each_alarm_is_heard_and_says_what_to_do() {
    let Some(stacks) = Stack::both("infra::template::alarms::each_alarm_is_heard_and_says_what_to_do").await else {
        return;
    };
    for stack in stacks {
        let topics = stack.of_kind("AWS::SNS::Topic");
        let subscriptions = stack.of_kind("AWS::SNS::Subscription");
        let heard = subscriptions.iter().filter(|one| one.text("/Protocol") == "email");
        let heard: Vec<String> = heard.map(|one| one.text("/TopicArn")).collect();
        assert!(!topics.is_empty() && heard.len() == 1, "{heard:?}");
        for alarm in stack.of_kind("AWS::CloudWatch::Alarm") {
            let actions: Vec<String> =
                alarm.properties["AlarmActions"].as_array().into_iter().flatten().map(text).collect();
            assert_eq!(actions, heard, "{}", alarm.name);
            assert!(alarm.text("/AlarmDescription").len() > 80, "{} says too little", alarm.name);
            // What stops does not say so.
            let missing = if alarm.name == "ScheduleAlarm" { "breaching" } else { "notBreaching" };
            assert_eq!(alarm.text("/TreatMissingData"), missing, "{}", alarm.name);
            assert_ne!(alarm.text("/ActionsEnabled"), "false", "{}", alarm.name);
        }
    }
}

#[tokio::test]
async fn what_can_go_wrong_has_an_alarm() {
    let Some([stack, _]) = Stack::both("infra::template::alarms::what_can_go_wrong_has_an_alarm").await else { return };
    let alarms = stack.of_kind("AWS::CloudWatch::Alarm");
    let watched: Vec<String> = alarms.iter().flat_map(metrics).map(|metric| metric.replace('"', "")).collect();
    for wanted in [
        "AWS/SQS NumberOfMessagesSent [{Name:QueueName,Value:DeadLetters.QueueName}]",
        "AWS/Lambda IteratorAge [{Name:FunctionName,Value:NotifyFunction}]",
        "AWS/Lambda Errors [{Name:FunctionName,Value:NotifyFunction}]",
        "AWS/ApiGateway 5xx [{Name:ApiId,Value:Api}]",
        "Deskbell Throttled-notifier null",
        "AWS/Scheduler InvocationAttemptCount [{Name:ScheduleGroup,Value:Schedules}]",
        "Deskbell DeliveriesFailed [{Name:Table,Value:deskbell}]",
        "Deskbell Unstored [{Name:Table,Value:deskbell}]",
        "AWS/SES Reputation.BounceRate null",
        "AWS/SES Reputation.ComplaintRate null",
    ] {
        assert!(watched.iter().any(|metric| metric == wanted), "{wanted} is not in {watched:#?}");
    }
}

#[tokio::test]
async fn the_dashboard_is_json_that_shows_what_is_in_the_stack() {
    let test = "infra::template::alarms::the_dashboard_is_json_that_shows_what_is_in_the_stack";
    let Some([bare, full]) = Stack::both(test).await else { return };
    assert!(bare.of_kind("AWS::CloudWatch::Dashboard").is_empty());
    let dashboard = full.of_kind("AWS::CloudWatch::Dashboard").pop().expect("a dashboard");
    let body: Value = serde_json::from_str(&dashboard.text("/DashboardBody")).expect("JSON");
    let widgets = body["widgets"].as_array().expect("widgets");
    let shown = widgets.iter().filter_map(|widget| widget["properties"]["metrics"].as_array());
    let shown = shown.map(Vec::len).sum::<usize>();
    assert!((1..=SHOWN).contains(&shown), "{shown}");
    assert!(widgets.iter().all(|widget| widget["properties"]["region"] == "eu-central-1"));
    assert!(full.outputs()["DashboardUrl"].ends_with(&format!("/{}", dashboard.name)));
}

/// What an expression gives for a metric that was never published is written nowhere.
#[tokio::test]
async fn each_alarm_looks_at_one_metric_and_at_no_expression() {
    let test = "infra::template::alarms::each_alarm_looks_at_one_metric_and_at_no_expression";
    let Some(stacks) = Stack::both(test).await else { return };
    for alarm in stacks.iter().flat_map(|stack| stack.of_kind("AWS::CloudWatch::Alarm")) {
        assert!(alarm.properties["MetricName"].is_string(), "{}", alarm.name);
    }
}

/// CloudFormation refuses a template with a budget in half of the regions that have SES.
#[tokio::test]
async fn a_budget_is_created_only_where_cloudformation_can() {
    let test = "infra::template::alarms::a_budget_is_created_only_where_cloudformation_can";
    let readme = include_str!("../../../infra/README.md");
    let regions: Vec<&str> = include_str!("../../../infra/regions.txt").lines().collect();
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for region in &regions {
        let Some(stack) = Stack::with(&[FULL, &[("AWS::Region", region)]].concat(), test).await else { return };
        let budgets = stack.of_kind("AWS::Budgets::Budget").len();
        if budgets == 1 { &mut with } else { &mut without }.push(*region);
    }
    assert!(with.contains(&"eu-central-1") && without.contains(&"eu-north-1"), "{with:?} {without:?}");
    for regions in [with, without] {
        let named = regions.iter().map(|region| format!("`{region}`")).collect::<Vec<_>>().join(", ");
        assert!(readme.replace('\n', " ").contains(&named), "the README does not name {named}");
    }
    let ci = include_str!("../../../.ci/run");
    assert!(ci.contains("cfn-lint -r $(cat infra/regions.txt) -- infra/template.yaml"), "looked at in all of them");
}

#[tokio::test]
async fn a_budget_warns_by_mail() {
    let Some([bare, full]) = Stack::both("infra::template::alarms::a_budget_warns_by_mail").await else { return };
    assert!(bare.of_kind("AWS::Budgets::Budget").is_empty(), "0 for none");
    let budget = full.of_kind("AWS::Budgets::Budget").pop().expect("a budget");
    assert_eq!((budget.number("/Budget/BudgetLimit/Amount"), budget.text("/Budget/TimeUnit")), (5, "MONTHLY".into()));
    let warnings = budget.properties["NotificationsWithSubscribers"].as_array().expect("warnings");
    let kinds: Vec<&Value> = warnings.iter().map(|warning| &warning["Notification"]["NotificationType"]).collect();
    assert_eq!(kinds, ["FORECASTED", "ACTUAL"]);
    assert!(warnings.iter().all(|warning| warning["Subscribers"][0]["Address"] == "dev@example.org"));
}

#[tokio::test]
async fn what_the_api_refuses_by_itself_is_counted_and_every_schedule_is_in_the_group_that_is_watched() {
    let test = "infra::template::alarms::what_the_api_refuses_by_itself_is_counted_and_every_schedule_is_in_the_group_that_is_watched";
    let Some([stack, _]) = Stack::both(test).await else { return };
    let filter = stack.of_kind("AWS::Logs::MetricFilter").pop().expect("a filter");
    assert_eq!(filter.text("/FilterPattern"), r#"{ ($.status = "429") && ($.function = "-") }"#);
    let stage = stack.of_kind("AWS::ApiGatewayV2::Stage").pop().expect("a stage");
    let line: Value = serde_json::from_str(&stage.text("/AccessLogSettings/Format")).expect("JSON");
    assert_eq!(
        (&line["status"], &line["function"]),
        (&"$context.status".into(), &"$context.integration.requestId".into())
    );
    let log = filter.text("/LogGroupName");
    assert!(stage.text("/AccessLogSettings/DestinationArn").contains(&log), "{log}");
    let counted = &filter.properties["MetricTransformations"][0];
    let alarm = stack.of_kind("AWS::CloudWatch::Alarm").into_iter().find(|alarm| alarm.name == "ThrottleAlarm");
    let alarm = alarm.expect("an alarm");
    for (of_filter, of_alarm) in [("MetricNamespace", "Namespace"), ("MetricName", "MetricName")] {
        assert_eq!(counted[of_filter], alarm.properties[of_alarm]);
    }
    let groups: Vec<String> =
        stack.of_kind("AWS::Scheduler::Schedule").iter().map(|one| one.text("/GroupName")).collect();
    assert!(!groups.is_empty() && groups.iter().all(|group| *group == "Schedules"), "{groups:?}");
}
