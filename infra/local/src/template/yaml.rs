//! A template's text, with its short tags and loops, turned into plain JSON.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Number, Value};

use super::TemplateError;

pub(super) fn parse(text: &str) -> Result<Value, TemplateError> {
    let documents = Yaml::load_from_str(text).map_err(|e| TemplateError(e.to_string()))?;
    let document = documents.first().ok_or_else(|| TemplateError("the template is empty".into()))?;
    expand_loops(json(document)?)
}

/// Replaces every `Fn::ForEach` by what it stands for. Its items must be written out.
fn expand_loops(value: Value) -> Result<Value, TemplateError> {
    let Value::Object(map) = value else { return Ok(value) };
    let mut expanded = Map::new();
    for (key, value) in map {
        if !key.starts_with("Fn::ForEach::") {
            expanded.insert(key, expand_loops(value)?);
            continue;
        }
        let bad = || TemplateError(format!("{key} has no name, items and body"));
        let (variable, items, body) = match value.as_array().map(Vec::as_slice) {
            Some([Value::String(variable), Value::Array(items), body]) => (variable, items, body.to_string()),
            _ => return Err(bad()),
        };
        for item in items {
            let item = item.as_str().ok_or_else(bad)?;
            let turn = body
                .replace(&format!("${{{variable}}}"), item)
                .replace(&format!("&{{{variable}}}"), item)
                .replace(&format!("{{\"Ref\":\"{variable}\"}}"), &Value::from(item).to_string());
            match serde_json::from_str(&turn).map(expand_loops) {
                Ok(Ok(Value::Object(entries))) => expanded.extend(entries),
                Ok(Err(error)) => return Err(error),
                _ => return Err(bad()),
            }
        }
    }
    Ok(Value::Object(expanded))
}

fn json(node: &Yaml<'_>) -> Result<Value, TemplateError> {
    Ok(match node {
        Yaml::Value(scalar) => scalar_json(scalar),
        Yaml::Sequence(items) => Value::Array(items.iter().map(json).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                map.insert(text(&json(key)?), json(value)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tag, inner) => intrinsic(&tag.suffix, json(inner)?),
        Yaml::Representation(text, ..) => Value::String(text.to_string()),
        Yaml::Alias(_) | Yaml::BadValue => return Err(TemplateError("a value cannot be read".into())),
    })
}

/// `!Ref X` is `{"Ref": "X"}`, `!GetAtt A.B` is `{"Fn::GetAtt": "A.B"}`, and so on for every other function.
fn intrinsic(tag: &str, argument: Value) -> Value {
    let name = match tag {
        "Ref" | "Condition" => tag.to_owned(),
        other => format!("Fn::{other}"),
    };
    Value::Object(Map::from_iter([(name, argument)]))
}

fn scalar_json(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(value) => Value::Bool(*value),
        Scalar::Integer(value) => Value::from(*value),
        Scalar::FloatingPoint(value) => {
            let digits = value.to_string();
            digits.parse::<Number>().map_or(Value::String(digits), Value::Number)
        }
        Scalar::String(value) => Value::String(value.to_string()),
    }
}

/// A scalar as a string property takes it: bare.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_tags_become_long_forms() {
        let parsed = parse(
            "A: !Ref Table\nB: !GetAtt Table.Arn\nC: !Sub '${A}-x'\nD: !If [Prod, 1, !Ref AWS::NoValue]\n\
             E: !Join ['', [a, !Ref B]]\nF: 2.5\nG: '2012-10-17'\nH: true\nI: !Equals [!Ref Stage, prod]\n",
        );
        assert_eq!(
            parsed.unwrap(),
            json!({
                "A": {"Ref": "Table"}, "B": {"Fn::GetAtt": "Table.Arn"}, "C": {"Fn::Sub": "${A}-x"},
                "D": {"Fn::If": ["Prod", 1, {"Ref": "AWS::NoValue"}]},
                "E": {"Fn::Join": ["", ["a", {"Ref": "B"}]]}, "F": 2.5, "G": "2012-10-17", "H": true,
                "I": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            })
        );
    }

    #[test]
    fn loops_are_written_out() {
        let parsed = parse(
            "R:\n  Fn::ForEach::All:\n    - Name\n    - [A, B]\n    - ${Name}Log: {N: !Ref Name, G: !Sub '/x/${Name}'}\n  C: 1\n",
        );
        assert_eq!(
            parsed.unwrap(),
            json!({"R": {
                "ALog": {"N": "A", "G": {"Fn::Sub": "/x/A"}}, "BLog": {"N": "B", "G": {"Fn::Sub": "/x/B"}}, "C": 1,
            }})
        );
        assert!(parse("R: {'Fn::ForEach::All': [Name, !Ref List, {}]}").is_err());
    }

    #[test]
    fn a_broken_template_is_an_error_with_a_place() {
        let error = parse("A: [1, 2\nB: }").unwrap_err();
        assert!(error.to_string().contains("line"), "{error}");
    }
}
