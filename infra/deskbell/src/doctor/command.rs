//! What the doctor is asked for, and what it finds around it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use deskbell_functions::app::Aws;

use crate::connect::{self, ConnectError, Target};
use crate::settings::SettingsFile;

/// How long the test message may take to be delivered: the function starts first, and what came before it in the stream
/// is delivered first.
const DELIVERY: Duration = Duration::from_secs(90);

/// How long AWS may take for one check before a deployment.
const ANSWER: Duration = Duration::from_secs(15);

/// What to look at.
#[derive(Debug, Clone, Default, Args)]
pub struct Command {
    /// The settings that were deployed with the stack.
    #[command(flatten)]
    pub settings: SettingsFile,
    /// Look at what a first deployment needs: files, account, region, email, names; and say what will be asked
    #[arg(long, conflicts_with_all = ["local", "send", "dns"])]
    pub before: bool,
    /// The file that `sam deploy` is told everything by; with --before [default: infra/samconfig.toml]
    #[arg(long, value_name = "FILE", requires = "before")]
    pub samconfig: Option<PathBuf>,
    /// The stack to look at [default: local mode; with --before, the one in that file]
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

impl Command {
    /// The file that `sam deploy` is told everything by.
    #[cfg(feature = "doctor")]
    pub(super) fn samconfig(&self) -> &std::path::Path {
        self.samconfig.as_deref().unwrap_or("infra/samconfig.toml".as_ref())
    }

    /// The region that was named: here, or in the file before a deployment.
    fn region(&self) -> Option<String> {
        #[cfg(feature = "doctor")]
        if self.before && self.region.is_none() {
            return super::samconfig::region(self.samconfig());
        }
        self.region.clone()
    }
}

/// What the environment says.
#[derive(Debug)]
pub struct Environment {
    /// Where AWS is and who is asking.
    pub aws: Result<Aws, ConnectError>,
    /// Where the credentials were found, in words.
    pub source: String,
    /// The endpoint of those services of AWS that only the doctor asks, if not the public one.
    pub endpoint: Option<String>,
    /// How long the test message may take to be delivered.
    pub timeout: Duration,
    /// How long AWS may take to answer what one check asks, before a deployment.
    pub patience: Duration,
}

impl Environment {
    /// Reads it as far as the command needs it: local mode needs no credentials.
    pub(super) async fn read(command: &Command) -> Self {
        let aws = if command.stack.is_some() || command.before {
            connect::aws(command.region().as_deref()).await
        } else {
            Err(ConnectError::Missing(Vec::new()))
        };
        let (source, endpoint) = (connect::source(), connect::variable("AWS_ENDPOINT_URL"));
        Self { aws, source, endpoint, timeout: DELIVERY, patience: ANSWER }
    }
}
