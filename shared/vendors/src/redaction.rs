//! What is kept of a vendor's call and of our answer: enough to see and to repeat what was said, without secrets and
//! without persons. Only fields that are known to be harmless keep their values; whatever is new is hidden.

use std::collections::BTreeMap;

use domain::ids::PlayerId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::call::{RawCall, Reply};

/// What stands in the place of a value that is not kept.
pub const HIDDEN: &str = "~";
/// Bodies above this are not looked at: no protocol needs so much.
const LONGEST_BODY: usize = 16 * 1024;
/// Values above this are hidden: ids and amounts are short, what somebody smuggles in is not.
const LONGEST_VALUE: usize = 256;
const DEEPEST: usize = 12;

/// A call and its answer, as they are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// The path below the vendor's own prefix.
    pub path: String,
    /// The query.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub query: String,
    /// The content type; no other header is kept.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content_type: String,
    /// The body; none if it cannot be read.
    pub body: Option<String>,
    /// How long the body was.
    pub body_bytes: usize,
    /// The answer's HTTP status.
    pub status: u16,
    /// The answer's body; none if it cannot be read.
    pub answer: Option<String>,
}

impl Exchange {
    /// What is kept of a call and its answer.
    #[must_use]
    pub fn of(call: RawCall<'_>, reply: &Reply) -> Self {
        Self {
            method: call.method.to_string(),
            path: call.path.chars().take(LONGEST_VALUE).collect(),
            query: form(call.query),
            content_type: call.header("content-type").unwrap_or_default().chars().take(100).collect(),
            body: body(call.body),
            body_bytes: call.body.len(),
            status: reply.status,
            answer: body(&reply.body),
        }
    }
}

/// A body, if it is JSON, a form or a word.
fn body(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST_BODY)?;
    if text.is_empty() {
        return Some(String::new());
    }
    if let Ok(value) = serde_json::from_str::<&RawValue>(text) {
        return json(value, true, 0);
    }
    if text.contains('=') {
        return Some(form(text));
    }
    // What webhooks are answered with: `[accepted]`, `OK`.
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'[' | b']' | b'_');
    (text.len() <= 32 && text.bytes().all(word)).then(|| text.to_owned())
}

/// A JSON value, its numbers as they were written. Objects and lists are looked into only if they may be kept.
fn json(value: &RawValue, safe: bool, depth: usize) -> Option<String> {
    let text = value.get();
    let hidden = || format!("\"{HIDDEN}\"");
    if depth > DEEPEST {
        return Some(hidden());
    }
    match text.as_bytes().first()? {
        b'{' if safe => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
            let fields = fields.into_iter().map(|(name, value)| {
                let kept = json(value, is_safe(&name, value.get()), depth.saturating_add(1))?;
                Some((if is_name(&name) { name } else { HIDDEN.to_owned() }, kept))
            });
            let fields = fields.collect::<Option<BTreeMap<_, _>>>()?;
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            Some(format!("{{{}}}", fields.join(",")))
        }
        b'[' if safe => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let items = items.into_iter().map(|item| json(item, true, depth.saturating_add(1)));
            Some(format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(",")))
        }
        b'{' | b'[' => Some(hidden()),
        // Whether something was there is no secret.
        b't' | b'f' | b'n' => Some(text.to_owned()),
        _ if safe && text.len() <= LONGEST_VALUE => Some(text.to_owned()),
        _ => Some(hidden()),
    }
}

/// A query or a form.
fn form(text: &str) -> String {
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let value =
            if is_safe(&name, &value) && value.len() <= LONGEST_VALUE { value.as_ref() } else { HIDDEN };
        kept.append_pair(if is_name(&name) { &name } else { HIDDEN }, value);
    }
    kept.finish()
}

/// A field's name may be kept even where its value may not; what is no name may be anything.
fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether the value of a field may be kept, whichever vendor's it is: names are compared without case and `_`.
fn is_safe(name: &str, value: &str) -> bool {
    let plain: String = name.chars().filter(|it| *it != '_').map(|it| it.to_ascii_lowercase()).collect();
    let is_player = || value.trim_matches('"').parse::<PlayerId>().is_ok();
    SAFE.contains(&plain.as_str()) || (PLAYERS.contains(&plain.as_str()) && is_player())
}

