//! RSA keys out of PEM, in the forms the signature library takes.

use pkcs1::der::{Document, SecretDocument};
use pkcs1::{ALGORITHM_OID, RsaPublicKeyRef};
use ring::signature::RsaKeyPair;
use spki::SubjectPublicKeyInfoRef;

const SHORTEST_MODULUS_BYTES: usize = 256;

/// A public key as PKCS#1 DER, from PEM in either SPKI or PKCS#1.
pub(crate) fn public_key(pem: &str) -> Option<Vec<u8>> {
    let (label, document) = Document::from_pem(pem.trim()).ok()?;
    let der = match label {
        "PUBLIC KEY" => {
            let info = SubjectPublicKeyInfoRef::try_from(document.as_bytes()).ok()?;
            info.algorithm.assert_algorithm_oid(ALGORITHM_OID).ok()?;
            info.subject_public_key.as_bytes()?.to_vec()
        }
        "RSA PUBLIC KEY" => document.as_bytes().to_vec(),
        _ => return None,
    };
    let key = RsaPublicKeyRef::try_from(der.as_slice()).ok()?;
    (key.modulus.as_bytes().len() >= SHORTEST_MODULUS_BYTES).then_some(der)
}

/// A private key from PEM in either PKCS#1 or PKCS#8.
pub(crate) fn private_key(pem: &str) -> Option<RsaKeyPair> {
    let (label, document) = SecretDocument::from_pem(pem.trim()).ok()?;
    match label {
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(document.as_bytes()).ok(),
        "PRIVATE KEY" => RsaKeyPair::from_pkcs8(document.as_bytes()).ok(),
        _ => None,
    }
}
