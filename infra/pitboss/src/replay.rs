//! `pitboss replay`: kept exchanges once more, against a test stage, signed anew with the keys of its sandboxes.

mod signing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use edge::metrics::CallOutcome;
use edge::{BoxError, Outbound};
use http::HeaderMap;
use serde_json::Value;
use vendors::call::{InboundAnswer, OutboundCall, RawCall, Reply};
use vendors::redaction::{Exchange, HIDDEN};

use crate::Looked;
use crate::exchanges::{Found, Selection};

/// Headers that name a player's session; Valkyrie has one.
const SESSION_HEADERS: [&str; 1] = ["x-player-token"];
/// How far back an exchange is looked for.
const NEWEST: i32 = 1000;

#[derive(Args)]
pub(crate) struct Options {
    #[command(flatten)]
    selection: Selection,
    /// Which one, by the id that `pitboss exchanges` shows; else the newest
    #[arg(long)]
    id: Option<String>,
    /// All of them, the oldest first; but for calls that did not prove where they came from
    #[arg(long, conflicts_with = "id")]
    all: bool,
    /// The base URL of the test stage
    #[arg(long)]
    to: String,
    /// The test stage's vendors document, with the sandboxes' keys
    #[arg(long, default_value = "infra/local/vendors.json")]
    vendors: PathBuf,
    /// A value for a field that was hidden, or for Valkyrie's header x-player-token, as name=value; may be given
    /// several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    values: Vec<(String, String)>,
}

pub(crate) async fn run(options: &Options) -> Looked {
    let found = options.selection.read(NEWEST).await?;
    let chosen = options.chosen(&found);
    if chosen.is_empty() {
        return Err("there is no such exchange".into());
    }
    let settings: Value = serde_json::from_str(&std::fs::read_to_string(&options.vendors)?)?;
    let (vendor, outbound) = (&options.selection.vendor, Outbound::new()?);
    let (mut sent, mut otherwise) = (0_usize, 0_usize);
    for Found { id, kept, .. } in &chosen {
        let then = &kept.exchange;
        let what = format!("{id} {} {}", then.method, then.path);
        let call = match call(vendor, &settings, then, &options.values, &options.to) {
            Ok(call) => call,
            // One that cannot be sent does not keep back the others.
            Err(reason) if options.all => {
                println!("{what} left out: {reason}");
                continue;
            }
            Err(reason) => return Err(reason),
        };
        let now = as_kept(&outbound.send(call).await?);
        let is_same = (now.status, &now.answer) == (then.status, &then.answer);
        sent += 1;
        otherwise += usize::from(!is_same);
        println!("{what} {}", if is_same { "same" } else { "differs" });
        println!("  then {}", shown(then));
        println!("  now  {}", shown(&now));
    }
    if sent == 0 {
        return Err("none of them can be sent".into());
    }
    println!("{sent} sent again, {otherwise} answered otherwise");
    Ok(otherwise == 0)
}

impl Options {
    /// What is sent again: one, or all in the order in which they came. Whoever could not prove who they are must not
    /// be vouched for now, unless somebody asks for that very call.
    fn chosen<'a>(&self, found: &'a [Found]) -> Vec<&'a Found> {
        let is_proven = |it: &&Found| it.kept.outcome != CallOutcome::NotAuthentic.name();
        match &self.id {
            Some(id) => found.iter().filter(|it| it.id == *id).collect(),
            None if self.all => found.iter().rev().filter(is_proven).collect(),
            None => found.iter().filter(is_proven).take(1).collect(),
        }
    }
}

/// An answer in the form that the other one was kept in: only so can they be compared.
fn as_kept(answer: &InboundAnswer) -> Exchange {
    let reply = Reply { status: answer.status, content_type: "", body: answer.body.clone() };
    Exchange::of(RawCall::post("", &HeaderMap::new(), b""), &reply)
}

fn shown(exchange: &Exchange) -> String {
    format!("{} {}", exchange.status, exchange.answer.as_deref().unwrap_or("(unreadable)"))
}

/// The call as its vendor would send it to another stage.
fn call(
    vendor: &str,
    settings: &Value,
    exchange: &Exchange,
    values: &[(String, String)],
    to: &str,
) -> Result<OutboundCall, BoxError> {
    let (body, query) = (exchange.body.as_deref().ok_or("its body is not kept")?, exchange.query.as_str());
    let (body, query) = (with_values(body, values), with_values(query, values));
    let method = exchange.method.parse()?;
    let signed = signing::sign(vendor, settings, &method, &query, &body)?;
    let mut headers = BTreeMap::from([("content-type", exchange.content_type.clone())]);
    headers.retain(|_, value| !value.is_empty());
    headers.extend(signed.headers);
    // A session that is named in a header is not kept at all: the operator knows it, or the call goes without.
    headers.extend(SESSION_HEADERS.iter().filter_map(|name| {
        let known = values.iter().find(|(given, _)| given == name);
        known.map(|(_, value)| (*name, value.clone()))
    }));
    let mark = if signed.query.is_empty() { "" } else { "?" };
    let base = to.trim_end_matches('/');
    let url = format!("{base}/webhooks/{}/{vendor}{}{mark}{}", signed.family, exchange.path, signed.query);
    Ok(OutboundCall { method, url, headers, body: body.into_bytes() })
}

