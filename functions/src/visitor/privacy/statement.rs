//! The statement itself: what is stored, for how long, who sees it, and what visitors can ask for.

use serde::Serialize;

use super::parties::parties;
use crate::config::channels::ChannelSettings;
use crate::config::team::Role;
use crate::config::{ProofWanted, Site};
use crate::form::{Email, Field, FieldKind};
use crate::judging::redeem::kept_seconds;
use crate::store::{AKISMET_CHECK_SECONDS, IDEMPOTENCY_SECONDS, SUPPRESSION_SECONDS};
use crate::words::{PrivacyWords, Words, format};

const DAY: i64 = 86_400;

/// A part of the statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Sentences, each of which stands by itself.
    pub points: Vec<String>,
    /// Where to write to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// Whom visitors ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// The words before it.
    pub words: String,
    /// As the configuration has it.
    pub whom: String,
    /// Where that leads, if it is an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// The statement of a site whose data is in an AWS region, in the language of `words`.
#[must_use]
pub fn statement(site: &Site, region: &str, words: &Words) -> Vec<Section> {
    let author = Author { site, region, words, texts: &words.processing };
    vec![
        Section { contact: author.contact(), ..author.section(|texts| texts.responsible_title, author.responsible()) },
        author.section(|texts| texts.what_title, author.what()),
        author.section(|texts| texts.kept_title, author.kept()),
        author.section(|texts| texts.seen_title, author.seen()),
        author.section(|texts| texts.spam_title, author.spam()),
        author.section(|texts| texts.cookies_title, author.cookies()),
        author.section(|texts| texts.others_title, author.others()),
        author.section(|texts| texts.rights_title, author.rights()),
    ]
}

/// What sentences are made of.
struct Author<'a> {
    site: &'a Site,
    region: &'a str,
    words: &'a Words,
    texts: &'a PrivacyWords,
}

/// Where a text stands.
type Place = fn(&PrivacyWords) -> &'static str;

