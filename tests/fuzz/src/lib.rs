//! One function for everything that reads what strangers write: it must neither panic nor hang, and what it makes of
//! the input must hold together. Driven by libFuzzer (`make fuzz`), and by the corpus as a plain test.

#![allow(
    dead_code,
    reason = "whole files of the platform are compiled in, of which only the readers are used"
)]

mod calls;
mod files;

#[path = "../../../functions/reconcile/src"]
mod reconcile {
    pub(crate) mod settlement;
}
#[path = "../../../shared/store/src"]
mod store {
    pub(crate) mod progress;
}
#[path = "../../../infra/pitboss/src"]
mod pitboss {
    pub(crate) mod statement;
}

/// What may be fed: the name that its corpus and its binary bear, and what reads it.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("games_caleta", calls::caleta),
    ("games_evolution", calls::evolution),
    ("games_hub88", calls::hub88),
    ("games_softswiss", calls::softswiss),
    ("games_swipe", calls::swipe),
    ("games_valkyrie", calls::valkyrie),
    ("payments_adyen", calls::adyen),
    ("payments_nuvei", calls::nuvei),
    ("payments_truelayer", calls::truelayer),
    ("payments_trustly", calls::trustly),
    ("kyc_onfido", calls::onfido),
    ("kyc_sumsub", calls::sumsub),
    ("kyc_veriff", calls::veriff),
    ("redaction", calls::redaction),
    ("game_token", files::game_token),
    ("money", files::money),
    ("progress", files::progress),
    ("settlement", files::settlement),
    ("statement", files::statement),
];

/// Feeds a target.
pub fn feed(target: &str, input: &[u8]) {
    let (_, read) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target of this name");
    read(input);
}
