//! What a deposit request says.

use edge::{Checks, Problem, Request};
use serde::Deserialize;
use url::Url;

use crate::cashier::Cashier;

/// Longer addresses do not get through every browser and provider.
const LONGEST_URL: usize = 2000;

#[derive(Deserialize)]
pub(crate) struct Body {
    /// How much, as a decimal in the wallet's currency.
    pub(crate) amount: String,
    /// How the player pays.
    pub(crate) method: String,
    /// Where the player goes after paying.
    pub(crate) return_url: String,
}

impl Body {
    pub(crate) fn read(request: &Request, cashier: &Cashier) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        let mut checks = Checks::default();
        checks.require(
            cashier.vendor_of(&body.method).is_some(),
            "/method",
            &format!("must be one of {}", cashier.methods().join(", ")),
        );
        checks.require(
            is_web_url(&body.return_url),
            "/return_url",
            &format!("must be an http or https URL of at most {LONGEST_URL} characters"),
        );
        checks.done()?;
        Ok(body)
    }
}

/// The text itself goes to the provider, so nothing may be in it that a parser would mend.
fn is_web_url(text: &str) -> bool {
    let plain = text.len() <= LONGEST_URL && !text.chars().any(|it| it.is_whitespace() || it.is_control());
    plain && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_returned_to() {
        assert!(is_web_url("https://casino.example/cashier?from=deposit"));
        assert!(is_web_url("http://127.0.0.1:8080/"));
        for other in
            ["", "/cashier", "javascript:alert(1)", "ftp://casino.example", "https://", "http:\n//a.b"]
        {
            assert!(!is_web_url(other), "{other}");
        }
        let longest = format!("https://casino.example/{}", "x".repeat(LONGEST_URL - 23));
        assert_eq!(longest.len(), LONGEST_URL);
        assert!(is_web_url(&longest));
        assert!(!is_web_url(&format!("{longest}x")));
    }
}
