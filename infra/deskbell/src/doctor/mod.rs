//! `deskbell doctor`: looks at everything that usually goes wrong with a deployment, and says what to do about it. On this
//! machine it looks at local mode; with `--stack` at a stack in an AWS account. It changes nothing, but for a test message
//! that it sends and removes if it is asked to.

mod api;
#[cfg(feature = "doctor")]
mod dns;
mod finding;
mod http;
mod lead;
mod mail;
mod people;
mod place;
#[cfg(feature = "doctor")]
mod stack;
#[cfg(not(feature = "doctor"))]
#[path = "no_stack.rs"]
mod stack;
mod table;
mod trouble;

use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use deskbell_functions::app::{Aws, StartError, aws_from_env};
use url::Url;

pub use self::finding::{Finding, State, is_ill, report};
use self::place::Place;

/// How long the test message may take to ring: the function starts first, and what was before it in the stream rings first.
const PATIENCE: Duration = Duration::from_secs(90);

/// What to look at.
#[derive(Debug, Clone, Args)]
pub struct Asked {
    /// The stack's name; without it, local mode.
    #[arg(long, value_name = "NAME")]
    pub stack: Option<String>,
    /// The stack's region; without it, that of `AWS_REGION`.
    #[arg(long)]
    pub region: Option<String>,
    /// Where local mode runs.
    #[arg(long, value_name = "ADDRESS", default_value = "http://127.0.0.1:8787", conflicts_with = "stack")]
    pub local: Url,
    /// The settings that were deployed with the stack.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    pub config: PathBuf,
    /// Send a message through each site's contact form, as a visitor would: it rings on all channels, and is removed.
    #[arg(long)]
    pub send: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The name server to ask, as 9.9.9.9:53; without it, those that this machine asks.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub dns: Option<SocketAddr>,
}

/// Looks, and prints what was found; fails if something does not work.
pub async fn run(asked: &Asked) -> Result<(), Box<dyn Error>> {
    let findings = examine(asked, &Around::from_env(asked)).await;
    if asked.json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        print!("{}", report(&findings));
    }
    if is_ill(&findings) { Err("something does not work".into()) } else { Ok(()) }
}

/// What the environment says, as the functions read it.
#[derive(Debug)]
pub struct Around {
    /// Where AWS is and who is asking.
    pub aws: Result<Aws, StartError>,
    /// Where those services of AWS are that only this program asks, if not in the cloud.
    pub endpoint: Option<String>,
    /// How long the test message may take to ring.
    pub patience: Duration,
}

impl Around {
    fn from_env(asked: &Asked) -> Self {
        let endpoint = std::env::var("AWS_ENDPOINT_URL").ok();
        Self { aws: aws_from_env(asked.region.as_deref()), endpoint, patience: PATIENCE }
    }
}

/// Looks at everything.
pub async fn examine(asked: &Asked, around: &Around) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(place) = Place::find(asked, around, &mut findings).await else { return findings };
    findings.extend(api::check(&place).await);
    findings.extend(table::check(&place).await);
    findings.extend(table::secrets(&place).await);
    if let Some(stack) = &place.stack {
        findings.extend(stack.check().await);
    }
    let (mail, sender) = mail::check(&place).await;
    findings.extend(mail);
    findings.extend(names(&place, sender, asked).await);
    findings.extend(people::check(&place).await);
    if asked.send {
        findings.extend(lead::check(&place, around.patience).await);
    } else {
        findings.push(Finding::skipped("lead", "With --send a test message is sent, waited for, and removed."));
    }
    findings
}

/// What the DNS says of the sender's domain, which on this machine nobody asks.
#[cfg(feature = "doctor")]
async fn names(place: &Place, sender: Option<mail::Sender>, asked: &Asked) -> Vec<Finding> {
    match sender {
        Some(sender) if place.stack.is_some() || asked.dns.is_some() => dns::check(&sender, asked.dns).await,
        None => vec![Finding::skipped("dns", "It is not looked up as long as SES does not know the sender.")],
        _ => vec![Finding::skipped("dns", "It is not looked up: local mode's letters go nowhere.")],
    }
}

#[cfg(not(feature = "doctor"))]
#[expect(clippy::unused_async, reason = "as the one that looks")]
async fn names(_: &Place, _: Option<mail::Sender>, _: &Asked) -> Vec<Finding> {
    vec![Finding::skipped("dns", "It is not looked up: local mode's letters go nowhere.")]
}
