//! What a client can do something about. The one file that knows which status code that is.

use std::borrow::Cow;

use http::StatusCode;

use crate::form::FieldError;
use crate::keys::TokenError;
use crate::store::StoreError;
use crate::submission::sender::TooMany;
use crate::words::Words;

/// Why a request is not answered as hoped.
#[derive(Debug)]
pub enum Error {
    /// Sent by a page of another site.
    Foreign,
    /// Names something that is not there.
    Unknown(Unknown),
    /// A method that the address does not take; with those it takes.
    Method(&'static str),
    /// Cannot be read at all.
    Malformed,
    /// Bad fields, all of them.
    Invalid(Vec<FieldError>),
    /// A body of a type that forms do not have.
    MediaType,
    /// JSON that was sent without saying so.
    UnnamedJson,
    /// Too much text, or too many bytes around it.
    TooLarge,
    /// More fields than a form may have, this many.
    TooManyFields(usize),
    /// Too many submissions from one network; with the seconds to wait.
    TooMany(u32),
    /// Nobody is signed in; with the path of the page where that is done.
    SignIn(String),
    /// A form of the inbox that is not the signed-in person's: an old one, or another site's.
    Stale,
    /// What the signed-in person's role does not allow.
    NotAllowed,
    /// A comment on a page that takes none any more.
    Closed,
    /// A signed link that does not work.
    Link(TokenError),
    /// What the link is about was deleted.
    Gone,
    /// The table does not answer.
    Unavailable(StoreError),
}

/// What is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A site.
    Site,
    /// A form.
    Form,
    /// The comment to reply to.
    Parent,
    /// An address.
    Address,
}

impl From<TooMany> for Error {
    fn from(too_many: TooMany) -> Self {
        Self::TooMany(too_many.seconds)
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        Self::Link(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}

impl Error {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed => StatusCode::BAD_REQUEST,
            Self::SignIn(_) => StatusCode::UNAUTHORIZED,
            Self::Foreign | Self::Stale | Self::NotAllowed | Self::Closed | Self::Link(TokenError::Forged) => {
                // Not 409, which invites to try again, nor 410: the page and its comments are there.
                StatusCode::FORBIDDEN
            }
            Self::Unknown(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Gone | Self::Link(TokenError::Expired) => StatusCode::GONE,
            Self::TooLarge | Self::TooManyFields(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MediaType | Self::UnnamedJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Whether it was refused before anything was asked of the table: a form token is good for another try.
    #[must_use]
    pub fn is_early(&self) -> bool {
        matches!(self, Self::Invalid(_) | Self::Foreign | Self::TooManyFields(_))
    }

    /// After how many seconds it may be tried again.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(5),
            _ => None,
        }
    }

    /// The stable name that programs know it by, where its status alone does not say what is the matter.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Closed => Some("comments_closed"),
            Self::Unknown(Unknown::Parent) => Some("parent_gone"),
            _ => None,
        }
    }

    /// What people and machines read about it. Holds neither its cause nor what was typed.
    #[must_use]
    pub fn title<'a>(&self, words: &'a Words) -> Cow<'a, str> {
        let text = match self {
            Self::TooManyFields(max) => return words.problem_too_many_fields.format("max", *max).into(),
            Self::Foreign => words.problem_origin,
            Self::Unknown(Unknown::Site) => words.problem_site,
            Self::Unknown(Unknown::Form) => words.problem_form,
            Self::Unknown(Unknown::Parent) => words.problem_parent,
            Self::Unknown(Unknown::Address) => words.problem_page,
            Self::Method(_) => words.problem_method,
            Self::Malformed => words.problem_malformed,
            Self::Invalid(_) => words.problem_invalid,
            Self::MediaType => words.problem_media_type,
            Self::UnnamedJson => words.problem_unnamed_json,
            Self::TooLarge => words.problem_too_large,
            Self::TooMany(_) => words.problem_too_many,
            Self::SignIn(_) => words.sign_in_needed,
            Self::Stale => words.stale_title,
            Self::NotAllowed => words.not_allowed_title,
            Self::Closed => words.closed_title,
            Self::Link(TokenError::Forged) => words.forged_title,
            Self::Link(TokenError::Expired) => words.expired_title,
            Self::Gone => words.gone_title,
            Self::Unavailable(_) => words.problem_unavailable,
        };
        text.into()
    }

    /// What else people read about it.
    #[must_use]
    pub fn detail<'a>(&self, words: &'a Words) -> Option<&'a str> {
        match self {
            Self::Foreign => Some(words.problem_origin_text),
            Self::TooLarge => Some(words.problem_too_large_text),
            Self::Stale => Some(words.stale_text),
            Self::NotAllowed => Some(words.not_allowed_text),
            Self::Closed => Some(words.closed_text),
            Self::Link(TokenError::Forged) => Some(words.forged_text),
            Self::Link(TokenError::Expired) => Some(words.expired_text),
            Self::Gone => Some(words.gone_text),
            _ => None,
        }
    }

    /// Logs what only the operator can mend, once, here at the boundary. `unstored`: whether what somebody typed is not
    /// stored by that, which an alarm counts.
    pub(super) fn log(&self, unstored: bool) {
        match self {
            Self::Unavailable(cause) if unstored => {
                tracing::error!(Unstored = 1, %cause, "submission not stored: DynamoDB request failed");
            }
            Self::Unavailable(cause) => tracing::error!(%cause, "DynamoDB request failed"),
            _ => {}
        }
    }
}
