//! `deskbell stats`: how much came in each day, and what became of it, from the counts that the table keeps.

use std::error::Error;
use std::io::Write;

use clap::Args;
use deskbell_functions::config::Config;
use deskbell_functions::notify::stats;
use deskbell_functions::store::Store;
use deskbell_functions::submission::tally::Tally;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use crate::connect::Deployment;
use crate::output;
use crate::settings::sites;

/// Which sites and days.
#[derive(Debug, Args)]
pub struct Command {
    /// The deployment.
    #[command(flatten)]
    pub deployment: Deployment,
    /// One site, by its id in the settings [default: all]
    #[arg(long)]
    pub site: Option<String>,
    /// Number of days (UTC), today included; counts are kept for 400 days
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub days: u16,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// A site's days, the oldest first.
struct Days<'a> {
    site: &'a str,
    days: Vec<(Date, Tally)>,
}

/// A line of JSON's list of days.
#[derive(Serialize)]
struct Day {
    day: String,
    #[serde(flatten)]
    tally: Tally,
}

/// Prints the days of the deployment.
pub async fn run(command: &Command) -> Result<(), Box<dyn Error>> {
    let (config, store) = command.deployment.connect().await?;
    write(command, &config, &store, Timestamp::now(), output::stdout()).await
}

/// Writes each site's days up to `now`, as a table or as JSON.
pub async fn write(
    command: &Command,
    config: &Config,
    store: &Store,
    now: Timestamp,
    mut output: impl Write,
) -> Result<(), Box<dyn Error>> {
    let mut counted = Vec::new();
    for site in sites(config, command.site.as_deref())? {
        counted.push(Days { site: &site.id, days: stats::days(store, &site.id, command.days, now).await? });
    }
    if command.json {
        let sites: Vec<_> = counted.iter().map(Days::json).collect();
        writeln!(output, "{}", serde_json::to_string_pretty(&sites)?)?;
    } else {
        let tables: Vec<String> = counted.iter().map(Days::table).collect();
        write!(output, "{}", tables.join("\n"))?;
    }
    Ok(())
}

impl Days<'_> {
    fn total(&self) -> Tally {
        self.days.iter().fold(Tally::default(), |total, (_, tally)| total.and(*tally))
    }

    fn json(&self) -> serde_json::Value {
        let days: Vec<Day> = self.days.iter().map(|(day, tally)| Day { day: day.to_string(), tally: *tally }).collect();
        json!({ "site": self.site, "days": days, "total": self.total() })
    }

    fn table(&self) -> String {
        let (site, count) = (self.site, self.days.len());
        let span = if count == 1 { "today".into() } else { format!("the last {count} days") };
        if self.total() == Tally::default() {
            return format!("{site}: no submissions, {span} (UTC)\n");
        }
        let heading = ["day", "messages", "comments", "ham", "unsure", "spam", "delivered", "failed"];
        let heading = heading.map(str::to_owned).to_vec();
        let days = self.days.iter().map(|(day, tally)| row(day.to_string(), tally));
        let rows: Vec<_> = [heading].into_iter().chain(days).chain([row("total".into(), &self.total())]).collect();
        format!("{site}, {span} (UTC)\n\n{}", aligned(&rows))
    }
}

/// A line of the table.
fn row(name: String, tally: &Tally) -> Vec<String> {
    let Tally { leads, comments, ham, unsure, spam, delivered, failed } = *tally;
    let numbers = [leads, comments, ham, unsure, spam, delivered, failed];
    [name].into_iter().chain(numbers.map(|number| number.to_string())).collect()
}

/// Lines whose first column stands to the left, and all others to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let cell = |(column, text): (usize, &String)| match column {
        0 => format!("{text:<0$}", width(0)),
        _ => format!("  {text:>0$}", width(column)),
    };
    rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<String>() + "\n").collect()
}
