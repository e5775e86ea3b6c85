//! Credentials and region, for a program that was built without the SDK's chain of them: those of the environment.

use aws_credential_types::Credentials;

use super::variable::variable;

/// Says how to build the program with the whole chain.
pub(super) const PROFILES: &str = "\n  For profiles and SSO, build with them: cargo deskbell COMMAND";

/// `AWS_REGION`.
#[expect(clippy::unused_async, reason = "as the whole chain")]
pub(super) async fn region() -> Option<String> {
    variable("AWS_REGION")
}

/// None but those of the environment, which are looked for before.
#[expect(clippy::unused_async, clippy::unnecessary_wraps, reason = "as the whole chain")]
pub(super) async fn credentials(_: Option<&str>) -> Result<Option<Credentials>, String> {
    Ok(None)
}
