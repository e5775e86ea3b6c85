//! What is looked at: Deskbell as it runs on this machine, or a stack in an AWS account.

use std::path::Path;

use deskbell_functions::app::{App, Aws, StartError};
use deskbell_functions::config::Config;
use deskbell_functions::store::Store;
use http::Method;
use url::Url;

use super::finding::Finding;
use super::http::ask;
use super::stack::Stack;
use super::trouble::CREDENTIALS;
use super::{Around, Asked};
use crate::check;
use crate::local::Endpoints;

/// A running Deskbell and how it is reached.
pub(super) struct Place {
    /// The settings that should be in force there.
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

impl Place {
    /// What was asked for; what was found on the way there goes into `findings`, and so does what is in the way.
    pub(super) async fn find(asked: &Asked, around: &Around, findings: &mut Vec<Finding>) -> Option<Self> {
        match &asked.stack {
            Some(name) => Self::deployed(&asked.config, around, name, findings).await,
            None => Self::local(&asked.local, findings).await,
        }
    }

    async fn local(url: &Url, findings: &mut Vec<Finding>) -> Option<Self> {
        let url = url.as_str().trim_end_matches('/').to_owned();
        let answer = ask(Method::GET, &format!("{url}/_endpoints"), &[], String::new()).await;
        let other = |_| "what answers there is something else, or an older release".to_owned();
        let endpoints = answer.and_then(|answer| serde_json::from_str::<Endpoints>(&answer.body).map_err(other));
        let advice =
            "Start it with `cargo dev` (--local ADDRESS if it is elsewhere), or name what you deployed: --stack NAME";
        let endpoints = match endpoints {
            Ok(endpoints) => endpoints,
            Err(error) => {
                findings.push(Finding::problem(
                    "local mode",
                    format!("Local mode does not run at {url}: {error}."),
                    advice,
                ));
                return None;
            }
        };
        findings.push(Finding::ok("local mode", format!("It runs at {url}.")));
        let mut config = settings(Path::new("its settings"), Ok(endpoints.config), findings)?;
        if let Ok(base) = url.parse() {
            config.serve_at(&base);
        }
        let aws = Aws::local(endpoints.dynamodb, endpoints.ses);
        Some(Self { config, url, aws, table: endpoints.table, stack: None })
    }

    async fn deployed(config: &Path, around: &Around, name: &str, findings: &mut Vec<Finding>) -> Option<Self> {
        if let Some(finding) = Stack::unseen() {
            findings.push(finding);
            return None;
        }
        let config = settings(config, std::fs::read_to_string(config), findings)?;
        let aws = match &around.aws {
            Ok(aws) => aws.clone(),
            Err(StartError::Missing("AWS_REGION")) => {
                let advice = "Name it: --region eu-central-1, or AWS_REGION in the environment.";
                findings.push(Finding::problem("region", format!("It is not known where {name} is."), advice));
                return None;
            }
            Err(error @ StartError::Unreadable { .. }) => {
                let advice = "Let AWS_CA_BUNDLE name a file with certificates, or take it out of the environment.";
                findings.push(Finding::problem("environment", error.to_string(), advice));
                return None;
            }
            Err(error) => {
                findings.push(Finding::problem("credentials", format!("They are not there: {error}."), CREDENTIALS));
                return None;
            }
        };
        let stack = Stack::find(name, &aws, around.endpoint.clone(), findings).await?;
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

fn settings(path: &Path, text: std::io::Result<String>, findings: &mut Vec<Finding>) -> Option<Config> {
    let name = path.display();
    let advice = "Put right what `deskbell check` names; --config FILE looks at another file.";
    let read = text.map_err(|error| format!("{name} cannot be read: {error}"));
    let read = read.and_then(|text| {
        check::parse(&text).map(|(config, _)| config).map_err(|wrong| wrong.report(&name.to_string()))
    });
    match read {
        Ok(config) => {
            let sites: Vec<&str> = config.sites.keys().map(String::as_str).collect();
            findings.push(Finding::ok("settings", format!("{name}: no mistakes; sites: {}.", sites.join(", "))));
            Some(config)
        }
        Err(wrong) => {
            findings.push(Finding::problem("settings", wrong, advice));
            None
        }
    }
}
