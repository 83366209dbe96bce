//! In which form a statement is wanted: said outright, or by what the caller accepts.

use edge::{Problem, Request};
use headers_accept::Accept;
use mediatype::names::{APPLICATION, CSV, HTML, JSON, TEXT};
use mediatype::{MediaType, Name};

/// The forms of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
    Html,
    /// The tamper-evident export, an entry a line.
    Jsonl,
}

const JSONL: Name<'static> = Name::new_unchecked("jsonl");
static OFFERED: [(MediaType<'static>, Format); 4] = [
    (MediaType::new(APPLICATION, JSON), Format::Json),
    (MediaType::new(TEXT, HTML), Format::Html),
    (MediaType::new(TEXT, CSV), Format::Csv),
    (MediaType::new(APPLICATION, JSONL), Format::Jsonl),
];

impl Format {
    /// The `format` asked for; else the best of what is accepted; else JSON.
    pub(super) fn asked_by(request: &Request) -> Result<Self, Problem> {
        match request.query("format").as_deref() {
            Some("json") => Ok(Self::Json),
            Some("csv") => Ok(Self::Csv),
            Some("html") => Ok(Self::Html),
            Some("jsonl") => Ok(Self::Jsonl),
            Some(_) => Err(Problem::invalid_field("/format", "must be one of json, csv, html, jsonl")),
            None => Ok(request.header("accept").and_then(Self::accepted).unwrap_or(Self::Json)),
        }
    }

    fn accepted(header: &str) -> Option<Self> {
        let accept: Accept = header.parse().ok()?;
        let best = accept.negotiate(OFFERED.iter().map(|(kind, _)| kind))?;
        OFFERED.iter().find(|(kind, _)| kind == best).map(|(_, format)| *format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_is_accepted_is_answered() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let cases = [
            (browser, Some(Format::Html)),
            ("*/*", Some(Format::Json)),
            ("text/*", Some(Format::Html)),
            ("text/csv", Some(Format::Csv)),
            ("text/csv;q=0.5, application/json;q=0.9", Some(Format::Json)),
            ("Text/HTML;q=0.7", Some(Format::Html)),
            ("application/jsonl", Some(Format::Jsonl)),
            ("application/pdf", None),
            ("text/csv;q=0", None),
            ("", None),
            (",;=\u{0}", None),
        ];
        for (header, format) in cases {
            assert_eq!(Format::accepted(header), format, "{header}");
        }
    }
}
