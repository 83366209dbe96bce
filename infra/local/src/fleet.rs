//! The started functions, and their invocation.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use edge::{BoxError, Function};
use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;

use crate::{
    StartError,
    functions::{Env, Functions},
    template::FunctionSpec,
};

/// Why an invocation gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// It took longer than the function may.
    #[error("timed out after {0:?}")]
    TimedOut(Duration),
    /// The function answered with an error, or panicked.
    #[error("{0}")]
    Failed(BoxError),
}

/// A function that did not start, for want of its vendor's settings, say. As on AWS, the others run on.
struct Off(String);

impl Function for Off {
    fn invoke(&self, _event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        let reason = self.0.clone();
        async move { Err(reason.into()) }.boxed()
    }
}

/// Every function of the template, started, by its logical id.
pub(crate) struct Fleet {
    deployed: BTreeMap<String, Deployed>,
}

struct Deployed {
    function: Arc<dyn Function>,
    timeout: Duration,
}

impl Fleet {
    pub(crate) async fn start(specs: &[FunctionSpec], functions: &Functions) -> Result<Self, StartError> {
        let mut deployed = BTreeMap::new();
        for spec in specs {
            let failed = |reason: String| StartError::Function(spec.id.clone(), reason);
            let constructor = functions
                .constructor(&spec.binary)
                .ok_or_else(|| failed(format!("this program has no function named {}", spec.binary)))?;
            let env: Env = spec.env.clone();
            let function = constructor(env).await.unwrap_or_else(|reason| {
                tracing::error!(function = spec.id, %reason, "the function is off");
                Arc::new(Off(reason.to_string()))
            });
            deployed.insert(spec.id.clone(), Deployed { function, timeout: spec.timeout });
        }
        Ok(Self { deployed })
    }

    /// Invokes a function once. It runs apart from its caller: a panic is a failure of that invocation only.
    pub(crate) async fn invoke(&self, id: &str, event: Value) -> Result<Value, InvokeError> {
        let Some(Deployed { function, timeout }) = self.deployed.get(id) else {
            return Err(InvokeError::Failed("there is no such function".into()));
        };
        let function = function.clone();
        let running = tokio::spawn(async move { function.invoke(event).await });
        let abort = running.abort_handle();
        let outcome = match tokio::time::timeout(*timeout, running).await {
            Ok(Ok(answer)) => answer.map_err(InvokeError::Failed),
            Ok(Err(panic)) => Err(InvokeError::Failed(panic.into())),
            Err(_) => {
                abort.abort();
                Err(InvokeError::TimedOut(*timeout))
            }
        };
        if let Err(error) = &outcome {
            tracing::error!(function = id, %error, "the invocation failed");
        }
        outcome
    }
}
