//! All of Deskbell on this machine: the sample site, the functions behind real API Gateway events, the table, the
//! stream, and the emails that were caught. Local mode and the end-to-end tests are this one world.

mod clock;
mod error;
mod filter;
mod folder;
mod functions;
mod gateway;
mod items;
mod mailbox;
mod options;
mod pages;
mod refusal;
mod requests;
mod seed;
mod site;
mod start_page;
mod stream;
mod table;
mod template;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::{Query, Request};
use axum::middleware;
use axum::routing::{get, post};
use deskbell_functions::app::{App, Aws, Settings};
use deskbell_functions::config::Config;
use deskbell_functions::delivery::Notifier;
use http::HeaderMap;
use tokio::sync::Notify;
use tokio::task::JoinSet;

pub use self::error::WorldError;
pub use self::filter::Filter;
pub use self::functions::{Answering, Functions, InvocationError};
pub use self::gateway::gateway;
pub use self::mailbox::{CaughtEmail, Mailbox, Text};
pub use self::options::{Endpoints, Options, SAMPLE, Table};
pub use self::pages::Pages;
use self::requests::RequestLog;
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
    /// The functions behind their routes.
    functions: Router,
    /// Whether it is the sample site's.
    sample: bool,
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
        let written = Config::parse(&options.config)?;
        let mut config = written.clone();
        let listener = pages::listen(options.port).await?;
        let address = listener.local_addr().map_err(|error| WorldError::Port(options.port, error))?;
        let url = format!("http://{address}");
        let base = pages::local_url(address)?;
        let moved = options.pages.place(&mut config, &base, &mut tasks).await?;
        if options.local_pages {
            config.allow_local_pages();
        }
        let log = options.log_requests.map(|file| Arc::new(RequestLog::new(&config, &written, file)));

        let mailbox = Mailbox::default();
        let dynamodb_url = table::serve(&options.table, &mut tasks).await?;
        let caught = mailbox.serve(&mut tasks).await.map_err(|error| WorldError::Port(0, error))?;
        let ses_url = options.ses_url.unwrap_or_else(|| caught.clone());
        let endpoints = Endpoints {
            dynamodb: dynamodb_url.clone(),
            ses: ses_url.clone(),
            table: template.table.name.clone(),
            config: options.config,
            pages: moved,
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

        let functions = gateway(&template.routes, &functions::noticed(functions, changed));
        let sample = matches!(options.pages, Pages::Sample);
        let mut router = router(&app, &notifier, &mailbox, functions.clone(), sample);
        router = router.route("/_endpoints", get(async move || Json(endpoints)));
        if let Some(log) = log {
            router = router.layer(middleware::from_fn_with_state(log, requests::logged));
        }
        tasks.spawn(async move {
            // Serving ends only with the task.
            // Who asks is told apart by their address, as at API Gateway.
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let _ = axum::serve(listener, service).await;
        });
        Ok(Self { url, app, notifier, caught, functions, sample, tasks })
    }

    /// Sends a few comments and messages and one spam to each site, as visitors do, where nothing is stored yet. Says
    /// whether it was done.
    pub async fn seed(&self) -> Result<bool, String> {
        seed::seed(&self.app, &self.functions, self.sample).await
    }

    /// Ends everything and waits until it has ended.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
    }
}

/// The functions at their routes, and around them what only this machine has: the sample's pages, or a page that leads
/// on to a site of one's own.
fn router(app: &Arc<App>, notifier: &Arc<Notifier>, mailbox: &Mailbox, functions: Router, sample: bool) -> Router {
    let (mails, texts, all, notifier) = (mailbox.clone(), mailbox.clone(), app.clone(), notifier.clone());
    let router = functions
        .route("/_mail", get(async move |headers: HeaderMap, Query(view)| mailbox::page(&mails, &headers, &view)))
        .route("/_digest", post(async move || clock::digest(&notifier).await))
        .route("/_texts", get(async move || mailbox::texts(&texts)))
        .route("/_items", get(move |headers| items::page(all.clone(), headers)));
    if !sample {
        let app = app.clone();
        return router.route("/", get(async move || start_page::page(&app))).fallback(async || site::not_found());
    }
    let mut homes: Vec<String> = app.config.sites.values().map(|site| site.home().path().to_owned()).collect();
    // The root would take everything.
    homes.sort_unstable_by_key(|home| std::cmp::Reverse(home.len()));
    router.fallback(async move |request: Request| site::file(&homes, &request))
}
