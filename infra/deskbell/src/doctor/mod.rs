//! `deskbell doctor`: looks at everything that usually goes wrong with a deployment, and says what to do about it. On
//! this machine it looks at local mode; with `--stack` at a stack in an AWS account. It changes nothing, but for a test
//! message that it sends and removes if it is asked to.

mod api;
mod aws_error;
#[cfg(feature = "doctor")]
mod before;
mod command;
#[cfg(feature = "doctor")]
mod dns;
mod finding;
mod identity;
mod instance;
mod mail;
mod recipients;
#[cfg(feature = "doctor")]
mod samconfig;
#[cfg(feature = "doctor")]
mod stack;
#[cfg(not(feature = "doctor"))]
#[path = "no_stack.rs"]
mod stack;
mod table;
mod test_message;

use std::error::Error;
use std::io::Write as _;

pub use self::command::{Command, Environment};
pub use self::finding::{Finding, State, has_problem, report};
use self::instance::Instance;
use crate::output;

/// Looks, and prints what was found; fails if something does not work.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let findings = examine(command, &Environment::read(command).await).await;
    let mut output = output::stdout();
    if command.json {
        writeln!(output, "{}", serde_json::to_string_pretty(&findings)?)?;
    } else {
        write!(output, "{}", report(&findings))?;
    }
    if has_problem(&findings) { Err("something does not work".into()) } else { Ok(()) }
}

/// Looks at everything.
pub async fn examine(command: &Command, environment: &Environment) -> Vec<Finding> {
    if command.before { before(command, environment).await } else { Box::pin(running(command, environment)).await }
}

/// Looks at what runs.
async fn running(command: &Command, environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(instance) = Instance::find(command, environment, &mut findings).await else { return findings };
    findings.extend(api::check(&instance).await);
    findings.extend(table::check(&instance).await);
    findings.extend(table::secrets(&instance).await);
    if let Some(stack) = &instance.stack {
        findings.extend(stack.check().await);
    }
    let (mail, sender) = mail::check(&instance).await;
    findings.extend(mail);
    findings.extend(names(&instance, sender, command).await);
    findings.extend(recipients::check(&instance).await);
    if command.send {
        // On the heap: it holds a whole submission.
        findings.extend(Box::pin(test_message::check(&instance, environment.timeout)).await);
    } else {
        findings.push(Finding::skipped("message", "With --send a test message is sent, waited for, and removed."));
    }
    findings
}

/// What a first deployment needs.
#[cfg(feature = "doctor")]
async fn before(command: &Command, environment: &Environment) -> Vec<Finding> {
    Box::pin(before::check(command, environment)).await
}

#[cfg(not(feature = "doctor"))]
#[expect(clippy::unused_async, reason = "as the one that looks")]
async fn before(_: &Command, _: &Environment) -> Vec<Finding> {
    stack::Stack::unseen().into_iter().collect()
}

/// What the DNS says about the sender's domain; on this machine nothing is looked up.
#[cfg(feature = "doctor")]
async fn names(instance: &Instance, sender: Option<mail::Sender>, command: &Command) -> Vec<Finding> {
    match sender {
        Some(sender) if instance.stack.is_some() || command.dns.is_some() => dns::check(&sender, command.dns).await,
        None => vec![Finding::skipped("dns", "Not looked up as long as SES does not know the sender.")],
        _ => vec![Finding::skipped("dns", NOT_LOOKED_UP)],
    }
}

#[cfg(not(feature = "doctor"))]
#[expect(clippy::unused_async, reason = "as the one that looks")]
async fn names(_: &Instance, _: Option<mail::Sender>, _: &Command) -> Vec<Finding> {
    vec![Finding::skipped("dns", NOT_LOOKED_UP)]
}

const NOT_LOOKED_UP: &str = "Not looked up: local mode sends no email.";
