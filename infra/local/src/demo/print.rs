//! Exchanges as a person reads them: what was sent, what was answered, secrets cut short.

use serde_json::Value;

use super::{Answer, Call};

/// What nobody should read off a screen.
const SECRETS: &[&str] = &["password", "access_token", "refresh_token", "token"];
/// How much of a secret is shown.
const SHOWN: usize = 6;
/// How much of a body is shown.
const LONGEST: usize = 700;

/// Prints an exchange.
pub fn exchange(call: &Call, answer: &Answer) {
    let sent = serde_json::from_slice::<Value>(&call.body).unwrap_or_default();
    println!("   → {} {} {}", call.method, call.path, shown(sent));
    println!("   ← {} {}", answer.status, shown(answer.body.clone()));
}

fn shown(mut body: Value) -> String {
    if body.is_null() {
        return String::new();
    }
    shorten(&mut body);
    let text = body.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn shorten(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if SECRETS.contains(&name.as_str()) => *text = shortened(text),
                    _ => shorten(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        _ => {}
    }
}

fn shortened(secret: &str) -> String {
    secret.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_cut_short_wherever_they_are() {
        let body = json!({"a": [{"password": "correct horse"}], "token": "0123456789", "amount": 1});
        assert_eq!(shown(body), r#"{"a":[{"password":"correc…"}],"amount":1,"token":"012345…"}"#);
    }
}
