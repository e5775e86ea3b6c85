//! What a world is made of, and where its parts are.

use std::path::PathBuf;

use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use serde::{Deserialize, Serialize};

/// The settings of the sample site.
pub const SAMPLE: &str = include_str!("../../sample.toml");

/// What a world is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; 0 for a free one.
    pub port: u16,
    /// The text of a `deskbell.toml`.
    pub config: String,
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
}
