//! The batch wrapper: the records of a stream or a queue in, the identifiers of those that failed out.
//!
//! A record that cannot be read stops nobody: all others are handled, and it alone is reported. Lambda then asks
//! again from it on, in ever smaller batches, until it stands alone, and parks it at the failure destination (or the
//! dead-letter queue), from where it can be redriven once the reader is mended. Skipping it would lose a fact;
//! failing the invocation would hold up the shard, and in the end park innocent records with it. That records behind
//! a failed one may be handled before it, and again after it, is why consumers must be idempotent.

mod groups;
mod source;

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use aws_lambda_events::streams::KinesisEventResponse;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::Value;

pub use groups::in_groups;
pub use source::{Kinesis, Queue, Source, TableStream};

use crate::{BoxError, Function};

/// A record of a batch, read.
#[derive(Clone, Debug)]
pub struct Record<T> {
    /// By what the source knows it.
    pub id: String,
    /// What it says.
    pub content: T,
}

/// A record that was not handled, or not to its end: it must come again.
#[derive(Debug)]
pub struct Failure {
    /// By what the source knows the record.
    pub id: String,
    /// Why it failed.
    pub reason: BoxError,
}

impl Failure {
    /// The failure of a record.
    pub fn new(id: impl Into<String>, reason: impl Into<BoxError>) -> Self {
        Self { id: id.into(), reason: reason.into() }
    }
}

/// Handles batches. Any record may come again, and so may all of them: handling twice must change nothing.
pub trait Consumer: Send + Sync + 'static {
    /// Where the batches come from.
    type Source: Source;
    /// What a record says.
    type Content: Send;

    /// Reads a record.
    fn read(&self, record: <Self::Source as Source>::Record) -> Result<Self::Content, BoxError>;

    /// Handles the records, oldest first, and tells which failed.
    fn handle(&self, records: Vec<Record<Self::Content>>) -> impl Future<Output = Vec<Failure>> + Send;
}

/// Makes a function of a consumer.
pub fn batch(consumer: impl Consumer) -> Arc<dyn Function> {
    Arc::new(BatchFunction { consumer })
}

struct BatchFunction<C> {
    consumer: C,
}

/// A trigger of any source. Its records are taken one by one, so that one bad record spoils only itself.
#[derive(Deserialize)]
struct Trigger {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

/// The records that could be read, and the others.
type Sorted<T> = (Vec<Record<T>>, Vec<Failure>);

impl<C: Consumer> Function for BatchFunction<C> {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        async move {
            let started = Instant::now();
            let trigger: Trigger = serde_json::from_value(event)?;
            let count = trigger.records.len();
            let (records, mut failures) = self.read_all(trigger.records)?;
            failures.extend(self.consumer.handle(records).await);
            for failure in &failures {
                tracing::warn!(record = failure.id, reason = %failure.reason, "a record failed");
            }
            tracing::info!(
                records = count,
                failed = failures.len(),
                duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
                "handled"
            );
            Ok(serde_json::to_value(response(failures))?)
        }
        .boxed()
    }
}

impl<C: Consumer> BatchFunction<C> {
    /// Reads what can be read. A record without an identifier cannot even be reported: then the batch fails whole.
    fn read_all(&self, records: Vec<Value>) -> Result<Sorted<C::Content>, BoxError> {
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for record in records {
            let id = C::Source::id(&record).ok_or("a record without an identifier")?.to_owned();
            match C::Source::read(record).and_then(|record| self.consumer.read(record)) {
                Ok(content) => good.push(Record { id, content }),
                Err(reason) => bad.push(Failure { id, reason }),
            }
        }
        Ok((good, bad))
    }
}

/// The partial-batch response, which looks the same for every source.
fn response(failures: Vec<Failure>) -> KinesisEventResponse {
    let mut response = KinesisEventResponse::default();
    response.set_failures(failures.into_iter().map(|failure| failure.id));
    response
}

#[cfg(test)]
mod tests;
