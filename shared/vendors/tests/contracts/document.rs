//! The vendors' part of the OpenAPI document: what their calls may be answered with.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;
use vendors::call::Reply;

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../functions/openapi/src/openapi.json")).unwrap()
});

/// How a vendor's calls may be answered: method, path below the vendor's, status, form.
pub(crate) struct Answers(Vec<(String, String, u16, Validator)>);

impl Answers {
    pub(crate) fn of(vendor: &str) -> Self {
        let prefix = format!("/webhooks/games/{vendor}/");
        let mut answers = Vec::new();
        for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
            let Some(below) = path.strip_prefix(&prefix) else { continue };
            for (method, operation) in operations.as_object().unwrap() {
                for (status, response) in operation["responses"].as_object().unwrap() {
                    let Some(content) = response["content"].get("application/json") else { continue };
                    let mut schema = content["schema"].clone();
                    schema["components"] = DOCUMENT["components"].clone();
                    let form = jsonschema::draft202012::new(&schema).unwrap();
                    let (method, below) = (method.to_uppercase(), format!("/{below}"));
                    answers.push((method, below, status.parse().unwrap(), form));
                }
            }
        }
        assert!(!answers.is_empty(), "{vendor} is not in the document");
        Self(answers)
    }

    /// Holds an answer to a call against the document; one to a call that the protocol does not have, against those
    /// to any call.
    pub(crate) fn check(&self, method: &str, path: &str, reply: &Reply) -> Value {
        assert_eq!(reply.content_type, "application/json");
        let said: Value = serde_json::from_slice(&reply.body).unwrap();
        let known = self.0.iter().any(|(m, p, ..)| m == method && fits(p, path));
        let mut forms = self.0.iter().filter(|(m, p, status, _)| {
            *status == reply.status && (!known || (m == method && fits(p, path)))
        });
        assert!(
            forms.any(|(.., form)| form.is_valid(&said)),
            "{method} {path} is answered with {} {said}",
            reply.status
        );
        said
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

/// All codes that a vendor can be answered with, as the document lists them.
pub(crate) fn codes(pointer: &str) -> BTreeSet<String> {
    let listed = DOCUMENT.pointer(&format!("/components/schemas/{pointer}/enum")).unwrap();
    listed.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}
