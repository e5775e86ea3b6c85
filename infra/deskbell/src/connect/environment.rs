//! A deployment in AWS: the credentials, the region and the names that the environment has.

use std::path::Path;

use aws_credential_types::Credentials;
use deskbell_functions::app::{Authorities, Aws};

use super::chain;
use super::connection::Connection;
use super::error::{ConnectError, Variable};
use super::variable::variable;

/// The deployment that the environment names, with what is needed of it.
pub(super) async fn connection(needed: &[Variable]) -> Result<Connection, ConnectError> {
    let (table, url) = (variable("DESKBELL_TABLE"), variable("DESKBELL_URL"));
    let aws = aws(None).await;
    let mut missing = match &aws {
        Err(ConnectError::Missing(missing)) => missing.clone(),
        _ => Vec::new(),
    };
    let is_missing = |variable: &Variable| match variable {
        Variable::Table => table.is_none(),
        Variable::Url => url.is_none(),
        Variable::Credentials | Variable::Region => false,
    };
    missing.extend(needed.iter().copied().filter(is_missing));
    if !missing.is_empty() {
        let missing = ConnectError::Missing(missing);
        return Err(match aws {
            Err(error @ ConnectError::Credentials(_)) => ConnectError::Invalid(format!("{error}\n{missing}")),
            _ => missing,
        });
    }
    let url = url.map(|url| url.parse().map_err(|error| ConnectError::Invalid(format!("DESKBELL_URL: {error}"))));
    Ok(Connection { aws: aws?, table: table.unwrap_or_default(), url: url.transpose()?, pages: None })
}

/// AWS, with the first credentials of the chain; in this region, or in that of the environment or the profile.
pub async fn aws(region: Option<&str>) -> Result<Aws, ConnectError> {
    let region = match region {
        Some(region) => Some(region.to_owned()),
        None => chain::region().await,
    };
    let credentials = match from_variables() {
        Some(credentials) => Some(credentials),
        None => chain::credentials(region.as_deref()).await.map_err(ConnectError::Credentials)?,
    };
    let (Some(credentials), Some(region)) = (&credentials, &region) else {
        let needed = [(Variable::Credentials, credentials.is_none()), (Variable::Region, region.is_none())];
        let missing = needed.into_iter().filter(|(_, is_missing)| *is_missing).map(|(variable, _)| variable);
        return Err(ConnectError::Missing(missing.collect()));
    };
    let endpoint = |name| variable(name).or_else(|| variable("AWS_ENDPOINT_URL"));
    Ok(Aws {
        region: region.clone(),
        credentials: credentials.clone(),
        dynamodb_url: endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
        ses_url: endpoint("AWS_ENDPOINT_URL_SESV2"),
        sns_url: endpoint("AWS_ENDPOINT_URL_SNS"),
        configuration_set: variable("DESKBELL_CONFIGURATION_SET"),
        authorities: authorities()?,
    })
}

/// Where the credentials of the chain are found, in words: the first that the environment has.
#[must_use]
pub fn source() -> String {
    if from_variables().is_some() {
        return "the environment (AWS_ACCESS_KEY_ID)".into();
    }
    if let Some(profile) = variable("AWS_PROFILE") {
        return format!("the profile {profile} (AWS_PROFILE)");
    }
    let home = variable("HOME").or_else(|| variable("USERPROFILE")).unwrap_or_default();
    let has_profiles = ["config", "credentials"].iter().any(|file| Path::new(&home).join(".aws").join(file).is_file());
    match () {
        () if has_profiles => "the profile default".into(),
        () if variable("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() => "a web identity".into(),
        () => "the role of this container or machine".into(),
    }
}

/// Those of the environment, which come before all others.
fn from_variables() -> Option<Credentials> {
    let (key, secret) = (variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?);
    Some(Credentials::from_keys(key, secret, variable("AWS_SESSION_TOKEN")))
}

/// The certificates in the file that `AWS_CA_BUNDLE` names, else Amazon's own.
fn authorities() -> Result<Authorities, ConnectError> {
    let Some(path) = variable("AWS_CA_BUNDLE") else { return Ok(Authorities::Amazon) };
    let certificates = std::fs::read(&path);
    certificates.map(Authorities::These).map_err(|error| {
        ConnectError::Invalid(format!("AWS_CA_BUNDLE: {path}: {error}. Name a file with certificates, or unset it"))
    })
}
