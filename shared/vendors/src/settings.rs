//! The vendors' settings: one JSON document, a secret.

use serde::Deserialize;

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

/// Settings of the game vendors.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Games {
    /// Hub88.
    pub hub88: Option<crate::games::hub88::Settings>,
}

/// Settings of the payment providers.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Payments {
    /// Adyen.
    pub adyen: Option<crate::payments::adyen::Settings>,
}

/// Settings of the identity vendors.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Kyc {
    /// Sumsub.
    pub sumsub: Option<crate::kyc::sumsub::Settings>,
}
