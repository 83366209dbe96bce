//! A vendor's two sides: the module that answers it, and the keys that it signs with.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use vendors::call::{RawCall, Reply};
use vendors::games::{self, GameAnswer, GameRequest, GameVendor, Rejection};
use vendors::settings::Settings;

const VENDORS: &str = include_str!("../../../../infra/local/vendors.json");

/// A vendor.
pub(crate) struct Side {
    module: Box<dyn GameVendor>,
    signer: Signer,
}

/// A call as bytes.
#[derive(Clone, Debug)]
pub(crate) struct Bytes {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// How a call proves where it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    #[default]
    Good,
    Forged,
    Missing,
}

/// What proves a vendor's calls.
enum Signer {
    /// An RSA signature of the body, in a header.
    Rsa(&'static str, Box<RsaKeyPair>),
    /// An HMAC of the body, or of the query as an object.
    Mac(String),
    /// A secret in a header.
    Bearer(String),
    /// A secret in the query.
    Token(String),
}

impl Side {
    pub(crate) fn of(vendor: &str) -> Self {
        let settings: Settings = serde_json::from_str(VENDORS).unwrap();
        Self { module: games::vendor(vendor, &settings.games).unwrap(), signer: Signer::of(vendor) }
    }

    /// What the module makes of a call, and how it puts what comes of it.
    pub(crate) fn call(
        &self,
        call: &Bytes,
        proof: Proof,
        answer: impl FnOnce(&GameRequest) -> GameAnswer,
    ) -> (Option<GameRequest>, Reply) {
        let (query, headers) = self.signer.proven(call, proof);
        let raw = RawCall {
            method: &call.method,
            path: &call.path,
            query: &query,
            headers: &headers,
            body: &call.body,
        };
        let read = self.module.verify(raw).map_err(Rejection::from).and_then(|it| self.module.parse(&it));
        match read {
            Ok(request) => {
                let reply = self.module.render(&request, &answer(&request));
                (Some(request), reply)
            }
            Err(rejection) => (None, self.module.render_rejection(raw, &rejection)),
        }
    }
}

impl Signer {
    fn of(vendor: &str) -> Self {
        let document: Value = serde_json::from_str(VENDORS).unwrap();
        let secret = |pointer: &str| document.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        match vendor {
            "caleta" => Self::Rsa("x-auth-signature", key(&secret("/sandbox/caleta/private_key_pem"))),
            "hub88" => Self::Rsa("x-hub88-signature", key(&secret("/sandbox/hub88/private_key_pem"))),
            "softswiss" => Self::Mac(secret("/games/softswiss/secret")),
            "swipe" => Self::Mac(secret("/games/swipe/integration_api_key")),
            "valkyrie" => Self::Bearer(secret("/games/valkyrie/api_token")),
            "evolution" => Self::Token(secret("/games/evolution/auth_token")),
            other => panic!("how does {other} sign?"),
        }
    }

    /// The call's query and headers, proof included.
    fn proven(&self, call: &Bytes, proof: Proof) -> (String, HeaderMap) {
        let mut headers: HeaderMap = call
            .headers
            .iter()
            .filter_map(|(name, value)| {
                Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value.as_str()).ok()?))
            })
            .collect();
        if proof == Proof::Missing {
            return (call.query.clone(), headers);
        }
        let made = |text: String| if proof == Proof::Good { text } else { text.chars().rev().collect() };
        let mut put = |name: &'static str, value: String| {
            headers.insert(name, HeaderValue::try_from(made(value)).unwrap());
        };
        match self {
            Self::Rsa(header, key) => put(header, rsa(key, &call.body)),
            Self::Mac(key) => put("x-request-sign", mac(key, call)),
            Self::Bearer(token) => {
                let token = made(token.clone());
                headers.insert("authorization", HeaderValue::try_from(format!("Bearer {token}")).unwrap());
            }
            Self::Token(token) => {
                return (format!("authToken={}&{}", made(token.clone()), call.query), headers);
            }
        }
        (call.query.clone(), headers)
    }
}

fn key(pem: &str) -> Box<RsaKeyPair> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Box::new(RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(lines).unwrap()).unwrap())
}

fn rsa(key: &RsaKeyPair, body: &[u8]) -> String {
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body, &mut signature).unwrap();
    BASE64_STANDARD.encode(signature)
}

fn mac(key: &str, call: &Bytes) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    if call.method == Method::GET {
        let parameters: BTreeMap<_, _> = form_urlencoded::parse(call.query.as_bytes()).collect();
        return hex::encode(hmac::sign(&key, json!(parameters).to_string().as_bytes()));
    }
    hex::encode(hmac::sign(&key, &call.body))
}
