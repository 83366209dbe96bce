//! A request as the function sees it: API Gateway's HTTP event, payload format 2.0.

use std::{collections::BTreeMap, net::IpAddr};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use serde_json::{Map, Value, json};
use ulid::Ulid;

use super::routes::Found;
use crate::{ACCOUNT, clock};

pub(super) fn build(parts: &Parts, body: &Bytes, found: &Found, source: IpAddr) -> Value {
    let now = clock::now();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let host = header(header::HOST);
    let query = parts.uri.query().unwrap_or_default();
    let mut event = json!({
        "version": "2.0",
        "routeKey": found.key,
        "rawPath": parts.uri.path(),
        "rawQueryString": query,
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": host,
            "domainPrefix": host.split('.').next().unwrap_or_default(),
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": format!("{:?}", parts.version),
                "sourceIp": source.to_string(),
                "userAgent": header(header::USER_AGENT),
            },
            "requestId": Ulid::generate().to_string(),
            "routeKey": found.key,
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    if let Some(event) = event.as_object_mut() {
        add_body(event, body, header(header::CONTENT_TYPE));
        add_some(event, "pathParameters", json!(found.parameters));
        add_some(event, "queryStringParameters", json!(query_parameters(query)));
        add_some(event, "cookies", cookies(&parts.headers));
    }
    event
}

/// API Gateway leaves empty parts out.
fn add_some(event: &mut Map<String, Value>, name: &str, part: Value) {
    let empty = part.as_object().is_some_and(Map::is_empty) || part.as_array().is_some_and(Vec::is_empty);
    if !empty {
        event.insert(name.to_owned(), part);
    }
}

fn add_body(event: &mut Map<String, Value>, body: &Bytes, content_type: &str) {
    if body.is_empty() {
        return;
    }
    let text = is_textual(content_type).then(|| std::str::from_utf8(body).ok()).flatten();
    event.insert("isBase64Encoded".to_owned(), json!(text.is_none()));
    event.insert("body".to_owned(), text.map_or_else(|| json!(BASE64.encode(body)), |text| json!(text)));
}

/// Which bodies API Gateway passes on as text. A form is not among them.
fn is_textual(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || ["json", "xml", "javascript"].iter().any(|ending| essence.ends_with(ending))
}

/// Lower-case names, and the values of a repeated header in one, with commas. Cookies have a place of their own.
fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in headers.iter().filter(|(name, _)| *name != header::COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|held| {
                held.push(',');
                held.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    joined
}

fn cookies(headers: &HeaderMap) -> Value {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';')).map(str::trim).filter(|cookie| !cookie.is_empty()).collect()
}

fn query_parameters(query: &str) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        joined
            .entry(name.into_owned())
            .and_modify(|held| {
                held.push(',');
                held.push_str(&value);
            })
            .or_insert_with(|| value.to_string());
    }
    joined
}

#[cfg(test)]
mod tests {
    use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
    use http::Request;

    use super::*;

    fn event(request: Request<()>, body: &'static [u8]) -> (Value, ApiGatewayV2httpRequest) {
        let found = Found {
            key: "POST /v1/deposits/{id}".to_owned(),
            function: "DepositFunction".to_owned(),
            parameters: BTreeMap::from([("id".to_owned(), "dep_1".to_owned())]),
        };
        let (parts, ()) = request.into_parts();
        let raw = build(&parts, &Bytes::from_static(body), &found, IpAddr::from([127, 0, 0, 1]));
        let typed = serde_json::from_value(raw.clone()).unwrap();
        (raw, typed)
    }

    #[test]
    fn the_event_is_what_lambda_functions_expect() {
        let request = Request::post("http://localhost/v1/deposits/dep_1?limit=2&limit=3&q=a%20b+c")
            .header("Host", "localhost:8080")
            .header("Content-Type", "application/json; charset=utf-8")
            .header("X-Two", "1")
            .header("X-Two", "2")
            .header("Cookie", "a=1; b=2");
        let (raw, typed) = event(request.body(()).unwrap(), b"{\"amount\":\"50.00\"}");
        assert_eq!(typed.raw_path.as_deref(), Some("/v1/deposits/dep_1"));
        assert_eq!(typed.route_key.as_deref(), Some("POST /v1/deposits/{id}"));
        assert_eq!(typed.headers["x-two"], "1,2");
        assert!(!typed.headers.contains_key("cookie"));
        assert_eq!(typed.cookies.unwrap(), ["a=1", "b=2"]);
        assert_eq!(typed.path_parameters["id"], "dep_1");
        assert_eq!(typed.body.as_deref(), Some("{\"amount\":\"50.00\"}"));
        assert!(!typed.is_base64_encoded);
        assert_eq!(typed.request_context.http.method, http::Method::POST);
        assert_eq!(typed.request_context.http.source_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(typed.request_context.stage.as_deref(), Some("$default"));
        assert!(typed.request_context.time_epoch > 0);
        assert_eq!(raw["queryStringParameters"], json!({"limit": "2,3", "q": "a b c"}));
        assert_eq!(raw["requestContext"]["http"]["protocol"], "HTTP/1.1");
    }

    #[test]
    fn bodies_that_are_not_text_are_encoded() {
        let with = |kind: &str| Request::post("/x").header("content-type", kind).body(()).unwrap();
        assert_eq!(event(with("application/x-www-form-urlencoded"), b"a=1").0["body"], "YT0x");
        let (raw, typed) = event(with("application/json"), b"\xff\xfe");
        assert!(typed.is_base64_encoded);
        assert_eq!(raw["body"], "//4=");
        assert_eq!(event(with("application/problem+json"), b"{}").0["body"], "{}");
        assert_eq!(event(Request::get("/x").body(()).unwrap(), b"").0.get("body"), None);
    }
}
