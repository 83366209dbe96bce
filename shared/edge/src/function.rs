//! The seam between a function and whatever invokes it: the Lambda runtime or the embedded cloud.

use std::future::Future;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::{Settings, aws, telemetry};

/// A failure of the invocation itself. The invoker decides what it means: a 5xx, a batch retry.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A Lambda function, whatever triggers it: the trigger's JSON in, the answer's JSON out, as on AWS.
pub trait Function: Send + Sync {
    /// Handles one invocation.
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>>;

    /// The same from text to text, which is what the runtime speaks. Who can read the text at once does so.
    fn invoke_text<'a>(&'a self, event: &'a RawValue) -> BoxFuture<'a, Result<Box<RawValue>, BoxError>> {
        async move {
            let event = serde_json::from_str(event.get())?;
            Ok(to_raw_value(&self.invoke(event).await?)?)
        }
        .boxed()
    }
}

/// Runs a function under the Lambda runtime, with settings from the environment. Ends with the process.
pub async fn run<Start, Starting>(start: Start) -> Result<(), BoxError>
where
    Start: FnOnce(Settings) -> Starting,
    Starting: Future<Output = Result<Arc<dyn Function>, BoxError>>,
{
    let settings = Settings::from_environment();
    telemetry::start(&settings);
    // One for all clients of the process: what it takes to speak TLS is made once.
    let http_client = aws::http_client(&settings)?;
    let function = start(settings.with_http_client(http_client)).await?;
    let service = service_fn(|event: LambdaEvent<Box<RawValue>>| {
        let function = Arc::clone(&function);
        async move { function.invoke_text(&event.payload).await }
    });
    // Without the span that `lambda_runtime::run` puts around every event: our logs show no spans.
    Runtime::new(service).run().await
}
