//! Why a deployment is not reached. Everything that is missing is said at once, each with the command that sets it.

use std::fmt::Write as _;

/// What the environment has to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// Credentials, from wherever the AWS CLI takes them.
    Credentials,
    /// The region.
    Region,
    /// The table.
    Table,
    /// The address of the functions.
    Url,
}

/// Why a deployment is not reached.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectError {
    /// Something is not set.
    #[error("{}", missing(.0))]
    Missing(Vec<Variable>),
    /// There is a source of credentials, and it gives none: most often a session that has ended.
    #[error("no AWS credentials: {0}\n  With SSO, sign in again: aws sso login")]
    Credentials(String),
    /// Something is set wrong.
    #[error("{0}")]
    Invalid(String),
    /// Local mode does not answer.
    #[error("{0}. Start it with `cargo dev`, or name its address: --local=URL")]
    Local(String),
}

impl Variable {
    fn name(self) -> &'static str {
        match self {
            Self::Credentials => "AWS credentials",
            Self::Region => "AWS_REGION",
            Self::Table => "DESKBELL_TABLE",
            Self::Url => "DESKBELL_URL",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::Credentials => "eval \"$(aws configure export-credentials --format env)\"",
            Self::Region => "export AWS_REGION=eu-central-1",
            Self::Table => "export DESKBELL_TABLE=TABLE",
            Self::Url => "export DESKBELL_URL=URL",
        }
    }
}

/// Everything that is missing, and what sets it.
fn missing(variables: &[Variable]) -> String {
    let mut text = "not set:\n".to_owned();
    for variable in variables {
        let _ = writeln!(text, "  {:<16} {}", variable.name(), variable.command());
    }
    if variables.contains(&Variable::Credentials) {
        text += "  Or name a profile: export AWS_PROFILE=NAME; with SSO, then: aws sso login\n";
    }
    if variables.contains(&Variable::Table) || variables.contains(&Variable::Url) {
        text += "  The stack's outputs Table and Url: sam list stack-outputs --stack-name deskbell\n";
    }
    text + "  To try it on `cargo dev`, add --local"
}
