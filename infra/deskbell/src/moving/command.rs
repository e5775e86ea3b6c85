//! What is typed, and what is said.

use std::error::Error;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use deskbell_functions::app::table_from_env;
use deskbell_functions::form::Email;

use super::{Imported, export, import};
use crate::rights::{self, Whose, email};

/// What to write down.
#[derive(Debug, Args)]
pub struct Export {
    /// The e-mail address of the person who asks what is stored; written to standard output.
    #[arg(long, value_parser = email, required_unless_present = "all")]
    pub email: Option<Email>,
    /// Everything instead, for another table: with the deployment's secret and the keys of third parties.
    #[arg(long, requires = "output", conflicts_with_all = ["email", "config"])]
    pub all: bool,
    /// The file for everything; nobody but you can read it. An export that was broken off goes on in it.
    #[arg(long, value_name = "FILE", requires = "all")]
    pub output: Option<PathBuf>,
    /// The site's id; without it, all sites: those that the settings name, or whatever is in the table.
    #[arg(long)]
    pub site: Option<String>,
    /// The settings that name the sites.
    #[arg(long, value_name = "FILE", default_value = "infra/deskbell.toml")]
    pub config: PathBuf,
}

/// What to put into a table.
#[derive(Debug, Args)]
pub struct Import {
    /// What `deskbell export --all` has written.
    pub file: PathBuf,
    /// Put the file's secret in the place of the table's own. Deploy once more afterwards.
    #[arg(long)]
    pub replace_secret: bool,
}

/// Writes down what is stored about a person, or all that is stored in the table that the environment names.
pub async fn run_export(command: Export) -> Result<(), Box<dyn Error>> {
    let Export { email, all: _, output, site, config } = command;
    if let Some(email) = email {
        return rights::export(&Whose { email, site, config }).await;
    }
    let path = output.ok_or("--output FILE is missing")?;
    let done = export(&table_from_env()?, &path, site.as_deref()).await?;
    let resumed = if done.resumed { ", those of the export that was broken off included" } else { "" };
    println!("{} items are in {}{resumed}.", done.items, path.display());
    println!(
        "It holds the deployment's secret, the keys of third parties, and all that people have sent: keep it as you keep"
    );
    println!("those, and delete it once it is imported. Who is signed in has to sign in anew.");
    Ok(())
}

/// Puts a file into the table that the environment names.
pub async fn run_import(command: &Import) -> Result<(), Box<dyn Error>> {
    let done = import(&table_from_env()?, &command.file, command.replace_secret).await?;
    Ok(tell(&done, std::io::stdout())?)
}

fn tell(done: &Imported, mut output: impl Write) -> std::io::Result<()> {
    let resumed = if done.resumed { " since it was broken off" } else { "" };
    writeln!(output, "{} items were put into the table{resumed}; {} were there already.", done.new, done.same)?;
    if !done.other.is_empty() {
        let kinds: Vec<String> = done.other.iter().map(|(kind, count)| format!("{count} of the kind {kind}")).collect();
        let kinds = kinds.join(", ");
        writeln!(output, "Others were there in the place of {kinds}. They were left as they are.")?;
    }
    Ok(())
}
