//! How the SDKs reach AWS: region, credentials and endpoints, from one place and without the default chain,
//! which would add 3 MB and its own start-up time for sources of credentials that Lambda does not have.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, IdentityCache, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};

/// Amazon's own authorities, which every certificate of AWS comes from: Amazon Root CA 1 to 4 and Starfield Services
/// Root G2 (<https://www.amazontrust.com/repository/>). They end between 2037 and 2040.
const AMAZON: &[u8] = include_bytes!("../../authorities/amazon.pem");

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorities {
    /// Amazon's own.
    Amazon,
    /// All that the system knows. Reading those, about 150, takes as long as the rest of a function's start.
    System,
    /// These, in PEM.
    These(Vec<u8>),
}

/// Where AWS is and who is asking.
#[derive(Debug, Clone)]
pub struct Aws {
    /// The region.
    pub region: String,
    /// The credentials that Lambda puts into the environment.
    pub credentials: Credentials,
    /// DynamoDB's address, if it is not the public one.
    pub dynamodb_url: Option<String>,
    /// SES' address, if it is not the public one.
    pub ses_url: Option<String>,
    /// SNS' address, if it is not the public one.
    pub sns_url: Option<String>,
    /// SES' configuration set, which says where bounces and complaints are reported.
    pub configuration_set: Option<String>,
    /// Whose certificates are trusted.
    pub authorities: Authorities,
}

impl Aws {
    /// Servers on this machine; mail and text messages go to the same. They ask for credentials and take any.
    #[must_use]
    pub fn local(dynamodb_url: String, ses_url: String) -> Self {
        Self {
            region: "eu-central-1".into(),
            credentials: Credentials::from_keys("local", "local", None),
            dynamodb_url: Some(dynamodb_url),
            ses_url: Some(ses_url.clone()),
            sns_url: Some(ses_url),
            configuration_set: Some("deskbell".into()),
            authorities: Authorities::Amazon,
        }
    }

    /// The same, for somebody whose key has this name: a server on this machine can tell who asks, as AWS can.
    #[must_use]
    pub fn as_whom(&self, name: &str) -> Self {
        Self { credentials: Credentials::from_keys(name, "local", None), ..self.clone() }
    }

    /// A DynamoDB client. A request that cannot be answered fails in time for the visitor to be told.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .timeout_config(timeouts())
            // The credentials never change, and the timeouts end what stalls: either would only take time.
            .identity_cache(IdentityCache::no_cache())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(self.http_client());
        config.set_endpoint_url(self.dynamodb_url.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// An SES client. It is given time: an email that was taken after nobody listened any more is sent twice.
    #[must_use]
    pub fn ses(&self) -> aws_sdk_sesv2::Client {
        self.ses_within(MAIL_TIME)
    }

    /// An SES client of which a call takes so long at most.
    #[must_use]
    pub fn ses_within(&self, patience: Duration) -> aws_sdk_sesv2::Client {
        let mut config = aws_sdk_sesv2::Config::builder()
            .behavior_version(aws_sdk_sesv2::config::BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .timeout_config(mail_timeouts(patience))
            .http_client(self.http_client());
        config.set_endpoint_url(self.ses_url.clone());
        aws_sdk_sesv2::Client::from_conf(config.build())
    }

    /// An SNS client. It tries once: a text message that is sent twice costs twice, and only one was counted.
    #[must_use]
    pub fn sns(&self) -> aws_sdk_sns::Client {
        let mut config = aws_sdk_sns::Config::builder()
            .behavior_version(aws_sdk_sns::config::BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts())
            .http_client(self.http_client());
        config.set_endpoint_url(self.sns_url.clone());
        aws_sdk_sns::Client::from_conf(config.build())
    }

    /// The HTTP client under every SDK: TLS by ring, whose first random byte costs nothing.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        let trusted = match &self.authorities {
            Authorities::Amazon => TrustStore::empty().with_pem_certificate(AMAZON),
            Authorities::System => TrustStore::default(),
            Authorities::These(certificates) => TrustStore::empty().with_pem_certificate(certificates.clone()),
        };
        let context = TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default();
        Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build_https()
    }
}

/// How long an email may take.
pub(crate) const MAIL_TIME: Duration = Duration::from_secs(10);

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(3))
        .operation_timeout(Duration::from_secs(8))
        .build()
}

fn mail_timeouts(patience: Duration) -> TimeoutConfig {
    TimeoutConfig::builder().connect_timeout(Duration::from_secs(2)).operation_timeout(patience).build()
}
