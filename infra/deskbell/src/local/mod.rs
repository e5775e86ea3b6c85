//! All of Deskbell on this machine: the sample site, the functions behind real API Gateway events, the table, the
//! stream, and the emails that were caught. Local mode and the end-to-end tests are this one world.

mod clock;
mod error;
mod filter;
mod functions;
mod gateway;
mod items;
mod mailbox;
mod options;
mod refusal;
mod site;
mod stream;
mod table;
mod template;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::Request;
use axum::routing::{get, post};
use deskbell_functions::app::{App, Aws, Settings, StartError};
use deskbell_functions::config::Config;
use deskbell_functions::delivery::Notifier;
use http::HeaderMap;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::Url;

pub use self::error::WorldError;
pub use self::filter::Filter;
pub use self::functions::{Answering, Functions, InvocationError};
pub use self::gateway::gateway;
pub use self::mailbox::{CaughtEmail, Mailbox, Text};
pub use self::options::{Endpoints, Options, SAMPLE, Table};
pub use self::stream::pump;
pub use self::table::create as create_table;
pub use self::template::{Mapping, Route, Schedule, Template};

/// A running world. Everything in it ends when it is dropped.
#[derive(Debug)]
pub struct World {
    /// Where it is reached: `http://127.0.0.1:PORT`.
    pub url: String,
    /// What a function holds; this one is the world's own.
    pub app: Arc<App>,
    /// What its `notify` holds.
    pub notifier: Arc<Notifier>,
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
        let notifier = Arc::new(Notifier::start(&functions::of(&settings, "notify")).await?);
        let functions = functions::here(&settings, &notifier).await?;
        let mut changed = Vec::new();
        for mapping in template.mappings.clone() {
            let wake = Arc::new(Notify::new());
            changed.push(wake.clone());
            tasks.spawn(pump(settings.aws.clone(), stream_arn.clone(), mapping, functions.clone(), wake));
        }
        if options.schedules {
            tasks.spawn(clock::keep(template.schedules.clone(), notifier.clone()));
        }

        let router =
            router(&app, &notifier, &mailbox, gateway(&template.routes, &functions::noticed(functions, changed)));
        let router = router.route("/_endpoints", get(async move || Json(endpoints)));
        tasks.spawn(async move {
            // Serving ends only with the task.
            // Who asks is told apart by their address, as at API Gateway.
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let _ = axum::serve(listener, service).await;
        });
        Ok(Self { url, app, notifier, caught, tasks })
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
fn router(app: &Arc<App>, notifier: &Arc<Notifier>, mailbox: &Mailbox, functions: Router) -> Router {
    let mut homes: Vec<String> = app.config.sites.values().map(|site| site.home().path().to_owned()).collect();
    // The root would take everything.
    homes.sort_unstable_by_key(|home| std::cmp::Reverse(home.len()));
    let (mails, texts, all, notifier) = (mailbox.clone(), mailbox.clone(), app.clone(), notifier.clone());
    functions
        .route("/_mail", get(async move |headers: HeaderMap| mailbox::page(&mails, &headers)))
        .route("/_digest", post(async move || clock::digest(&notifier).await))
        .route("/_texts", get(async move || mailbox::texts(&texts)))
        .route("/_items", get(move |headers| items::page(all.clone(), headers)))
        .fallback(async move |request: Request| site::file(&homes, &request))
}
