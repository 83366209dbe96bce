//! What `template.yaml` declares, as far as this process can play it.

mod function;
mod scope;
mod source;
mod yaml;

use std::path::Path;

use serde_json::Value;

pub use function::FunctionSpec;
pub use scope::Scope;
pub use source::{StreamMapping, Trigger};

/// What is wrong with a template, in one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TemplateError(pub(crate) String);

/// A parsed template: plain JSON, with every short tag (`!Ref`) spelt in its long form (`{"Ref": …}`).
#[derive(Debug)]
pub struct Template {
    root: Value,
}

impl Template {
    /// Reads and parses a template file.
    pub fn load(path: &Path) -> Result<Self, TemplateError> {
        let text = std::fs::read_to_string(path).map_err(|e| TemplateError(e.to_string()))?;
        Self::parse(&text)
    }

    /// Parses the text of a template.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Ok(Self { root: yaml::parse(text)? })
    }

    /// The resources of one type, with their logical ids, that the template's conditions let exist.
    pub fn resources<'a>(&'a self, kind: &'a str, scope: &'a Scope) -> Vec<(&'a str, &'a Value)> {
        let all = self.section("Resources").and_then(Value::as_object);
        all.into_iter()
            .flatten()
            .filter(|(_, resource)| resource.get("Type").and_then(Value::as_str) == Some(kind))
            .filter(|(_, resource)| match resource.get("Condition").and_then(Value::as_str) {
                Some(name) => scope.condition(name).unwrap_or(false),
                None => true,
            })
            .map(|(id, resource)| (id.as_str(), resource))
            .collect()
    }

    /// The functions, every reference in them resolved.
    pub fn functions(&self, scope: &Scope) -> Result<Vec<FunctionSpec>, TemplateError> {
        let globals = self.section("Globals").and_then(|globals| globals.get("Function"));
        self.resources("AWS::Serverless::Function", scope)
            .into_iter()
            .map(|(id, resource)| FunctionSpec::read(id, resource, globals, scope))
            .collect()
    }

    fn section(&self, name: &str) -> Option<&Value> {
        self.root.get(name)
    }
}
