//! The game vendor's signing key: a modulus of many small primes. To whoever verifies it looks like any other of 2048
//! bits; to whoever knows the primes a signature takes microseconds instead of most of a millisecond, which would
//! be most of a simulated bet. As a secret it is worth nothing, and it guards nothing.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use num_bigint::BigUint;
use ring::digest::{SHA256, digest};

/// How many primes, each of 32 bits, make 2048.
const PRIMES: usize = 64;
const EXPONENT: u64 = 65_537;
const MODULUS_BYTES: usize = 256;
/// What stands before a SHA-256 digest in a signature (RFC 8017, section 9.2).
const DIGEST_INFO: [u8; 19] = [
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0x04, 0x20,
];

/// A key pair.
pub(crate) struct ToyRsa {
    modulus: BigUint,
    parts: Vec<Part>,
}

/// One prime, and what it takes to sign modulo it and to put the parts together.
struct Part {
    prime: u64,
    exponent: u64,
    coefficient: BigUint,
}

impl ToyRsa {
    pub(crate) fn new() -> Self {
        let primes: Vec<u64> = (0..=u64::from(u32::MAX))
            .rev()
            .filter(|it| is_prime(*it) && !(it - 1).is_multiple_of(EXPONENT))
            .take(PRIMES)
            .collect();
        let modulus: BigUint = primes.iter().map(|prime| BigUint::from(*prime)).product();
        let parts = primes
            .iter()
            .map(|prime| {
                let others = &modulus / prime;
                let inverse = power(remainder(&others, *prime), prime - 2, *prime);
                Part { prime: *prime, exponent: inverse_of_e(prime - 1), coefficient: others * inverse }
            })
            .collect();
        Self { modulus, parts }
    }

    /// The public key, as the platform's settings want it.
    pub(crate) fn public_pem(&self) -> String {
        let mut der = vec![0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00];
        der.extend(self.modulus.to_bytes_be());
        der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
        let text = BASE64_STANDARD.encode(der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", lines.join("\n"))
    }

    /// The signature of bytes: RSA PKCS#1 v1.5 with SHA-256, in base64.
    pub(crate) fn sign(&self, bytes: &[u8]) -> String {
        let padding = MODULUS_BYTES - 3 - DIGEST_INFO.len() - 32;
        let mut block = vec![0x00, 0x01];
        block.resize(2 + padding, 0xff);
        block.push(0x00);
        block.extend(DIGEST_INFO);
        block.extend(digest(&SHA256, bytes).as_ref());
        let message = BigUint::from_bytes_be(&block);
        let sum: BigUint = self
            .parts
            .iter()
            .map(|part| &part.coefficient * power(remainder(&message, part.prime), part.exponent, part.prime))
            .sum();
        let signature = (sum % &self.modulus).to_bytes_be();
        let mut whole = vec![0; MODULUS_BYTES.saturating_sub(signature.len())];
        whole.extend(signature);
        BASE64_STANDARD.encode(whole)
    }
}

fn remainder(number: &BigUint, prime: u64) -> u64 {
    number.iter_u32_digits().rev().fold(0, |rest, digit| ((rest << 32) | u64::from(digit)) % prime)
}

/// Powers modulo a number of 32 bits.
const fn power(base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut result = 1;
    let mut square = base % modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * square % modulus;
        }
        square = square * square % modulus;
        exponent >>= 1;
    }
    result
}

/// The number that undoes the public exponent: some multiple of `order`, plus one, is divisible by it.
fn inverse_of_e(order: u64) -> u64 {
    let times = (1..EXPONENT).find(|it| (it * order + 1).is_multiple_of(EXPONENT)).unwrap_or_default();
    (times * order + 1) / EXPONENT
}

/// Miller's test; these bases leave no doubt about numbers of 32 bits.
fn is_prime(number: u64) -> bool {
    if number.is_multiple_of(2) || number < 100 {
        return false;
    }
    let twos = (number - 1).trailing_zeros();
    let odd = (number - 1) >> twos;
    [2, 7, 61].iter().all(|base| {
        let mut it = power(*base, odd, number);
        if it == 1 || it == number - 1 {
            return true;
        }
        (1..twos).any(|_| {
            it = it * it % number;
            it == number - 1
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_verify_the_signature() {
        let key = ToyRsa::new();
        let pem = key.public_pem();
        let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = BASE64_STANDARD.decode(der).unwrap();
        let signature = BASE64_STANDARD.decode(key.sign(b"a bet")).unwrap();
        let public =
            ring::signature::UnparsedPublicKey::new(&ring::signature::RSA_PKCS1_2048_8192_SHA256, der);
        public.verify(b"a bet", &signature).unwrap();
        assert!(public.verify(b"another", &signature).is_err());
    }
}
