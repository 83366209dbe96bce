//! The keys of `TrueLayer`'s webhooks, as far as they were looked up.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p521::FieldBytes;
use p521::Sec1Point;
use p521::ecdsa::VerifyingKey;
use serde::Deserialize;

use crate::call::{CallFailure, InboundAnswer};

/// Keys by their ids. They change when `TrueLayer` says so, while calls come in.
#[derive(Default)]
pub(super) struct Published(RwLock<BTreeMap<String, VerifyingKey>>);

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Jwk {
    kty: String,
    crv: String,
    kid: String,
    x: String,
    y: String,
}

impl Published {
    pub(super) fn get(&self, kid: &str) -> Option<VerifyingKey> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(kid).copied()
    }

    /// Puts what was published in the place of what was known: a key that is withdrawn counts no longer. Keys of
    /// other kinds are let pass.
    pub(super) fn learn(&self, answer: &InboundAnswer) -> Result<(), CallFailure> {
        let unclear = || CallFailure::Unclear(format!("HTTP {} without keys", answer.status));
        if answer.status != 200 {
            return Err(unclear());
        }
        let Jwks { keys } = serde_json::from_slice(&answer.body).map_err(|_| unclear())?;
        let known: BTreeMap<_, _> = keys.into_iter().filter_map(Jwk::read).collect();
        if known.is_empty() {
            return Err(unclear());
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(())
    }
}

impl Jwk {
    fn read(self) -> Option<(String, VerifyingKey)> {
        if self.kty != "EC" || self.crv != "P-521" || self.kid.is_empty() {
            return None;
        }
        let point = Sec1Point::from_affine_coordinates(&coordinate(&self.x)?, &coordinate(&self.y)?, false);
        Some((self.kid, VerifyingKey::from_sec1_point(&point).ok()?))
    }
}

/// A coordinate, with the leading zeros that some writers drop.
fn coordinate(text: &str) -> Option<FieldBytes> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let mut field = FieldBytes::default();
    let from = field.len().checked_sub(bytes.len())?;
    field.get_mut(from..)?.copy_from_slice(&bytes);
    Some(field)
}
