//! The seam between a function and whatever invokes it: the Lambda runtime or the embedded cloud.

use futures::future::BoxFuture;
use serde_json::Value;

/// A failure of the invocation itself. The invoker decides what it means: a 5xx, a batch retry.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A Lambda function, whatever triggers it: the trigger's JSON in, the answer's JSON out, as on AWS.
pub trait Function: Send + Sync {
    /// Handles one invocation.
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>>;
}
