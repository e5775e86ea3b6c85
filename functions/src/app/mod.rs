//! What every function holds while it runs, and how it starts.

pub(crate) mod cache;
pub mod paths;
pub mod secrets;
mod settings;

use std::sync::Arc;

use futures_util::future::{join_all, join3};
use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use self::cache::Cache;
use self::secrets::{Secrets, Value};
pub use self::settings::{Settings, StartError, boot};
use crate::config::secret::Secret;
use crate::config::team::Person;
use crate::config::{Config, Site};
use crate::form::{Email, mailbox};
use crate::keys::Keys;
pub use crate::platform::aws::{Authorities, Aws};
use crate::platform::clock::Clock;
use crate::platform::outgoing::{Outgoing, Services};
use crate::store::{Author, Store, StoreError, Suppression};
use crate::submission::Submission;
use crate::submission::comment::Comment;
use deskbell_filter::{Content, Judging, Signals, SiteModel, judge};

/// How much a submission asks the table at once.
const CONNECTIONS: usize = 4;

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
    site_models: SiteModels,
}

/// What the sites have learnt, by site.
#[derive(Debug, Default)]
struct SiteModels(Cache<Arc<SiteModel>>);

impl SiteModels {
    async fn of(&self, store: &Store, site: &str) -> Option<Arc<SiteModel>> {
        let read = async || Ok(Arc::new(store.site_model(site).await?));
        let site_model = self.0.get(site, read).await;
        site_model.inspect_err(|error| tracing::error!(site, %error, "site model unavailable, judged without it")).ok()
    }
}

/// Judges something, so that what judging needs is at hand when somebody waits for it.
fn warm_up() {
    let content = Content { text: "Could I come on Monday?".into(), ..Content::default() };
    std::hint::black_box(judge(&content, &Signals::default(), &SiteModel::default(), &Judging::default()));
}

impl App {
    /// Connects to the table and loads the secret from it; the first function ever to start makes the secret.
    /// That call also opens the connection while the function is still starting, when it has the most CPU.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        Ok(Self::connect(settings, false).await?.0)
    }

    /// Starts like [`Self::start`] a function that judges: what the sites have learnt is read before anybody waits for
    /// it, and as many connections are opened as a submission wants at once.
    pub async fn start_to_judge(settings: &Settings) -> Result<Self, StartError> {
        Ok(Self::connect(settings, true).await?.0)
    }

    /// Opens with Amazon's own authorities, or with the system's, should the table's certificate come from another:
    /// where it is not at AWS, or AWS ever changes them. Gives which way, too.
    pub(crate) async fn connect(settings: &Settings, judges: bool) -> Result<(Self, Aws), StartError> {
        let aws = settings.aws.clone();
        // On the heap: a start holds two calls at once, and callers hold it.
        match Box::pin(Self::open(settings, &aws, judges)).await {
            Ok(app) => Ok((app, aws)),
            Err(error @ StoreError::Unavailable(_)) if aws.authorities == Authorities::Amazon => {
                tracing::warn!(%error, "table not reached with Amazon's root certificates, retrying with the system's");
                let aws = Aws { authorities: Authorities::System, ..aws };
                Ok((Box::pin(Self::open(settings, &aws, judges)).await?, aws))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn open(settings: &Settings, aws: &Aws, judges: bool) -> Result<Self, StoreError> {
        let (store, config) = (Store::new(aws.dynamodb(), settings.table.clone()), settings.config.clone());
        let site_models = SiteModels::default();
        let read_models = async {
            if judges {
                warm_up();
            }
            // Beside the secret.
            let sites = stream::iter(config.sites.keys().filter(|_| judges));
            sites.for_each_concurrent(CONNECTIONS - 1, async |site| drop(site_models.of(&store, site).await)).await;
        };
        // Those that these do not open.
        let missing = (1 + config.sites.len()..CONNECTIONS).filter(|_| judges);
        let connections = join_all(missing.map(|_| store.open_connection()));
        let (secret, (), _) = join3(store.secret(), read_models, connections).await;
        let (services, region) = (settings.services.clone(), aws.region.clone());
        let clock = settings.clock.clone();
        let outgoing = Outgoing::new(services.reach.clone(), clock.clone());
        Ok(Self { outgoing, services, region, clock, site_models, ..Self::on(store, config, &secret?) })
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
            site_models: SiteModels::default(),
        }
    }

    /// What a site has learnt from its owner; none if that could never be read.
    pub async fn site_model(&self, site: &Site) -> Option<Arc<SiteModel>> {
        self.site_models.of(&self.store, &site.id).await
    }

    /// A site's secret for a third party, if one was set.
    pub async fn secret(&self, site: &Site, secret: &Secret) -> Result<Option<Value>, StoreError> {
        self.secrets.get(&self.store, &site.id, secret).await
    }

    /// The site of a stored submission, if it is still configured.
    #[must_use]
    pub fn site(&self, id: &str) -> Option<&Site> {
        self.config.sites.get(id)
    }

    /// A keyed hash of an author's name and address, under which earlier approvals are remembered.
    #[must_use]
    pub fn author_hash(&self, site: &Site, author: &str, email: &str) -> String {
        self.keys.hash("author", &[&site.id, &author.to_lowercase(), &Email::fold(email)])
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
    /// letters and the spelling of its host make no difference.
    #[must_use]
    pub fn person_hash(&self, site: &str, email: &str) -> String {
        self.keys.hash("person", &[site, &Email::fold(email)])
    }

    /// What an automatic answer to an address is filed under: the same for all addresses of one mailbox.
    #[must_use]
    pub fn answered_hash(&self, site: &str, email: &str) -> String {
        self.person_hash(site, &mailbox(email))
    }

    /// What a submission is filed under, if it bears an e-mail address.
    #[must_use]
    pub fn person(&self, submission: &Submission) -> Option<String> {
        Some(self.person_hash(&submission.site, submission.email()?.as_str()))
    }

    /// What stands for a person of a site's team in cookies and in the table: a keyed hash of the address.
    #[must_use]
    pub fn member_hash(&self, site: &str, email: &str) -> String {
        self.keys.hash("member of the team", &[site, &Email::fold(email)])
    }

    /// The person with this hash, if still in the team by the configuration in force.
    #[must_use]
    pub fn member(&self, site: &Site, hash: &str) -> Option<Person> {
        site.people().find(|person| {
            self.keys.is_hash(hash, "member of the team", &[&site.id, &Email::fold(person.email.as_str())])
        })
    }

    /// Whether an address is not written to, and why.
    pub(crate) async fn suppressed(&self, email: &Email) -> Result<Option<Suppression>, StoreError> {
        self.store.suppressed(&self.address_hash(email.as_str())).await
    }

    /// A keyed hash of an e-mail address, under which it is kept for all sites that it is not written to.
    #[must_use]
    pub fn address_hash(&self, email: &str) -> String {
        self.keys.hash("address", &[&Email::fold(email)])
    }

    /// A new id: UUIDv7, sorting by time.
    #[must_use]
    pub fn new_id() -> Uuid {
        Uuid::now_v7()
    }
}
