//! Clients of the SDKs that the functions do without.

/// A client of another SDK, with what all of them need.
macro_rules! client {
    ($sdk:ident, $aws:expr, $endpoint:expr) => {{
        let aws: &deskbell_functions::app::Aws = $aws;
        let mut config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(aws.region.clone()))
            .credentials_provider(aws.credentials.clone())
            .http_client(aws.http_client());
        config.set_endpoint_url($endpoint.clone());
        $sdk::Client::from_conf(config.build())
    }};
}

pub(in crate::doctor) use client;
