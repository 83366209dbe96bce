//! The document is valid, describes every route there is and no other, and leads nowhere that does not exist.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::*;

const TEMPLATE: &str = include_str!("../../../template.yaml");
const METHODS: &[&str] = &["get", "put", "post", "delete", "patch"];

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

/// Every operation with its method and path.
fn operations(document: &Value) -> Vec<(String, &Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        METHODS.iter().filter_map(move |method| {
            let operation = item.get(*method)?.as_object()?;
            Some((format!("{} {path}", method.to_uppercase()), operation))
        })
    });
    operations.collect()
}

/// The routes of the template: every event with a method and a path.
fn routes() -> BTreeSet<String> {
    let after = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!(" {name}: "))?;
        let value = if rest.starts_with('\'') { rest.trim_start_matches('\'') } else { rest };
        let end = value.find(if rest.starts_with('\'') { "'" } else { "}" })?;
        value.get(..end).map(|value| value.split(',').next().unwrap_or(value).to_owned())
    };
    TEMPLATE
        .lines()
        .filter(|line| line.contains("Type: HttpApi"))
        .map(|line| format!("{} {}", after(line, "Method").unwrap(), after(line, "Path").unwrap()))
        .collect()
}

/// Calls back with every object of a value.
fn visit<'a>(value: &'a Value, seen: &mut impl FnMut(&'a Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            seen(object);
            object.values().for_each(|value| visit(value, seen));
        }
        Value::Array(values) => values.iter().for_each(|value| visit(value, seen)),
        _ => {}
    }
}

fn references(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    visit(document, &mut |object| {
        if let Some(Value::String(reference)) = object.get("$ref") {
            found.insert(reference.clone());
        }
    });
    found
}

#[test]
fn the_document_is_openapi_3_1() {
    let spec = oas3::from_json(DOCUMENT).unwrap();
    spec.validate_version().unwrap();
    for (path, method, operation) in spec.operations() {
        for parameter in operation.parameters(&spec).unwrap() {
            assert!(!parameter.name.is_empty(), "{method} {path}");
        }
        for answer in operation.responses(&spec).values() {
            assert!(answer.description.as_ref().is_some_and(|it| !it.is_empty()), "{method} {path}");
        }
    }
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let routes = routes();
    assert!(routes.len() > 30 && routes.contains("GET /v1/deposits/{id}"), "{routes:#?}");
    let document = document();
    let described: BTreeSet<String> = operations(&document).into_iter().map(|(route, _)| route).collect();
    assert_eq!(described, routes);
}

#[test]
fn every_reference_leads_somewhere_and_every_component_is_used() {
    let document = document();
    let references = references(&document);
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    for kind in ["parameters", "responses", "schemas"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            assert!(references.contains(&format!("#/components/{kind}/{name}")), "{kind}/{name} is not used");
        }
    }
}

#[test]
fn every_operation_says_what_it_is_and_what_can_come_of_it() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (route, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id), "{id} names two operations");
        assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{route}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{route} has no success");
        assert!(responses.values().any(|answer| is_problem(&document, answer)), "{route} has no problem");
        if operation.contains_key("requestBody") {
            assert!(responses.contains_key("413"), "{route} takes a body of any size");
        }
    }
}

fn is_problem(document: &Value, answer: &Value) -> bool {
    let answer = match answer.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => answer,
    };
    answer["content"].get("application/problem+json").is_some()
}

#[test]
fn tags_and_security_schemes_are_declared() {
    let document = document();
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().filter_map(|tag| tag["name"].as_str()).collect();
    for (route, operation) in operations(&document) {
        for tag in operation["tags"].as_array().unwrap() {
            assert!(tags.contains(tag.as_str().unwrap()), "{route}");
        }
        for requirement in operation["security"].as_array().unwrap() {
            for scheme in requirement.as_object().unwrap().keys() {
                assert!(document["components"]["securitySchemes"].get(scheme).is_some(), "{route}");
            }
        }
    }
}

#[test]
fn parameters_of_a_path_are_described() {
    let document = document();
    for (route, operation) in operations(&document) {
        let described: BTreeSet<&str> = operation
            .get("parameters")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|it| match it.get("$ref").and_then(Value::as_str) {
                Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
                None => it,
            })
            .filter(|parameter| parameter["in"] == "path")
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        let named: BTreeSet<&str> =
            route.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        assert_eq!(described, named, "{route}");
    }
}

#[test]
fn what_is_required_of_an_object_is_among_its_properties() {
    let document = document();
    visit(&document, &mut |object| {
        let (Some(Value::Array(required)), Some(Value::Object(properties))) =
            (object.get("required"), object.get("properties"))
        else {
            return;
        };
        for name in required {
            assert!(properties.contains_key(name.as_str().unwrap()), "{name} of {properties:?}");
        }
    });
}

#[test]
fn whoever_has_the_document_is_told_so() {
    let openapi = Openapi { etag: "\"abc\"".to_owned() };
    assert_eq!(openapi.document(None).status(), 200);
    assert_eq!(openapi.document(Some("\"other\"")).status(), 200);
    assert_eq!(openapi.document(Some("\"other\", W/\"abc\"")).status(), 304);
    assert_eq!(openapi.document(None).body(), DOCUMENT.as_bytes());
}

#[tokio::test]
async fn the_sample_event_is_answered_with_the_document() {
    let sample = serde_json::from_str(include_str!("../../../events/samples/openapi.json")).unwrap();
    let function =
        start(Settings::new(std::collections::BTreeMap::new(), edge::Context::default())).await.unwrap();
    let answer = function.invoke(sample).await.unwrap();
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(answer["headers"]["content-type"], "application/json");
    assert_eq!(answer["body"], DOCUMENT);
}
