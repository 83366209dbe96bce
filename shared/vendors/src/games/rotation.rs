//! New session tokens for old ones, for vendors that change the token when a game begins.

use domain::EntryKey;
use ring::hmac;

use super::{GameToken, RequestKind, SECRET_BYTES, token_hash};

/// How long the key must be: as long as what it makes.
const SHORTEST_KEY: usize = 32;

/// Makes the next token out of a token and a key of ours: whoever repeats a call gets the same one, and nobody
/// else can tell it beforehand.
pub(super) struct Rotation(hmac::Key);

impl Rotation {
    /// Reads the key, written in hexadecimal; none if it is misspelt or short.
    pub(super) fn new(key_hex: &str) -> Option<Self> {
        let key = hex::decode(key_hex).ok().filter(|key| key.len() >= SHORTEST_KEY)?;
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &key)))
    }

    /// The request to put the next token in the place of this one.
    pub(super) fn of(&self, integration: &str, namespace: &str, token: &GameToken) -> RequestKind {
        let text = token.to_text();
        RequestKind::RotateSession {
            key: EntryKey::new(integration, format!("{namespace}{}", token_hash(&text))),
            next_token: self.next(token),
            token: text,
        }
    }

    /// Bytes that belong to a token and tell nothing about it.
    pub(super) fn derive<const N: usize>(&self, purpose: &str, token: &str) -> [u8; N] {
        let mut derived = [0; N];
        let tag = hmac::sign(&self.0, format!("{purpose}:{token}").as_bytes());
        for (byte, tag) in derived.iter_mut().zip(tag.as_ref()) {
            *byte = *tag;
        }
        derived
    }

    fn next(&self, token: &GameToken) -> String {
        let secret = self.derive::<SECRET_BYTES>("next-token", &token.to_text());
        GameToken::new(token.player, token.currency, secret).to_text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: u8) -> GameToken {
        let player = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7".parse().unwrap();
        GameToken::new(player, "EUR".parse().unwrap(), [secret; SECRET_BYTES])
    }

    #[test]
    fn the_next_token_is_always_the_same_and_another() {
        let (ours, others) =
            (Rotation::new(&"07".repeat(32)).unwrap(), Rotation::new(&"08".repeat(32)).unwrap());
        let next = ours.next(&token(1));
        assert_eq!(next, ours.next(&token(1)));
        for other in [token(1).to_text(), ours.next(&token(2)), others.next(&token(1))] {
            assert_ne!(next, other);
        }
        let read = GameToken::parse(&next).unwrap();
        assert!(read.player == token(1).player && read.currency == token(1).currency);
        assert_ne!(ours.next(&read), next, "and so on");
    }

    #[test]
    fn the_key_is_hexadecimal_and_long() {
        for key in ["", "07", &"07".repeat(31), &"0".repeat(65), &"xy".repeat(32)] {
            assert!(Rotation::new(key).is_none(), "{key}");
        }
    }
}
