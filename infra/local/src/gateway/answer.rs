//! A function's answer as the caller sees it.

use axum::{body::Body, response::Response};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// The gateway's own answer.
pub(super) fn message(status: StatusCode, text: &str) -> Response {
    let mut response = Response::new(Body::from(json!({"message": text}).to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Reads a function's answer; `None` if it is not one that HTTP can carry.
pub(super) fn response(answer: &Value) -> Option<Response> {
    let Some(status) = answer.get("statusCode") else {
        // Whatever is not shaped as a response is the body of one.
        return Some(with_type(Response::new(Body::from(answer.to_string())), "application/json"));
    };
    let status = StatusCode::from_u16(u16::try_from(status.as_u64()?).ok()?).ok()?;
    let mut response = Response::new(body(answer)?);
    *response.status_mut() = status;
    let single = answer.get("headers").and_then(Value::as_object);
    let multiple = answer.get("multiValueHeaders").and_then(Value::as_object);
    let cookies = answer.get("cookies").and_then(Value::as_array);
    let headers = response.headers_mut();
    for (name, value) in single.into_iter().flatten() {
        headers.insert(HeaderName::try_from(name).ok()?, header_value(value)?);
    }
    for (name, values) in multiple.into_iter().flatten() {
        let name = HeaderName::try_from(name).ok()?;
        headers.remove(&name);
        for value in values.as_array()? {
            headers.append(&name, header_value(value)?);
        }
    }
    for cookie in cookies.into_iter().flatten() {
        headers.append(header::SET_COOKIE, header_value(cookie)?);
    }
    // The body's own length is the truth.
    headers.remove(header::CONTENT_LENGTH);
    let untyped = !headers.contains_key(header::CONTENT_TYPE) && answer.get("body").is_some();
    Some(if untyped { with_type(response, "text/plain;charset=UTF-8") } else { response })
}

fn with_type(mut response: Response, kind: &'static str) -> Response {
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn body(answer: &Value) -> Option<Body> {
    let text = match answer.get("body") {
        None | Some(Value::Null) => return Some(Body::empty()),
        Some(Value::String(text)) => text,
        Some(_) => return None,
    };
    match answer.get("isBase64Encoded").and_then(Value::as_bool) {
        Some(true) => BASE64.decode(text).ok().map(Body::from),
        _ => Some(Body::from(text.clone())),
    }
}

fn header_value(value: &Value) -> Option<HeaderValue> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return None,
    };
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    async fn text(response: Response) -> String {
        String::from_utf8(to_bytes(response.into_body(), 1000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_full_answer_is_carried_over() {
        let answer = json!({
            "statusCode": 201, "headers": {"Content-Type": "application/json", "content-length": "999"},
            "multiValueHeaders": {"X-Many": ["1", "2"]}, "cookies": ["a=1", "b=2"],
            "body": "e30=", "isBase64Encoded": true,
        });
        let response = response(&answer).unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.headers().get_all("x-many").iter().count(), 2);
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(text(response).await, "{}");
    }

    #[tokio::test]
    async fn a_bare_value_is_the_body() {
        assert_eq!(text(response(&json!({"a": 1})).unwrap()).await, "{\"a\":1}");
    }

    #[test]
    fn an_answer_http_cannot_carry_is_refused() {
        assert!(response(&json!({"statusCode": "often"})).is_none());
        assert!(response(&json!({"statusCode": 200, "headers": {"bad name": "x"}})).is_none());
        assert!(response(&json!({"statusCode": 200, "body": "!", "isBase64Encoded": true})).is_none());
        assert!(response(&json!({"statusCode": 200, "body": {"not": "text"}})).is_none());
    }
}
