//! Session tokens: what a game vendor shows us to say for whom it calls.

use std::iter;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Currency;
use domain::ids::PlayerId;
use ring::digest::{SHA256, digest};
use ulid::Ulid;

/// How many bytes of a token are secret: 80 bits, which nobody guesses while a session lasts.
pub const SECRET_BYTES: usize = 10;

const PLAYER: usize = 16;
/// The longest code is `USDT`; shorter ones are filled up with zeros.
const CURRENCY: usize = 4;
const ALL: usize = PLAYER + CURRENCY + SECRET_BYTES;

/// A session token. It names its player and currency, since some vendors name neither; that it is good is for the
/// session to say which it was issued for. Forty characters: no vendor takes fewer than that many or more.
#[derive(Clone, PartialEq, Eq)]
pub struct GameToken {
    /// Whose wallet.
    pub player: PlayerId,
    /// The wallet's currency.
    pub currency: Currency,
    secret: [u8; SECRET_BYTES],
}

impl GameToken {
    /// A token with a secret part.
    #[must_use]
    pub const fn new(player: PlayerId, currency: Currency, secret: [u8; SECRET_BYTES]) -> Self {
        Self { player, currency, secret }
    }

    /// Reads a token as it was written; other texts are none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; ALL] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (player, rest) = bytes.split_first_chunk::<PLAYER>()?;
        let (currency, secret) = rest.split_first_chunk::<CURRENCY>()?;
        Some(Self {
            player: PlayerId::new(Ulid::from_bytes(*player)),
            currency: std::str::from_utf8(currency).ok()?.trim_end_matches('\0').parse().ok()?,
            secret: secret.try_into().ok()?,
        })
    }

    /// The text that the vendor gets.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::with_capacity(ALL);
        bytes.extend(self.player.ulid().to_bytes());
        bytes.extend(self.currency.code().bytes().chain(iter::repeat(0)).take(CURRENCY));
        bytes.extend(self.secret);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// How a token is remembered: lower-case hexadecimal SHA-256, so that what we store opens nothing.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex::encode(digest(&SHA256, token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(currency: &str) -> GameToken {
        let player = PlayerId::new(Ulid::from_parts(1_767_225_600_000, 5));
        GameToken::new(player, currency.parse().unwrap(), [7; SECRET_BYTES])
    }

    #[test]
    fn a_token_reads_back() {
        for currency in ["EUR", "USDT"] {
            let text = token(currency).to_text();
            assert_eq!(text.len(), 40);
            assert!(GameToken::parse(&text).is_some_and(|read| read == token(currency)));
        }
    }

    #[test]
    fn other_texts_are_no_tokens() {
        for text in ["", "tok-0000000001", &"A".repeat(40), &token("EUR").to_text()[1..], &"=".repeat(40)] {
            assert!(GameToken::parse(text).is_none(), "{text}");
        }
    }
}
