//! The vendors' settings: one JSON document, a secret.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// The whole document. Unknown vendors and fields are let pass: settings may be ahead of the code.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Game vendors.
    pub games: Games,
    /// Payment providers.
    pub payments: Payments,
    /// Identity vendors.
    pub kyc: Kyc,
}

/// Settings of the game vendors: an entry each, which its own module reads.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Games(BTreeMap<String, serde_json::Value>);

impl Games {
    /// A vendor's entry.
    #[must_use]
    pub fn entry(&self, vendor: &str) -> Option<&serde_json::Value> {
        self.0.get(vendor)
    }
}

/// Settings of the payment providers.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Payments {
    /// Adyen.
    #[serde(deserialize_with = "one_vendor")]
    pub adyen: Option<crate::payments::adyen::Settings>,
    /// Nuvei.
    #[serde(deserialize_with = "one_vendor")]
    pub nuvei: Option<crate::payments::nuvei::Settings>,
    /// `TrueLayer`.
    #[serde(deserialize_with = "one_vendor")]
    pub truelayer: Option<crate::payments::truelayer::Settings>,
    /// Trustly.
    #[serde(deserialize_with = "one_vendor")]
    pub trustly: Option<crate::payments::trustly::Settings>,
}

/// Settings of the identity vendors.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Kyc {
    /// The vendor that new verifications go to; without it, the first that is configured.
    #[serde(deserialize_with = "one_vendor")]
    pub primary: Option<String>,
    /// Jurisdictions whose new verifications go to another vendor, by the names of their rule packs.
    #[serde(deserialize_with = "one_vendor")]
    pub primary_in: Option<BTreeMap<String, String>>,
    /// Onfido.
    #[serde(deserialize_with = "one_vendor")]
    pub onfido: Option<crate::kyc::onfido::Settings>,
    /// Sumsub.
    #[serde(deserialize_with = "one_vendor")]
    pub sumsub: Option<crate::kyc::sumsub::Settings>,
    /// Veriff.
    #[serde(deserialize_with = "one_vendor")]
    pub veriff: Option<crate::kyc::veriff::Settings>,
}

/// Reads one vendor's entry. One that cannot be read counts as missing: a vendor's trouble stays its own.
fn one_vendor<'de, T: DeserializeOwned, D: Deserializer<'de>>(entry: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(entry)?).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vendors_trouble_stays_its_own() {
        let settings: Settings = serde_json::from_value(serde_json::json!({
            "games": {"unheard_of": {}},
            "payments": {"adyen": 5},
            "kyc": {"sumsub": {
                "webhook_secret": "w", "app_token": "a", "secret_key": "s", "base_url": "http://127.0.0.1:1"
            }},
        }))
        .unwrap();
        assert!(settings.payments.adyen.is_none());
        assert!(settings.kyc.sumsub.is_some());
    }
}
