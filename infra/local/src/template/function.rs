//! One Lambda function as the template declares it.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{Scope, TemplateError, Trigger, yaml::text};

/// What Lambda gives a function that sets no time limit.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(3);

/// A function: what runs, with which settings, on which triggers.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Its logical id.
    pub id: String,
    /// The crate (and binary) that holds it.
    pub binary: String,
    /// Its environment.
    pub env: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// What invokes it.
    pub triggers: Vec<Trigger>,
}

impl FunctionSpec {
    pub(super) fn read(
        id: &str,
        resource: &Value,
        globals: Option<&Value>,
        scope: &Scope,
    ) -> Result<Self, TemplateError> {
        let within = |e: TemplateError| TemplateError(format!("{id}: {e}"));
        let resolved = |value: Option<&Value>| scope.resolve(value.unwrap_or(&Value::Null)).map_err(within);
        let (own, shared) = (resolved(resource.get("Properties"))?, resolved(globals)?);
        let seconds = own.get("Timeout").or_else(|| shared.get("Timeout")).and_then(Value::as_u64);
        let mut triggers = Vec::new();
        for (name, event) in own.get("Events").and_then(Value::as_object).into_iter().flatten() {
            let read = Trigger::read(event).map_err(|e| TemplateError(format!("{id}.{name}: {e}")))?;
            triggers.extend(read);
        }
        Ok(Self {
            id: id.to_owned(),
            binary: binary(resource, &own).ok_or_else(|| {
                TemplateError(format!("{id}: neither Metadata.BuildProperties.Binary nor CodeUri names a crate"))
            })?,
            env: variables(&shared).chain(variables(&own)).collect(),
            timeout: seconds.map_or(TIMEOUT_DEFAULT, Duration::from_secs),
            triggers,
        })
    }
}

fn variables(properties: &Value) -> impl Iterator<Item = (String, String)> {
    let variables = properties.pointer("/Environment/Variables").and_then(Value::as_object);
    variables.into_iter().flatten().map(|(name, value)| (name.clone(), text(value)))
}

/// The crate: named by the build's metadata, or else the folder the code is in.
fn binary(resource: &Value, properties: &Value) -> Option<String> {
    if let Some(name) = resource.pointer("/Metadata/BuildProperties/Binary").and_then(Value::as_str) {
        return Some(name.to_owned());
    }
    let folder = properties.get("CodeUri").and_then(Value::as_str)?.trim_end_matches('/');
    folder.rsplit('/').next().filter(|name| !name.is_empty() && *name != ".").map(str::to_owned)
}
