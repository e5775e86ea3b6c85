//! All of Deskbell on this machine: the sample site, the functions behind real API Gateway events, the table, the
//! stream, and the mail that was caught. Local mode and the end-to-end tests are this one world.

mod clock;
mod filter;
mod functions;
mod gateway;
mod items;
mod mailbox;
mod site;
mod stream;
mod table;
mod template;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::routing::{get, post};
use deskbell_functions::app::{App, Aws, Bell, Settings, StartError};
use deskbell_functions::config::{Config, ConfigError};
use deskbell_functions::platform::clock::Clock;
use deskbell_functions::platform::outgoing::Services;
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::Url;

pub use self::filter::Filter;
pub use self::functions::{Answering, Functions, Trouble};
pub use self::gateway::gateway;
pub use self::mailbox::{Letter, Mailbox, Text};
pub use self::stream::pump;
pub use self::table::create as create_table;
pub use self::template::{Route, Schedule, Template};

/// The configuration of the sample site.
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
        }
    }
}

/// Where a world's parts are, as it tells at `/_endpoints` those who look whether all is well.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoints {
    /// What speaks DynamoDB.
    pub dynamodb: String,
    /// What speaks SES v2.
    pub ses: String,
    /// The table's name.
    pub table: String,
    /// The settings in force: the text of a `deskbell.toml`.
    pub config: String,
}

/// Why a world cannot start.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// Another program has the port.
    #[error("port {0} is in use: stop the other program, or choose another port with --port N (0 for a free one)")]
    PortInUse(u16),
    /// The port cannot be had for another reason.
    #[error("port {0}: {1}")]
    Port(u16, io::Error),
    /// The configuration is wrong.
    #[error("the configuration is wrong: {0}")]
    Config(#[from] ConfigError),
    /// The table cannot be made or reached.
    #[error("the table: {0}")]
    Table(String),
    /// A function cannot start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// A running world. Everything in it ends when it is dropped.
#[derive(Debug)]
pub struct World {
    /// Where it is reached: `http://127.0.0.1:PORT`.
    pub url: String,
    /// What a function holds; this one is the world's own.
    pub app: Arc<App>,
    /// What its `notify` holds.
    pub bell: Arc<Bell>,
    /// Where the mail and the text messages go that are caught.
    pub caught: String,
    tasks: JoinSet<()>,
}

impl World {
    /// Starts a world; it answers when this returns.
    pub async fn start(options: Options) -> Result<Self, WorldError> {
        let mut tasks = JoinSet::new();
        let mut template = Template::built_in();
        if let Table::Made { name, .. } = &options.table {
            template.table.name.clone_from(name);
        }
        let mut config = Config::parse(&options.config)?;
        let listener = listen(options.port).await?;
        let address = listener.local_addr().map_err(|error| WorldError::Port(options.port, error))?;
        let url = format!("http://{address}");
        let base: Url = url.parse().map_err(StartError::from)?;
        config.serve_at(&base);

        let mailbox = Mailbox::default();
        let dynamodb_url = table::serve(&options.table, &mut tasks).await?;
        let caught = mailbox.serve(&mut tasks).await.map_err(|error| WorldError::Port(0, error))?;
        let ses_url = options.ses_url.unwrap_or_else(|| caught.clone());
        let endpoints = Endpoints {
            dynamodb: dynamodb_url.clone(),
            ses: ses_url.clone(),
            table: template.table.name.clone(),
            config: options.config,
        };
        let mut aws = Aws::local(dynamodb_url, ses_url);
        aws.sns_url = Some(options.sns_url.unwrap_or_else(|| caught.clone()));
        let stream_arn = table::create(&aws, &template.table).await?;
        let table = template.table.name.clone();
        let settings =
            Settings { aws, table, config, url: Some(base), services: options.services, clock: options.clock };
        let app = Arc::new(App::start_to_judge(&settings).await?);
        let bell = Arc::new(Bell::start(&functions::of(&settings, "notify")).await?);
        let functions = functions::here(&settings, &bell).await?;
        let changed = Arc::new(Notify::new());
        let (aws, filter) = (settings.aws.clone(), template.filter.clone());
        tasks.spawn(pump(aws, stream_arn, filter, functions.clone(), changed.clone()));
        tasks.spawn(clock::hourly(template.schedules.clone(), bell.clone()));

        let router = router(&app, &bell, &mailbox, gateway(&template.routes, &functions::noticed(functions, changed)));
        let router = router.route("/_endpoints", get(async move || Json(endpoints)));
        tasks.spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { url, app, bell, caught, tasks })
    }

    /// Ends everything and waits until it has ended.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

async fn listen(port: u16) -> Result<TcpListener, WorldError> {
    TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => WorldError::PortInUse(port),
        _ => WorldError::Port(port, error),
    })
}

/// The functions at their routes, and around them what only this machine has.
fn router(app: &Arc<App>, bell: &Arc<Bell>, mailbox: &Mailbox, functions: Router) -> Router {
    let (mails, texts, all, bell) = (mailbox.clone(), mailbox.clone(), app.clone(), bell.clone());
    functions
        .route("/_mail", get(async move |headers: HeaderMap| mailbox::page(&mails, &headers)))
        .route("/_digest", post(async move || clock::digest(&bell).await))
        .route("/_texts", get(async move || mailbox::texts(&texts)))
        .route("/_items", get(move |headers| items::page(all.clone(), headers)))
        .fallback(site::file)
}
