//! The other services, as plain as the functions need them: the event stream and the payout queue keep what they are
//! given, secrets are documents, and the key service wraps a key by naming whose it is, and hashes.

use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use serde_json::{Value, json};

use super::answers::Answer;
use super::{Request, Service, lock};
use crate::seed::Dice;

/// What Secrets Manager holds.
pub(crate) struct Secrets {
    pub(crate) vendors: String,
    pub(crate) identity: String,
}

/// A record of the event stream.
#[derive(Clone, Debug)]
pub(crate) struct StreamRecord {
    pub(crate) partition_key: String,
    /// In base64, as it came and as it goes.
    pub(crate) data: String,
}

/// The services.
pub(crate) struct Services {
    secrets: Secrets,
    state: Mutex<State>,
}

struct State {
    keys: Dice,
    stream: Vec<StreamRecord>,
    messages: Vec<String>,
}

impl Services {
    pub(super) fn new(keys: Dice, secrets: Secrets) -> Self {
        Self { secrets, state: Mutex::new(State { keys, stream: Vec::new(), messages: Vec::new() }) }
    }

    /// Takes what was put on the event stream since the last time.
    pub(crate) fn take_stream(&self) -> Vec<StreamRecord> {
        std::mem::take(&mut lock(&self.state).stream)
    }

    /// Takes what was sent to the payout queue since the last time.
    pub(crate) fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.state).messages)
    }

    pub(super) fn execute(&self, request: &Request, dice: &mut Dice, in_part: bool) -> Answer {
        let body = request.json();
        match (request.service, request.operation.as_str()) {
            (Service::Kinesis, "PutRecords") => self.put_records(body, dice, in_part),
            (Service::Sqs, "SendMessage") => self.send_message(body),
            (Service::Secrets, "GetSecretValue") => self.secret(body),
            (Service::Kms, "GenerateDataKey") => self.data_key(body),
            (Service::Kms, "Decrypt") => unwrapped(body),
            (Service::Kms, "GenerateMac") => mac(body),
            _ => Answer::error(400, "UnknownOperationException", &request.operation),
        }
    }

    /// The stream takes each record or refuses it; the order within a call is kept.
    fn put_records(&self, body: &Value, dice: &mut Dice, in_part: bool) -> Answer {
        let mut state = lock(&self.state);
        let mut answers = Vec::new();
        let mut refused = 0;
        for record in body.get("Records").and_then(Value::as_array).into_iter().flatten() {
            if in_part && dice.chance(500) {
                refused += 1;
                answers.push(json!({"ErrorCode": "ProvisionedThroughputExceededException",
                                    "ErrorMessage": "Rate exceeded for shard"}));
                continue;
            }
            let partition_key = text(record, "PartitionKey").to_owned();
            state.stream.push(StreamRecord { partition_key, data: text(record, "Data").to_owned() });
            let number = state.stream.len().to_string();
            answers.push(json!({"SequenceNumber": number, "ShardId": "shardId-000000000000"}));
        }
        Answer::ok(&json!({"FailedRecordCount": refused, "Records": answers}))
    }

    fn send_message(&self, body: &Value) -> Answer {
        let mut state = lock(&self.state);
        state.messages.push(text(body, "MessageBody").to_owned());
        Answer::ok(&json!({"MessageId": state.messages.len().to_string()}))
    }

    fn secret(&self, body: &Value) -> Answer {
        let document = match text(body, "SecretId") {
            "vendors" => &self.secrets.vendors,
            "identity" => &self.secrets.identity,
            _ => return Answer::error(400, "ResourceNotFoundException", "no such secret"),
        };
        Answer::ok(&json!({"ARN": "secret", "Name": "secret", "SecretString": document}))
    }

    fn data_key(&self, body: &Value) -> Answer {
        let mut key = [0; 32];
        lock(&self.state).keys.fill(&mut key);
        let owner = body.get("EncryptionContext").cloned().unwrap_or_default().to_string();
        let wrapped = [key.as_slice(), owner.as_bytes()].concat();
        Answer::ok(&json!({
            "KeyId": "key",
            "Plaintext": BASE64_STANDARD.encode(key),
            "CiphertextBlob": BASE64_STANDARD.encode(wrapped),
        }))
    }
}

/// A wrapped key opens only for whom it was made.
fn unwrapped(body: &Value) -> Answer {
    let owner = body.get("EncryptionContext").cloned().unwrap_or_default().to_string();
    let blob = BASE64_STANDARD.decode(text(body, "CiphertextBlob")).unwrap_or_default();
    match blob.split_at_checked(32) {
        Some((key, made_for)) if made_for == owner.as_bytes() => {
            Answer::ok(&json!({"KeyId": "key", "Plaintext": BASE64_STANDARD.encode(key)}))
        }
        _ => Answer::error(400, "InvalidCiphertextException", "not for this context"),
    }
}

/// Another one for each message, and the same one for the same.
fn mac(body: &Value) -> Answer {
    let key = text(body, "KeyId");
    let message = BASE64_STANDARD.decode(text(body, "Message")).unwrap_or_default();
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), &message);
    Answer::ok(&json!({"KeyId": key, "Mac": BASE64_STANDARD.encode(mac), "MacAlgorithm": "HMAC_SHA_256"}))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
