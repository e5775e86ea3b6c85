//! Whether SES would send: the sandbox and the way out of it, and who verifies the sender.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::get_email_identity::GetEmailIdentityError;

use super::super::aws_error::unanswered;
use super::super::finding::Finding;
use super::super::identity::{domain_of, identities, unverified};
use super::plan::Plan;

/// Looks at the account and the sender.
pub(super) async fn check(plan: &Plan<'_>, is_update: bool) -> Vec<Finding> {
    let client = plan.aws.ses();
    let account = match client.get_account().send().await {
        Ok(account) => account,
        Err(error) => return vec![unanswered("mail", &error)],
    };
    let mut findings = Vec::new();
    if !account.sending_enabled {
        let advice = "Read in the SES console (Account dashboard) what AWS asks for, and answer.";
        findings.push(Finding::problem("mail", "SES sends nothing for this account.", advice));
    }
    if account.production_access_enabled {
        findings.push(Finding::ok("sandbox", "SES sends to everybody: the account is out of the sandbox."));
    } else {
        findings.extend(sandbox(plan, &unverified(&client, &plan.config).await));
    }
    findings.push(sender(&client, plan, is_update).await);
    findings
}

/// The two ways on from the sandbox: each recipient is verified, or the account leaves it.
fn sandbox(plan: &Plan<'_>, unverified: &[String]) -> Vec<Finding> {
    let region = &plan.aws.region;
    let site = plan.config.sites.values().next().map(|site| site.url.to_string()).unwrap_or_default();
    let leave = format!(
        "Ask for production access; AWS answers within a day: aws sesv2 put-account-details --region {region} \
         --production-access-enabled --mail-type TRANSACTIONAL --contact-language EN --website-url {site} \
         --use-case-description \"Notifications of a contact form to the site's owner\""
    );
    let found = "The account is in SES' sandbox: every recipient must be verified, so no email reaches visitors.";
    let mut findings = vec![Finding::warning("sandbox", found, leave)];
    findings.extend(unverified.iter().map(|email| {
        Finding::problem(
            "sandbox",
            format!("SES has not verified {email}, who would get no email."),
            format!(
                "aws sesv2 create-email-identity --region {region} --email-identity {email}, then open the link in the \
                 email that comes; or leave the sandbox first."
            ),
        )
    }));
    findings
}

/// Whether SES knows the sender, or the stack will have it verified.
async fn sender(client: &Client, plan: &Plan<'_>, is_update: bool) -> Finding {
    let from = plan.config.mail.from.as_str();
    let wanted = plan.parameter("MailIdentity");
    for identity in identities(from) {
        let found = match client.get_email_identity().email_identity(identity).send().await {
            Ok(found) => found,
            Err(error) if error.as_service_error().is_some_and(GetEmailIdentityError::is_not_found_exception) => {
                continue;
            }
            Err(error) => return unanswered("sender", &error),
        };
        if !is_update && wanted == Some(identity) {
            let found =
                format!("SES has {identity} already, so the stack cannot create it, and the deployment would fail.");
            return Finding::problem("sender", found, "Leave MailIdentity empty in samconfig.toml.");
        }
        if found.verified_for_sending_status {
            return Finding::ok("sender", format!("SES has verified {identity}."));
        }
        return Finding::problem("sender", format!("SES has not verified {identity} yet."), how_to_verify(identity));
    }
    match wanted {
        Some(identity) => Finding::ok(
            "sender",
            format!("The stack will have SES verify {identity}; nothing is sent before. {}", how_to_verify(identity)),
        ),
        None => Finding::problem(
            "sender",
            format!("SES knows neither {} nor {from}, so it sends nothing.", domain_of(from)),
            format!("Let the stack ask for it: MailIdentity = \"{}\" in samconfig.toml.", domain_of(from)),
        ),
    }
}

/// What the owner of an identity has to do.
fn how_to_verify(identity: &str) -> String {
    if identity.contains('@') {
        return format!("Open the link in the email that SES sends to {identity}.");
    }
    format!(
        "Add its three CNAME records to the DNS of {identity} (after the deployment: the output MailDomainRecords)."
    )
}
