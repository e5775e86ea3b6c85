//! Who may sign in to a site's inbox: its owner, and those whom the owner lets help.

use serde::Deserialize;

use crate::config::validator::Validator;
use crate::form::{Email, mailable};

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name that the others of the team know.
    pub name: String,
    /// Where the link for signing in goes.
    #[serde(deserialize_with = "mailable")]
    pub email: Email,
    /// What the person may do; the least, if nothing is said.
    #[serde(default)]
    pub role: Role,
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Owner,
    /// Decides about comments, and sees no messages.
    #[default]
    Moderator,
}

impl Role {
    /// The word in the configuration and in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Moderator => "moderator",
        }
    }
}

/// Nobody may be listed twice: it would not be known which role counts.
pub(super) fn check(owner: &Email, team: &[Person], validator: &mut Validator) {
    let mut known: Vec<String> = vec![owner.as_str().to_lowercase()];
    validator.within("team", |validator| {
        for (index, person) in team.iter().enumerate() {
            let email = person.email.as_str().to_lowercase();
            if known.contains(&email) {
                let problem = "this email is listed twice, or is the owner's";
                validator.within(index, |validator| validator.advise("email", problem, "list each person once"));
            }
            known.push(email);
        }
    });
}
