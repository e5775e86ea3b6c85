//! Trains and measures the spam filter: for those who change it. Whoever runs a site needs nothing of this.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts and small weights: far below what the types hold"
)]
#![expect(
    clippy::needless_for_each,
    clippy::similar_names,
    clippy::type_complexity,
    reason = "run by hand, and read as the formulas are written"
)]

mod campaigns;
mod card;
mod cores;
mod corpus;
mod curve;
mod error;
mod eval;
mod fit;
mod hosts;
mod names;
mod replay;
mod tables;
mod train;
mod trainer;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Train and measure Deskbell's spam filter.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the model and its card from labelled JSON lines.
    Train(Train),
    /// Measure the filter on labelled JSON lines.
    Eval(Eval),
    /// Update the list of disposable email hosts.
    Hosts(Hosts),
}

#[derive(Args)]
struct Train {
    /// Labelled lines to train on and to measure with.
    file: PathBuf,
    /// More labelled lines to train on. They are left out of the figures.
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
struct Eval {
    /// Labelled lines.
    file: PathBuf,
    /// Where to draw the curve of spam caught against false alarms.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Args)]
struct Hosts {
    /// Where to write the list.
    #[arg(long, value_name = "FILE", default_value = "functions/filter/model/disposable.hosts")]
    output: PathBuf,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Train(Train { file, seeds, model, card }) => train::train(&file, &seeds, &model, &card),
        Command::Eval(Eval { file, svg }) => {
            eval::eval(&file, svg.as_deref()).map(|report| say(std::io::stdout(), &report))
        }
        Command::Hosts(Hosts { output }) => hosts::hosts(&output),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(std::io::stderr(), format_args!("deskbell-training: {error}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Writes something to whoever reads it; `print!` would panic where nobody does any more.
pub(crate) fn say(mut to: impl std::io::Write, words: impl std::fmt::Display) {
    let _ = write!(to, "{words}");
}
