//! What every function holds while it runs, and how it starts.

pub(crate) mod cache;
pub mod secrets;

use std::env;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::Credentials;
use futures_util::future::join;
use jiff::Timestamp;
use url::Url;
use uuid::Uuid;

use crate::app::cache::Fresh;
use crate::app::secrets::{Secret, Secrets, Value};
use crate::config::{Config, ConfigError, Site};
use crate::delivery::letter::Links;
use crate::delivery::mail::Mailer;
use crate::keys::{Keys, Purpose, Token};
use crate::owner::inbox::item_route;
pub use crate::platform::aws::{Authorities, Aws};
use crate::platform::clock::Clock;
use crate::platform::log;
use crate::platform::outgoing::{Outgoing, Services};
use crate::store::{Author, Store, StoreError};
use crate::submission::Submission;
use crate::submission::choice::{CHOICES, Choice};
use crate::submission::comment::Comment;
use deskbell_filter::{Content, Judging, Memory, Signals, judge};

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
    /// Reads the environment, once: what [`Self::of`] does, and `DESKBELL_CONFIG` (a path; if absent, `deskbell.toml` in
    /// the folder that Lambda has unpacked the function's package into).
    pub fn from_env() -> Result<Self, StartError> {
        let packaged = || env::var("LAMBDA_TASK_ROOT").map(|root| format!("{root}/deskbell.toml"));
        let path = env::var("DESKBELL_CONFIG").or_else(|_| packaged()).unwrap_or_else(|_| "deskbell.toml".into());
        Self::of(Config::parse(&read(path)?)?)
    }

    /// Reads of the environment what a configuration does not say: `AWS_REGION`, the credentials, `DESKBELL_TABLE`,
    /// `DESKBELL_URL`, `DESKBELL_CONFIGURATION_SET`, `AWS_CA_BUNDLE`, and the addresses of endpoints and of third parties.
    pub fn of(config: Config) -> Result<Self, StartError> {
        Ok(Self {
            aws: aws_from_env(None)?,
            table: required("DESKBELL_TABLE")?,
            config,
            url: env::var("DESKBELL_URL").ok().map(|url| url.parse()).transpose()?,
            services: Services::from_env(),
            clock: Clock::default(),
        })
    }
}

