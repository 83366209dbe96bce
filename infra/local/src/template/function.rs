//! One Lambda function as the template declares it.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{Scope, TemplateError, Trigger, text};

/// What Lambda gives a function that sets no time limit.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(3);

/// A function: what runs, with which settings, on which triggers.
#[derive(Debug, Clone)]
pub(crate) struct FunctionSpec {
    /// Its logical id.
    pub(crate) id: String,
    /// The crate that holds it.
    pub(crate) binary: String,
    /// Its environment.
    pub(crate) env: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    /// What invokes it.
    pub(crate) triggers: Vec<Trigger>,
}

impl FunctionSpec {
    pub(super) fn read(
        id: &str,
        resource: &Value,
        globals: Option<&Value>,
        scope: &Scope,
    ) -> Result<Self, TemplateError> {
        // Only what is played here is resolved: roles, logs and alarms may refer to what is not.
        let own = |pointer: &str| resolved(resource.get("Properties"), pointer, scope);
        let shared = |pointer: &str| resolved(globals, pointer, scope);
        let seconds = own("/Timeout")?.as_u64().or(shared("/Timeout")?.as_u64());
        let mut triggers = Vec::new();
        for (name, event) in own("/Events")?.as_object().into_iter().flatten() {
            let read = Trigger::read(event).map_err(|e| TemplateError(format!("{name}: {e}")))?;
            triggers.extend(read);
        }
        let mut env = variables(&shared("/Environment/Variables")?);
        env.append(&mut variables(&own("/Environment/Variables")?));
        let binary = binary(resource, &own("/CodeUri")?).ok_or_else(|| {
            TemplateError("neither CodeUri nor Metadata.BuildProperties.Binary names a crate".to_owned())
        })?;
        let timeout = seconds.map_or(TIMEOUT_DEFAULT, Duration::from_secs);
        Ok(Self { id: id.to_owned(), binary, env, timeout, triggers })
    }
}

fn resolved(properties: Option<&Value>, pointer: &str, scope: &Scope) -> Result<Value, TemplateError> {
    let value = properties.and_then(|properties| properties.pointer(pointer));
    value.map_or(Ok(Value::Null), |value| scope.resolve(value))
}

fn variables(variables: &Value) -> BTreeMap<String, String> {
    let variables = variables.as_object().into_iter().flatten();
    variables.map(|(name, value)| (name.clone(), text(value))).collect()
}

/// The crate: named by the build's metadata, or else the folder its program is built into.
fn binary(resource: &Value, code_uri: &Value) -> Option<String> {
    if let Some(name) = resource.pointer("/Metadata/BuildProperties/Binary").and_then(Value::as_str) {
        return Some(name.to_owned());
    }
    let folder = code_uri.as_str()?.trim_end_matches('/').rsplit('/').next()?;
    (!folder.is_empty() && folder != ".").then(|| folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::Template;
    use super::*;

    const TEMPLATE: &str = "
Globals:
  Function: {Timeout: 10, Environment: {Variables: {STAGE: dev, TABLE: none}}}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  OutboxFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: dist/outbox/
      LoggingConfig: {LogGroup: !Ref MadeElsewhere}
      Environment: {Variables: {TABLE: !Ref Table, LIMIT: 5}}
      Events:
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 hour), Enabled: false}}
        Read: {Type: HttpApi, Properties: {Method: get, Path: /x}}
  OutboxSource:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref OutboxFunction
      EventSourceArn: !GetAtt Table.StreamArn
      BatchSize: 7
      MaximumRetryAttempts: -1
      BisectBatchOnFunctionError: true
      FunctionResponseTypes: [ReportBatchItemFailures]
      DestinationConfig: {OnFailure: {Destination: arn:aws:sqs:x:y:failures}}
      FilterCriteria: {Filters: [{Pattern: '{\"eventName\":[\"INSERT\"]}'}]}
";

    #[test]
    fn a_function_is_read_with_its_mappings() {
        let template = Template::parse(TEMPLATE).unwrap();
        let mut scope = Scope::new(&template, &BTreeMap::new());
        scope.define("Table", "ledger", &[("StreamArn", "arn:aws:dynamodb:x:y:table/ledger/stream/1")]);
        let functions = template.functions(&scope).unwrap();
        let [function] = functions.as_slice() else { panic!("{functions:?}") };
        assert_eq!(function.binary, "outbox");
        assert_eq!(function.timeout, Duration::from_secs(10));
        assert_eq!(function.env["TABLE"], "ledger");
        assert_eq!(function.env["STAGE"], "dev");
        assert_eq!(function.env["LIMIT"], "5");
        let [Trigger::Route { method, path }, Trigger::Source(mapping)] = function.triggers.as_slice() else {
            panic!("{:?}", function.triggers)
        };
        assert_eq!((method.as_str(), path.as_str()), ("GET", "/x"));
        assert_eq!((mapping.service(), mapping.batch_size, mapping.retries_max), ("dynamodb", Some(7), None));
        assert!(mapping.bisect && mapping.report_failures);
        assert_eq!(mapping.on_failure.as_deref(), Some("arn:aws:sqs:x:y:failures"));
        assert_eq!(mapping.patterns, [serde_json::json!({"eventName": ["INSERT"]})]);
    }

    #[test]
    fn a_mapping_to_no_function_is_an_error() {
        let template = Template::parse(
            "Resources: {S: {Type: AWS::Lambda::EventSourceMapping, \
             Properties: {FunctionName: Nobody, EventSourceArn: a}}}",
        )
        .unwrap();
        let error = template.functions(&Scope::new(&template, &BTreeMap::new())).unwrap_err();
        assert_eq!(error.to_string(), "S: there is no function Nobody");
    }
}
