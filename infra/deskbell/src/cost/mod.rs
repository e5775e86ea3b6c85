//! `deskbell cost`: an estimate of the monthly AWS bill, from what each action consumes and AWS' prices.

mod actions;
mod prices;
mod worst;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

pub use self::actions::{
    Action, CHALLENGE, COMMENT, COUNTS, DECISION, FEED, HOURLY, LESSON, MESSAGE, MINUTELY, PAGE, POLL, SPAM, VIEW,
};
use self::prices::{Of, Prices};
use crate::output;

/// How much happens in a month.
#[derive(Debug, Args)]
pub struct Command {
    /// Submissions a month: messages, comments and spam; several numbers make several columns
    #[arg(long, value_name = "N", value_delimiter = ',', required_unless_present = "worst")]
    pub submissions: Vec<u64>,
    /// Views of comments a month; as many numbers
    #[arg(long, value_name = "N", value_delimiter = ',', required_unless_present = "worst")]
    pub views: Vec<u64>,
    /// Feed requests a month; as many numbers, or none
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub polls: Vec<u64>,
    /// The most that a month can cost: somebody uses up everything that the API's throttles let through
    #[arg(long, conflicts_with_all = ["submissions", "views", "polls"])]
    pub worst: bool,
    /// Share of comments in what is not spam
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub comments: u32,
    /// Share of spam in submissions
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub spam: u32,
    /// Price list to use instead of the built-in infra/prices.toml
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

/// Prints the estimate.
pub fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    if command.views.len() != command.submissions.len() {
        return Err("--views needs as many numbers as --submissions".into());
    }
    if !command.polls.is_empty() && command.polls.len() != command.submissions.len() {
        return Err("--polls needs as many numbers as --submissions".into());
    }
    let prices = match &command.prices {
        Some(path) => {
            Prices::read(&std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?)?
        }
        None => Prices::read(include_str!("../../../prices.toml"))?,
    };
    let text = if command.worst { worst_text(&prices) } else { text(command, &prices) };
    Ok(write!(output::stdout(), "{text}")?)
}

/// How many months what is stored in one is kept.
const KEPT_MONTHS: f64 = 12.0;

/// What a month consumes, after eleven like it.
fn month(command: &Command, submissions: f64, views: f64, polls: f64) -> Action {
    let spam = submissions * f64::from(command.spam) / 100.0;
    let comments = (submissions - spam) * f64::from(command.comments) / 100.0;
    let messages = submissions - spam - comments;
    let all = MESSAGE.times(messages).and(COMMENT.times(comments)).and(SPAM.times(spam));
    all.and(DECISION.and(LESSON).times(comments))
        .and(VIEW.times(views))
        .and(POLL.times(polls))
        .and(HOURLY)
        .and(MINUTELY)
}

/// How much of what AWS charges for that is.
fn quantity(of: Of, month: &Action, prices: &Prices) -> f64 {
    const GB: f64 = 1e9;
    let logged = month.requests + month.records;
    let invocations = logged + month.idle;
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
        Of::Emails => month.emails,
        Of::EmailGb => month.emails * actions::EMAIL / GB,
        Of::LogGb => logged * actions::LOGGED / GB,
        Of::TrafficGb => month.answer / GB,
    }
}

/// The widths of the labels and of a number.
const LABEL: usize = 30;
const NUMBER: usize = 14;

fn text(command: &Command, prices: &Prices) -> String {
    let mut text = format!(
        "Estimated bill for a month in {}, in USD, at the prices of {} in infra/prices.toml.\n\
         Those were written down from memory: check them before you rely on this. {} % of the submissions\n\
         are spam; {} % of the rest are comments, each approved with the button in its email. Storage is\n\
         what a year adds up to.\n\n",
        prices.region, prices.date, command.spam, command.comments
    );
    line(&mut text, "submissions", &mut command.submissions.iter().map(|count| grouped(*count)));
    line(&mut text, "comment views", &mut command.views.iter().map(|count| grouped(*count)));
    if !command.polls.is_empty() {
        line(&mut text, "feed polls", &mut command.polls.iter().map(|count| grouped(*count)));
    }
    text.push('\n');
    #[expect(clippy::cast_precision_loss, reason = "nobody has so many")]
    let number = |count: &u64| *count as f64;
    let polls = command.polls.iter().map(number).chain(std::iter::repeat(0.0));
    let coming = command.submissions.iter().map(number).zip(command.views.iter().map(number));
    let months = coming.zip(polls).map(|((submissions, views), polls)| month(command, submissions, views, polls));
    let months: Vec<Action> = months.collect();
    text + &bill(&months, prices)
}

fn worst_text(prices: &Prices) -> String {
    let (month, per_second) = worst::month();
    format!(
        "The most that a month can cost in {}, in USD, at the prices of {} in infra/prices.toml: somebody asks\n\
         for everything that the API's throttles let through, {per_second} requests a second, for 30 days without a pause.\n\
         The budget's warning (MonthlyBudget) comes long before. Emails are bounded by themselves and not in it;\n\
         a parameter Concurrency above 0 bounds more.\n\n{}",
        prices.region,
        prices.date,
        bill(&[month], prices)
    )
}

/// What each thing costs that AWS charges for, a column for each month.
fn bill(months: &[Action], prices: &Prices) -> String {
    let mut text = String::new();
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
    line(&mut text, "total", &mut sums.iter().map(|sum| usd(*sum)));
    line(&mut text, "of that in the free tier", &mut spared.iter().map(|spared| usd(*spared)));
    line(&mut text, "to pay", &mut sums.iter().zip(&spared).map(|(sum, spared)| usd(sum - spared)));
    text
}

/// A label, and a number in each column.
fn line(text: &mut String, label: &str, cells: &mut dyn Iterator<Item = String>) {
    let cells = cells.fold(String::new(), |cells, cell| cells + &format!("{cell:>NUMBER$}"));
    let _ = writeln!(text, "{label:LABEL$}{cells}");
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
