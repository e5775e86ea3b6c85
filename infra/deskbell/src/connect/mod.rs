//! How a command reaches the deployment's table: in AWS, with the credentials, region and names of the environment; or
//! in local mode, which says where its parts are.

mod chain;
mod connection;
mod environment;
mod error;
mod local;
mod variable;

use std::error::Error;
use std::path::PathBuf;

use clap::Args;
use deskbell_functions::app::{App, Aws, Settings};
use deskbell_functions::config::Config;
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use deskbell_functions::store::Store;
use url::Url;

pub use self::connection::Connection;
pub use self::environment::{aws, source};
pub use self::error::{ConnectError, Variable};
pub use self::local::{DEFAULT_URL, endpoints};
pub use self::variable::variable;
use crate::settings::{self, SettingsFile};

/// The name of local mode's settings where a file's would stand.
pub const LOCAL_SETTINGS: &str = "deskbell.toml (local mode)";

/// Which deployment: the one that the environment names, or local mode.
#[derive(Debug, Clone, Default, Args)]
pub struct Target {
    /// Use local mode (`cargo dev`) instead of AWS [default URL: port 8787 of this machine]
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = DEFAULT_URL, value_parser = local::url)]
    pub local: Option<Url>,
}

/// A deployment and its settings: what most commands take.
#[derive(Debug, Clone, Default, Args)]
pub struct Deployment {
    /// The settings; without a file, those that local mode runs with.
    #[command(flatten)]
    pub settings: SettingsFile,
    /// Where its table is.
    #[command(flatten)]
    pub target: Target,
}

impl Target {
    /// Whether it says which table, without any look at credentials.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.local.is_some() || variable("DESKBELL_TABLE").is_some()
    }

    /// Finds the table; or says everything that is missing for that.
    pub async fn connect(&self) -> Result<Connection, ConnectError> {
        self.find(&[Variable::Table]).await
    }

    /// Finds the table, and the address of the functions.
    async fn find(&self, needed: &[Variable]) -> Result<Connection, ConnectError> {
        match &self.local {
            Some(url) => {
                let parts = endpoints(url).await.map_err(ConnectError::Local)?;
                let aws = Aws::local(parts.dynamodb, parts.ses);
                Ok(Connection { aws, table: parts.table, url: Some(url.clone()), pages: parts.pages })
            }
            None => environment::connection(needed).await,
        }
    }

    /// The table alone.
    pub async fn store(&self) -> Result<Store, ConnectError> {
        Ok(self.connect().await?.store())
    }
}

impl Deployment {
    /// The settings and the table.
    pub async fn connect(&self) -> Result<(Config, Store), Box<dyn Error>> {
        let (config, connection) = self.find(&[Variable::Table]).await?;
        Ok((config, connection.store()))
    }

    /// What the functions hold.
    pub async fn app(&self) -> Result<App, Box<dyn Error>> {
        let (config, store) = self.connect().await?;
        Ok(App::with(store, config).await?)
    }

    /// What the functions are started with, for what writes links to them.
    pub async fn functions(&self) -> Result<Settings, Box<dyn Error>> {
        let (config, connection) = self.find(&[Variable::Table, Variable::Url]).await?;
        let Connection { aws, table, url, pages: _ } = connection;
        Ok(Settings { aws, table, config, url, services: Services::from_env(), clock: Clock::default() })
    }

    /// The text of the settings and the name of its file: the one that was named, what local mode runs with, or the one
    /// in Deskbell's folder.
    pub async fn settings_text(&self) -> Result<(PathBuf, String), Box<dyn Error>> {
        if let (Some(url), None) = (&self.target.local, self.settings.named()) {
            let parts = endpoints(url).await.map_err(ConnectError::Local)?;
            return Ok((LOCAL_SETTINGS.into(), parts.config));
        }
        let path = self.settings.path();
        Ok((path.into(), settings::read(path)?))
    }

    async fn find(&self, needed: &[Variable]) -> Result<(Config, Connection), Box<dyn Error>> {
        // First of all: mistakes in the settings are found without credentials.
        let (path, text) = self.settings_text().await?;
        let mut config = settings::parse(&text, &path)?;
        let connection = self.target.find(needed).await?;
        if let Some(pages) = &connection.pages {
            config.serve_at(pages);
        }
        Ok((config, connection))
    }
}
