//! What the environment and the settings say, read once when a function starts.

use std::env;
use std::fmt;

use aws_credential_types::Credentials;
use url::Url;

use crate::config::{Config, ConfigError};
use crate::platform::aws::{Authorities, Aws};
use crate::platform::clock::Clock;
use crate::platform::log;
use crate::platform::outgoing::Services;
use crate::store::StoreError;

/// What the environment says. Local mode makes it itself.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where AWS is and who is asking.
    pub aws: Aws,
    /// The table's name.
    pub table: String,
    /// The sites.
    pub config: Config,
    /// The address under which the functions are reached. Only mail needs it; requests bring it with them.
    pub url: Option<Url>,
    /// The addresses of third parties.
    pub services: Services,
    /// The clock to go by.
    pub clock: Clock,
}

/// Why a function cannot start; in one line.
#[derive(thiserror::Error)]
pub enum StartError {
    /// An environment variable is missing.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// `DESKBELL_URL` is no address.
    #[error("DESKBELL_URL is not an address: {0}")]
    Url(#[from] url::ParseError),
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration is wrong.
    #[error("deskbell.toml is wrong: {0}")]
    Config(#[from] ConfigError),
    /// The table does not answer.
    #[error("the table does not answer: {0}")]
    Store(#[from] StoreError),
}

/// What a program's `main` that ends with an error prints of it: in a log, the same words that people read elsewhere.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Settings {
    /// Reads the environment, once: what [`Self::of`] does, and `DESKBELL_CONFIG` (a path; if absent, `deskbell.toml`
    /// in the folder that Lambda has unpacked the function's package into).
    pub fn from_env() -> Result<Self, StartError> {
        let packaged = || env::var("LAMBDA_TASK_ROOT").map(|root| format!("{root}/deskbell.toml"));
        let path = env::var("DESKBELL_CONFIG").or_else(|_| packaged()).unwrap_or_else(|_| "deskbell.toml".into());
        Self::of(Config::parse(&read_file(path)?)?)
    }

    /// Reads of the environment what a configuration does not say: `AWS_REGION`, the credentials, `DESKBELL_TABLE`,
    /// `DESKBELL_URL`, `DESKBELL_CONFIGURATION_SET`, `AWS_CA_BUNDLE`, and the addresses of endpoints and of third
    /// parties.
    pub fn of(config: Config) -> Result<Self, StartError> {
        Ok(Self {
            aws: aws_from_env()?,
            table: required("DESKBELL_TABLE")?,
            config,
            url: env::var("DESKBELL_URL").ok().map(|url| url.parse()).transpose()?,
            services: Services::from_env(),
            clock: Clock::default(),
        })
    }
}

/// Where AWS is and who is asking, by the environment that the functions have.
fn aws_from_env() -> Result<Aws, StartError> {
    let endpoint = |name| env::var(name).or_else(|_| env::var("AWS_ENDPOINT_URL")).ok();
    let credentials = Credentials::from_keys(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        env::var("AWS_SESSION_TOKEN").ok(),
    );
    Ok(Aws {
        region: required("AWS_REGION")?,
        credentials,
        dynamodb_url: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
        authorities: authorities()?,
        ses_url: endpoint("AWS_ENDPOINT_URL_SESV2"),
        sns_url: endpoint("AWS_ENDPOINT_URL_SNS"),
        configuration_set: env::var("DESKBELL_CONFIGURATION_SET").ok(),
    })
}

/// Those in the file that `AWS_CA_BUNDLE` names, else Amazon's own.
fn authorities() -> Result<Authorities, StartError> {
    match env::var("AWS_CA_BUNDLE") {
        Ok(path) => Ok(Authorities::These(read_file(path)?.into_bytes())),
        Err(_) => Ok(Authorities::Amazon),
    }
}

fn read_file(path: String) -> Result<String, StartError> {
    std::fs::read_to_string(&path).map_err(|source| StartError::Unreadable { path, source })
}

fn required(name: &'static str) -> Result<String, StartError> {
    env::var(name).map_err(|_| StartError::Missing(name))
}

/// Reads the environment and starts writing structured logs; the first thing that each binary does.
pub fn boot() -> Result<Settings, StartError> {
    log::start();
    Settings::from_env()
}
