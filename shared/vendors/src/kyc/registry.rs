//! The identity vendors there are: the one place that lists them.

use std::sync::Arc;

use super::onfido::{self, Onfido};
use super::sumsub::{self, Sumsub};
use super::veriff::{self, Veriff};
use super::{IdentityCheck, IdentityWebhook};
use crate::settings::Kyc;

/// A vendor whole: it lets players in and tells us what it found.
pub trait IdentityVendor: IdentityCheck + IdentityWebhook {}

impl<V: IdentityCheck + IdentityWebhook> IdentityVendor for V {}

/// A vendor, unless its settings are of no use.
pub type Configured = Result<Arc<dyn IdentityVendor>, Unusable>;

/// The settings of a vendor are of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity vendor's settings are of no use: {0}")]
pub struct Unusable(String);

type Entry = (&'static str, fn(&Kyc) -> Option<Configured>);

/// The vendors, in the order in which they are taken if the settings prefer none.
const VENDORS: [Entry; 3] = [
    (sumsub::INTEGRATION, |kyc| kyc.sumsub.as_ref().map(|it| vendor(Sumsub::new(it)))),
    (onfido::INTEGRATION, |kyc| kyc.onfido.as_ref().map(|it| vendor(Onfido::new(it)))),
    (veriff::INTEGRATION, |kyc| kyc.veriff.as_ref().map(|it| vendor(Veriff::new(it)))),
];

/// The vendors that have settings, by their names, in the order in which they are taken.
pub fn configured(settings: &Kyc) -> impl Iterator<Item = (&'static str, Configured)> {
    VENDORS.into_iter().filter_map(|(name, build)| Some((name, build(settings)?)))
}

/// The vendor of a name; none if there is none or if it has no settings.
#[must_use]
pub fn named(name: &str, settings: &Kyc) -> Option<Configured> {
    let (_, build) = VENDORS.into_iter().find(|(known, _)| *known == name)?;
    build(settings)
}

fn vendor<V: IdentityVendor + 'static, E: std::error::Error>(built: Result<V, E>) -> Configured {
    match built {
        Ok(vendor) => Ok(Arc::new(vendor)),
        Err(error) => Err(Unusable(error.to_string())),
    }
}
