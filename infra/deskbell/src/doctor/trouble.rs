//! What AWS' refusals mean, and what to do about them.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use deskbell_functions::store::chain;

use super::finding::Finding;

/// How to get credentials into the environment, where this program and the functions look for them.
pub(super) const CREDENTIALS: &str = "Put the credentials of the account into the environment: AWS_ACCESS_KEY_ID, \
    AWS_SECRET_ACCESS_KEY and, if they are temporary, AWS_SESSION_TOKEN. With the AWS CLI: \
    eval \"$(aws configure export-credentials --format env)\"";

/// A question that AWS did not answer.
pub(super) fn unanswered<E, R>(check: &'static str, error: &SdkError<E, R>) -> Finding
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let said = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    match (code, meaning(code.unwrap_or_default())) {
        (Some(code), Some((means, advice))) => Finding::problem(check, format!("{means} ({code}: {said})"), advice),
        (Some(code), None) => Finding::problem(check, format!("AWS refuses: {code}: {said}"), "See what AWS says."),
        (None, _) if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) => Finding::problem(
            check,
            format!("AWS was not reached: {}", chain(error)),
            "Look whether this machine is online, and whether the region (--region) is one.",
        ),
        (None, _) => Finding::problem(
            check,
            format!("What was answered is not what AWS answers: {}", chain(error)),
            "Look whether something stands between this machine and AWS, and whether AWS_ENDPOINT_URL is set.",
        ),
    }
}

/// What an error's code means, and what to do about it.
fn meaning(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            ("The credentials have expired", "Sign in again, then put the new credentials into the environment.")
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "AuthFailure" | "MissingAuthenticationToken" => {
            ("AWS does not know these credentials", CREDENTIALS)
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" => (
            "The secret key is not the one of the access key, or this machine's clock is wrong",
            "Copy both keys again, and set the clock.",
        ),
        "AccessDenied" | "AccessDeniedException" | "AuthorizationError" | "UnauthorizedOperation" => (
            "These credentials may not look",
            "Use credentials that may read the stack and what it holds: the managed policy ReadOnlyAccess is enough.",
        ),
        "Throttling" | "ThrottlingException" | "TooManyRequestsException" => {
            ("AWS has been asked too much", "Try again in a minute.")
        }
        _ => return None,
    })
}
