//! AWS' prices: `infra/prices.toml`.

use serde::Deserialize;

/// Prices.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Prices {
    /// Their date, as `2026-11-23`.
    pub(super) date: String,
    /// Their region.
    pub(super) region: String,
    /// How long things take.
    pub(super) time: Time,
    /// One for each thing that AWS charges for.
    pub(super) price: Vec<Price>,
}

/// How long things take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Time {
    /// The share of a processor that a function has.
    pub(super) processor_share: f64,
    /// How long a function waits for the table, in milliseconds a call.
    pub(super) call_milliseconds: f64,
}

/// A price.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Price {
    /// Of what.
    pub(super) of: Of,
    /// In US dollars.
    usd: f64,
    /// For how many.
    per: f64,
    /// How many are free in each month.
    pub(super) free: f64,
    /// Where it is published.
    #[expect(dead_code, reason = "for whoever looks it up")]
    published: String,
}

/// What AWS charges for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Of {
    /// Requests to the HTTP API.
    ApiRequests,
    /// Calls of functions.
    LambdaRequests,
    /// Their time by their memory.
    LambdaGbSeconds,
    /// Write units of the table.
    WriteUnits,
    /// Read units of the table.
    ReadUnits,
    /// What is stored in the table.
    StoredGb,
    /// Its backup.
    BackupGb,
    /// Emails.
    Emails,
    /// What they hold.
    EmailGb,
    /// What is logged.
    LogGb,
    /// What goes out.
    TrafficGb,
}

impl Prices {
    pub(super) fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }
}

impl Price {
    /// What so many cost.
    pub(super) fn usd_for(&self, quantity: f64) -> f64 {
        quantity / self.per * self.usd
    }
}

impl Of {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::ApiRequests => "API Gateway, requests",
            Self::LambdaRequests => "Lambda, requests",
            Self::LambdaGbSeconds => "Lambda, duration",
            Self::WriteUnits => "DynamoDB, writes",
            Self::ReadUnits => "DynamoDB, reads",
            Self::StoredGb => "DynamoDB, storage",
            Self::BackupGb => "DynamoDB, backups",
            Self::Emails => "SES, emails",
            Self::EmailGb => "SES, data",
            Self::LogGb => "CloudWatch, logs",
            Self::TrafficGb => "data transfer",
        }
    }
}
