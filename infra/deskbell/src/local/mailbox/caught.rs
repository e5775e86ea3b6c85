//! What was caught.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// An email as it was caught.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaughtEmail {
    /// Its number: 1 for the first that was caught.
    pub number: usize,
    /// When it was caught, in seconds since 1970.
    pub at: i64,
    /// The sender's name; empty if it has none.
    pub from_name: String,
    /// The sender's address.
    pub from: String,
    /// The recipients' addresses.
    pub to: Vec<String>,
    /// Whom an answer reaches.
    pub reply_to: Option<String>,
    /// The subject, decoded.
    pub subject: String,
    /// The plain part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// All headers by name, as they stand in the email.
    pub headers: BTreeMap<String, String>,
}

/// All emails caught so far.
#[derive(Debug, Clone, Default)]
pub struct Mailbox {
    pub(super) emails: Arc<Mutex<Vec<CaughtEmail>>>,
    pub(super) texts: Arc<Mutex<Vec<Text>>>,
}

/// A text message as it was caught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The number.
    pub to: String,
    /// What it says.
    pub text: String,
}

impl Mailbox {
    /// The emails, the newest first.
    #[must_use]
    pub fn emails(&self) -> Vec<CaughtEmail> {
        self.emails.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }

    /// The text messages, the newest first.
    pub(super) fn texts(&self) -> Vec<Text> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}
