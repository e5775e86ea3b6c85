//! Credentials and region as the AWS CLI finds them: environment, profiles, SSO, assumed roles, a credential process,
//! web identity, containers, instances. The functions do without: Lambda puts theirs into the environment.

use std::error::Error;
use std::time::Duration;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::imds;
use aws_config::imds::client::error::ImdsError;
use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::config::Region;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use deskbell_functions::store::chain;

use super::variable::variable;

/// How long an instance's own service may take to be reached: elsewhere than in EC2 nothing answers there.
const INSTANCE: Duration = Duration::from_millis(500);

/// Where a region is needed to ask for credentials and none is set.
const ANY_REGION: &str = "us-east-1";

fn configuration() -> ProviderConfig {
    let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    ProviderConfig::without_region().with_http_client(client)
}

/// `AWS_REGION`, `AWS_DEFAULT_REGION`, or the profile's.
pub(super) async fn region() -> Option<String> {
    let set = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    if set.is_some() {
        return set;
    }
    let profile = ProfileFileRegionProvider::builder().configure(&configuration()).build();
    profile.region().await.map(|region| region.to_string())
}

/// The first credentials of the chain; or why the source that should have them does not give any.
pub(super) async fn credentials(region: Option<&str>) -> Result<Option<Credentials>, String> {
    let region = Region::new(region.unwrap_or(ANY_REGION).to_owned());
    let configuration = configuration().with_region(Some(region.clone()));
    let instance = imds::Client::builder().configure(&configuration).connect_timeout(INSTANCE).max_attempts(1).build();
    let chain_of_sources =
        DefaultCredentialsChain::builder().configure(configuration).region(region).imds_client(instance).build();
    match chain_of_sources.await.provide_credentials().await {
        Ok(credentials) => Ok(Some(credentials)),
        Err(CredentialsError::CredentialsNotLoaded(_)) => Ok(None),
        // The last source of all is only there in EC2.
        Err(error) if is_of_instance(&error) => Ok(None),
        Err(error) => Err(chain(&error)),
    }
}

/// Whether an error comes from an instance's own service, or from what answers in its place.
fn is_of_instance(error: &(dyn Error + 'static)) -> bool {
    error.is::<ImdsError>() || error.source().is_some_and(is_of_instance)
}
