//! The offer of a second chance: where the page with the button is, and what a script needs.

use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::config::ProofWanted;
use crate::keys::{Purpose, Token};
use crate::routes::{CHALLENGE, SECOND_CHANCE};
use crate::submission::Submission;
use crate::web::Context;

/// How long the chance is given, in seconds.
const CHANCE_SECONDS: i64 = 3_600;

/// A second chance that somebody is offered.
pub(crate) struct Offer<'a> {
    context: &'a Context,
    route: String,
    form: &'a str,
}

/// Offers a second chance where there is doubt that was not cleared yet.
pub(crate) fn offer<'a>(context: &'a Context, submission: &'a Submission) -> Option<Offer<'a>> {
    if !submission.is_doubtful() {
        return None;
    }
    let token = Token {
        purpose: Purpose::SecondChance,
        site: submission.site.clone(),
        id: submission.id,
        decisions: submission.decisions,
        expires_at: Timestamp::now().as_second() + CHANCE_SECONDS,
    };
    let route = SECOND_CHANCE.path.replace("{token}", &context.app.keys.sign(&token));
    Some(Offer { context, route, form: submission.form() })
}

impl Offer<'_> {
    /// The page with the button, from which it goes on to `next`.
    pub(crate) fn page(&self, next: Option<&str>) -> String {
        let next = next.filter(|next| self.context.site().own_url(next).is_some());
        let next = next.map(|next| form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
        let query = next.map_or_else(String::new, |next| format!("?next={next}"));
        self.context.route(&format!("{}{query}", self.route))
    }

    /// What a script needs: where to send a solved challenge, which is also the page with the button, and where to
    /// fetch a challenge.
    pub(crate) fn json(&self, next: Option<&str>) -> Value {
        let mut offer = json!({ "url": format!("{}{}", self.context.base(), self.page(next)) });
        if self.context.site().challenge.proof != ProofWanted::Never {
            let form: String = form_urlencoded::byte_serialize(self.form.as_bytes()).collect();
            offer["challenge"] = self.context.link(&format!("{}?form={form}", CHALLENGE.path)).into();
        }
        offer
    }
}
