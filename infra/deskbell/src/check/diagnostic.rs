//! A mistake in a settings file, and whether its line may be shown.

use deskbell_functions::config::Mistake;

/// Something wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Diagnostic {
    pub(super) mistake: Mistake,
    /// Whether what follows on the line is a secret.
    pub(super) hides: bool,
}

impl From<Mistake> for Diagnostic {
    fn from(mistake: Mistake) -> Self {
        Self { mistake, hides: false }
    }
}