impl Author<'_> {
    fn section(&self, title: Place, points: impl IntoIterator<Item = Option<String>>) -> Section {
        Section { title: title(self.texts).to_owned(), points: points.into_iter().flatten().collect(), contact: None }
    }

    /// A text with the names in it that several have.
    fn text(&self, place: Place) -> String {
        let named = format(place(self.texts), "site", &self.site.name);
        format(&format(&named, "owner", &self.site.owner.name), "region", self.region)
    }

    /// A text that is there if something is so.
    fn text_if(&self, so: bool, place: Place) -> Option<String> {
        so.then(|| self.text(place))
    }

    /// A text with a time in it.
    fn kept_for(&self, place: Place, days: u32) -> String {
        format(&self.text(place), "time", self.texts.days.format("count", days))
    }

    fn responsible(&self) -> [Option<String>; 2] {
        let ask = self.text_if(self.site.privacy_contact.is_none(), |texts| texts.responsible_form);
        [Some(self.text(|texts| texts.responsible)), ask]
    }

    fn what(&self) -> [Option<String>; 9] {
        let fields = self.fields();
        let lead = if fields.is_empty() {
            self.text(|texts| texts.what_lead)
        } else {
            format(&self.text(|texts| texts.what_fields), "fields", fields.join(", "))
        };
        let network: Place =
            if self.site.akismet.is_some() { |texts| texts.what_network_akismet } else { |texts| texts.what_network };
        [
            Some(lead),
            Some(self.text(|texts| texts.what_comment)),
            self.text_if(self.site.asks_for_consent(), |texts| texts.what_consent),
            self.text_if(!self.site.languages.is_empty(), |texts| texts.what_language),
            Some(self.text(network)),
            Some(self.text(|texts| texts.what_codes)),
            Some(self.text(|texts| texts.what_author)),
            self.text_if(self.answers(), |texts| texts.what_bounced),
            Some(self.text(|texts| texts.what_learning)),
        ]
    }

    /// Whether visitors are written to.
    fn answers(&self) -> bool {
        self.site.channels.iter().any(ChannelSettings::is_answer)
    }

    /// What the site's forms ask for, each once.
    fn fields(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        let typed = |field: &&Field| field.kind() != FieldKind::Consent;
        for field in self.site.forms.values().flat_map(|form| &form.fields).filter(typed) {
            let label = field.label.clone().unwrap_or_else(|| self.words.label(&field.name));
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    fn kept(&self) -> [Option<String>; 11] {
        let keep = self.site.keep;
        let asked =
            self.site.akismet.as_ref().map(|_| self.kept_for(|texts| texts.kept_akismet, days(AKISMET_CHECK_SECONDS)));
        let codes = self.kept_for(|texts| texts.kept_codes, days(IDEMPOTENCY_SECONDS));
        let hours = kept_seconds(self.site) / 3_600;
        [
            Some(self.kept_for(|texts| texts.kept_leads, keep.leads)),
            Some(self.kept_for(|texts| texts.kept_held, keep.held)),
            Some(self.text(|texts| texts.kept_published)),
            Some(self.kept_for(|texts| texts.kept_spam, keep.spam)),
            Some(self.kept_for(|texts| texts.kept_trash, keep.trash)),
            Some(self.kept_for(|texts| texts.kept_authors, keep.authors)),
            asked,
            self.answers().then(|| self.kept_for(|texts| texts.kept_bounced, days(SUPPRESSION_SECONDS))),
            Some(format(&codes, "hours", self.texts.hours.format("count", hours))),
            Some(self.text(|texts| texts.kept_learning)),
            Some(self.text(|texts| texts.kept_after)),
        ]
    }

    fn seen(&self) -> [Option<String>; 3] {
        let helps = |role: Role| self.site.team.iter().any(|person| person.role == role);
        let owner: Place = if helps(Role::Owner) { |texts| texts.seen_owners } else { |texts| texts.seen_owner };
        [
            Some(self.text(owner)),
            self.text_if(helps(Role::Moderator), |texts| texts.seen_moderators),
            Some(self.text(|texts| texts.seen_public)),
        ]
    }

    fn spam(&self) -> [Option<String>; 3] {
        let proof = match self.site.challenge.proof {
            ProofWanted::Never => None,
            ProofWanted::Unsure => Some(self.text(|texts| texts.spam_proof)),
            ProofWanted::Always => Some(self.text(|texts| texts.spam_proof_always)),
        };
        [Some(self.text(|texts| texts.spam_how)), Some(self.text(|texts| texts.spam_result)), proof]
    }

    fn cookies(&self) -> [Option<String>; 2] {
        let captcha = self.site.challenge.captcha.is_some();
        [Some(self.text(|texts| texts.cookies)), self.text_if(captcha, |texts| texts.cookies_captcha)]
    }

    fn others(&self) -> Vec<Option<String>> {
        let parties = parties(self.site, self.texts);
        let none = self.text_if(parties.is_empty(), |texts| texts.others_none);
        let named = |party: String| format(&party, "owner", &self.site.owner.name);
        let parties = parties.into_iter().map(|party| Some(named(party)));
        [Some(self.text(|texts| texts.others_aws))].into_iter().chain(parties).chain([none]).collect()
    }

    fn rights(&self) -> [Option<String>; 4] {
        [
            Some(self.text(|texts| texts.rights)),
            Some(self.text(|texts| texts.rights_thread)),
            self.text_if(self.site.asks_for_consent(), |texts| texts.rights_consent),
            Some(self.text(|texts| texts.rights_complaint)),
        ]
    }

    /// Whom to ask, if the site says so. The owner's own address is not given away.
    fn contact(&self) -> Option<Contact> {
        let whom = self.site.privacy_contact.clone()?;
        let mail = Email::parse(&whom).map(|email| format!("mailto:{}", email.as_str()));
        let address = whom.starts_with('/') || whom.starts_with("https://") || whom.starts_with("http://");
        let page = self.site.own_url(&whom).filter(|_| address).map(String::from);
        Some(Contact { words: self.text(|texts| texts.responsible_contact), whom, href: mail.or(page) })
    }
}

fn days(seconds: i64) -> u32 {
    u32::try_from(seconds / DAY).unwrap_or_default()
}
