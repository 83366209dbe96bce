//! Checks of what people type about themselves: collected, so that all complaints come at once.

use crate::profiles::Address;
use crate::{FieldError, Problem};
use url::Url;

/// The longest address that is accepted.
const URL_MAX_BYTES: usize = 2000;

/// Collects complaints about fields.
#[derive(Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Complains about a field unless a condition holds.
    pub fn require(&mut self, holds: bool, pointer: &str, detail: &str) {
        if !holds {
            self.0.push(FieldError::new(pointer, detail));
        }
    }

    /// A line of text: not blank, not too long, no control characters.
    pub fn line(&mut self, text: &str, longest: usize, pointer: &str) {
        let fits = !text.trim().is_empty() && text.chars().count() <= longest;
        let printable = !text.chars().any(char::is_control);
        self.require(fits && printable, pointer, &format!("must be 1 to {longest} printable characters"));
    }

    /// A postal address.
    pub fn address(&mut self, address: &Address) {
        self.line(&address.line1, 200, "/address/line1");
        if let Some(line2) = &address.line2 {
            self.line(line2, 200, "/address/line2");
        }
        self.line(&address.city, 100, "/address/city");
        self.line(&address.postcode, 20, "/address/postcode");
    }

    /// The address of a web page that somebody is sent to. The text goes on as it is, so nothing may be in
    /// it that a parser would mend.
    pub fn web_url(&mut self, text: &str, pointer: &str) {
        let plain =
            text.len() <= URL_MAX_BYTES && !text.chars().any(|it| it.is_whitespace() || it.is_control());
        let is_web = |url: Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let detail = format!("must be an http or https URL of at most {URL_MAX_BYTES} characters");
        self.require(plain && Url::parse(text).is_ok_and(is_web), pointer, &detail);
    }

    /// A telephone number in international form.
    pub fn phone(&mut self, phone: &str) {
        let digits = phone.strip_prefix('+').unwrap_or_default();
        let plausible = (7..=15).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
        self.require(plausible, "/phone", "must be an international number such as +35621234567");
    }

    /// The complaints, if there are any.
    pub fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_web_url(text: &str) -> bool {
        let mut checks = Checks::default();
        checks.web_url(text, "/return_url");
        checks.done().is_ok()
    }

    #[test]
    fn only_web_addresses_are_returned_to() {
        assert!(is_web_url("https://casino.example/cashier?from=deposit"));
        assert!(is_web_url("http://127.0.0.1:8080/"));
        for other in
            ["", "/cashier", "javascript:alert(1)", "ftp://casino.example", "https://", "http:\n//a.b"]
        {
            assert!(!is_web_url(other), "{other}");
        }
        let longest = format!("https://casino.example/{}", "x".repeat(URL_MAX_BYTES - 23));
        assert!(is_web_url(&longest));
        assert!(!is_web_url(&format!("{longest}x")));
    }
}
