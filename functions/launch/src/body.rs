//! What a launch request says: where the player comes from, goes back to, plays on and reads.

use std::net::IpAddr;

use edge::{Checks, Problem, Request};
use serde::Deserialize;
use vendors::games::Device;

/// The language of players who name none.
const DEFAULT_LANGUAGE: &str = "en";

#[derive(Deserialize)]
pub(crate) struct Body {
    /// Where the player goes after the game.
    pub(crate) return_url: String,
    /// What it is played on.
    pub(crate) device: Device,
}

impl Body {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        let mut checks = Checks::default();
        checks.web_url(&body.return_url, "/return_url");
        checks.done()?;
        Ok(body)
    }
}

/// Where the player is seen from: vendors must be told.
pub(crate) fn address(request: &Request) -> Result<IpAddr, Problem> {
    request.source_ip().parse().map_err(|_| Problem::malformed("the caller's address is unknown"))
}

/// The language the browser prefers, ISO 639-1.
pub(crate) fn language(request: &Request) -> String {
    preferred(request.header("accept-language").unwrap_or_default())
        .unwrap_or_else(|| DEFAULT_LANGUAGE.to_owned())
}

/// Browsers list the preferred language first.
fn preferred(accept_language: &str) -> Option<String> {
    let first = accept_language.split([',', ';']).next()?.trim();
    let language = first.split('-').next()?;
    let is_code = language.len() == 2 && language.bytes().all(|it| it.is_ascii_alphabetic());
    is_code.then(|| language.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_of_two_letters_counts() {
        assert_eq!(preferred("de-AT,de;q=0.9,en;q=0.8").as_deref(), Some("de"));
        assert_eq!(preferred("EN").as_deref(), Some("en"));
        assert_eq!(preferred("*"), None);
        assert_eq!(preferred("fil-PH"), None);
        assert_eq!(preferred(""), None);
    }
}
