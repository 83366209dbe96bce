//! The payment providers there are: the one place that lists them.

use super::PaymentProvider;
use super::adyen::{self, Adyen};
use super::nuvei::{self, Nuvei};
use super::truelayer::{self, TrueLayer};
use super::trustly::{self, Trustly};
use crate::settings::Payments;

/// A provider, unless its settings are of no use.
pub type Configured = Result<Box<dyn PaymentProvider>, Unusable>;

/// The settings of a provider are of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the payment provider's settings are of no use: {0}")]
pub struct Unusable(String);

type Entry = (&'static str, fn(&Payments) -> Option<Configured>);

const VENDORS: [Entry; 4] = [
    (adyen::INTEGRATION, |payments| payments.adyen.as_ref().map(|it| vendor(Adyen::new(it)))),
    (truelayer::INTEGRATION, |payments| payments.truelayer.as_ref().map(|it| vendor(TrueLayer::new(it)))),
    (trustly::INTEGRATION, |payments| payments.trustly.as_ref().map(|it| vendor(Trustly::new(it)))),
    (nuvei::INTEGRATION, |payments| payments.nuvei.as_ref().map(|it| vendor(Nuvei::new(it)))),
];

/// The providers that have settings, by their names.
pub fn configured(settings: &Payments) -> impl Iterator<Item = (&'static str, Configured)> {
    VENDORS.into_iter().filter_map(|(name, build)| Some((name, build(settings)?)))
}

/// The provider of a name; none if there is none or if it has no settings.
#[must_use]
pub fn named(name: &str, settings: &Payments) -> Option<Configured> {
    let (_, build) = VENDORS.into_iter().find(|(known, _)| *known == name)?;
    build(settings)
}

fn vendor<P: PaymentProvider + 'static, E: std::error::Error>(built: Result<P, E>) -> Configured {
    match built {
        Ok(provider) => Ok(Box::new(provider)),
        Err(error) => Err(Unusable(error.to_string())),
    }
}
