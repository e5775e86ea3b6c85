//! `deskbell cost`: what a month costs on AWS, from what each thing takes and what AWS asks for that.

mod actions;
mod prices;

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

pub use self::actions::{Action, COMMENT, DECISION, HOURLY, JUNK, LESSON, MESSAGE, POLL, VIEW};
use self::prices::{Of, Prices};

/// What happens in a month.
#[derive(Debug, Args)]
pub struct Command {
    /// How much comes in: contact requests, comments and junk. Several numbers make several columns.
    #[arg(long, value_name = "N", value_delimiter = ',', required = true)]
    pub submissions: Vec<u64>,
    /// How often comments are shown; as many numbers.
    #[arg(long, value_name = "N", value_delimiter = ',', required = true)]
    pub views: Vec<u64>,
    /// How often feed readers ask for a feed; as many numbers, or none.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub polls: Vec<u64>,
    /// How many in a hundred submissions are comments.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub comments: u32,
    /// How many in a hundred are junk.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub junk: u32,
    /// Prices to reckon with instead of the built-in ones.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

/// Prints it.
pub fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    if command.views.len() != command.submissions.len() {
        return Err("--views takes as many numbers as --submissions".into());
    }
    if !command.polls.is_empty() && command.polls.len() != command.submissions.len() {
        return Err("--polls takes as many numbers as --submissions".into());
    }
    let prices = match &command.prices {
        Some(path) => {
            Prices::read(&std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?)?
        }
        None => Prices::read(include_str!("../../../prices.toml"))?,
    };
    print!("{}", text(command, &prices));
    Ok(())
}

/// Of what is stored in a month, for how many months it is kept.
const KEPT_MONTHS: f64 = 12.0;

/// What a month takes, the twelfth of its kind.
fn month(command: &Command, submissions: f64, views: f64, polls: f64) -> Action {
    let junk = submissions * f64::from(command.junk) / 100.0;
    let comments = (submissions - junk) * f64::from(command.comments) / 100.0;
    let messages = submissions - junk - comments;
    let all = MESSAGE.times(messages).and(COMMENT.times(comments)).and(JUNK.times(junk));
    all.and(DECISION.and(LESSON).times(comments)).and(VIEW.times(views)).and(POLL.times(polls)).and(HOURLY)
}

/// How much of what is paid for that is.
fn quantity(of: Of, month: &Action, prices: &Prices) -> f64 {
    const GB: f64 = 1e9;
    let invocations = month.requests + month.records;
    match of {
        Of::ApiRequests => month.requests,
        Of::LambdaRequests => invocations,
        Of::LambdaGbSeconds => {
            let work = invocations * actions::PROCESSOR_MS / prices.time.processor_share;
            (work + month.calls * prices.time.call_milliseconds) / 1_000.0 * actions::MEMORY_GB
        }
        Of::WriteUnits => month.write,
        Of::ReadUnits => month.read,
        Of::StoredGb | Of::BackupGb => month.stored * KEPT_MONTHS / GB,
        Of::Letters => month.letters,
        Of::LetterGb => month.letters * actions::LETTER / GB,
        Of::LogGb => invocations * actions::LOGGED / GB,
        Of::TrafficGb => month.answer / GB,
    }
}

/// The width of what stands before the numbers, and of a number.
const LABEL: usize = 30;
const NUMBER: usize = 14;

fn text(command: &Command, prices: &Prices) -> String {
    let mut text = format!(
        "A month in {}, in USD, at the prices of {} as infra/prices.toml has them: from memory,\n\
         so check them before you rely on this. Of what comes in {} % are junk, and of the rest {} % are\n\
         comments, each approved by a button in its letter. Stored is what a year brings.\n\n",
        prices.region, prices.date, command.junk, command.comments
    );
    let line = |text: &mut String, label: &str, cells: &mut dyn Iterator<Item = String>| {
        let cells = cells.fold(String::new(), |cells, cell| cells + &format!("{cell:>NUMBER$}"));
        let _ = writeln!(text, "{label:LABEL$}{cells}");
    };
    line(&mut text, "submissions", &mut command.submissions.iter().map(|count| grouped(*count)));
    line(&mut text, "views of comments", &mut command.views.iter().map(|count| grouped(*count)));
    if !command.polls.is_empty() {
        line(&mut text, "polls of feeds", &mut command.polls.iter().map(|count| grouped(*count)));
    }
    text.push('\n');
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
    let number = |count: &u64| *count as f64;
    let polls = command.polls.iter().map(number).chain(std::iter::repeat(0.0));
    let coming = command.submissions.iter().map(number).zip(command.views.iter().map(number));
    let months = coming.zip(polls).map(|((submissions, views), polls)| month(command, submissions, views, polls));
    let months: Vec<Action> = months.collect();
    let (mut sums, mut spared) = (vec![0.0; months.len()], vec![0.0; months.len()]);
    for price in &prices.price {
        let mut cells = Vec::new();
        for (column, month) in months.iter().enumerate() {
            let quantity = quantity(price.of, month, prices);
            sums[column] += price.usd_for(quantity);
            spared[column] += price.usd_for(quantity.min(price.free));
            cells.push(usd(price.usd_for(quantity)));
        }
        line(&mut text, price.of.words(), &mut cells.into_iter());
    }
    line(&mut text, "sum", &mut sums.iter().map(|sum| usd(*sum)));
    line(&mut text, "of that free of charge", &mut spared.iter().map(|spared| usd(*spared)));
    line(&mut text, "to be paid", &mut sums.iter().zip(&spared).map(|(sum, spared)| usd(sum - spared)));
    text
}

/// `1,234.50`.
fn usd(amount: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of money that is not below 0")]
    let cents = (amount * 100.0).round() as u64;
    format!("{}.{:02}", grouped(cents / 100), cents % 100)
}

/// `1,234`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let places = digits.chars().rev().enumerate();
    let grouped = places.flat_map(|(place, digit)| {
        let comma = (place > 0 && place % 3 == 0).then_some(',');
        comma.into_iter().chain([digit])
    });
    grouped.collect::<Vec<char>>().into_iter().rev().collect()
}
