//! `deskbell unsuppress`: takes an address off the suppression list, on which bounces and complaints put it.

use std::error::Error;
use std::io::Write;

use clap::Args;
use deskbell_functions::app::App;
use deskbell_functions::form::Email;

use crate::connect::Deployment;
use crate::data_subject::email;
use crate::output;

/// Which address.
#[derive(Debug, Args)]
pub struct Command {
    /// The deployment.
    #[command(flatten)]
    pub deployment: Deployment,
    /// The address; its mailbox should work again
    #[arg(long, value_parser = email)]
    pub email: Email,
}

/// Runs the command on the deployment.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    unsuppress(&command.deployment.app().await?, &command.email, output::stdout()).await
}

/// Resumes email to an address, and writes what is left to be done.
pub async fn unsuppress(app: &App, email: &Email, mut output: impl Write) -> Result<(), Box<dyn Error>> {
    if !app.store.unsuppress(&app.address_hash(email.as_str())).await? {
        writeln!(output, "this address is not on the suppression list")?;
        return Ok(());
    }
    writeln!(output, "Removed from Deskbell's suppression list. SES has its own; remove the address there, too:")?;
    writeln!(output, "  aws sesv2 delete-suppressed-destination --email-address {}", email.as_str())?;
    writeln!(output, "Then send what failed meanwhile: deskbell redrive")?;
    Ok(())
}
