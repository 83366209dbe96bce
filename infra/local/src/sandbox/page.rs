//! Pages with places to fill in.

use axum::response::{Html, IntoResponse, Response};
use http::header::CACHE_CONTROL;

/// A page whose places, written `{{name}}`, hold texts that can do no harm there.
pub(super) fn page(template: &str, places: &[(&str, &str)]) -> Response {
    ([(CACHE_CONTROL, "no-store")], Html(fill(template, places))).into_response()
}

/// Goes through the template once: what is filled in is never searched for places.
fn fill(template: &str, places: &[(&str, &str)]) -> String {
    let mut parts = template.split("{{");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or(("", part));
        let text = places.iter().find(|(place, _)| *place == name).map_or("", |(_, text)| text);
        text.chars().for_each(|character| push_escaped(&mut filled, character));
        filled.push_str(rest);
    }
    filled
}

fn push_escaped(filled: &mut String, character: char) {
    match character {
        '&' => filled.push_str("&amp;"),
        '<' => filled.push_str("&lt;"),
        '>' => filled.push_str("&gt;"),
        '"' => filled.push_str("&quot;"),
        '\'' => filled.push_str("&#39;"),
        plain => filled.push(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_stays_text() {
        let places = [("who", "<b>{{what}}</b>"), ("what", "\"'&")];
        assert_eq!(
            fill("a {{who}}, {{what}}, {{nothing}}.", &places),
            "a &lt;b&gt;{{what}}&lt;/b&gt;, &quot;&#39;&amp;, ."
        );
    }
}
