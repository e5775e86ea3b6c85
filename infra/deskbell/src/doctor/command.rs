//! What the doctor is asked for, and what it finds around it.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use deskbell_functions::app::Aws;

use crate::connect::{self, ConnectError, Target};
use crate::settings::SettingsFile;

/// How long the test message may take to be delivered: the function starts first, and what came before it in the stream
/// is delivered first.
const DELIVERY: Duration = Duration::from_secs(90);

/// What to look at.
#[derive(Debug, Clone, Default, Args)]
pub struct Command {
    /// The settings that were deployed with the stack.
    #[command(flatten)]
    pub settings: SettingsFile,
    /// The stack to look at [default: local mode]
    #[arg(long, value_name = "NAME", conflicts_with = "local")]
    pub stack: Option<String>,
    /// The stack's region [default: that of the environment or the profile]
    #[arg(long)]
    pub region: Option<String>,
    /// Where local mode runs.
    #[command(flatten)]
    pub target: Target,
    /// Send a test message through each site's contact form, wait until it is delivered on all channels, and remove it
    #[arg(long)]
    pub send: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// The DNS server to ask, such as 9.9.9.9:53 [default: this machine's]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub dns: Option<SocketAddr>,
}

/// What the environment says.
#[derive(Debug)]
pub struct Environment {
    /// Where AWS is and who is asking.
    pub aws: Result<Aws, ConnectError>,
    /// The endpoint of those services of AWS that only the doctor asks, if not the public one.
    pub endpoint: Option<String>,
    /// How long the test message may take to be delivered.
    pub timeout: Duration,
}

impl Environment {
    /// Reads it as far as the command needs it: local mode needs no credentials.
    pub(super) async fn read(command: &Command) -> Self {
        let aws = match &command.stack {
            Some(_) => connect::aws(command.region.as_deref()).await,
            None => Err(ConnectError::Missing(Vec::new())),
        };
        Self { aws, endpoint: connect::variable("AWS_ENDPOINT_URL"), timeout: DELIVERY }
    }
}
