//! The template's parameters: whether they fit the settings, each other and the region, and what follows from them.

use deskbell_functions::config::Config;
use deskbell_functions::config::channels::Way;

use super::super::finding::Finding;
use super::super::identity::{domain_of, identities, recipients};
use super::super::samconfig::Samconfig;
use super::super::stack::has_budgets;
use super::plan::Plan;

/// Domains that are nobody's (RFC 2606), as the files have them before they are edited.
const NOBODYS: [&str; 4] = ["example.org", "example.com", "example.net", "example"];

/// Looks at the two files alone.
pub(super) fn check(config: &Config, sam: &Samconfig) -> Vec<Finding> {
    let from = config.mail.from.as_str();
    let mut findings = Vec::new();
    if sam.parameter("MailFrom") != Some(from) {
        let found = format!("The settings send email from {from}, and samconfig.toml allows another sender or none.");
        findings.push(Finding::problem("parameters", found, format!("Write MailFrom = \"{from}\" in samconfig.toml.")));
    }
    if sam.parameter("AlarmMail").is_none() {
        let advice = "Write AlarmMail = \"you@your.domain\" in samconfig.toml.";
        findings.push(Finding::problem("parameters", "Nobody would be told when something does not work.", advice));
    }
    findings.extend(sam.parameter("MailIdentity").filter(|identity| !identities(from).contains(identity)).map(
        |identity| {
            let found = format!("MailIdentity is {identity}, which does not make {from} a sender.");
            Finding::problem(
                "parameters",
                found,
                format!("Write MailIdentity = \"{}\" in samconfig.toml.", domain_of(from)),
            )
        },
    ));
    let mut channels = config.sites.values().flat_map(|site| &site.channels);
    if channels.any(|channel| matches!(channel.way, Way::Sms(_))) && sam.parameter("TextMessages") != Some("on") {
        let advice = "Write TextMessages = \"on\" in samconfig.toml.";
        findings.push(Finding::problem(
            "parameters",
            "The settings send text messages, which the stack would not allow.",
            advice,
        ));
    }
    if sam.parameter("DomainName").is_some() && sam.parameter("CertificateArn").is_none() {
        let advice = "Ask for a public certificate in the Certificate Manager of the same region; it is free.";
        findings.push(Finding::problem("parameters", "DomainName needs a CertificateArn.", advice));
    }
    findings.extend(examples(config, sam));
    if findings.is_empty() {
        findings.push(Finding::ok("parameters", "samconfig.toml allows what the settings need."));
    }
    findings
}

/// Addresses that nobody has, since the files still have the examples.
fn examples(config: &Config, sam: &Samconfig) -> Option<Finding> {
    let is_nobodys = |address: &String| {
        let domain = domain_of(address);
        NOBODYS.iter().any(|nobodys| domain == *nobodys || domain.ends_with(&format!(".{nobodys}")))
    };
    let mut all = recipients(config);
    all.insert(config.mail.from.as_str().to_lowercase());
    all.extend(sam.parameter("AlarmMail").map(str::to_lowercase));
    let examples: Vec<String> = all.into_iter().filter(is_nobodys).collect();
    (!examples.is_empty()).then(|| {
        let found = format!("These addresses are examples, which no email reaches: {}.", examples.join(", "));
        Finding::problem("addresses", found, "Write your own into infra/deskbell.toml and samconfig.toml.")
    })
}

/// Looks at what the region has to do with it.
pub(super) fn of_region(plan: &Plan<'_>) -> Vec<Finding> {
    let region = &plan.aws.region;
    let mut findings = Vec::new();
    let elsewhere = |arn: &&str| arn.split(':').nth(3) != Some(region);
    findings.extend(plan.parameter("CertificateArn").filter(elsewhere).map(|_| {
        let found = format!("The certificate is not in {region}, where API Gateway needs it.");
        Finding::problem("region", found, "Ask for one in that region's Certificate Manager.")
    }));
    if plan.parameter("MonthlyBudget") != Some("0") && !has_budgets(region) {
        findings.push(Finding::warning(
            "budget",
            format!("CloudFormation cannot create a budget in {region}, so nobody would be told of a high bill."),
            "Create one by hand, as infra/README.md says under Regions, then write MonthlyBudget = 0 in samconfig.toml.",
        ));
    }
    findings
}

/// What will be asked, and of whom.
pub(super) fn asked(plan: &Plan<'_>, is_update: bool) -> Vec<Finding> {
    let mut findings = vec![Finding::ok(
        "asked",
        "`sam deploy` lists what it would change, and asks one question: Deploy this changeset? [y/N]",
    )];
    if is_update {
        return findings;
    }
    findings.extend(plan.parameter("AlarmMail").map(|mail| {
        let found = format!("AWS asks {mail} by email to confirm the subscription; without that, no alarm arrives.");
        Finding::ok("asked", found)
    }));
    findings.extend(plan.parameter("DomainName").filter(|_| plan.parameter("HostedZoneId").is_none()).map(|domain| {
        let found =
            format!("{domain} needs a CNAME record in the DNS: to the output DomainTarget, after the deployment.");
        Finding::ok("asked", found)
    }));
    findings
}
