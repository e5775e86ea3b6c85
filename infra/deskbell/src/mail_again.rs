//! `deskbell mail-again`: an address to which mail came back is written to again. Like `deskbell secret` it finds the table
//! by the environment that the functions have.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use deskbell_functions::app::{App, table_from_env};
use deskbell_functions::config::Config;
use deskbell_functions::form::Email;

/// Which address.
#[derive(Debug, Args)]
pub struct MailAgain {
    /// The address; its mailbox should work again.
    #[arg(long, value_parser = |text: &str| Email::parse(text).ok_or("this is not an e-mail address"))]
    pub email: Email,
    /// The settings that name the sites.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    pub config: PathBuf,
}

/// Carries it out on the table that the environment names.
pub async fn run(command: &MailAgain) -> Result<(), Box<dyn Error>> {
    let path = &command.config;
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let app = App::with(table_from_env()?, Config::parse(&text)?).await?;
    carry_out(&app, &command.email, std::io::stdout()).await
}

/// Has an address written to again, and says what is left to be done.
pub async fn carry_out(app: &App, email: &Email, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    if !app.store.unsuppress(&app.address_hash(email.as_str())).await? {
        writeln!(output, "nothing kept Deskbell from writing to this address")?;
        return Ok(());
    }
    writeln!(output, "Deskbell writes to this address again. SES has a list of its own; take it off that one, too:")?;
    writeln!(output, "  aws sesv2 delete-suppressed-destination --email-address {email}")?;
    writeln!(output, "Then `deskbell redrive` sends what could not be sent meanwhile.")?;
    Ok(())
}
