//! What is looked at: Deskbell as it runs on this machine, or a stack in an AWS account.

use deskbell_functions::app::{App, Aws};
use deskbell_functions::config::Config;
use deskbell_functions::store::Store;
use url::Url;

use super::aws_error::CREDENTIALS;
use super::command::{Command, Environment};
use super::finding::Finding;
use super::stack::Stack;
use crate::connect::{ConnectError, DEFAULT_URL, LOCAL_SETTINGS, Variable, endpoints};
use crate::settings;

/// A running Deskbell and how it is reached.
pub(super) struct Instance {
    /// The settings that should be in effect there.
    pub(super) config: Config,
    /// Where its functions are reached, without a slash at the end.
    pub(super) url: String,
    /// Where AWS is, or what stands for it, and who is asking.
    pub(super) aws: Aws,
    /// The table's name.
    pub(super) table: String,
    /// The stack; none on this machine.
    pub(super) stack: Option<Stack>,
}

impl Instance {
    /// What was asked for; what was found on the way there goes into `findings`, and so does what is in the way.
    pub(super) async fn find(
        command: &Command,
        environment: &Environment,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        match &command.stack {
            Some(name) => Self::deployed(command, environment, name, findings).await,
            None => Self::local(command.target.local.clone().or_else(|| DEFAULT_URL.parse().ok())?, findings).await,
        }
    }

    async fn local(url: Url, findings: &mut Vec<Finding>) -> Option<Self> {
        let parts = match endpoints(&url).await {
            Ok(parts) => parts,
            Err(error) => {
                let advice =
                    "Start it with `cargo dev` (--local URL if it is elsewhere), or name your stack: --stack NAME";
                findings.push(Finding::problem("local mode", format!("{error}."), advice));
                return None;
            }
        };
        findings.push(Finding::ok("local mode", format!("It runs at {}.", base(&url))));
        let read = settings::parse(&parts.config, LOCAL_SETTINGS.as_ref());
        let mut config = valid(LOCAL_SETTINGS, read, findings)?;
        if let Some(pages) = &parts.pages {
            config.serve_at(pages);
        }
        let aws = Aws::local(parts.dynamodb, parts.ses);
        Some(Self { config, url: base(&url), aws, table: parts.table, stack: None })
    }

    async fn deployed(
        command: &Command,
        environment: &Environment,
        name: &str,
        findings: &mut Vec<Finding>,
    ) -> Option<Self> {
        if let Some(finding) = Stack::unseen() {
            findings.push(finding);
            return None;
        }
        let file = command.settings.path().display().to_string();
        let config = valid(&file, command.settings.read(), findings)?;
        let aws = match &environment.aws {
            Ok(aws) => aws.clone(),
            Err(error) => {
                findings.extend(unreachable(name, error));
                return None;
            }
        };
        let stack = Stack::find(name, &aws, environment.endpoint.clone(), findings).await?;
        findings.push(stack.agrees(&config));
        let (url, table) = (stack.output("Url")?, stack.output("Table")?);
        Some(Self { config, url: url.trim_end_matches('/').into(), aws, table, stack: Some(stack) })
    }

    /// The table.
    pub(super) fn store(&self) -> Store {
        Store::new(self.aws.dynamodb(), self.table.clone())
    }

    /// What the functions hold, for what only they can do.
    pub(super) async fn app(&self) -> Result<App, String> {
        App::with(self.store(), self.config.clone()).await.map_err(|error| error.to_string())
    }

    /// The address of a site's route.
    pub(super) fn route(&self, site: &str, route: &str) -> String {
        if self.config.sites.len() > 1 { format!("{}/{site}{route}", self.url) } else { format!("{}{route}", self.url) }
    }
}

/// An address without a slash at its end.
fn base(url: &Url) -> String {
    url.as_str().trim_end_matches('/').into()
}

/// What keeps the stack from being looked at.
pub(super) fn unreachable(name: &str, error: &ConnectError) -> Vec<Finding> {
    let ConnectError::Missing(missing) = error else {
        let (check, advice) = match error {
            ConnectError::Credentials(_) => ("credentials", CREDENTIALS),
            _ => ("environment", "Correct or unset what is named here."),
        };
        return vec![Finding::problem(check, error.to_string(), advice)];
    };
    let finding = |variable: &Variable| match variable {
        Variable::Region => {
            let advice = "Name it: --region eu-central-1, AWS_REGION in the environment, or region in the profile.";
            Finding::problem("region", format!("The region of {name} is not known."), advice)
        }
        _ => Finding::problem("credentials", "There are no AWS credentials.", CREDENTIALS),
    };
    missing.iter().map(finding).collect()
}

/// The settings, if they are valid.
pub(super) fn valid(name: &str, read: Result<Config, String>, findings: &mut Vec<Finding>) -> Option<Config> {
    match read {
        Ok(config) => {
            let sites: Vec<&str> = config.sites.keys().map(String::as_str).collect();
            findings.push(Finding::ok("settings", format!("{name}: valid; sites: {}.", sites.join(", "))));
            Some(config)
        }
        Err(wrong) => {
            let advice = "Fix what `deskbell check` lists; --config FILE names another file.";
            findings.push(Finding::problem("settings", wrong, advice));
            None
        }
    }
}
