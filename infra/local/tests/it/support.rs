//! What the tests share: a small template, functions made of closures, and SDK clients for a running cloud.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_smithy_http_client::Builder;
use edge::{BoxError, Function};
use futures::future::BoxFuture;
use pitboss_local::{Data, EmbeddedCloud, Env, Functions, Options, StartError};
use serde_json::{Value, json};

/// Starts `template.yaml` of this folder.
pub(crate) async fn start(data: Data, functions: Functions) -> Result<EmbeddedCloud, StartError> {
    EmbeddedCloud::start(options(data), functions).await
}

pub(crate) fn options(data: Data) -> Options {
    let template = concat!(env!("PITBOSS_ROOT"), "/infra/local/tests/it/template.yaml");
    Options { data, ..Options::in_memory(template, json!({"games": {}, "url": "http://127.0.0.1:8080"})) }
}

/// Functions that do nothing, for every function of the template.
pub(crate) fn idle() -> Functions {
    ["api", "outbox", "consumer", "worker"]
        .into_iter()
        .fold(Functions::default(), |functions, name| functions.with(name, |_| started(|_| Ok(json!({})))))
}

/// A function made of a closure.
struct Closure<F>(F);

impl<F: Fn(Value) -> Result<Value, BoxError> + Send + Sync> Function for Closure<F> {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        Box::pin(async move { (self.0)(event) })
    }
}

/// What a constructor answers for a function made of a closure.
pub(crate) fn started<F>(invoke: F) -> std::future::Ready<Result<Arc<dyn Function>, BoxError>>
where
    F: Fn(Value) -> Result<Value, BoxError> + Send + Sync + 'static,
{
    std::future::ready(Ok(Arc::new(Closure(invoke))))
}

/// Everything that was seen, in order.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<Value>>>);

impl Seen {
    pub(crate) fn push(&self, value: Value) {
        self.0.lock().unwrap().push(value);
    }

    pub(crate) fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    /// Waits until so much was seen.
    pub(crate) async fn reach(&self, count: usize) -> Vec<Value> {
        for _ in 0..1000 {
            if self.all().len() >= count {
                return self.all();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("only {:?} after ten seconds", self.all());
    }
}

macro_rules! client {
    ($name:ident, $crate_name:ident) => {
        pub(crate) fn $name(env: &Env) -> $crate_name::Client {
            let config = $crate_name::Config::builder()
                .behavior_version($crate_name::config::BehaviorVersion::latest())
                .region($crate_name::config::Region::new("eu-west-1"))
                .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
                .endpoint_url(&env["AWS_ENDPOINT_URL"])
                .http_client(Builder::new().build_http())
                .build();
            $crate_name::Client::from_conf(config)
        }
    };
}

client!(dynamodb, aws_sdk_dynamodb);
client!(streams, aws_sdk_dynamodbstreams);
client!(kinesis, aws_sdk_kinesis);
client!(kms, aws_sdk_kms);
client!(s3, aws_sdk_s3);
client!(secrets, aws_sdk_secretsmanager);
client!(sqs, aws_sdk_sqs);
