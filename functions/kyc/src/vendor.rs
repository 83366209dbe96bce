//! The identity vendor that checks players, if one is configured.

use domain::Timestamp;
use domain::ids::PlayerId;
use edge::{BoxError, Outbound, Problem};
use vendors::call::CallFailure;
use vendors::kyc::sumsub::{self, Sumsub};
use vendors::kyc::{Entrance, IdentityCheck, VerificationRequest};
use vendors::settings::Kyc;

/// The vendor that new verifications go to.
pub(crate) const PROVIDER: &str = sumsub::INTEGRATION;

pub(crate) struct Checker {
    vendor: Option<Vendor>,
    outbound: Outbound,
}

struct Vendor {
    check: Box<dyn IdentityCheck>,
    /// The vendor's name for what it checks.
    level: String,
}

impl Checker {
    pub(crate) fn new(settings: &Kyc, outbound: Outbound) -> Result<Self, BoxError> {
        let vendor = match &settings.sumsub {
            None => None,
            Some(settings) => {
                Some(Vendor { check: Box::new(Sumsub::new(settings)?), level: settings.level_name.clone() })
            }
        };
        Ok(Self { vendor, outbound })
    }

    /// What the vendor checks.
    pub(crate) fn level(&self) -> Option<&str> {
        self.vendor.as_ref().map(|vendor| vendor.level.as_str())
    }

    /// The player's way in.
    pub(crate) async fn start(&self, player: PlayerId, now: Timestamp) -> Result<Entrance, Problem> {
        self.ask(player, now).await.map_err(|failure| {
            tracing::error!(%player, error = %failure, "the identity vendor gave no way in");
            match failure {
                CallFailure::Refused(_) => Problem::conflict("the identity vendor refuses; ask support"),
                CallFailure::Unclear(_) => Problem::unavailable(),
            }
        })
    }

    async fn ask(&self, player: PlayerId, now: Timestamp) -> Result<Entrance, CallFailure> {
        let vendor = self
            .vendor
            .as_ref()
            .ok_or_else(|| CallFailure::Unclear("no identity vendor is configured".to_owned()))?;
        let request = VerificationRequest { player, return_url: None };
        let answer = self.outbound.send(vendor.check.start(&request, now)?).await?;
        vendor.check.started(&answer)
    }
}