/// Fields that vendors have for our id of the player. What else stands there may be anything, such as an e-mail address.
const PLAYERS: &[&str] = &["externaluserid", "vendordata", "enduserid"];

/// Ids of ours and of vendors, amounts, codes, times. No tokens, session ids, signatures, names, addresses, birth
/// dates, countries, accounts, cards or documents; no free text.
const SAFE: &[&str] = &[
    // calls and their ids
    "requestuuid",
    "requestid",
    "uuid",
    "correlationid",
    "id",
    "eventid",
    "eventtype",
    "eventversion",
    "eventcode",
    "eventdate",
    "notificationid",
    "messageid",
    "method",
    "type",
    "version",
    "live",
    "environment",
    "sandboxmode",
    "timestamp",
    "createdat",
    "createdatms",
    "executedat",
    "failedat",
    "settledat",
    "responsetimestamp",
    "sequencenumber",
    "attemptid",
    "feature",
    "action",
    "retransmission",
    // players, by our own ids only
    "user",
    "userid",
    "playerid",
    "accountid",
    // games, rounds, transactions
    "game",
    "gameid",
    "gamecode",
    "gamename",
    "table",
    "details",
    "round",
    "roundid",
    "roundclosed",
    "roundidprovider",
    "gameroundid",
    "finished",
    "transaction",
    "transactions",
    "transactionuuid",
    "refid",
    "referencetransactionuuid",
    "bet",
    "providerbetref",
    "providertransactionid",
    "providergameid",
    "providerroundid",
    "promos",
    "promotype",
    "provider",
    "idprovider",
    "originalidprovider",
    "txid",
    "origtxid",
    "originaltransactionid",
    "casinoid",
    "cid",
    "extcid",
    "isfree",
    "issupplierpromo",
    "jackpotwin",
    "jackpotcontribution",
    "frid",
    "promotransaction",
    "processedat",
    // money
    "amount",
    "value",
    "currency",
    "balance",
    "bonus",
    "cash",
    "totalamount",
    "cashamount",
    "bonusamount",
    "promoamount",
    // payments
    "notificationitems",
    "notificationrequestitem",
    "pspreference",
    "originalreference",
    "merchantreference",
    "merchantaccountcode",
    "success",
    "data",
    "params",
    "orderid",
    "reference",
    "status",
    "category",
    "direction",
    "paymentid",
    "payoutid",
    "refundid",
    "failurestage",
    "failurereason",
    "ppstatus",
    "pppstatus",
    "ppptransactionid",
    "transactionid",
    "transactiontype",
    "transactionstatus",
    "clientuniqueid",
    "merchantuniqueid",
    "merchantid",
    "merchantsiteid",
    "errcode",
    "exerrcode",
    "relatedtransactionid",
    "result",
    // identity
    "applicantid",
    "inspectionid",
    "levelname",
    "reviewstatus",
    "reviewresult",
    "reviewanswer",
    "reviewrejecttype",
    "payload",
    "resourcetype",
    "object",
    "completedatiso8601",
    "verification",
    "code",
    "reasoncode",
    "decisiontime",
    "acceptancetime",
    // answers
    "error",
    "errorcode",
    "transactionsuuid",
    "transactionresult",
];

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn kept(text: &str) -> String {
        body(text.as_bytes()).unwrap()
    }

    #[test]
    fn ids_and_amounts_are_kept_and_all_else_is_hidden() {
        let bet = r#"{"user":"ply_1","token":"secret","amount":12.50,"round":"r","first_name":"Ada","unheard_of":"Ada"}"#;
        let expected =
            r#"{"amount":12.50,"first_name":"~","round":"r","token":"~","unheard_of":"~","user":"ply_1"}"#;
        assert_eq!(kept(bet), expected);
        let nested =
            r#"{"additionalData":{"hmacSignature":"x","id":"y"},"data":{"id":"z","names":["Ada"]},"sid":5}"#;
        assert_eq!(kept(nested), r#"{"additionalData":"~","data":{"id":"z","names":"~"},"sid":"~"}"#);
        assert_eq!(form("authToken=secret&currency=EUR&Email=a%40b"), "authToken=%7E&currency=EUR&Email=%7E");
    }

    #[test]
    fn players_are_known_by_our_own_ids_only() {
        for field in ["externalUserId", "vendorData", "enduserid"] {
            let ours = format!(r#"{{"{field}":"ply_01KDVAN5G00000000000000002"}}"#);
            assert_eq!(kept(&ours), ours);
            assert_eq!(
                kept(&format!(r#"{{"{field}":"ada@players.example"}}"#)),
                format!(r#"{{"{field}":"~"}}"#)
            );
        }
        assert_eq!(form("EndUserID=Ada"), "EndUserID=%7E");
    }

    #[test]
    fn what_was_found_out_about_a_person_is_hidden() {
        let red = r#"{"reviewResult":{"rejectLabels":["CRIMINAL"],"reviewAnswer":"RED"}}"#;
        assert_eq!(kept(red), r#"{"reviewResult":{"rejectLabels":"~","reviewAnswer":"RED"}}"#);
    }

    #[test]
    fn numbers_stay_as_they_were_written() {
        for number in ["0.10", "12345678901234567890123", "1e2", "-0"] {
            assert_eq!(kept(&format!("{{\"amount\":{number}}}")), format!("{{\"amount\":{number}}}"));
        }
    }

    #[test]
    fn nothing_is_smuggled_in() {
        let long = format!("{{\"user\":\"{}\"}}", "x".repeat(LONGEST_VALUE));
        assert_eq!(kept(&long), r#"{"user":"~"}"#);
        assert_eq!(kept(r#"{"a\"b":1}"#), r#"{"~":"~"}"#);
        assert_eq!(body("x".repeat(LONGEST_BODY + 1).as_bytes()), None);
        assert_eq!(body(b"my name is Ada"), None);
        assert_eq!(body(&[0xff]), None);
        assert_eq!(kept("[accepted]"), "[accepted]");
        let deep = format!("{}1{}", "{\"data\":".repeat(100), "}".repeat(100));
        assert!(kept(&deep).contains(HIDDEN));
    }

    /// The fixtures of all vendors, and the samples: no secret and no person of theirs gets through.
    #[test]
    fn what_vendors_send_is_kept_without_secrets() {
        let hidden = ["signature", "hmacSignature", "token", "checksum", "first", "last", "email", "country"];
        for sample in [
            include_str!("payments/adyen/fixtures/authorisation.json"),
            include_str!("payments/trustly/fixtures/credit-sha256.json"),
            include_str!("payments/truelayer/fixtures/payout-executed.json"),
            include_str!("kyc/sumsub/fixtures/reviewed-retry.json"),
            include_str!("games/hub88/fixtures/win.json"),
        ] {
            let kept = kept(sample);
            serde_json::from_str::<serde_json::Value>(&kept).unwrap();
            for name in hidden {
                let field = format!("\"{name}\":");
                let mut after = kept.split(&field).skip(1);
                assert!(after.all(|rest| rest.starts_with("\"~\"")), "{name} in {kept}");
            }
        }
    }

    #[test]
    fn of_headers_only_the_content_type_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        headers.insert("authorization", "Bearer secret".parse().unwrap());
        headers.insert("x-hub88-signature", "secret".parse().unwrap());
        let call = RawCall {
            query: "authToken=secret",
            ..RawCall::post("/bet", &headers, b"{\"token\":\"secret\"}")
        };
        let reply =
            Reply { status: 200, content_type: "application/json", body: b"{\"token\":\"secret\"}".to_vec() };
        let text = serde_json::to_string(&Exchange::of(call, &reply)).unwrap();
        assert!(text.contains("application/json") && !text.contains("secret"), "{text}");
    }
}
