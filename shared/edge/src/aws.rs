//! AWS clients, built once per process: one HTTP client, credentials and region from the environment, no probing.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::StalledStreamProtectionConfig;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::HttpClientError;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::{ConfigError, Settings};

/// The TLS stack of AWS calls.
const TLS_STACK: Provider = Provider::Rustls(CryptoMode::Ring);
/// The roots that every endpoint of AWS chains to.
const AWS_ROOTS: &str = include_str!("aws_roots.pem");
/// The setting that brings back the platform's roots: for another partition, or a proxy that breaks TLS open.
const TRUST: &str = "AWS_TRUST";

/// What AWS is reached through, and whom it trusts.
pub(crate) fn http_client(settings: &Settings) -> Result<SharedHttpClient, ConfigError> {
    let builder = aws_smithy_http_client::Builder::new().tls_provider(TLS_STACK);
    Ok(SharedHttpClient::new(OnFirstUse(builder.tls_context(tls(settings)?).build_https())))
}

/// Makes connectors when they are needed. Left to itself, the SDK makes one more for each of its clients, to see
/// whether it can, and throws it away.
#[derive(Debug)]
struct OnFirstUse(SharedHttpClient);

impl HttpClient for OnFirstUse {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.0.connector_metadata()
    }
}

fn tls(settings: &Settings) -> Result<TlsContext, ConfigError> {
    let misread = |error: HttpClientError| ConfigError::new(TRUST, error.to_string());
    TlsContext::builder().with_trust_store(trust(settings)?).build().map_err(misread)
}

/// Reading the platform's roots, over a hundred, would be most of a cold start.
fn trust(settings: &Settings) -> Result<TrustStore, ConfigError> {
    match settings.find(TRUST) {
        None | Some("amazon") => Ok(TrustStore::empty().with_pem_certificate(AWS_ROOTS)),
        Some("system") => Ok(TrustStore::default()),
        Some(_) => Err(ConfigError::new(TRUST, "is neither amazon nor system")),
    }
}

/// What all AWS clients of a function share. Lambda hands region and credentials over in the environment.
pub fn config(settings: &Settings) -> Result<SdkConfig, ConfigError> {
    let credentials = Credentials::new(
        settings.get("AWS_ACCESS_KEY_ID")?,
        settings.get("AWS_SECRET_ACCESS_KEY")?,
        settings.find("AWS_SESSION_TOKEN").map(str::to_owned),
        None,
        "environment",
    );
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(2))
        .operation_timeout(Duration::from_secs(5))
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::new(settings.get("AWS_REGION")?.to_owned()))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(credentials))
        .http_client(settings.http_client().map_or_else(|| http_client(settings), |it| Ok(it.clone()))?)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(timeouts)
        .sleep_impl(aws_smithy_async_sleep());
    if let Some(endpoint) = settings.find("AWS_ENDPOINT_URL") {
        config = config.endpoint_url(endpoint);
    }
    Ok(config.build())
}

fn aws_smithy_async_sleep() -> aws_sdk_dynamodb::config::SharedAsyncSleep {
    aws_sdk_dynamodb::config::SharedAsyncSleep::new(TokioSleep)
}

/// Sleeps on the runtime's timer.
#[derive(Debug)]
struct TokioSleep;

impl aws_sdk_dynamodb::config::AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> aws_sdk_dynamodb::config::Sleep {
        aws_sdk_dynamodb::config::Sleep::new(tokio::time::sleep(duration))
    }
}

/// Why a call failed, in a few words: the whole context of the error would fill the log with raw answers.
pub fn reason<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    match error.as_service_error().and_then(ProvideErrorMetadata::code) {
        Some(code) => code.to_owned(),
        None => error.to_string(),
    }
}

/// DynamoDB. Its answers are read whole within an attempt's time, which is shorter than what a stalled one would be
/// granted: watching over each body would only cost time. Elsewhere bodies are streamed, and watched.
pub fn dynamodb(settings: &Settings) -> Result<aws_sdk_dynamodb::Client, ConfigError> {
    let unwatched = StalledStreamProtectionConfig::disabled();
    let config = config(settings)?.into_builder().stalled_stream_protection(unwatched).build();
    Ok(aws_sdk_dynamodb::Client::new(&config))
}

/// Kinesis.
pub fn kinesis(settings: &Settings) -> Result<aws_sdk_kinesis::Client, ConfigError> {
    Ok(aws_sdk_kinesis::Client::new(&config(settings)?))
}

/// SQS.
pub fn sqs(settings: &Settings) -> Result<aws_sdk_sqs::Client, ConfigError> {
    Ok(aws_sdk_sqs::Client::new(&config(settings)?))
}

/// Secrets Manager.
pub fn secrets(settings: &Settings) -> Result<aws_sdk_secretsmanager::Client, ConfigError> {
    Ok(aws_sdk_secretsmanager::Client::new(&config(settings)?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_smithy_http_client::Connector;

    use super::*;
    use crate::Context;

    fn trusting(whom: &str) -> Settings {
        Settings::new(BTreeMap::from([(TRUST.to_owned(), whom.to_owned())]), Context::default())
    }

    #[test]
    fn amazons_roots_can_be_read() {
        assert_eq!(AWS_ROOTS.matches("BEGIN CERTIFICATE").count(), 5);
        // Panics at a certificate that it cannot read.
        Connector::builder().tls_provider(TLS_STACK).tls_context(tls(&trusting("")).unwrap()).build();
    }

    #[test]
    fn trust_goes_to_amazon_or_to_the_system() {
        assert!(http_client(&trusting("amazon")).is_ok());
        assert!(http_client(&trusting("system")).is_ok());
        assert!(http_client(&trusting("everyone")).is_err());
    }
}
