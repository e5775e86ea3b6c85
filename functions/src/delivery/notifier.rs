//! What `notify` holds, and how it sends: the only function that does.

use url::Url;

use super::email::Links;
use super::lanes::Lanes;
use super::mail::{EmailMessage, Mailer};
use crate::app::paths::item_route;
use crate::app::{App, Settings, StartError};
use crate::config::Site;
use crate::config::team::{Person, Role};
use crate::routes;
use crate::submission::action::Action;
use crate::submission::delivery::SendError;
use crate::submission::reason::DeliveryReason;
use crate::submission::{Status, Submission};

/// What `notify` holds: the only function that sends.
#[derive(Debug)]
pub struct Notifier {
    /// What it shares with the others.
    pub app: App,
    /// The way to the owner's mail.
    pub mailer: Mailer,
    /// The way to telephones.
    pub texts: aws_sdk_sns::Client,
    /// The address under which the functions are reached.
    pub url: Url,
    /// Which services are out of order.
    pub(crate) lanes: Lanes,
}

impl Notifier {
    /// Starts like [`App::start`], with a way to send mail.
    pub async fn start(settings: &Settings) -> Result<Self, StartError> {
        let url = settings.url.clone().ok_or(StartError::Missing("DESKBELL_URL"))?;
        let (app, aws) = App::connect(settings, false).await?;
        Ok(Self {
            app,
            mailer: Mailer::new(&aws, &settings.clock, settings.config.mail.from.clone()),
            texts: aws.sns(),
            url,
            lanes: Lanes::default(),
        })
    }

    /// The whole address of a path.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// Where to decide about a submission, as it stands now.
    pub(crate) fn links(&self, submission: &Submission) -> Links {
        let actions = Action::IN_MAIL.into_iter().filter(|action| action.suits(submission));
        Links {
            actions: actions.map(|action| (action, self.address(&self.app.action_path(submission, action)))).collect(),
            more: self.address(&self.app.moderation_path(submission)),
            inbox: self.address(&self.app.path(&submission.site, &item_route(submission.id))),
            page: self.page(submission),
        }
    }

    /// The page of the site on which a comment stands; the comment itself, once it is published.
    fn page(&self, submission: &Submission) -> Option<String> {
        let mut page = self.app.site(&submission.site)?.own_url(submission.comment()?.page().path())?;
        let published = submission.status == Status::Published;
        page.set_fragment(published.then(|| format!("comment-{}", submission.id)).as_deref());
        Some(page.into())
    }

    /// The whole address of a site's inbox.
    pub(crate) fn inbox(&self, site: &Site) -> String {
        self.address(&self.app.path(&site.id, routes::INBOX.path))
    }

    /// Sends an email, unless its address is one that is not written to.
    pub(crate) async fn send(&self, message: &EmailMessage<'_>) -> Result<(), SendError> {
        match self.app.suppressed(message.to.1).await? {
            None => self.mailer.send(message).await,
            Some(suppressed) => Err(SendError::never(suppressed.reason.into())),
        }
    }

    /// Sends an email to the owner of its site; or, if that address is not written to, to the first other owner of the
    /// team whose address is. Moderators may not see everything.
    pub(crate) async fn send_to_owner(&self, message: EmailMessage<'_>) -> Result<(), SendError> {
        let owners: Vec<Person> = owners(message.site).collect();
        let mut refused = SendError::never(DeliveryReason::Bounced);
        for owner in &owners {
            match self.app.suppressed(&owner.email).await? {
                None => return self.mailer.send(&EmailMessage { to: (&owner.name, &owner.email), ..message }).await,
                Some(suppressed) => refused = SendError::never(suppressed.reason.into()),
            }
        }
        Err(refused)
    }
}

fn owners(site: &Site) -> impl Iterator<Item = Person> {
    site.people().filter(|person| person.role == Role::Owner)
}
