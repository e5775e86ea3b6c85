//! `deskbell secret`: the keys that third parties gave the owner. They are kept in the table and never shown again.

use std::error::Error;
use std::io::{IsTerminal as _, Read, Write};

use clap::{Args, Subcommand};
use deskbell_functions::config::secret::Secret;
use deskbell_functions::store::Store;

use crate::connect::Target;
use crate::output;

/// The longest secret, in bytes; no known one comes near.
const MAX: u64 = 1_024;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Store a secret, read from standard input; running functions use it within five minutes
    Set {
        /// akismet, turnstile, hcaptcha, recaptcha, or a channel: webhook, slack, discord, telegram, slack-sales …
        name: Secret,
        /// For which sites.
        #[command(flatten)]
        scope: Scope,
    },
    /// List the names of the secrets that are set; values are never shown
    List {
        /// For which sites.
        #[command(flatten)]
        scope: Scope,
    },
}

/// For which sites a secret is, and of which deployment.
#[derive(Debug, Default, Args)]
pub struct Scope {
    /// One site, by its id [default: all sites of the deployment]
    #[arg(long, value_parser = site)]
    pub site: Option<String>,
    /// The deployment.
    #[command(flatten)]
    pub target: Target,
}

/// Runs the command on the deployment's table.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let (Command::Set { scope, .. } | Command::List { scope }) = command;
    let store = scope.target.store().await?;
    let input = std::io::stdin();
    if matches!(command, Command::Set { .. }) && input.is_terminal() {
        output::say("Type or paste the secret, then press Enter and Ctrl-D:");
    }
    apply(command, &store, input, output::stdout()).await
}

/// Runs a command: a secret comes from `input`, never from the command line, where others on the machine could read it.
pub async fn apply(
    command: &Command,
    store: &Store,
    input: impl Read,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Set { name, scope } => {
            let value = typed(input)?;
            name.check(&value)?;
            store.set_named_secret(scope.site.as_deref(), name, &value).await?;
            writeln!(output, "{name} is stored")?;
        }
        Command::List { scope } => {
            for name in store.named_secrets(scope.site.as_deref()).await? {
                writeln!(output, "{name}")?;
            }
        }
    }
    Ok(())
}

fn site(id: &str) -> Result<String, String> {
    let fits = !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { Ok(id.into()) } else { Err("a site's id has lower-case letters, digits and dashes only".into()) }
}

fn typed(input: impl Read) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    input.take(MAX + 1).read_to_string(&mut text)?;
    let secret = text.trim();
    if secret.is_empty() || secret.chars().any(|c| c.is_whitespace() || c.is_control()) || text.len() as u64 > MAX {
        return Err("the secret must be one word of at most 1,024 bytes on standard input".into());
    }
    Ok(secret.into())
}
