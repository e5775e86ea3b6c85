//! `deskbell export`, of a person or of everything, and `deskbell import`.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use deskbell_functions::form::Email;

use super::export::export;
use super::import::{Imported, import};
use crate::connect::{Deployment, Target};
use crate::data_subject::{self, Person, email};
use crate::output;

/// What to export.
#[derive(Debug, Args)]
pub struct Export {
    /// The deployment.
    #[command(flatten)]
    pub deployment: Deployment,
    /// Everything stored about the person with this address, as JSON on standard output
    #[arg(long, value_parser = email, required_unless_present = "all")]
    pub email: Option<Email>,
    /// Everything, to move to another table; includes the deployment's secret and third-party keys
    #[arg(long, requires = "output", conflicts_with_all = ["email", "config", "file"])]
    pub all: bool,
    /// The file for --all, readable by you alone; an interrupted export is resumed
    #[arg(long, value_name = "FILE", requires = "all")]
    pub output: Option<PathBuf>,
    /// One site, by its id in the settings [default: all]
    #[arg(long)]
    pub site: Option<String>,
}

/// What to import.
#[derive(Debug, Args)]
pub struct Import {
    /// A file written by `deskbell export --all`
    pub file: PathBuf,
    /// Replace the table's secret with the file's; deploy again afterwards
    #[arg(long)]
    pub replace_secret: bool,
    /// The deployment.
    #[command(flatten)]
    pub target: Target,
}

/// Exports what is stored about a person, or all of a deployment's table.
pub async fn run_export(command: Export) -> Result<(), Box<dyn Error>> {
    let Export { deployment, email, all: _, output: path, site } = command;
    let mut output = output::stdout();
    if let Some(email) = email {
        let app = deployment.app().await?;
        return data_subject::write_export(&Person { email, site }, &app, output).await;
    }
    let path = path.ok_or("--output FILE is missing")?;
    let done = export(&deployment.target.store().await?, &path, site.as_deref()).await?;
    let resumed = if done.resumed { " (resumed)" } else { "" };
    let noun = if done.items == 1 { "item" } else { "items" };
    writeln!(output, "Exported {} {noun} to {}{resumed}.", done.items, path.display())?;
    writeln!(output, "The file holds the deployment's secret, third-party keys and everything that people sent.")?;
    writeln!(output, "Keep it safe, and delete it after the import. Everybody will have to sign in again.")?;
    Ok(())
}

/// Imports a file into a deployment's table.
pub async fn run_import(command: &Import) -> Result<(), Box<dyn Error>> {
    let done = import(&command.target.store().await?, &command.file, command.replace_secret).await?;
    Ok(write_imported(&done, output::stdout())?)
}

fn write_imported(done: &Imported, mut output: impl Write) -> std::io::Result<()> {
    let resumed = if done.resumed { " (resumed)" } else { "" };
    writeln!(output, "Imported {} items{resumed}; {} were already there.", done.new, done.same)?;
    if !done.other.is_empty() {
        let kinds: Vec<String> = done.other.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        writeln!(output, "Left as they were, since they have changed in the table: {}.", kinds.join(", "))?;
    }
    Ok(())
}
