//! Akismet, for the sites whose owners want it: asked about what the filter is not certain of, and given feedback
//! where the owner decided otherwise. Follows <https://akismet.com/developers/>. Only a plain `false` counts as "not spam"; whatever
//! else comes back, or does not, is doubt.

use uuid::Uuid;

use crate::app::App;
use crate::config::secret::Secret;
use crate::config::{AkismetSettings, Site};
use crate::form::{Email, Hidden};
use crate::platform::outgoing::{Answer, OutgoingError};
use crate::store::StoreError;
use crate::submission::sender::Sender;
use crate::submission::{SubmissionContent, time_of};
use crate::words::dates::rfc3339;
use deskbell_filter::Label;

/// What Akismet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Not spam.
    Ham,
    /// Not spam as far as it knows now; it wants to be asked again after so many seconds.
    Provisional(u32),
    /// Spam.
    Spam,
    /// Spam so blatant that it may be thrown away. It is stored all the same.
    Discard,
}

impl Said {
    /// Which of the two it is, as long as nobody says otherwise.
    #[must_use]
    pub fn label(self) -> Label {
        match self {
            Self::Ham | Self::Provisional(_) => Label::Ham,
            Self::Spam | Self::Discard => Label::Spam,
        }
    }

    /// After how many seconds it wants to be asked again, if it is provisional.
    #[must_use]
    pub fn recheck_after(self) -> Option<u32> {
        match self {
            Self::Provisional(seconds) => Some(seconds),
            Self::Ham | Self::Spam | Self::Discard => None,
        }
    }
}

/// Why Akismet could not be asked or told. Holds nothing of what was sent.
#[derive(Debug, thiserror::Error)]
pub enum AkismetError {
    /// `deskbell secret set akismet` is still to be done.
    #[error("the secret \"akismet\" is not set")]
    NoKey,
    /// The key cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Akismet was not reached.
    #[error(transparent)]
    Outgoing(#[from] OutgoingError),
    /// The key's allowance is used up.
    #[error("too many questions for this key")]
    Throttled,
    /// Any other answer, with Akismet's explanation where it holds nothing of what was sent.
    #[error("status {status}, {help}")]
    Answer {
        /// The HTTP status.
        status: u16,
        /// Akismet's explanation.
        help: String,
    },
}

/// What Akismet is asked about a submission: the fields of its interface, without the key. What it is told later has
/// to repeat the very same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question(Vec<(String, String)>);

impl Question {
    /// The question about what a visitor sent; none if their address, without which Akismet does not answer, is
    /// unknown.
    #[must_use]
    pub fn about(
        site: &Site,
        sender: &Sender,
        settings: &AkismetSettings,
        id: Uuid,
        content: &SubmissionContent,
        hidden: &Hidden,
    ) -> Option<Self> {
        let mut question = Self(Vec::new());
        question.add("blog", site.url.as_str());
        question.add("user_ip", &sender.address?.to_string());
        question.add("user_agent", &sender.user_agent);
        question.add("permalink", &permalink(site, content, &sender.referrer));
        question.add("referrer", &sender.referrer);
        question.add_content(content);
        question.add("comment_date_gmt", &rfc3339(time_of(id)));
        question.add("blog_lang", settings.lang.as_deref().unwrap_or(&site.lang));
        question.add("blog_charset", "UTF-8");
        if let Some((name, typed)) = &hidden.trap {
            question.add("honeypot_field_name", name);
            question.0.push((name.clone(), typed.clone()));
        }
        if is_local(site) {
            question.add("is_test", "1");
        }
        Some(question)
    }

    fn add_content(&mut self, content: &SubmissionContent) {
        match content {
            SubmissionContent::Lead(lead) => {
                self.add("comment_type", "contact-form");
                self.add("comment_author", lead.name().unwrap_or_default());
                self.add("comment_author_email", lead.email().map_or("", Email::as_str));
                self.add("comment_content", &lead.text());
            }
            SubmissionContent::Comment(comment) => {
                self.add("comment_type", if comment.parent().is_some() { "reply" } else { "comment" });
                self.add("comment_author", comment.author());
                self.add("comment_author_email", comment.email().map_or("", Email::as_str));
                self.add("comment_author_url", comment.url().unwrap_or_default());
                self.add("comment_content", comment.text());
            }
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.0.push((name.into(), value.into()));
        }
    }

