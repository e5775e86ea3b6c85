//! What a world is made of, and where its parts are.

use std::path::PathBuf;

use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use serde::{Deserialize, Serialize};
use url::Url;

use super::pages::Pages;

/// The settings of the sample site.
pub const SAMPLE: &str = include_str!("../../sample.toml");

/// What a world is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// The text of a `deskbell.toml`.
    pub config: String,
    /// Where the pages of the sites are.
    pub pages: Pages,
    /// Whether pages at any port of this machine may send, as those of generators that serve what is being written.
    /// Deployed functions never take them.
    pub local_pages: bool,
    /// Whether each request gets a line on standard error; then with the name of the settings file, to which refusals
    /// point.
    pub log_requests: Option<String>,
    /// Where the table is.
    pub table: Table,
    /// A server that speaks SES v2, instead of the built-in mailbox.
    pub ses_url: Option<String>,
    /// A server that speaks SNS, instead of the built-in one.
    pub sns_url: Option<String>,
    /// The addresses of third parties. None is asked unless the configuration names it.
    pub services: Services,
    /// The clock that the functions go by.
    pub clock: Clock,
    /// Whether the template's schedules start anything.
    pub schedules: bool,
}

/// Where the table is.
#[derive(Debug, Clone)]
pub enum Table {
    /// In this process, gone with it.
    Memory,
    /// In this process, kept in a file.
    File(PathBuf),
    /// On a server that speaks DynamoDB, at this address.
    Server(String),
    /// On such a server, made by somebody else, by that name.
    Made {
        /// The server's address.
        url: String,
        /// The table's name.
        name: String,
    },
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            config: SAMPLE.into(),
            pages: Pages::Sample,
            local_pages: false,
            log_requests: None,
            table: Table::Memory,
            ses_url: None,
            sns_url: None,
            services: Services::default(),
            clock: Clock::default(),
            schedules: true,
        }
    }
}

/// Where a world's parts are; published at `/_endpoints`, where the other commands find them (`--local`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoints {
    /// What speaks DynamoDB.
    pub dynamodb: String,
    /// What speaks SES v2.
    pub ses: String,
    /// The table's name.
    pub table: String,
    /// The settings in effect: the text of a `deskbell.toml`.
    pub config: String,
    /// Where the sites are instead of at the addresses in the settings.
    pub pages: Option<Url>,
}
