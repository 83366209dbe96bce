//! The committed JSON Schemas are what the code says, and every event agrees with its schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use events::{CATALOGUE, Event};
use serde_json::Value;

use crate::entries::of_every_kind;

fn folder() -> PathBuf {
    PathBuf::from(env!("PITBOSS_ROOT")).join("events/schemas")
}

/// `UPDATE_SCHEMAS=1 cargo test --package events` writes the files anew.
#[test]
fn the_committed_schemas_are_the_codes() {
    let update = std::env::var_os("UPDATE_SCHEMAS").is_some();
    let mut names = BTreeSet::new();
    for event_type in CATALOGUE {
        let name = format!("{}.json", event_type.name);
        let path = folder().join(&name);
        let schema = format!("{}\n", serde_json::to_string_pretty(&event_type.schema()).unwrap());
        if update {
            fs::write(&path, &schema).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(committed, schema, "{name} is outdated: run with UPDATE_SCHEMAS=1");
        names.insert(name);
    }
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(files, names, "a schema without a type");
}

#[test]
fn every_event_agrees_with_its_schema() {
    let mut seen = BTreeSet::new();
    for entry in of_every_kind() {
        let event = Event::from_entry(&entry);
        let name = event.data.event_type();
        let schema = CATALOGUE.iter().find(|it| it.name == name).unwrap().schema();
        let validator = jsonschema::validator_for(schema.as_value()).unwrap();
        let wire = serde_json::to_value(&event).unwrap();
        let errors: Vec<String> = validator.iter_errors(&wire).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{wire:#}");
        for attribute in wire.as_object().unwrap().keys() {
            let mut lacking = wire.clone();
            lacking.as_object_mut().unwrap().remove(attribute);
            assert!(!validator.is_valid(&lacking), "{name} without {attribute}");
        }
        seen.insert(name);
    }
    let all: BTreeSet<&str> = CATALOGUE.iter().map(|it| it.name).collect();
    assert_eq!(seen, all, "a type without an example");
}

#[test]
fn no_schema_asks_for_a_person() {
    const PERSONAL: [&str; 8] =
        ["email", "first_name", "last_name", "name", "birth_date", "phone", "address", "destination"];
    for event_type in CATALOGUE {
        let schema = event_type.schema();
        for pointer in ["/properties", "/$defs"] {
            assert_not_named(schema.as_value().pointer(pointer).unwrap_or(&Value::Null), &PERSONAL);
        }
    }
}

fn assert_not_named(value: &Value, forbidden: &[&str]) {
    for (key, value) in value.as_object().into_iter().flatten() {
        assert!(!forbidden.contains(&key.as_str()), "{key} is personal");
        assert_not_named(value, forbidden);
    }
}