    /// Names and values, as Akismet gets them.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    /// As bytes, to be kept sealed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    /// From what [`Self::to_bytes`] gave.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }

    /// Asks.
    pub async fn ask(&self, app: &App, site: &Site) -> Result<Said, AkismetError> {
        self.parse_response(&self.post(app, site, "comment-check", &[]).await?)
    }

    /// Asks again what was answered provisionally.
    pub async fn ask_again(&self, app: &App, site: &Site) -> Result<Said, AkismetError> {
        self.parse_response(&self.post(app, site, "comment-check", &[("recheck_reason", "recheck-after")]).await?)
    }

    /// Tells what it really is.
    pub async fn tell(&self, app: &App, site: &Site, label: Label) -> Result<(), AkismetError> {
        let route = match label {
            Label::Spam => "submit-spam",
            Label::Ham => "submit-ham",
        };
        let answer = self.post(app, site, route, &[]).await?;
        let thanked = answer.status == 200 && answer.body.trim().starts_with("Thanks");
        if thanked { Ok(()) } else { Err(self.failure(&answer)) }
    }

    async fn post(&self, app: &App, site: &Site, route: &str, more: &[(&str, &str)]) -> Result<Answer, AkismetError> {
        let key = app.secret(site, &Secret::Akismet).await?.ok_or(AkismetError::NoKey)?;
        let own = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> =
            std::iter::once(("api_key", key.reveal())).chain(own).chain(more.iter().copied()).collect();
        let url = format!("{}/1.1/{route}", app.services.akismet.trim_end_matches('/'));
        let answer = app.outgoing.post(&url, &fields).await?;
        if answer.status == 429 { Err(AkismetError::Throttled) } else { Ok(answer) }
    }

    fn parse_response(&self, answer: &Answer) -> Result<Said, AkismetError> {
        // An alert is about the account: over its limit, suspended. What comes with it is not relied on.
        let sound = answer.status == 200
            && answer.header("x-akismet-error").is_none()
            && answer.header("x-akismet-alert-code").is_none();
        let recheck = answer.header("x-akismet-recheck-after");
        match (answer.body.trim(), recheck) {
            ("true", _) if answer.header("x-akismet-pro-tip") == Some("discard") => Ok(Said::Discard),
            ("true", _) => Ok(Said::Spam),
            ("false", None) if sound => Ok(Said::Ham),
            ("false", Some(seconds)) if sound => Ok(Said::Provisional(seconds.trim().parse().unwrap_or(RECHECK_AFTER))),
            _ => Err(self.failure(answer)),
        }
    }

    /// What is wrong, without a word of what was sent, should Akismet repeat it.
    fn failure(&self, answer: &Answer) -> AkismetError {
        let names = ["x-akismet-debug-help", "x-akismet-alert-code", "x-akismet-alert-msg", "x-akismet-error"];
        let help: Vec<&str> = names.iter().filter_map(|name| answer.header(name)).collect();
        let help: String = help.join("; ").chars().take(200).collect();
        let repeats = self.0.iter().any(|(_, value)| value.len() > 3 && help.contains(value.as_str()));
        let help = if help.is_empty() || repeats { "no explanation".into() } else { help };
        AkismetError::Answer { status: answer.status, help }
    }
}

/// When to ask again if Akismet does not say, in seconds.
const RECHECK_AFTER: u32 = 120;

/// The page that a comment stands on, or the site's page that a contact request came from.
fn permalink(site: &Site, content: &SubmissionContent, referrer: &str) -> String {
    let page = match content {
        SubmissionContent::Lead(_) => site.own_url(referrer).filter(|_| !referrer.is_empty()),
        SubmissionContent::Comment(comment) => site.own_url(comment.page().path()),
    };
    page.as_ref().unwrap_or(&site.url).to_string()
}

/// Whether the site is served from this machine, where things are tried out.
fn is_local(site: &Site) -> bool {
    match site.url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
