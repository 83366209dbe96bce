//! AWS clients, built once per process: one HTTP client, credentials and region from the environment, no probing.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::{ConfigError, Settings};

/// The one place that chooses the TLS stack of AWS calls.
fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
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
        .http_client(http_client())
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

/// DynamoDB.
pub fn dynamodb(settings: &Settings) -> Result<aws_sdk_dynamodb::Client, ConfigError> {
    Ok(aws_sdk_dynamodb::Client::new(&config(settings)?))
}

/// Kinesis.
pub fn kinesis(settings: &Settings) -> Result<aws_sdk_kinesis::Client, ConfigError> {
    Ok(aws_sdk_kinesis::Client::new(&config(settings)?))
}

/// SQS.
pub fn sqs(settings: &Settings) -> Result<aws_sdk_sqs::Client, ConfigError> {
    Ok(aws_sdk_sqs::Client::new(&config(settings)?))
}

/// The key service.
pub fn kms(settings: &Settings) -> Result<aws_sdk_kms::Client, ConfigError> {
    Ok(aws_sdk_kms::Client::new(&config(settings)?))
}

/// Secrets Manager.
pub fn secrets(settings: &Settings) -> Result<aws_sdk_secretsmanager::Client, ConfigError> {
    Ok(aws_sdk_secretsmanager::Client::new(&config(settings)?))
}
