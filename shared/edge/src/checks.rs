//! Checks of what people type about themselves: collected, so that all complaints come at once.

use crate::profiles::Address;
use crate::{FieldError, Problem};

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
