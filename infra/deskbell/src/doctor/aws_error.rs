//! What AWS' errors mean, and what to do about them.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use deskbell_functions::store::chain;

use super::finding::Finding;

/// How to give this program credentials.
pub(super) const CREDENTIALS: &str = "Name a profile (export AWS_PROFILE=NAME; with SSO, then: aws sso login), or set \
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if they are temporary, AWS_SESSION_TOKEN: \
    eval \"$(aws configure export-credentials --format env)\"";

/// A request that AWS did not answer.
pub(super) fn unanswered<E, R>(check: &'static str, error: &SdkError<E, R>) -> Finding
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let said = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match (code, meaning(code.unwrap_or_default())) {
        (Some(code), Some((means, advice))) => Finding::problem(check, format!("{means} ({code}: {said})"), advice),
        (Some(code), None) => Finding::problem(check, format!("AWS refuses: {code}: {said}"), "See AWS' message."),
        (None, _) if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) => Finding::problem(
            check,
            format!("AWS was not reached: {}", chain(error)),
            "Check that this machine is online, and the name of the region (--region).",
        ),
        (None, _) => Finding::problem(
            check,
            format!("The answer is not one of AWS: {}", chain(error)),
            "Check for a proxy between this machine and AWS, and whether AWS_ENDPOINT_URL is set.",
        ),
    }
}

/// What an error's code means, and what to do about it.
fn meaning(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => (
            "The credentials have expired",
            "Sign in again (with SSO: aws sso login); if they are in the environment, set them anew.",
        ),
        "InvalidClientTokenId" | "UnrecognizedClientException" | "AuthFailure" | "MissingAuthenticationToken" => {
            ("AWS does not know these credentials", CREDENTIALS)
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" => (
            "The secret key does not belong to the access key, or this machine's clock is wrong",
            "Copy both keys again, and set the clock.",
        ),
        "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "UnauthorizedOperation" => (
            "These credentials may not read this",
            "Use credentials that may read the stack and what it holds: the managed policy ReadOnlyAccess is enough.",
        ),
        "Throttling" | "ThrottlingException" | "TooManyRequestsException" => {
            ("AWS throttles", "Try again in a minute.")
        }
        _ => return None,
    })
}
