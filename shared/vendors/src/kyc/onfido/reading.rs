//! Reading what Onfido read: its reports and workflow outputs name things alike, at whatever depth.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::kyc::{Document, Person, Watchlist};

/// The person on the document.
pub(super) fn person(read: &Value) -> Option<Person> {
    Person::read(text(read, "first_name"), text(read, "last_name"), text(read, "date_of_birth"))
}

/// The document.
pub(super) fn document(read: &Value) -> Option<Document> {
    Document::read(text(read, "issuing_country"), text(read, "date_of_expiry"))
}

/// What was made of the document: `clear`, `rejected`, `suspected` or `caution`.
pub(super) fn sub_result(read: &Value) -> Option<&str> {
    text(read, "sub_result")
}

/// The lists of a watchlist report's breakdown that are not clear.
pub(super) fn hits(read: &Value) -> BTreeSet<Watchlist> {
    const LISTS: [&str; 5] = [
        "sanction",
        "politically_exposed_person",
        "adverse_media",
        "monitored_lists",
        "legal_and_regulatory_warnings",
    ];
    let is_hit = |list: &&str| {
        field(read, list).is_some_and(|found| {
            let result = found.get("result").unwrap_or(found);
            result.as_str().is_some_and(|result| result != "clear")
        })
    };
    LISTS.into_iter().filter(is_hit).map(Watchlist::of_label).collect()
}

fn text<'a>(read: &'a Value, name: &str) -> Option<&'a str> {
    field(read, name).and_then(Value::as_str)
}

/// The first field of this name, outermost first. Lists are passed by: they are about others, such as the persons of
/// a watchlist.
fn field<'a>(read: &'a Value, name: &str) -> Option<&'a Value> {
    let fields: &Map<String, Value> = read.as_object()?;
    let own = fields.get(name).filter(|value| !value.is_null());
    own.or_else(|| fields.values().find_map(|value| field(value, name)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_read_is_found_at_any_depth() {
        let output = json!({
            "watchlist": {"properties": {"records": [{"first_name": "Someone", "last_name": "Else"}]}},
            "document": {"sub_result": "clear", "properties": {
                "first_name": "Ada", "last_name": "Vella", "date_of_birth": "1990-05-04",
                "issuing_country": "MLT", "date_of_expiry": "2030-01-31",
            }},
        });
        let found = person(&output).unwrap();
        assert_eq!((found.first_name.as_str(), found.last_name.as_str()), ("Ada", "Vella"));
        assert_eq!(found.birth_date, Some(domain::Date::constant(1990, 5, 4)));
        assert_eq!(document(&output).unwrap().country.as_deref(), Some("MLT"));
        assert_eq!(sub_result(&output), Some("clear"));
        assert!(person(&json!({})).is_none() && document(&json!([])).is_none());
    }

    #[test]
    fn every_list_that_is_not_clear_is_a_hit() {
        for (breakdown, expected) in [
            (json!({"sanction": {"result": "consider"}}), vec![Watchlist::Sanctions]),
            (json!({"politically_exposed_person": {"result": "consider"}}), vec![Watchlist::Pep]),
            (json!({"adverse_media": {"result": "consider"}}), vec![Watchlist::AdverseMedia]),
            (json!({"monitored_lists": {"result": "consider"}}), vec![Watchlist::Other]),
            (json!({"legal_and_regulatory_warnings": {"result": "consider"}}), vec![Watchlist::Other]),
            (json!({"sanction": "consider"}), vec![Watchlist::Sanctions]),
            (json!({"sanction": {"result": "clear"}, "adverse_media": {"result": "clear"}}), vec![]),
            (json!({"sanction": {"result": null}}), vec![]),
            (json!({}), vec![]),
        ] {
            let expected: BTreeSet<_> = expected.into_iter().collect();
            assert_eq!(hits(&breakdown), expected, "{breakdown}");
            assert_eq!(hits(&json!({"aml": {"breakdown": breakdown}})), expected);
        }
    }
}
