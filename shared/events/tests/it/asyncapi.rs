//! The document of channels tells of every event type, and of none that does not exist.

use std::collections::BTreeSet;
use std::fs;

use events::CATALOGUE;
use saphyr::{LoadableYamlNode, Yaml};

const FOLDER: &str = concat!(env!("PITBOSS_ROOT"), "/events");

#[test]
fn the_document_lists_every_event_type() {
    let text = fs::read_to_string(format!("{FOLDER}/asyncapi.yaml")).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    let document = &documents[0];
    assert_eq!(document["asyncapi"].as_str(), Some("3.0.0"));

    let types: BTreeSet<&str> = CATALOGUE.iter().map(|it| it.name).collect();
    let keys = |node: &Yaml<'_>| -> BTreeSet<String> {
        node.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap().to_owned()).collect()
    };
    let in_channel = keys(&document["channels"]["events"]["messages"]);
    assert_eq!(in_channel.iter().map(String::as_str).collect::<BTreeSet<_>>(), types);

    for name in types {
        let message = &document["components"]["messages"][name];
        assert_eq!(message["name"].as_str(), Some(name));
        let schema = message["payload"]["schema"]["$ref"].as_str().unwrap();
        assert_eq!(schema, format!("./schemas/{name}.json"));
        assert!(message["summary"].as_str().is_some(), "{name} has no summary");
    }
}
