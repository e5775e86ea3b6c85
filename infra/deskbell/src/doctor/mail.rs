//! Whether Amazon SES sends, to everybody, and as the address that letters come from.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::operation::get_account::GetAccountOutput;
use aws_sdk_sesv2::operation::get_email_identity::{GetEmailIdentityError, GetEmailIdentityOutput};
use aws_sdk_sesv2::types::DkimStatus;

use super::finding::Finding;
use super::place::Place;
use super::trouble::unanswered;

/// The share of a day's letters from which on it is told that they may run out.
const MOST: f64 = 0.8;

/// What SES knows of the sender's domain.
pub(super) struct Sender {
    /// The domain.
    pub(super) domain: String,
    /// Whether letters are signed as the domain's; the address alone may be verified.
    pub(super) signs: bool,
    /// The names below `_domainkey` that lead to SES' keys.
    pub(super) tokens: Vec<String>,
    /// The domain that bounces go to, if it is one of the owner's.
    pub(super) mail_from: Option<String>,
}

/// Looks at the account and the sender; gives what is known of the sender's domain.
pub(super) async fn check(place: &Place) -> (Vec<Finding>, Option<Sender>) {
    let client = place.aws.ses();
    let mut findings = match client.get_account().send().await {
        Ok(account) => {
            let unverified = if account.production_access_enabled { 0 } else { unverified(&client, place).await };
            of_account(&account, unverified)
        }
        Err(error) => vec![unanswered("mail", &error)],
    };
    let (finding, sender) = sender(&client, place).await;
    findings.push(finding);
    (findings, sender)
}

fn of_account(account: &GetAccountOutput, unverified: usize) -> Vec<Finding> {
    let mut findings = vec![may_send(account)];
    if !account.production_access_enabled {
        let ask = "Ask for production access in the SES console (Account dashboard, Request production access); until then, \
                   verify each address that letters go to.";
        findings.push(match unverified {
            0 => Finding::warning("sandbox", "The account is in SES' sandbox: letters reach you, and no visitor.", ask),
            count => Finding::problem(
                "sandbox",
                format!("The account is in SES' sandbox, and {count} of your addresses are not verified: no letter reaches them."),
                ask,
            ),
        });
    }
    findings.extend(account.send_quota().and_then(|quota| {
        let (sent, most) = (quota.sent_last24_hours, quota.max24_hour_send);
        (most > 0.0 && sent > most * MOST).then(|| {
            let found = format!("{sent:.0} of {most:.0} letters of a day are sent.");
            Finding::warning("quota", found, "Ask for a higher sending quota in the SES console.")
        })
    }));
    findings
}

fn may_send(account: &GetAccountOutput) -> Finding {
    let look = "Read in the SES console (Account dashboard, Reputation metrics) what AWS wants, and answer it.";
    match account.enforcement_status() {
        _ if !account.sending_enabled => Finding::problem("mail", "SES sends nothing for this account.", look),
        Some("PROBATION") => Finding::warning("mail", "SES watches this account, and may stop it.", look),
        Some("SHUTDOWN") => Finding::problem("mail", "SES has stopped this account.", look),
        _ => Finding::ok("mail", "SES sends for this account."),
    }
}

/// How many of the people who hear the bell have an address that SES does not know.
async fn unverified(client: &Client, place: &Place) -> usize {
    let mut count = 0;
    for site in place.config.sites.values() {
        let email = site.owner.email.as_str();
        let domain = email.rsplit_once('@').map_or(email, |(_, domain)| domain);
        let known = verified(client, email).await || verified(client, domain).await;
        count += usize::from(!known);
    }
    count
}

async fn verified(client: &Client, identity: &str) -> bool {
    client
        .get_email_identity()
        .email_identity(identity)
        .send()
        .await
        .is_ok_and(|found| found.verified_for_sending_status)
}

/// Whether SES knows the sender: its domain, or the address alone.
async fn sender(client: &Client, place: &Place) -> (Finding, Option<Sender>) {
    let address = place.config.mail.from.as_str();
    let domain = address.rsplit_once('@').map_or(address, |(_, domain)| domain);
    for identity in [domain, address] {
        match client.get_email_identity().email_identity(identity).send().await {
            Ok(found) => {
                let is_domain = identity == domain;
                return (of_identity(identity, &found), Some(of_domain(domain, is_domain, &found)));
            }
            Err(error) if error.as_service_error().is_some_and(GetEmailIdentityError::is_not_found_exception) => {}
            Err(error) => return (unanswered("sender", &error), None),
        }
    }
    let finding = Finding::problem(
        "sender",
        format!("SES knows neither {domain} nor {address}, so it sends no letter."),
        format!(
            "Make the identity {domain} in the SES console, in this region, and put its three DKIM records into the DNS."
        ),
    );
    (finding, None)
}

fn of_identity(identity: &str, found: &GetEmailIdentityOutput) -> Finding {
    if found.verified_for_sending_status {
        return Finding::ok("sender", format!("SES has verified {identity}."));
    }
    let advice = if identity.contains('@') {
        "Open the link in the letter that SES has sent to it."
    } else {
        "Put the identity's DKIM records into the DNS (see dkim), then wait: SES looks for up to 72 hours."
    };
    Finding::problem("sender", format!("SES has not verified {identity} yet, so it sends no letter."), advice)
}

fn of_domain(domain: &str, is_domain: bool, found: &GetEmailIdentityOutput) -> Sender {
    let dkim = found.dkim_attributes();
    let signs =
        is_domain && dkim.is_some_and(|dkim| dkim.signing_enabled && dkim.status() == Some(&DkimStatus::Success));
    let tokens = dkim.map(|dkim| dkim.tokens().to_vec()).unwrap_or_default();
    let mail_from = found.mail_from_attributes().map(|from| from.mail_from_domain().to_owned());
    Sender {
        domain: domain.into(),
        signs,
        tokens: if is_domain { tokens } else { Vec::new() },
        mail_from: mail_from.filter(|from| !from.is_empty()),
    }
}
