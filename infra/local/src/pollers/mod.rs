//! The event source mappings: what waits on streams, queues and the clock, and invokes the functions.

mod delivery;
mod filter;
mod queue;
mod schedule;
mod stream;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    StartError,
    cloud::Cloud,
    fleet::Fleet,
    tasks::Tasks,
    template::{FunctionSpec, SourceMapping, Trigger},
};

/// Starts a poller for every trigger that is not a route.
pub(crate) async fn start(
    cloud: &Cloud,
    specs: &[FunctionSpec],
    fleet: &Arc<Fleet>,
    tasks: &Tasks,
) -> Result<(), StartError> {
    for spec in specs {
        let target = Target { function: spec.id.clone(), fleet: fleet.clone(), cloud: cloud.clone() };
        for trigger in &spec.triggers {
            match trigger {
                Trigger::Route { .. } => {}
                Trigger::Source(mapping) => start_source(mapping, &target, tasks).await?,
                Trigger::Schedule { expression, input } => {
                    let schedule =
                        schedule::Schedule::parse(expression).map_err(|e| target.misconfigured(e))?;
                    tasks.spawn(schedule::run(schedule, input.clone(), target.clone()));
                }
            }
        }
    }
    Ok(())
}

async fn start_source(mapping: &SourceMapping, target: &Target, tasks: &Tasks) -> Result<(), StartError> {
    match mapping.service() {
        "dynamodb" => stream::start(stream::Service::Table, mapping, target, tasks).await,
        "kinesis" => stream::start(stream::Service::Kinesis, mapping, target, tasks).await,
        "sqs" if mapping.patterns.is_empty() => {
            tasks.spawn(queue::Consumer::new(mapping, target.clone()).await?.run());
            Ok(())
        }
        "sqs" => Err(target.misconfigured("filters on a queue are not played locally")),
        _ => Err(target.misconfigured(format!("{} is no stream and no queue", mapping.arn))),
    }
}

/// Whom a poller invokes, and the services it does so with.
#[derive(Clone)]
struct Target {
    function: String,
    fleet: Arc<Fleet>,
    cloud: Cloud,
}

impl Target {
    fn misconfigured(&self, reason: impl Into<String>) -> StartError {
        StartError::Function(self.function.clone(), reason.into())
    }
}

/// The identifiers in `batchItemFailures`. An answer without them is a full success; one that cannot be read is not.
fn failures(answer: &Value) -> Option<Vec<&str>> {
    match answer.get("batchItemFailures") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.get("itemIdentifier").and_then(Value::as_str)).collect()
        }
        Some(_) => None,
    }
}

/// The last part of an ARN, which names the resource.
fn name_of(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or_default()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
