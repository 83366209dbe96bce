//! Access tokens: short-lived JWTs signed with Ed25519, good only while their session lives.

use std::sync::{Arc, Once};
use std::time::Duration;

use domain::Timestamp;
use domain::ids::{PlayerId, SessionId, StaffId};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use store::Sessions;

use crate::{ConfigError, Context, Problem, Request};

/// How long an access token is good.
pub const ACCESS_TOKEN_LIFE: Duration = Duration::from_mins(15);

const ISSUER: &str = "pitboss";

/// Issues and checks access tokens.
#[derive(Clone)]
pub struct Auth {
    keys: Arc<Keys>,
    sessions: Sessions,
    context: Context,
}

struct Keys {
    signing: EncodingKey,
    checking: DecodingKey,
}

/// A signed-in player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Player {
    /// Who.
    pub id: PlayerId,
    /// Their session.
    pub session: SessionId,
}

/// A signed-in member of staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// Who.
    pub id: StaffId,
    /// Their session.
    pub session: SessionId,
    /// What they may do.
    pub roles: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    sid: SessionId,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
}

impl Auth {
    /// Tokens of one Ed25519 key (PKCS#8), checked against the sessions table.
    pub fn new(pkcs8: &[u8], sessions: Sessions, context: Context) -> Result<Self, ConfigError> {
        install_ring();
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8)
            .map_err(|_| ConfigError::new("jwt_private_key_pkcs8_b64", "is no Ed25519 key"))?;
        let keys = Keys {
            signing: EncodingKey::from_ed_der(pkcs8),
            checking: DecodingKey::from_ed_der(pair.public_key().as_ref()),
        };
        Ok(Self { keys: Arc::new(keys), sessions, context })
    }

    /// A fresh access token of a session.
    pub fn issue(&self, subject: &str, session: SessionId, roles: &[String]) -> Result<String, Problem> {
        let now = self.context.now().as_second();
        let life = i64::try_from(ACCESS_TOKEN_LIFE.as_secs()).unwrap_or_default();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            sub: subject.to_owned(),
            sid: session,
            iat: now,
            exp: now.saturating_add(life),
            roles: roles.to_vec(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.keys.signing).map_err(|error| {
            tracing::error!(%error, "an access token could not be signed");
            Problem::unavailable()
        })
    }

    /// The player whose token came along.
    pub async fn player(&self, request: &Request) -> Result<Player, Problem> {
        let claims = self.claims(request).await?;
        let id = claims.sub.parse().map_err(|_| Problem::unauthenticated())?;
        Ok(Player { id, session: claims.sid })
    }

    /// The member of staff whose token came along, if any of their roles is among those allowed.
    pub async fn staff(&self, request: &Request, allowed: &[&str]) -> Result<Staff, Problem> {
        let claims = self.claims(request).await?;
        let Ok(id) = claims.sub.parse() else {
            return Err(Problem::forbidden("this is for staff"));
        };
        if !claims.roles.iter().any(|role| role == "admin" || allowed.contains(&role.as_str())) {
            return Err(Problem::forbidden(format!("this takes one of the roles {}", allowed.join(", "))));
        }
        Ok(Staff { id, session: claims.sid, roles: claims.roles })
    }

    /// The session whose token came along, whoever's it is.
    pub async fn session(&self, request: &Request) -> Result<SessionId, Problem> {
        Ok(self.claims(request).await?.sid)
    }

    /// The claims of a token that is ours, not over, and of a session that still lives.
    async fn claims(&self, request: &Request) -> Result<Claims, Problem> {
        let token = bearer(request).ok_or_else(Problem::unauthenticated)?;
        let now = self.context.now();
        let claims = self.read(token, now).ok_or_else(Problem::unauthenticated)?;
        let live = self.sessions.live(claims.sid, now).await?;
        match live {
            Some(family) if family.subject == claims.sub => Ok(claims),
            _ => Err(Problem::unauthenticated()),
        }
    }

    fn read(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        // The time is the function's, not the library's.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.keys.checking, &validation).ok()?.claims;
        (claims.exp > now.as_second()).then_some(claims)
    }
}

fn bearer(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Lets the token library use the one cryptography library that is linked anyway.
fn install_ring() {
    static PROVIDER: CryptoProvider = CryptoProvider {
        signer_factory: |algorithm, key| match algorithm {
            Algorithm::EdDSA => Ok(Box::new(RingSigner(key.as_bytes().to_vec()))),
            _ => Err(jsonwebtoken::errors::ErrorKind::InvalidAlgorithm.into()),
        },
        verifier_factory: |algorithm, key| match algorithm {
            Algorithm::EdDSA => Ok(Box::new(RingVerifier(key.try_get_as_bytes()?.to_vec()))),
            _ => Err(jsonwebtoken::errors::ErrorKind::InvalidAlgorithm.into()),
        },
        key_utils: KeyUtils::new_unimplemented(),
    };
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

struct RingSigner(Vec<u8>);
struct RingVerifier(Vec<u8>);

impl signature::Signer<Vec<u8>> for RingSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let pair =
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(&self.0).map_err(|_| signature::Error::new())?;
        Ok(pair.sign(message).as_ref().to_vec())
    }
}

impl JwtSigner for RingSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

impl signature::Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], tag: &Vec<u8>) -> Result<(), signature::Error> {
        UnparsedPublicKey::new(&ED25519, &self.0).verify(message, tag).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}
