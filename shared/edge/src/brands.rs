//! Brands: whose front end is calling.

use std::collections::BTreeMap;

use crate::{ConfigError, Problem, Request, Settings};

/// The setting that says which host is which brand's.
const BRANDS: &str = "BRANDS";
/// Any other host.
const ANY: &str = "*";
/// The brand of requests that name none, where the host does not say it.
const DEFAULT: &str = "demo";

/// The brands of an installation, by the hosts that their front ends call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brands(Option<BTreeMap<String, String>>);

impl Brands {
    /// What the setting `BRANDS` says: `host=brand` with commas in between, `*` for any other host. Without it, as on a
    /// developer's machine, the header `X-Brand` names the brand.
    pub fn of(settings: &Settings) -> Result<Self, ConfigError> {
        let Some(list) = settings.find(BRANDS) else { return Ok(Self(None)) };
        let hosts = list.split(',').map(|pair| {
            let (host, brand) = pair.trim().split_once('=')?;
            (!host.is_empty() && is_brand(brand)).then(|| (host.to_ascii_lowercase(), brand.to_owned()))
        });
        let hosts: Option<BTreeMap<_, _>> = hosts.collect();
        let wrong = || ConfigError::new(BRANDS, "must be host=brand, with commas in between");
        Ok(Self(Some(hosts.ok_or_else(wrong)?)))
    }

    /// The brand that is called.
    pub fn called(&self, request: &Request) -> Result<String, Problem> {
        self.find(request.host(), request.header("x-brand"))
    }

    fn find(&self, host: &str, named: Option<&str>) -> Result<String, Problem> {
        match &self.0 {
            Some(hosts) => hosts
                .get(&host.to_ascii_lowercase())
                .or_else(|| hosts.get(ANY))
                .cloned()
                .ok_or_else(|| Problem::malformed("no brand of ours is at home at this host")),
            None => Some(named.unwrap_or(DEFAULT))
                .filter(|brand| is_brand(brand))
                .map(str::to_owned)
                .ok_or_else(|| Problem::malformed("the header X-Brand must be a brand's short name")),
        }
    }
}

/// Whether a text is a brand's short name: 1 to 32 lower-case letters, digits and hyphens.
#[must_use]
pub fn is_brand(text: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Context;

    fn brands(list: &str) -> Result<Brands, ConfigError> {
        Brands::of(&Settings::new(BTreeMap::new(), Context::default()).with(BRANDS, list))
    }

    fn found(list: &str, host: &str, named: Option<&str>) -> Option<String> {
        brands(list).unwrap().find(host, named).ok()
    }

    #[test]
    fn the_host_says_the_brand_whatever_the_caller_writes() {
        let list = "casino.example=acme, play.other.example=other";
        assert_eq!(found(list, "casino.example", Some("other")).as_deref(), Some("acme"));
        assert_eq!(found(list, "PLAY.other.example", None).as_deref(), Some("other"));
        for host in ["elsewhere.example", "", "*"] {
            assert_eq!(found(list, host, Some("acme")), None, "{host}");
        }
        assert_eq!(found("*=solo", "anything", Some("other")).as_deref(), Some("solo"));
    }

    #[test]
    fn without_hosts_the_header_says_it() {
        assert_eq!(found("", "casino.example", None).as_deref(), Some("demo"));
        assert_eq!(found("", "casino.example", Some("acme-2")).as_deref(), Some("acme-2"));
        for wrong in ["", "Acme", "a#b", &"a".repeat(33)] {
            assert_eq!(found("", "casino.example", Some(wrong)), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_that_makes_no_sense_starts_nothing() {
        for list in ["acme", "=acme", "casino.example=", "casino.example=Acme", "*=solo,"] {
            assert!(brands(list).is_err(), "{list}");
        }
    }
}
