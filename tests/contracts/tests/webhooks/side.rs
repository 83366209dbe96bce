//! How each vendor proves that a call is its own.

use http::Method;
use pitboss_local::demo::Call;
use serde::Deserialize;
use serde_json::{Value, json};
use vendors::kyc::{onfido, sumsub, veriff};
use vendors::payments::adyen::notification::{Notification, NotificationItem, sign_item};
use vendors::payments::adyen::transfer;
use vendors::payments::nuvei::{Dmn, signed_dmn};
use vendors::payments::truelayer::{Signer, public_jwk};
use vendors::payments::trustly::{Data, Seal};

use crate::platform::NOW;

/// How a call shows where it comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Proof {
    #[default]
    Good,
    /// It looks like one.
    Forged,
    Missing,
}

/// A vendor with its keys.
pub(crate) struct Side {
    vendor: String,
    settings: Value,
}

impl Side {
    pub(crate) fn new(vendor: &str, settings: &Value) -> Self {
        Self { vendor: vendor.to_owned(), settings: settings.clone() }
    }

    /// The call as the vendor sends it.
    pub(crate) fn call(&self, path: &str, body: &str, proof: Proof) -> Call {
        let call = Call {
            method: Method::POST,
            path: path.to_owned(),
            headers: vec![("content-type".to_owned(), self.content_type().to_owned())],
            body: body.as_bytes().to_vec(),
        };
        if proof == Proof::Missing { call } else { self.proven(call, body, proof) }
    }

    fn content_type(&self) -> &'static str {
        if self.vendor == "nuvei" { "application/x-www-form-urlencoded" } else { "application/json" }
    }

    fn proven(&self, call: Call, body: &str, proof: Proof) -> Call {
        // Backwards it has the right length and letters, and is wrong.
        let made = |text: String| if proof == Proof::Good { text } else { text.chars().rev().collect() };
        let sealed = |call: Call, header: &str, signature: String| call.header(header, &made(signature));
        match self.vendor.as_str() {
            "adyen" => self.adyen(call, body, made),
            "nuvei" => self.nuvei(call, made),
            "truelayer" => self.truelayer(call, made),
            "trustly" => self.trustly(call, body, made),
            "onfido" => {
                let signature = onfido::sign_body(&call.body, &self.key("/kyc/onfido/webhook_token"));
                sealed(call, onfido::SIGNATURE_HEADER, signature)
            }
            "sumsub" => {
                let signature = sumsub::sign_body(&call.body, &self.key("/kyc/sumsub/webhook_secret"));
                let call = sealed(call, sumsub::DIGEST_HEADER, signature);
                call.header(sumsub::DIGEST_ALGORITHM_HEADER, sumsub::DIGEST_ALGORITHM)
            }
            "veriff" => {
                let signature = veriff::sign(&call.body, &self.key("/kyc/veriff/shared_secret"));
                let call = sealed(call, veriff::SIGNATURE_HEADER, signature);
                call.header(veriff::CLIENT_HEADER, &self.text("/kyc/veriff/api_key"))
            }
            other => panic!("how does {other} sign?"),
        }
    }

    /// Adyen signs the items of a notification one by one, and transfers as a whole.
    fn adyen(&self, call: Call, body: &str, made: impl Fn(String) -> String) -> Call {
        let key = hex::decode(self.text("/payments/adyen/hmac_key_hex")).unwrap();
        let Ok(mut notification) = serde_json::from_str::<Notification>(body) else {
            let signature = made(transfer::sign_body(&call.body, &key));
            let call = call.header(transfer::SIGNATURE_HEADER, &signature);
            return call.header(transfer::PROTOCOL_HEADER, transfer::PROTOCOL);
        };
        for NotificationItem { item } in &mut notification.notification_items {
            let signature = made(sign_item(item, &key));
            item.additional_data.get_or_insert_default().hmac_signature = Some(signature);
        }
        Call { body: serde_json::to_vec(&notification).unwrap(), ..call }
    }

    /// Nuvei adds a checksum to the form.
    fn nuvei(&self, call: Call, made: impl Fn(String) -> String) -> Call {
        let fields: Vec<_> = form_urlencoded::parse(&call.body).into_owned().collect();
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = String::from_utf8(signed_dmn(&Dmn::of(&fields), &self.key("/payments/nuvei/secret_key")));
        let (form, checksum) = body.as_ref().unwrap().rsplit_once('=').unwrap();
        Call { body: format!("{form}={}", made(checksum.to_owned())).into_bytes(), ..call }
    }

    /// `TrueLayer` signs path, time and body.
    fn truelayer(&self, call: Call, made: impl Fn(String) -> String) -> Call {
        let (stamp, place) = ([("X-TL-Webhook-Timestamp", NOW)], self.text("/payments/truelayer/jwks_url"));
        let signature = self.signer().sign("POST", &call.path, &stamp, &call.body, Some(&place)).unwrap();
        let (head, tag) = signature.split_once("..").unwrap();
        let signature = format!("{head}..{}", made(tag.to_owned()));
        call.header("tl-signature", &signature).header("x-tl-webhook-timestamp", NOW)
    }

    /// Trustly signs method, id and data, and puts the signature beside them.
    fn trustly(&self, call: Call, body: &str, made: impl Fn(String) -> String) -> Call {
        let mut message: Value = serde_json::from_str(body).unwrap();
        let signature = made(
            self.seal()
                .sign(
                    text(&message, "/method"),
                    text(&message, "/params/uuid"),
                    &data(&message, "/params/data"),
                )
                .unwrap(),
        );
        message["params"]["signature"] = signature.into();
        Call { body: message.to_string().into_bytes(), ..call }
    }

    /// An answer as it is written in a table: without our signature, if there is one and it is right.
    pub(crate) fn heard(&self, answer: &str) -> String {
        let signed = (self.vendor == "trustly").then(|| serde_json::from_str::<Value>(answer).ok()).flatten();
        let Some(message) = signed else { return answer.to_owned() };
        let result = &message["result"];
        let said = [text(result, "/signature"), text(result, "/method"), text(result, "/uuid")];
        assert!(self.seal().is_genuine(said[0], said[1], said[2], &data(result, "/data")), "{answer}");
        answer.replace(said[0], "{signature}")
    }

    /// Where the vendor publishes its keys, and what stands there.
    pub(crate) fn published(&self) -> Option<(String, String)> {
        let keys = (self.vendor == "truelayer").then(|| json!({"keys": [public_jwk(&self.signer())]}))?;
        Some(("GET /truelayer/.well-known/jwks".to_owned(), keys.to_string()))
    }

    fn signer(&self) -> Signer {
        let sandbox = |name: &str| self.text(&format!("/sandbox/truelayer/{name}"));
        Signer::new(&sandbox("kid"), &sandbox("private_key_pem")).unwrap()
    }

    fn seal(&self) -> Seal {
        let sandbox = |name: &str| self.text(&format!("/sandbox/trustly/{name}"));
        Seal::of(&sandbox("private_key_pem"), &sandbox("platform_public_key_pem")).unwrap()
    }

    fn key(&self, pointer: &str) -> Vec<u8> {
        self.text(pointer).into_bytes()
    }

    fn text(&self, pointer: &str) -> String {
        self.settings.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}")).as_str().unwrap().to_owned()
    }
}

fn text<'a>(message: &'a Value, pointer: &str) -> &'a str {
    message.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn data(message: &Value, pointer: &str) -> Data {
    serde_json::from_value(message.pointer(pointer).unwrap().clone()).unwrap()
}