/// Where AWS is and who is asking, by the environment that the functions have; in this region, or in that of `AWS_REGION`.
pub fn aws_from_env(region: Option<&str>) -> Result<Aws, StartError> {
    let endpoint = |name| env::var(name).or_else(|_| env::var("AWS_ENDPOINT_URL")).ok();
    let credentials = Credentials::from_keys(
        required("AWS_ACCESS_KEY_ID")?,
        required("AWS_SECRET_ACCESS_KEY")?,
        env::var("AWS_SESSION_TOKEN").ok(),
    );
    Ok(Aws {
        region: region.map_or_else(|| required("AWS_REGION"), |region| Ok(region.into()))?,
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
        Ok(path) => Ok(Authorities::These(read(path)?.into_bytes())),
        Err(_) => Ok(Authorities::Amazon),
    }
}

fn read(path: String) -> Result<String, StartError> {
    std::fs::read_to_string(&path).map_err(|source| StartError::Unreadable { path, source })
}

/// The table alone, by the environment that the functions have: what the operator's program needs.
pub fn table_from_env() -> Result<Store, StartError> {
    Ok(Store::new(aws_from_env(None)?.dynamodb(), required("DESKBELL_TABLE")?))
}

fn required(name: &'static str) -> Result<String, StartError> {
    env::var(name).map_err(|_| StartError::Missing(name))
}

/// What every function holds while it runs.
#[derive(Debug)]
pub struct App {
    /// The sites.
    pub config: Config,
    /// The table.
    pub store: Store,
    /// The deployment's secret.
    pub keys: Keys,
    /// The way to third parties.
    pub outgoing: Outgoing,
    /// Where third parties are.
    pub services: Services,
    /// The region of AWS in which everything is stored; empty where nobody is told of it.
    pub region: String,
    /// What time it is.
    pub clock: Clock,
    secrets: Secrets,
    memories: Memories,
}

/// What the sites have learnt, by site.
#[derive(Debug, Default)]
struct Memories(Fresh<Arc<Memory>>);

impl Memories {
    async fn of(&self, store: &Store, site: &str) -> Option<Arc<Memory>> {
        let read = async || Ok(Arc::new(store.memory(site).await?));
        let memory = self.0.get(site, read).await;
        memory.inspect_err(|error| tracing::error!(site, %error, "judged without what was learnt")).ok()
    }
}

/// Judges something, so that what judging needs is at hand when somebody waits for it.
fn rehearse() {
    let content = Content { text: "Could I come on Monday?".into(), ..Content::default() };
    std::hint::black_box(judge(&content, &Signals::default(), &Memory::default(), &Judging::default()));
}

/// How long the links in the owner's mail work.
const MODERATION_DAYS: i64 = 14;

impl App {
    /// Connects to the table and loads the secret from it; the first function ever to start makes the secret.
    /// That call also opens the connection while the function is still starting, when it has the most CPU.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        Ok(Self::reach(settings, false).await?.0)
    }

    /// Starts like [`Self::start`] a function that judges: what the sites have learnt is read before anybody waits for it,
    /// over a second connection, which requests will want, too.
    pub async fn start_to_judge(settings: &Settings) -> Result<Self, StartError> {
        Ok(Self::reach(settings, true).await?.0)
    }

    /// Opens with Amazon's own authorities, or with the system's, should the table's certificate come from another: where
    /// it is not at AWS, or AWS ever changes them. Gives which way, too.
    async fn reach(settings: &Settings, judges: bool) -> Result<(Self, Aws), StartError> {
        let aws = settings.aws.clone();
        // On the heap: a start holds two calls at once, and callers hold it.
        match Box::pin(Self::open(settings, &aws, judges)).await {
            Ok(app) => Ok((app, aws)),
            Err(error @ StoreError::Unavailable(_)) if aws.authorities == Authorities::Amazon => {
                tracing::warn!(%error, "tried again with the authorities that the system knows");
                let aws = Aws { authorities: Authorities::System, ..aws };
                Ok((Box::pin(Self::open(settings, &aws, judges)).await?, aws))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn open(settings: &Settings, aws: &Aws, judges: bool) -> Result<Self, StoreError> {
        let (store, config) = (Store::new(aws.dynamodb(), settings.table.clone()), settings.config.clone());
        let memories = Memories::default();
        let remember = async {
            if judges {
                rehearse();
            }
            for site in config.sites.keys().filter(|_| judges) {
                memories.of(&store, site).await;
            }
        };
        let (secret, ()) = join(store.secret(), remember).await;
        let (services, region) = (settings.services.clone(), aws.region.clone());
        let clock = settings.clock.clone();
        let outgoing = Outgoing::new(services.reach.clone(), clock.clone());
        Ok(Self { outgoing, services, region, clock, memories, ..Self::on(store, config, &secret?) })
    }

    /// Connects to a table, and loads the secret from it.
    pub async fn with(store: Store, config: Config) -> Result<Self, StartError> {
        let secret = store.secret().await?;
        Ok(Self::on(store, config, &secret))
    }

    fn on(store: Store, config: Config, secret: &[u8]) -> Self {
        Self {
            config,
            store,
            keys: Keys::new(secret),
            outgoing: Outgoing::default(),
            services: Services::default(),
            region: String::new(),
            clock: Clock::default(),
            secrets: Secrets::default(),
            memories: Memories::default(),
        }
    }

    /// What a site has learnt from its owner; none if that could never be read.
    pub async fn memory(&self, site: &Site) -> Option<Arc<Memory>> {
        self.memories.of(&self.store, &site.id).await
    }

    /// A site's secret for a third party, if one was set.
    pub async fn secret(&self, site: &Site, secret: &Secret) -> Result<Option<Value>, StoreError> {
        self.secrets.get(&self.store, &site.id, secret).await
    }

    /// The path of the page on which the owner decides about a submission, as it stands now.
    #[must_use]
    pub fn moderation_path(&self, submission: &Submission) -> String {
        self.decision_path(Purpose::Moderate, submission, Self::links_end())
    }

    /// The path of the page on which the owner carries out one choice about a submission, as it stands now.
    #[must_use]
    pub fn choice_path(&self, submission: &Submission, choice: Choice) -> String {
        self.decision_path(Purpose::Choose(choice), submission, Self::links_end())
    }

    /// The last second at which a link works that is made now, since 1970.
    fn links_end() -> i64 {
        Timestamp::now().as_second() + MODERATION_DAYS * 86_400
    }

    /// The path of a page for the owner about a submission, as it stands now.
    pub(crate) fn decision_path(&self, purpose: Purpose, submission: &Submission, expires_at: i64) -> String {
        let token = Token {
            purpose,
            site: submission.site.clone(),
            id: submission.id,
            decisions: submission.decisions,
            expires_at,
        };
        self.path(&submission.site, &format!("/moderate/{}", self.keys.sign(&token)))
    }

    /// The path of a route for a site; with the site in it where that is what tells sites apart.
    #[must_use]
    pub fn path(&self, site: &str, route: &str) -> String {
        if self.config.sites.len() > 1 { format!("/{site}{route}") } else { route.into() }
    }

    /// The site of a stored submission, if it is still configured.
    #[must_use]
    pub fn site(&self, id: &str) -> Option<&Site> {
        self.config.sites.get(id)
    }

    /// A keyed hash of an author's name and address, under which earlier approvals are remembered.
    #[must_use]
    pub fn author_hash(&self, site: &Site, author: &str, email: &str) -> String {
        self.keys.hash("author", &[&site.id, &author.to_lowercase(), &email.to_lowercase()])
    }

    /// The author of a comment, if they gave an address, as approvals of them are remembered.
    #[must_use]
    pub fn author(&self, site: &Site, comment: &Comment) -> Option<Author> {
        let email = comment.email()?.as_str();
        Some(Author {
            hash: self.author_hash(site, comment.author(), email),
            person: self.person_hash(&site.id, email),
            days: site.keep.authors,
        })
    }

    /// A keyed hash of an e-mail address, under which everything is filed that its holder has sent to a site. Capital
    /// letters make no difference.
    #[must_use]
    pub fn person_hash(&self, site: &str, email: &str) -> String {
        self.keys.hash("person", &[site, &email.trim().to_lowercase()])
    }

    /// What a submission is filed under, if it bears an e-mail address.
    #[must_use]
    pub fn person(&self, submission: &Submission) -> Option<String> {
        Some(self.person_hash(&submission.site, submission.email()?.as_str()))
    }

    /// A new id: UUIDv7, sorting by time.
    #[must_use]
    pub fn new_id() -> Uuid {
        Uuid::now_v7()
    }
}

/// What `notify` holds: the only function that sends.
#[derive(Debug)]
pub struct Bell {
    /// What it shares with the others.
    pub app: App,
    /// The way to the owner's mail.
    pub mailer: Mailer,
    /// The way to telephones.
    pub texts: aws_sdk_sns::Client,
    /// The address under which the functions are reached.
    pub url: Url,
}

impl Bell {
    /// Starts like [`App::start`], with a way to send mail.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        let url = settings.url.clone().ok_or(StartError::Missing("DESKBELL_URL"))?;
        let (app, aws) = App::reach(settings, false).await?;
        Ok(Self {
            app,
            mailer: Mailer::new(&aws, &settings.clock, settings.config.mail.from.clone()),
            texts: aws.sns(),
            url,
        })
    }

    /// The whole address of a path.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// Where to decide about a submission, as it stands now.
    pub(crate) fn links(&self, submission: &Submission) -> Links {
        let choices = CHOICES.into_iter().filter(|choice| choice.suits(submission));
        Links {
            choices: choices.map(|choice| (choice, self.address(&self.app.choice_path(submission, choice)))).collect(),
            more: self.address(&self.app.moderation_path(submission)),
            inbox: self.address(&self.app.path(&submission.site, &item_route(submission.id))),
        }
    }
}

/// Reads the environment and starts writing structured logs; the first thing that each binary does.
pub fn boot() -> Result<Settings, StartError> {
    log::start();
    Settings::from_env()
}
