//! The sample events, one per function, as their triggers would send them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use journeys::{Platform, Tested, failed};
use serde_json::Value;

/// The functions of the template: logical id and sample. A function that is deployed once a vendor may have a sample
/// of each vendor's.
fn functions() -> BTreeMap<String, PathBuf> {
    let template = fs::read_to_string(Platform::root().join("template.yaml")).unwrap();
    let mut functions = BTreeMap::new();
    let (mut id, mut name) = (String::new(), String::new());
    let sample = |name: &str| Platform::root().join(format!("events/samples/{name}.json"));
    for line in template.lines() {
        if let Some(name) = line.strip_prefix("  ").filter(|name| !name.starts_with([' ', '#'])) {
            name.trim_end().trim_end_matches(':').clone_into(&mut id);
        }
        if let Some(path) = line.trim_start().strip_prefix("CodeUri: dist/") {
            path.trim_end_matches('/').clone_into(&mut name);
            functions.insert(id.clone(), sample(&name));
        }
        if let Some(vendor) = line.trim_start().strip_prefix("VENDOR: ") {
            let of_vendor = sample(&format!("{name}-{vendor}"));
            functions.entry(id.clone()).and_modify(|it| {
                if of_vendor.exists() {
                    *it = of_vendor;
                }
            });
        }
    }
    functions
}

/// What a function must answer to what its kind of trigger sends. A sample may speak of what is not there: then it
/// is given back, or not found.
fn is_sane(event: &Value, answer: &Value) -> bool {
    if event.get("requestContext").is_some() {
        return answer["statusCode"].as_u64().is_some_and(|status| (200..500).contains(&status));
    }
    // What the clock starts says what it did.
    if event.get("Records").is_none() {
        return answer.is_object();
    }
    let records = event["Records"].to_string();
    answer["batchItemFailures"].as_array().is_some_and(|failures| {
        failures.iter().all(|it| it["itemIdentifier"].as_str().is_some_and(|id| records.contains(id)))
    })
}

#[tokio::test]
async fn every_function_has_a_sample_and_answers_it() -> Tested {
    let platform = Platform::shared()?;
    let functions = functions();
    assert!(functions.len() > 20, "{functions:?}");
    for (id, path) in functions {
        let sample = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let event: Value = serde_json::from_str(&sample).map_err(failed)?;
        let answer = platform.invoke(&id, event.clone()).await?;
        assert!(is_sane(&event, &answer), "{id}: {answer}");
    }
    Ok(())
}
