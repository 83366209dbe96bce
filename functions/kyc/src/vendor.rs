//! The identity vendors that check players: which are configured, and which one a player is sent to.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Timestamp;
use edge::{BoxError, ConfigError, Outbound, Problem};
use vendors::call::CallFailure;
use vendors::conversation::converse;
use vendors::kyc::{self, Entrance, IdentityVendor, VerificationRequest};
use vendors::settings::Kyc;

pub(crate) struct Checkers {
    configured: Vec<(&'static str, Arc<dyn IdentityVendor>)>,
    primary: Option<String>,
    primary_in: BTreeMap<String, String>,
    outbound: Outbound,
}

/// The vendor that a player is sent to.
#[derive(Clone, Copy)]
pub(crate) struct Checker<'a> {
    pub(crate) provider: &'static str,
    check: &'a dyn IdentityVendor,
    outbound: &'a Outbound,
}

impl Checkers {
    /// The vendors that are configured. One whose settings are of no use counts as missing: its trouble stays its own.
    pub(crate) fn new(settings: &Kyc, outbound: Outbound) -> Result<Self, BoxError> {
        let mut configured = Vec::new();
        for (name, vendor) in kyc::configured(settings) {
            match vendor {
                Ok(vendor) => configured.push((name, vendor)),
                Err(error) => tracing::error!(vendor = name, %error, "an identity vendor is left out"),
            }
        }
        let (primary, primary_in) =
            (settings.primary.clone(), settings.primary_in.clone().unwrap_or_default());
        for name in primary.iter().chain(primary_in.values()) {
            if !configured.iter().any(|(known, _)| known == name) {
                return Err(ConfigError::new("kyc.primary", format!("{name} is not configured")).into());
            }
        }
        Ok(Self { configured, primary, primary_in, outbound })
    }

    /// The vendor for a jurisdiction's players, if any is configured.
    pub(crate) fn of(&self, jurisdiction: &str) -> Option<Checker<'_>> {
        let wanted = self.primary_in.get(jurisdiction).or(self.primary.as_ref());
        let mut among = self.configured.iter();
        let found = among.find(|(name, _)| wanted.is_none_or(|wanted| wanted == name));
        let (provider, check) = found.map(|(name, vendor)| (*name, vendor.as_ref()))?;
        Some(Checker { provider, check, outbound: &self.outbound })
    }
}

impl<'a> Checker<'a> {
    /// What the vendor checks.
    pub(crate) fn level(self, jurisdiction: &str) -> Option<&'a str> {
        self.check.level(jurisdiction)
    }

    /// The player's way in.
    pub(crate) async fn enter(
        self,
        request: &VerificationRequest,
        now: Timestamp,
    ) -> Result<Entrance, Problem> {
        let entrance =
            converse(|call| self.outbound.send(call), |answers| self.check.enter(request, answers, now));
        entrance.await.map_err(|failure| {
            let player = request.player;
            tracing::error!(%player, vendor = self.provider, error = %failure, "an identity vendor gave no way in");
            match failure {
                CallFailure::Refused(_) => Problem::conflict("the identity vendor refuses; ask support"),
                CallFailure::Unclear(_) => Problem::unavailable(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkers(change: impl FnOnce(&mut serde_json::Value)) -> Result<Checkers, BoxError> {
        let vendors = include_str!("../../../infra/local/vendors.json");
        let mut vendors: serde_json::Value = serde_json::from_str(vendors).unwrap();
        change(&mut vendors["kyc"]);
        let settings: vendors::settings::Settings = serde_json::from_value(vendors).unwrap();
        Checkers::new(&settings.kyc, Outbound::new().unwrap())
    }

    fn provider(checkers: &Checkers, jurisdiction: &str) -> Option<&'static str> {
        checkers.of(jurisdiction).map(|checker| checker.provider)
    }

    #[test]
    fn the_vendor_is_configuration() {
        for name in ["sumsub", "onfido", "veriff"] {
            let checkers = checkers(|kyc| kyc["primary"] = name.into()).unwrap();
            assert_eq!(provider(&checkers, "MT"), Some(name));
        }
        let split = checkers(|kyc| {
            kyc["primary"] = "sumsub".into();
            kyc["primary_in"] = serde_json::json!({"GB": "onfido"});
        });
        let split = split.unwrap();
        assert_eq!((provider(&split, "MT"), provider(&split, "GB")), (Some("sumsub"), Some("onfido")));
    }

    #[test]
    fn without_a_preference_the_first_that_is_configured_is_taken() {
        let none = checkers(|kyc| *kyc = serde_json::json!({})).unwrap();
        assert_eq!(provider(&none, "MT"), None);
        let one = checkers(|kyc| *kyc = serde_json::json!({"veriff": kyc["veriff"]})).unwrap();
        assert_eq!(provider(&one, "MT"), Some("veriff"));
    }

    #[test]
    fn a_preference_for_a_vendor_that_is_not_there_is_refused() {
        assert!(checkers(|kyc| kyc["primary"] = "nobody".into()).is_err());
        assert!(checkers(|kyc| kyc["primary_in"] = serde_json::json!({"MT": "jumio"})).is_err());
        let unreadable = |kyc: &mut serde_json::Value| {
            kyc["primary"] = "onfido".into();
            kyc["onfido"] = 5.into();
        };
        assert!(checkers(unreadable).is_err());
    }

    #[test]
    fn one_vendors_trouble_stays_its_own() {
        let broken = checkers(|kyc| {
            kyc["onfido"]["base_url"] = "nowhere".into();
            kyc["veriff"] = 5.into();
        });
        assert_eq!(provider(&broken.unwrap(), "MT"), Some("sumsub"));
    }
}
