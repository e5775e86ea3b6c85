//! `deskbell`: the operator's program.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use deskbell::connect::Deployment;
use deskbell::{
    check, cost, data_subject, dev, digest, doctor, init, output, redrive, score, secret, snippet, stats, transfer,
    unsuppress,
};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Contact forms and comments for static sites
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything on this machine, for a sample site or your own; nothing leaves it
    Dev(dev::Command),
    /// Write a settings file for a site, and print what to paste into its pages
    Init(init::Command),
    /// Print what to paste into a site's pages: comments and a contact form
    Snippet(snippet::Command),
    /// Validate the settings and print what is in effect
    Check(Deployment),
    /// Find out what is wrong with a deployment, and how to fix it
    Doctor(doctor::Command),
    /// Manage the keys of third parties
    #[command(subcommand)]
    Secret(secret::Command),
    /// Retry deliveries that failed for good
    Redrive(redrive::Command),
    /// Resume email to an address that bounced or reported spam
    Unsuppress(unsuppress::Command),
    /// Export what is stored about a person, or everything, to move it to another table
    Export(transfer::Export),
    /// Import what `deskbell export --all` has written
    Import(transfer::Import),
    /// Erase everything that a person has sent; replies of others stay, below a placeholder
    Erase(data_subject::Erase),
    /// Preview the weekly digest; nothing is sent
    Digest(digest::Command),
    /// Estimate the monthly AWS bill
    Cost(cost::Command),
    /// Print daily counts of submissions, verdicts and deliveries
    Stats(stats::Command),
    /// Score texts with the spam filter: JSON lines on standard input, a line for each on standard output
    Score(Score),
}

#[derive(Args)]
struct Score {
    /// Labelled lines to apply first, as if the site's owner had decided them.
    #[arg(long, value_name = "FILE")]
    learn: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Cli::parse().command;
    // What goes wrong inside the functions, which deployed is in their logs. The embedded table warns of every
    // condition that does not hold, and the chain of credentials of every source that has none: normal operation.
    let quiet = ["dynoxide", "aws_config"].map(|target| (target, LevelFilter::ERROR));
    let shown = Targets::new().with_default(LevelFilter::WARN).with_targets(quiet);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).without_time().log_internal_errors(false);
    tracing_subscriber::registry().with(lines).with(shown).init();
    let done = match command {
        Command::Dev(command) => dev::run(command).await,
        Command::Init(command) => init::run(&command, output::stdout()),
        Command::Snippet(command) => snippet::run(&command, output::stdout()),
        Command::Check(deployment) => run_check(&deployment).await,
        Command::Doctor(command) => Box::pin(doctor::run(&command)).await,
        Command::Secret(command) => secret::run(&command).await,
        Command::Redrive(command) => redrive::run(&command).await,
        Command::Unsuppress(command) => unsuppress::run(&command).await,
        Command::Export(command) => transfer::run_export(command).await,
        Command::Import(command) => transfer::run_import(&command).await,
        Command::Erase(command) => data_subject::run_erase(&command).await,
        Command::Digest(command) => Box::pin(digest::run(&command)).await,
        Command::Cost(command) => cost::run(&command),
        Command::Stats(command) => stats::run(&command).await,
        Command::Score(Score { learn }) => {
            score::score(std::io::stdin().lock(), output::stdout(), learn.as_deref()).map_err(Into::into)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(format_args!("deskbell: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Checks the settings; and their secrets, where it is said which table those are in.
async fn run_check(deployment: &Deployment) -> Result<(), Box<dyn Error>> {
    let (path, text) = deployment.settings_text().await?;
    let store = async || deployment.target.store().await.map_err(Into::into);
    check::check(&path, &text, deployment.target.is_named().then_some(store), output::stdout()).await
}
