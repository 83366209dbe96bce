//! Refresh tokens: the session's id and a secret; only the hash of the newest is kept.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::ids::SessionId;
use edge::Context;
use sha2::{Digest, Sha256};

/// A refresh token. It works once.
pub(crate) struct RefreshToken {
    session: SessionId,
    secret: [u8; 32],
}

impl RefreshToken {
    /// A fresh token of a session.
    pub(crate) fn new(session: SessionId, context: &Context) -> Self {
        Self { session, secret: context.bytes() }
    }

    pub(crate) const fn session(&self) -> SessionId {
        self.session
    }

    /// What is kept of it. The secret has 256 bits, so a plain hash is enough.
    pub(crate) fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.secret))
    }
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}", self.session, BASE64_URL_SAFE_NO_PAD.encode(self.secret))
    }
}

impl FromStr for RefreshToken {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (session, secret) = text.split_once('.').ok_or(())?;
        let secret = BASE64_URL_SAFE_NO_PAD.decode(secret).map_err(|_| ())?;
        Ok(Self { session: session.parse().map_err(|_| ())?, secret: secret.try_into().map_err(|_| ())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_rubbish_does_not() {
        let context = Context::default();
        let token = RefreshToken::new(SessionId::new(context.ulid()), &context);
        let read: RefreshToken = token.to_string().parse().unwrap();
        assert_eq!(read.hash(), token.hash());
        for rubbish in ["", ".", "ses_x.y", &token.to_string()[..40]] {
            assert!(rubbish.parse::<RefreshToken>().is_err(), "{rubbish}");
        }
    }
}
