//! Form tokens and proofs of work, as a script of a page gets and sends them.

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use deskbell_functions::judging::form_token::{Place, SignedToken};
use serde_json::Value;
use uuid::Uuid;

use crate::harness::submissions;
use crate::harness::world::{Answer, Desk, evidence};

/// The network that tests come from.
pub(crate) const HERE: &str = "127.0.0.0/24";

impl Desk {
    /// What a script fetches before it sends a form.
    pub(crate) async fn challenge(&self, form: &str) -> Value {
        let answer = self.get(&format!("/challenge?form={form}")).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{answer:?}");
        answer.json()
    }

    /// A token that was issued to a form so many milliseconds ago.
    pub(crate) fn token(&self, form: &str, age_ms: i64) -> String {
        self.token_of(&Place { site: "studio", form, network: &self.network(HERE) }, age_ms)
    }

    /// Sends a lead whose form shows a token that is good; gives its id.
    pub(crate) async fn message_with_token(&self, name: &str, email: &str, message: &str) -> String {
        let token = self.token("default", 60_000);
        let fields = [("name", name), ("email", email), ("message", message), ("_token", &token)];
        self.post_for_json("/contact", &fields).await.id()
    }

    pub(crate) fn token_of(&self, place: &Place, age_ms: i64) -> String {
        SignedToken { id: self.issued(age_ms), request_rate: 1 }.sign(&self.world.app.keys, place)
    }

    /// An id that was made so many milliseconds ago.
    pub(crate) fn issued(&self, age_ms: i64) -> Uuid {
        let issued = u64::try_from(self.now().as_millisecond() - age_ms).expect("after 1970");
        submissions::id_at(issued)
    }

    pub(crate) fn network(&self, network: &str) -> String {
        self.world.app.keys.hash("network", &["studio", network])
    }

    /// The filter's reasons, beside the text, for what is stored under the id in an answer.
    pub(crate) async fn reasons(&self, answer: &Answer) -> Vec<String> {
        assert!((200..300).contains(&answer.status), "{answer:?}");
        let stored = self.submission(&answer.id()).await;
        evidence(&stored.verdict).into_iter().map(str::to_owned).collect()
    }
}

/// What the widget puts into its field, by the official solver.
pub(crate) fn solved(challenge: &Value) -> String {
    let challenge: Challenge = serde_json::from_value(challenge.clone()).expect("a challenge as ALTCHA's");
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).expect("solvable").expect("in time");
    field(&Payload { challenge, solution })
}

pub(crate) fn field(payload: &Payload) -> String {
    BASE64.encode(serde_json::to_string(payload).expect("JSON"))
}
