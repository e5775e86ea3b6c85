//! Whether Amazon SES sends, to everybody, and from the sender's address.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::get_account::GetAccountOutput;
use aws_sdk_sesv2::operation::get_email_identity::{GetEmailIdentityError, GetEmailIdentityOutput};
use aws_sdk_sesv2::types::{DkimSigningAttributesOrigin, DkimStatus};

use super::aws_error::unanswered;
use super::finding::Finding;
use super::identity::{domain_of, identities, unverified};
use super::instance::Instance;

/// The share of the daily quota from which on a warning is given.
const NEARLY_ALL: f64 = 0.8;

/// Where SES keeps its keys, unless it says otherwise.
const KEYS: &str = "dkim.amazonses.com";

/// What SES knows of the sender's domain.
#[cfg_attr(not(feature = "doctor"), expect(dead_code, reason = "read where names are looked up"))]
pub(super) struct Sender {
    /// The domain of the sender's address.
    pub(super) domain: String,
    /// The domain that signs: that one, or one above it.
    pub(super) signer: String,
    /// Whether the domain signs; perhaps only the address is verified.
    pub(super) signs: bool,
    /// The names below `_domainkey` that lead to SES' keys.
    pub(super) tokens: Vec<String>,
    /// Where their records have to lead, below the same names.
    pub(super) keys: String,
    /// Whether the key is one that the owner made.
    pub(super) own_key: bool,
    /// The domain that bounces go to, if it is one of the owner's.
    pub(super) mail_from: Option<String>,
}

/// Looks at the account and the sender; gives what is known of the sender's domain.
pub(super) async fn check(instance: &Instance) -> (Vec<Finding>, Option<Sender>) {
    let client = instance.aws.ses();
    let mut findings = match client.get_account().send().await {
        Ok(account) => {
            let sandbox = !account.production_access_enabled;
            let unverified = if sandbox { unverified(&client, &instance.config).await } else { Vec::new() };
            let mut findings = vec![may_send(instance, &account)];
            findings.extend(sandbox.then(|| in_sandbox(&unverified)));
            findings.extend(running_out(&account));
            findings
        }
        Err(error) => vec![unanswered("mail", &error)],
    };
    let (finding, sender) = sender(&client, instance).await;
    findings.push(finding);
    (findings, sender)
}

fn in_sandbox(unverified: &[String]) -> Finding {
    let ask = "Ask for production access in the SES console (Account dashboard, Request production access); until then, \
               verify each address that you send to.";
    match unverified {
        [] => Finding::warning("sandbox", "The account is in SES' sandbox: email reaches you, but no visitor.", ask),
        some => Finding::problem(
            "sandbox",
            format!("The account is in SES' sandbox, so no email reaches {}, not verified there.", some.join(", ")),
            ask,
        ),
    }
}

fn running_out(account: &GetAccountOutput) -> Option<Finding> {
    let quota = account.send_quota()?;
    let (sent, most) = (quota.sent_last24_hours, quota.max24_hour_send);
    (most > 0.0 && sent > most * NEARLY_ALL).then(|| {
        let found = format!("{sent:.0} of {most:.0} emails of the daily quota are sent.");
        Finding::warning("quota", found, "Ask for a higher sending quota in the SES console.")
    })
}

fn may_send(instance: &Instance, account: &GetAccountOutput) -> Finding {
    let look = "Read in the SES console (Account dashboard, Reputation metrics) what AWS asks for, and answer.";
    match account.enforcement_status() {
        _ if !account.sending_enabled => Finding::problem("mail", "SES sends nothing for this account.", look),
        Some("PROBATION") => Finding::warning("mail", "SES has put this account on probation, and may stop it.", look),
        Some("SHUTDOWN") => Finding::problem("mail", "SES has stopped this account.", look),
        _ if instance.stack.is_none() => Finding::ok("mail", format!("Emails are caught; see {}/_mail.", instance.url)),
        _ => Finding::ok("mail", "SES sends for this account."),
    }
}

/// Whether SES knows the sender: its domain or one above it, or the address alone.
async fn sender(client: &Client, instance: &Instance) -> (Finding, Option<Sender>) {
    let address = instance.config.mail.from.as_str();
    let domain = domain_of(address);
    for identity in identities(address) {
        match client.get_email_identity().email_identity(identity).send().await {
            Ok(found) => {
                return (of_identity(identity, &found), Some(of_domain(domain, identity, &found)));
            }
            Err(error) if error.as_service_error().is_some_and(GetEmailIdentityError::is_not_found_exception) => {}
            Err(error) => return (unanswered("sender", &error), None),
        }
    }
    let finding = Finding::problem(
        "sender",
        format!("SES knows neither {domain} nor {address}, so it sends nothing."),
        format!(
            "Create the identity {domain} in the SES console, in this region, and add its three DKIM records to the DNS."
        ),
    );
    (finding, None)
}

fn of_identity(identity: &str, found: &GetEmailIdentityOutput) -> Finding {
    if found.verified_for_sending_status {
        return Finding::ok("sender", format!("SES has verified {identity}."));
    }
    let advice = if identity.contains('@') {
        "Open the link in the email that SES has sent to it."
    } else {
        "Add the identity's DKIM records to the DNS (see dkim), then wait: SES checks for up to 72 hours."
    };
    Finding::problem("sender", format!("SES has not verified {identity} yet, so it sends nothing."), advice)
}

fn of_domain(domain: &str, identity: &str, found: &GetEmailIdentityOutput) -> Sender {
    let is_domain = !identity.contains('@');
    let dkim = found.dkim_attributes().filter(|_| is_domain);
    let mail_from = found.mail_from_attributes().map(|from| from.mail_from_domain().to_owned());
    Sender {
        domain: domain.into(),
        signer: if is_domain { identity } else { domain }.into(),
        signs: dkim.is_some_and(|dkim| dkim.signing_enabled && dkim.status() == Some(&DkimStatus::Success)),
        tokens: dkim.map(|dkim| dkim.tokens().to_vec()).unwrap_or_default(),
        keys: dkim.and_then(|dkim| dkim.signing_hosted_zone()).unwrap_or(KEYS).into(),
        own_key: dkim.and_then(|dkim| dkim.signing_attributes_origin()) == Some(&DkimSigningAttributesOrigin::External),
        mail_from: mail_from.filter(|from| !from.is_empty()),
    }
}
