//! Resolves a template's references against the resources that stand locally.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Template, TemplateError, text};
use crate::{ACCOUNT, REGION};

/// The values that `Ref`, `Fn::GetAtt` and `Fn::Sub` may name, and the template's conditions and mappings.
#[derive(Debug)]
pub(crate) struct Scope {
    names: BTreeMap<String, String>,
    attributes: BTreeMap<String, String>,
    resources: Vec<String>,
    conditions: Map<String, Value>,
    mappings: Value,
}

impl Scope {
    /// A scope with the template's parameters at their defaults, or at the values given here.
    pub(crate) fn new(template: &Template, parameters: &BTreeMap<String, String>) -> Self {
        let object = |name| template.section(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut names: BTreeMap<String, String> = [
            ("AWS::Region", REGION),
            ("AWS::AccountId", ACCOUNT),
            ("AWS::Partition", "aws"),
            ("AWS::StackName", "pitboss"),
            ("AWS::StackId", "arn:aws:cloudformation:local:stack/pitboss"),
            ("AWS::URLSuffix", "amazonaws.com"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        for (name, parameter) in object("Parameters") {
            let default = parameter.get("Default").map(text).unwrap_or_default();
            names.insert(name.clone(), parameters.get(&name).cloned().unwrap_or(default));
        }
        Self {
            names,
            attributes: BTreeMap::new(),
            resources: object("Resources").keys().cloned().collect(),
            conditions: object("Conditions"),
            mappings: Value::Object(object("Mappings")),
        }
    }

    /// Says what a resource's `Ref` and attributes are.
    pub(crate) fn define(&mut self, id: &str, reference: &str, attributes: &[(&str, &str)]) {
        self.names.insert(id.to_owned(), reference.to_owned());
        for (name, value) in attributes {
            self.attributes.insert(format!("{id}.{name}"), (*value).to_owned());
        }
    }

    /// What `Ref` gives for a parameter or resource.
    pub(crate) fn reference(&self, id: &str) -> Option<&str> {
        self.names.get(id).map(String::as_str)
    }

    /// Whether a named condition holds.
    pub(crate) fn condition(&self, name: &str) -> Result<bool, TemplateError> {
        let expression = self
            .conditions
            .get(name)
            .ok_or_else(|| TemplateError(format!("there is no condition {name}")))?;
        Ok(self.resolve(expression)? == Value::Bool(true))
    }

    /// The value with every intrinsic function replaced by what it gives; `AWS::NoValue` entries vanish.
    pub(crate) fn resolve(&self, value: &Value) -> Result<Value, TemplateError> {
        match value {
            Value::Object(map) => match single(map) {
                Some(("Ref", argument)) => self.resolve_ref(&text(argument)),
                Some(("Condition", argument)) if argument.is_string() => {
                    Ok(Value::Bool(self.condition(&text(argument))?))
                }
                Some((name, argument)) if name.starts_with("Fn::") => self.call(name, argument),
                _ => self.resolve_map(map),
            },
            Value::Array(items) => Ok(Value::Array(self.resolve_all(items)?)),
            plain => Ok(plain.clone()),
        }
    }

    fn resolve_map(&self, map: &Map<String, Value>) -> Result<Value, TemplateError> {
        let mut resolved = Map::new();
        for (key, value) in map {
            let value = self.resolve(value)?;
            if !value.is_null() {
                resolved.insert(key.clone(), value);
            }
        }
        Ok(Value::Object(resolved))
    }

    fn resolve_all(&self, items: &[Value]) -> Result<Vec<Value>, TemplateError> {
        let resolved: Result<Vec<Value>, _> = items.iter().map(|item| self.resolve(item)).collect();
        Ok(resolved?.into_iter().filter(|item| !item.is_null()).collect())
    }

    fn resolve_ref(&self, name: &str) -> Result<Value, TemplateError> {
        if name == "AWS::NoValue" {
            return Ok(Value::Null);
        }
        if let Some(value) = self.names.get(name) {
            return Ok(Value::String(value.clone()));
        }
        // A resource that is not played here (a role, an alarm) still has a name.
        if self.resources.iter().any(|id| id == name) {
            return Ok(Value::String(name.to_owned()));
        }
        Err(TemplateError(format!("nothing is named {name}")))
    }

    fn attribute(&self, path: &str) -> Result<Value, TemplateError> {
        if let Some(value) = self.attributes.get(path) {
            return Ok(Value::String(value.clone()));
        }
        let id = path.split('.').next().unwrap_or_default();
        if self.resources.iter().any(|known| known == id) {
            return Ok(Value::String(path.to_owned()));
        }
        Err(TemplateError(format!("nothing is named {path}")))
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value, TemplateError> {
        let bad = || TemplateError(format!("{name} cannot take {argument}"));
        if name == "Fn::GetAtt" {
            let path = match argument {
                Value::Array(parts) => parts.iter().map(text).collect::<Vec<_>>().join("."),
                other => text(other),
            };
            return self.attribute(&path);
        }
        if name == "Fn::If" {
            let parts = argument.as_array().ok_or_else(bad)?;
            let [condition, then, otherwise] = parts.as_slice() else { return Err(bad()) };
            return self.resolve(if self.condition(&text(condition))? { then } else { otherwise });
        }
        if name == "Fn::Sub" {
            return self.substitute(argument);
        }
        match (name, self.resolve(argument)?) {
            ("Fn::Join", Value::Array(parts)) => match parts.as_slice() {
                [separator, Value::Array(items)] => {
                    Ok(Value::String(items.iter().map(text).collect::<Vec<_>>().join(&text(separator))))
                }
                _ => Err(bad()),
            },
            ("Fn::Split", Value::Array(parts)) => match parts.as_slice() {
                [separator, whole] => {
                    Ok(Value::Array(text(whole).split(&text(separator)).map(Value::from).collect()))
                }
                _ => Err(bad()),
            },
            ("Fn::Select", Value::Array(parts)) => match parts.as_slice() {
                [index, Value::Array(items)] => {
                    text(index).parse().ok().and_then(|i: usize| items.get(i)).cloned().ok_or_else(bad)
                }
                _ => Err(bad()),
            },
            ("Fn::Equals", Value::Array(parts)) => match parts.as_slice() {
                [left, right] => Ok(Value::Bool(text(left) == text(right))),
                _ => Err(bad()),
            },
            ("Fn::Not", Value::Array(parts)) => Ok(Value::Bool(parts != [Value::Bool(true)])),
            ("Fn::And", Value::Array(parts)) => {
                Ok(Value::Bool(parts.iter().all(|part| *part == Value::Bool(true))))
            }
            ("Fn::Or", Value::Array(parts)) => Ok(Value::Bool(parts.contains(&Value::Bool(true)))),
            ("Fn::FindInMap", Value::Array(path)) => {
                let found = path.iter().try_fold(&self.mappings, |at, key| at.get(text(key)));
                found.cloned().ok_or_else(bad)
            }
            _ => Err(TemplateError(format!("{name} is not played locally"))),
        }
    }

    /// `Fn::Sub`, with or without variables of its own.
    fn substitute(&self, argument: &Value) -> Result<Value, TemplateError> {
        let (pattern, own) = match argument {
            Value::Array(parts) => match parts.as_slice() {
                [pattern, own] => (text(pattern), self.resolve(own)?),
                _ => return Err(TemplateError(format!("Fn::Sub cannot take {argument}"))),
            },
            pattern => (text(pattern), Value::Null),
        };
        let mut out = String::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after
                .split_once('}')
                .ok_or_else(|| TemplateError(format!("Fn::Sub has an open ${{ in {pattern}")))?;
            out.push_str(before);
            match (name.strip_prefix('!'), own.get(name)) {
                (Some(literal), _) => out.extend(["${", literal, "}"]),
                (None, Some(value)) => out.push_str(&text(value)),
                (None, None) if name.contains('.') => out.push_str(&text(&self.attribute(name)?)),
                (None, None) => out.push_str(&text(&self.resolve_ref(name)?)),
            }
            rest = tail;
        }
        out.push_str(rest);
        Ok(Value::String(out))
    }
}

/// The only entry of a one-entry map: the shape of every intrinsic function.
fn single(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = map.iter();
    match (entries.next(), entries.next()) {
        (Some((name, argument)), None) => Some((name, argument)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scope() -> Scope {
        let template = Template::parse(
            "Parameters: {Stage: {Type: String, Default: dev}}\n\
             Mappings: {Days: {dev: {Keep: 1}, prod: {Keep: 30}}}\n\
             Conditions: {Prod: !Equals [!Ref Stage, prod], Small: !Not [!Condition Prod]}\n\
             Resources: {Table: {Type: T}, Role: {Type: R}}\n",
        );
        let mut scope = Scope::new(&template.unwrap(), &BTreeMap::new());
        scope.define("Table", "ledger", &[("Arn", "arn:ledger")]);
        scope
    }

    fn resolved(value: impl std::borrow::Borrow<Value>) -> Value {
        scope().resolve(value.borrow()).unwrap()
    }

    #[test]
    fn references_resolve() {
        assert_eq!(resolved(json!({"Ref": "Table"})), "ledger");
        assert_eq!(resolved(json!({"Ref": "Role"})), "Role");
        assert_eq!(resolved(json!({"Fn::GetAtt": ["Table", "Arn"]})), "arn:ledger");
        assert_eq!(resolved(json!({"Fn::GetAtt": "Role.Arn"})), "Role.Arn");
        assert_eq!(
            resolved(json!({"Fn::Sub": "${AWS::StackName}-${Stage}-${Table.Arn}-${!x}"})),
            "pitboss-dev-arn:ledger-${x}"
        );
        assert_eq!(resolved(json!({"Fn::Sub": ["${A}/${Table}", {"A": {"Ref": "Stage"}}]})), "dev/ledger");
        assert!(scope().resolve(&json!({"Ref": "Nothing"})).is_err());
    }

    #[test]
    fn functions_and_conditions_resolve() {
        assert!(scope().condition("Small").unwrap());
        assert_eq!(resolved(json!({"Fn::If": ["Prod", 1, 2]})), 2);
        assert_eq!(resolved(json!({"a": {"Fn::If": ["Prod", 1, {"Ref": "AWS::NoValue"}]}})), json!({}));
        assert_eq!(resolved(json!({"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]})), "a-dev");
        assert_eq!(resolved(json!({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]})), "b");
        assert_eq!(resolved(json!({"Fn::FindInMap": ["Days", {"Ref": "Stage"}, "Keep"]})), 1);
    }
}
