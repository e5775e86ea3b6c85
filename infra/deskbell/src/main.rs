//! `deskbell`: the operator's program.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use deskbell::local::{Options, SAMPLE, Table, World, WorldError};
use deskbell::{check, cost, digest, doctor, filter, mail_again, moving, redrive, rights, secret, stats};
use deskbell_functions::platform::outgoing::Services;

/// Contact requests and comments for static sites.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the sample site and all of Deskbell on this machine. Nothing leaves it.
    Dev(Dev),
    /// Read a configuration, and tell what is wrong with it or what is in force by it.
    Check(check::Command),
    /// Look at everything that usually goes wrong with a deployment, and say what to do about it.
    Doctor(doctor::Asked),
    /// Keep the keys that third parties gave you, in the table of the deployment.
    #[command(subcommand)]
    Secret(secret::Command),
    /// Send again what could not be delivered to the owner.
    Redrive(redrive::Redrive),
    /// Write again to an address to which mail came back, or whose holder called a letter spam.
    MailAgain(mail_again::MailAgain),
    /// Write down what is stored: about a person, as JSON, or all of it, to move it to another table.
    Export(moving::Export),
    /// Put into a table what `deskbell export --all` has written.
    Import(moving::Import),
    /// Erase everything that a person has sent. Others' replies to a comment stay, and so does its empty place.
    Erase(rights::Erase),
    /// Print what the owners would read of the last seven days. Nothing is sent.
    Digest(digest::Command),
    /// Reckon what a month costs on AWS.
    Cost(cost::Command),
    /// Print how much came in each day, and what became of it.
    Stats(stats::Command),
    /// Ask the spam filter about texts: JSON lines on standard input, an answer for each on standard output.
    Score(Score),
    /// Measure the spam filter on labelled JSON lines.
    Eval(Eval),
    /// Make the spam filter's model from labelled JSON lines.
    Train(Train),
    /// Renew the list of mail hosts that give addresses for a few minutes.
    Hosts {
        /// Where to write it.
        #[arg(long, value_name = "FILE", default_value = "functions/filter/model/disposable.hosts")]
        output: PathBuf,
    },
}

#[derive(Args)]
struct Score {
    /// Labelled lines to apply first, as if the site's owner had decided them.
    #[arg(long, value_name = "FILE")]
    learn: Option<PathBuf>,
}

#[derive(Args)]
struct Eval {
    /// Labelled lines.
    file: PathBuf,
    /// Where to draw spam caught against false alarms.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Args)]
struct Train {
    /// Labelled lines.
    file: PathBuf,
    /// More lines to learn from, which nothing is measured on.
    #[arg(long, value_name = "FILE", default_value = "functions/filter/model/seeds.jsonl")]
    seeds: PathBuf,
    /// Where to write the model.
    #[arg(long, value_name = "FILE", default_value = "functions/filter/model/spam.model")]
    model: PathBuf,
    /// Where to write its card.
    #[arg(long, value_name = "FILE", default_value = "functions/filter/model/README.md")]
    card: PathBuf,
}

#[derive(Args)]
struct Dev {
    /// The port on 127.0.0.1; 0 for a free one.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Keep the table in memory instead of target/deskbell.
    #[arg(long)]
    memory: bool,
    /// A deskbell.toml to use instead of the sample site's.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Cli::parse().command;
    // What goes wrong inside the functions, which deployed is in their logs.
    tracing_subscriber::fmt().with_max_level(tracing::Level::WARN).with_writer(std::io::stderr).without_time().init();
    let done = match command {
        Command::Dev(dev) => run(dev).await,
        Command::Check(command) => check::run(&command).await,
        Command::Doctor(asked) => Box::pin(doctor::run(&asked)).await,
        Command::Secret(command) => secret::run(&command).await,
        Command::Redrive(which) => redrive::run(&which).await,
        Command::MailAgain(command) => mail_again::run(&command).await,
        Command::Export(command) => moving::run_export(command).await,
        Command::Import(command) => moving::run_import(&command).await,
        Command::Erase(erase) => rights::erase(&erase).await,
        Command::Digest(command) => digest::run(&command).await,
        Command::Cost(command) => cost::run(&command),
        Command::Stats(command) => stats::run(&command).await,
        Command::Score(Score { learn }) => {
            filter::score(std::io::stdin().lock(), std::io::stdout().lock(), learn.as_deref()).map_err(Into::into)
        }
        Command::Eval(Eval { file, svg }) => {
            filter::eval(&file, svg.as_deref()).map(|report| print!("{report}")).map_err(Into::into)
        }
        Command::Train(Train { file, seeds, model, card }) => {
            filter::train(&file, &seeds, &model, &card).map_err(Into::into)
        }
        Command::Hosts { output } => filter::hosts(&output).map_err(Into::into),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("deskbell: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(dev: Dev) -> Result<(), Box<dyn Error>> {
    let endpoint = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
    let table = match endpoint("AWS_ENDPOINT_URL_DYNAMODB") {
        Some(url) => Table::Server(url),
        None if dev.memory => Table::Memory,
        None => Table::File("target/deskbell/table.db".into()),
    };
    let config = match &dev.config {
        Some(path) => std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => SAMPLE.into(),
    };
    let ses_url = endpoint("AWS_ENDPOINT_URL_SESV2");
    // Channels may lead to a server on this machine: for trying them out.
    let mut services = Services::from_env();
    services.reach.loopback = true;
    let caught = ses_url.is_none();
    let sns = endpoint("AWS_ENDPOINT_URL_SNS");
    let options = Options { port: dev.port, config, table, ses_url, sns_url: sns, services, ..Options::default() };
    let world = World::start(options).await.map_err(|error| -> Box<dyn Error> {
        match (error, &dev.config) {
            (WorldError::Config(wrong), Some(path)) => check::report(&wrong, path).into(),
            (error, _) => error.into(),
        }
    })?;
    let url = &world.url;
    println!("listening on {url}");
    println!();
    println!("  Sample site      {url}/");
    println!("  Contact form     {url}/contact/");
    println!("  Article          {url}/blog/massage-for-back-pain/");
    if caught {
        println!("  Caught mail      {url}/_mail");
    }
    println!("  What is stored   {url}/_items");
    for site in world.app.config.sites.values() {
        // The addresses are those of the file that was named, or of the sample.
        let people: Vec<String> = site.people().map(|person| person.email.to_string()).collect();
        println!("  Inbox            {url}{} for {}", world.app.path(&site.id, "/inbox"), people.join(", "));
    }
    println!();
    println!("Ctrl-C ends it.");
    tokio::signal::ctrl_c().await?;
    world.stop().await;
    Ok(())
}
