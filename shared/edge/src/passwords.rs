//! Passwords and e-mail addresses: neither is ever stored as typed.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use ring::hmac;

use crate::{ConfigError, Context, Problem};

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes a password with Argon2id into PHC form.
pub fn hash_password(password: &str, context: &Context) -> Result<String, Problem> {
    let salt = context.bytes::<16>();
    hasher()
        .and_then(|argon2| argon2.hash_password_with_salt(password.as_bytes(), &salt).ok())
        .map(|hash: argon2::PasswordHash| hash.to_string())
        .ok_or_else(Problem::unavailable)
}

/// Whether a password is the one that was hashed.
#[must_use]
pub fn verify_password(password: &str, phc: &str) -> bool {
    let Ok(hash) = PasswordHash::new(phc) else { return false };
    hasher().is_some_and(|argon2| argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

/// Takes as long as a verification: an unknown address must not answer faster than a wrong password.
pub fn waste_time(password: &str) {
    let salt = [0; 16];
    if let Some(argon2) = hasher() {
        let wasted: Result<argon2::PasswordHash, _> =
            argon2.hash_password_with_salt(password.as_bytes(), &salt);
        std::hint::black_box(wasted.is_ok());
    }
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Turns e-mail addresses into keys that tell nothing without the pepper.
#[derive(Clone)]
pub struct EmailHasher(hmac::Key);

impl EmailHasher {
    /// A hasher with a secret pepper of 32 bytes.
    pub fn new(pepper: &[u8]) -> Result<Self, ConfigError> {
        if pepper.len() != 32 {
            return Err(ConfigError::new("email_pepper_hex", "must be 32 bytes"));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, pepper)))
    }

    /// The key of an address. Letter case and surrounding blanks make no difference.
    #[must_use]
    pub fn hash(&self, email: &str) -> String {
        hex::encode(hmac::sign(&self.0, email.trim().to_lowercase().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_verifies_and_nothing_else_does() {
        let hash = hash_password("correct horse", &Context::default()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse", &hash));
        assert!(!verify_password("correct horsf", &hash));
        assert!(!verify_password("correct horse", "nonsense"));
    }

    #[test]
    fn case_does_not_make_another_address() {
        let hasher = EmailHasher::new(&[7; 32]).unwrap();
        assert_eq!(hasher.hash("Ann@Example.com "), hasher.hash("ann@example.COM"));
        assert_ne!(hasher.hash("ann@example.com"), hasher.hash("ann@example.org"));
    }
}
