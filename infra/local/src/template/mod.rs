//! What `template.yaml` declares, as far as this process can play it.

mod function;
mod scope;
mod source;
mod yaml;

use std::path::Path;

use serde_json::Value;

pub(crate) use function::FunctionSpec;
pub(crate) use scope::Scope;
pub(crate) use source::{SourceMapping, Trigger};
pub(crate) use yaml::text;

/// What is wrong with a template, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub(crate) String);

/// A parsed template: plain JSON, with every short tag (`!Ref`) spelt in its long form (`{"Ref": …}`).
#[derive(Debug)]
pub(crate) struct Template {
    root: Value,
}

impl Template {
    /// Reads and parses a template file.
    pub(crate) fn load(path: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|e| TemplateError(e.to_string()))?;
        Self::parse(&text)
    }

    /// Parses the text of a template.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        Ok(Self { root: yaml::parse(text)? })
    }

    /// The resources of one type, with their logical ids, that the template's conditions let exist.
    pub(crate) fn resources(&self, kind: &str, scope: &Scope) -> Result<Vec<(&str, &Value)>, TemplateError> {
        let mut found = Vec::new();
        for (id, resource) in self.section("Resources").and_then(Value::as_object).into_iter().flatten() {
            let exists = match resource.get("Condition").and_then(Value::as_str) {
                Some(condition) => scope.condition(condition)?,
                None => true,
            };
            if exists && resource.get("Type").and_then(Value::as_str) == Some(kind) {
                found.push((id.as_str(), resource));
            }
        }
        Ok(found)
    }

    /// The functions, every reference in them resolved.
    pub(crate) fn functions(&self, scope: &Scope) -> Result<Vec<FunctionSpec>, TemplateError> {
        let globals = self.section("Globals").and_then(|globals| globals.get("Function"));
        let mut functions = Vec::new();
        for (id, resource) in self.resources("AWS::Serverless::Function", scope)? {
            let read = FunctionSpec::read(id, resource, globals, scope);
            functions.push(read.map_err(|e| TemplateError(format!("{id}: {e}")))?);
        }
        for (id, resource) in self.resources("AWS::Lambda::EventSourceMapping", scope)? {
            let within = |e: TemplateError| TemplateError(format!("{id}: {e}"));
            let properties = scope.resolve(resource.get("Properties").unwrap_or(&Value::Null));
            let properties = properties.map_err(within)?;
            let name = text(properties.get("FunctionName").unwrap_or(&Value::Null));
            let function = functions
                .iter_mut()
                .find(|function| function.id == name)
                .ok_or_else(|| within(TemplateError(format!("there is no function {name}"))))?;
            function.triggers.extend(SourceMapping::read(properties).map_err(within)?.map(Trigger::Source));
        }
        Ok(functions)
    }

    fn section(&self, name: &str) -> Option<&Value> {
        self.root.get(name)
    }
}
