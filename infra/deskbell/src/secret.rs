//! `deskbell secret`: the keys that third parties gave the owner. They go into the table by the environment that the
//! functions have (`DESKBELL_TABLE`, `AWS_REGION`, the credentials, `AWS_ENDPOINT_URL`), and are never shown again.

use std::error::Error;
use std::io::{IsTerminal as _, Read, Write};

use clap::{Args, Subcommand};
use deskbell_functions::app::table_from_env;
use deskbell_functions::config::secret::Secret;
use deskbell_functions::store::Store;

/// The longest secret, in bytes; no known one comes near.
const MAX: u64 = 1_024;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a secret from standard input and keep it. Functions that run use it within five minutes.
    Set {
        /// akismet, turnstile, hcaptcha, recaptcha, or a channel's name: webhook, slack, discord, telegram, slack-sales …
        name: Secret,
        /// For whom.
        #[command(flatten)]
        whose: Whose,
    },
    /// Show which secrets are there. Their values are not shown.
    List {
        /// For whom.
        #[command(flatten)]
        whose: Whose,
    },
}

/// For whom a secret is.
#[derive(Debug, Args)]
pub struct Whose {
    /// The site's id; without it, all sites of the deployment.
    #[arg(long, value_parser = site)]
    pub site: Option<String>,
}

/// Carries a command out on the table that the environment names.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let input = std::io::stdin();
    if matches!(command, Command::Set { .. }) && input.is_terminal() {
        eprintln!("Type or paste the secret, then Enter and Ctrl-D:");
    }
    carry_out(command, &table_from_env()?, input, std::io::stdout()).await
}

/// Carries a command out: a secret comes from `input`, never from the command line, where others on the machine could
/// read it.
pub async fn carry_out(
    command: &Command,
    store: &Store,
    input: impl Read,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    match command {
        Command::Set { name, whose } => {
            let value = typed(input)?;
            name.check(&value)?;
            store.set_named_secret(whose.site.as_deref(), name, &value).await?;
            writeln!(output, "{name} is kept")?;
        }
        Command::List { whose } => {
            for name in store.named_secrets(whose.site.as_deref()).await? {
                writeln!(output, "{name}")?;
            }
        }
    }
    Ok(())
}

fn site(id: &str) -> Result<String, String> {
    let fits = !id.is_empty() && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { Ok(id.into()) } else { Err("a site's id is lower-case letters, digits and dashes".into()) }
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
