//! The DNS records of the sender's domain: DKIM, SPF and DMARC, by which mail services tell its email from forged
//! email.

use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

use super::finding::Finding;
use super::mail::Sender;

/// What says that SES may send, in an SPF record.
const ALLOWS: &str = "include:amazonses.com";

/// The DNS, as this machine or one server knows it.
struct Names(TokioResolver);

/// Looks the domain up, at a server or where this machine looks.
pub(super) async fn check(sender: &Sender, server: Option<SocketAddr>) -> Vec<Finding> {
    let names = match Names::at(server) {
        Ok(names) => names,
        Err(error) => return vec![Finding::skipped("dns", format!("This machine has no DNS server: {error}"))],
    };
    let looked = async || {
        let dkim = dkim(&names, sender).await?;
        let spf = spf(&names, sender).await?;
        Ok::<_, NetError>(vec![dkim, spf, dmarc(&names, sender).await?])
    };
    looked().await.unwrap_or_else(|error| {
        let found = format!("No answer from the DNS: {error}");
        vec![Finding::warning("dns", found, "Check that this machine is online; --dns ADDRESS:53 asks another server.")]
    })
}

impl Names {
    fn at(server: Option<SocketAddr>) -> Result<Self, NetError> {
        let Some(server) = server else { return Ok(Self(TokioResolver::builder_tokio()?.build()?)) };
        let mut config = NameServerConfig::udp_and_tcp(server.ip());
        for connection in &mut config.connections {
            connection.port = server.port();
        }
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![config]);
        Ok(Self(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).build()?))
    }

    async fn records(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, NetError> {
        match self.0.lookup(format!("{name}."), kind).await {
            Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
            Err(error) if error.is_no_records_found() || error.is_nx_domain() => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// The texts at a name that begin with a mark.
    async fn texts(&self, name: &str, mark: &str) -> Result<Vec<String>, NetError> {
        let records = self.records(name, RecordType::TXT).await?;
        let texts = records.iter().filter_map(|record| match record {
            RData::TXT(text) => {
                Some(text.txt_data.iter().map(|part| String::from_utf8_lossy(part)).collect::<String>())
            }
            _ => None,
        });
        Ok(texts.filter(|text| text.to_ascii_lowercase().starts_with(mark)).collect())
    }

    /// Whether a name is an alias (CNAME) of another.
    async fn is_alias(&self, name: &str, to: &str) -> Result<bool, NetError> {
        let records = self.records(name, RecordType::CNAME).await?;
        let is_there = |record: &RData| match record {
            RData::CNAME(target) => target.0.to_utf8().trim_end_matches('.').eq_ignore_ascii_case(to),
            _ => false,
        };
        Ok(records.iter().any(is_there))
    }
}

async fn dkim(names: &Names, sender: &Sender) -> Result<Finding, NetError> {
    let domain = &sender.signer;
    if sender.own_key {
        return Ok(own_key(sender));
    }
    if sender.tokens.is_empty() {
        return Ok(Finding::warning(
            "dkim",
            format!("Emails are signed by SES' domain, not by {domain}; some services take them for spam."),
            format!("Create the identity {domain} (the domain, not an address) in the SES console, with Easy DKIM."),
        ));
    }
    let mut missing = Vec::new();
    for token in &sender.tokens {
        let (name, target) = (format!("{token}._domainkey.{domain}"), format!("{token}.{}", sender.keys));
        if !names.is_alias(&name, &target).await? {
            missing.push(format!("CNAME {name} -> {target}"));
        }
    }
    Ok(match missing.as_slice() {
        [] if sender.signs => Finding::ok("dkim", format!("Emails are signed by {domain}.")),
        [] => Finding::warning(
            "dkim",
            "The records exist, but SES does not sign with them yet.",
            "Wait: SES checks for up to 72 hours. Then check in the SES console that DKIM signatures are enabled.",
        ),
        missing => Finding::problem(
            "dkim",
            format!("{} of {} records are missing.", missing.len(), sender.tokens.len()),
            format!("Add to the DNS of {domain}: {}", missing.join("; ")),
        ),
    })
}

/// A key that the owner made is found by SES; its record is the owner's affair.
fn own_key(sender: &Sender) -> Finding {
    let domain = &sender.signer;
    if sender.signs {
        return Finding::ok("dkim", format!("Emails are signed by {domain}, with a key of your own."));
    }
    Finding::problem(
        "dkim",
        format!("SES does not find your own key for {domain}, so it does not sign."),
        format!("Add its public part to the DNS, or choose Easy DKIM for {domain} in the SES console."),
    )
}

/// SPF counts for the domain that bounces go to: SES' own, unless the owner has set one.
async fn spf(names: &Names, sender: &Sender) -> Result<Finding, NetError> {
    let domain = sender.mail_from.as_deref().unwrap_or(&sender.domain);
    let records = names.texts(domain, "v=spf1").await?;
    Ok(match (records.as_slice(), &sender.mail_from) {
        ([_, _, ..], _) => Finding::problem(
            "spf",
            format!("{domain} has {} SPF records, so none counts.", records.len()),
            "Merge them into one.",
        ),
        ([record], Some(_)) if record.contains(ALLOWS) => {
            Finding::ok("spf", format!("SES may send for {domain}, which bounces go to."))
        }
        (_, Some(_)) => Finding::problem(
            "spf",
            format!("SES may not send for {domain}, which bounces go to."),
            format!("Add to the DNS: TXT {domain} \"v=spf1 {ALLOWS} ~all\", or add {ALLOWS} to the record."),
        ),
        (_, None) => Finding::ok("spf", "Bounces go to SES' own domain, which has its own SPF record."),
    })
}

/// DMARC's record stands at the domain itself, or at one that it is below.
async fn dmarc(names: &Names, sender: &Sender) -> Result<Finding, NetError> {
    let mut domain = sender.domain.as_str();
    loop {
        let records = names.texts(&format!("_dmarc.{domain}"), "v=dmarc1").await?;
        match records.as_slice() {
            [] => {}
            [record] => return Ok(by_policy(domain, record, sender)),
            several => {
                let found = format!("{domain} has {} DMARC records, so none counts.", several.len());
                return Ok(Finding::problem("dmarc", found, "Merge them into one."));
            }
        }
        domain = match domain.split_once('.') {
            Some((_, above)) if above.contains('.') => above,
            _ => break,
        };
    }
    let domain = &sender.domain;
    Ok(Finding::warning(
        "dmarc",
        format!("{domain} has no DMARC record; large mail services ask for one."),
        format!("Add to the DNS: TXT _dmarc.{domain} \"v=DMARC1; p=none\""),
    ))
}

/// What a DMARC record means for the sender's email: it needs a signature, or a bounce address, of the sender's own
/// domain.
fn by_policy(domain: &str, record: &str, sender: &Sender) -> Finding {
    let tag = |wanted: &str| {
        let mut tags = record.split(';').filter_map(|tag| tag.trim().split_once('='));
        tags.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    // Domains below may have a policy of their own.
    let below = if domain == sender.domain { None } else { tag("sp") };
    let policy = below.or_else(|| tag("p")).unwrap_or("none");
    if sender.signs || sender.mail_from.is_some() || policy == "none" {
        return Finding::ok("dmarc", format!("{domain} has a DMARC record, with the policy {policy}."));
    }
    Finding::problem(
        "dmarc",
        format!("{domain} asks mail services to {policy} email that it has not signed, and yours is not signed."),
        format!("Let SES sign for {} first (see dkim).", sender.domain),
    )
}
