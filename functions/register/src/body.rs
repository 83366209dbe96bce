//! The registration form.

use std::str::FromStr;

use domain::{Currency, Date};
use edge::profiles::{Address, Consents, Profile};
use edge::{Checks, Problem};
use email_address::EmailAddress;
use serde::Deserialize;

/// OWASP: at least 8 characters; the upper bound keeps hashing cheap.
const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 8..=128;

#[derive(Deserialize)]
pub(crate) struct Body {
    pub(crate) email: String,
    pub(crate) password: String,
    first_name: String,
    last_name: String,
    pub(crate) birth_date: Date,
    pub(crate) country: String,
    pub(crate) region: Option<String>,
    address: Address,
    phone: Option<String>,
    currency: String,
    pub(crate) jurisdiction: Option<String>,
    terms_version: String,
    consents: Consents,
}

impl Body {
    pub(crate) fn check(&self, checks: &mut Checks) {
        let email = self.email.trim();
        checks.require(EmailAddress::from_str(email).is_ok(), "/email", "must be an e-mail address");
        checks.require(
            PASSWORD_CHARACTERS.contains(&self.password.chars().count()),
            "/password",
            "must be 8 to 128 characters",
        );
        checks.line(&self.first_name, 100, "/first_name");
        checks.line(&self.last_name, 100, "/last_name");
        let country = self.country.len() == 2 && self.country.bytes().all(|it| it.is_ascii_uppercase());
        checks.require(country, "/country", "must be an ISO 3166-1 alpha-2 code such as MT");
        if let Some(region) = &self.region {
            let code = (1..=3).contains(&region.len()) && region.bytes().all(|it| it.is_ascii_alphanumeric());
            checks.require(code, "/region", "must be the part of an ISO 3166-2 code after the country");
        }
        checks.address(&self.address);
        if let Some(phone) = &self.phone {
            checks.phone(phone);
        }
        checks.require(self.currency.parse::<Currency>().is_ok(), "/currency", "must be an ISO 4217 code");
        checks.line(&self.terms_version, 50, "/terms_version");
    }

    pub(crate) fn currency(&self) -> Result<Currency, Problem> {
        self.currency.parse().map_err(|_| Problem::invalid_field("/currency", "must be an ISO 4217 code"))
    }

    pub(crate) fn into_profile(self) -> Profile {
        Profile {
            email: self.email.trim().to_owned(),
            first_name: self.first_name,
            last_name: self.last_name,
            birth_date: self.birth_date,
            country: self.country,
            region: self.region,
            address: self.address,
            phone: self.phone,
            terms_version: self.terms_version,
            consents: self.consents,
        }
    }
}