/// Puts values in the place of what was hidden, in JSON and in forms.
fn with_values(text: &str, values: &[(String, String)]) -> String {
    values.iter().fold(text.to_owned(), |text, (name, value)| {
        let (json, hidden) = (Value::from(value.as_str()), Value::from(HIDDEN));
        let form = |value: &str| {
            let mut pair = url::form_urlencoded::Serializer::new(String::new());
            pair.append_pair(name, value).finish()
        };
        text.replace(&format!("\"{name}\":{hidden}"), &format!("\"{name}\":{json}"))
            .replace(&form(HIDDEN), &form(value))
    })
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must be name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use http::HeaderName;
    use vendors::games::GameWallet as _;
    use vendors::games::hub88::Hub88;
    use vendors::kyc::IdentityWebhook as _;
    use vendors::kyc::sumsub::Sumsub;

    use super::*;

    fn settings() -> Value {
        serde_json::from_str(include_str!("../../local/vendors.json")).unwrap()
    }

    fn kept(path: &str, body: &str) -> Exchange {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json".parse().unwrap());
        let reply = Reply { status: 200, content_type: "application/json", body: b"{}".to_vec() };
        Exchange::of(RawCall::post(path, &headers, body.as_bytes()), &reply)
    }

    fn headers(call: &OutboundCall) -> HeaderMap {
        let read =
            |(name, value): (&&'static str, &String)| (HeaderName::from_static(name), value.parse().unwrap());
        call.headers.iter().map(read).collect()
    }

    #[test]
    fn a_bet_is_signed_anew_and_gets_its_token_back() {
        let exchange = kept("/transaction/bet", r#"{"user":"u","token":"secret","amount":1}"#);
        let values = [("token".to_owned(), "another".to_owned())];
        let call = call("hub88", &settings(), &exchange, &values, "http://stage.test/").unwrap();
        assert_eq!(call.url, "http://stage.test/webhooks/games/hub88/transaction/bet");
        assert_eq!(call.body, br#"{"amount":1,"token":"another","user":"u"}"#);
        let entry = serde_json::from_value(settings()["games"]["hub88"].clone()).unwrap();
        let hub88 = Hub88::new(&entry).unwrap();
        assert!(hub88.verify(RawCall::post("/transaction/bet", &headers(&call), &call.body)).is_ok());
    }

    #[test]
    fn an_identity_notice_is_signed_anew() {
        let exchange = kept("", r#"{"applicantId":"a","type":"applicantReviewed"}"#);
        let call = call("sumsub", &settings(), &exchange, &[], "http://stage.test").unwrap();
        assert_eq!(call.url, "http://stage.test/webhooks/kyc/sumsub");
        let entry = serde_json::from_value(settings()["kyc"]["sumsub"].clone()).unwrap();
        assert!(Sumsub::new(&entry).unwrap().verify(RawCall::post("", &headers(&call), &call.body)).is_ok());
    }

    #[test]
    fn what_cannot_be_signed_is_not_sent() {
        let exchange = kept("", "{}");
        assert!(call("acme", &settings(), &exchange, &[], "http://stage.test").is_err());
        let unreadable = Exchange { body: None, ..exchange };
        assert!(call("hub88", &settings(), &unreadable, &[], "http://stage.test").is_err());
    }

    #[test]
    fn whoever_proved_nothing_is_not_vouched_for() {
        let found = |id: &str, outcome: &str| Found {
            id: id.to_owned(),
            kept: edge::KeptExchange { outcome: outcome.to_owned(), exchange: kept("", "{}") },
            at: domain::Timestamp::UNIX_EPOCH,
        };
        let all = [found("3", "SignatureFailures"), found("2", "Done"), found("1", "Replays")];
        let chosen = |arguments: &[&str]| {
            let typed = ["replay", "--vendor", "hub88", "--day", "2026-11-23", "--to", "http://stage.test"];
            let options = Typed::try_parse_from(typed.iter().chain(arguments)).unwrap().options;
            options.chosen(&all).iter().map(|it| it.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(chosen(&["--all"]), ["1", "2"], "in the order in which they came");
        assert_eq!(chosen(&[]), ["2"]);
        assert_eq!(chosen(&["--id", "3"]), ["3"], "unless it is asked for");
        assert!(chosen(&["--id", "4"]).is_empty());
    }

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn only_what_was_hidden_is_filled_in() {
        let values = [("sid".to_owned(), "a&b".to_owned())];
        assert_eq!(with_values(r#"{"sid":"~","x":"~"}"#, &values), r#"{"sid":"a&b","x":"~"}"#);
        assert_eq!(with_values("sid=%7E&x=%7E", &values), "sid=a%26b&x=%7E");
        assert_eq!(with_values(r#"{"sid":"known"}"#, &values), r#"{"sid":"known"}"#);
    }
}
