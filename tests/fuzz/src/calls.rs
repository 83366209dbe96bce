//! Vendors' calls, written as HTTP is: `POST /path?query`, headers, an empty line, the body. Whether they are genuine
//! is looked at, and then they are read as if they were.

use std::sync::LazyLock;

use domain::{Command, Timestamp};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use vendors::call::{Authentic, RawCall, Receipt, Reply};
use vendors::games::{self, GameAnswer, GameWallet, RequestKind};
use vendors::kyc::{self, IdentityWebhook};
use vendors::payments::{self, PaymentWebhook};
use vendors::redaction::Exchange;

macro_rules! doors {
    ($family:ident: $($name:ident = $path:ident::$module:ident::$adapter:ident;)*) => {$(
        pub(crate) fn $name(input: &[u8]) {
            static DOOR: LazyLock<$path::$module::$adapter> = LazyLock::new(|| {
                let family = stringify!($path);
                $path::$module::$adapter::new(&settings(family, stringify!($module))).expect("the demo's settings")
            });
            $family(&*DOOR, input);
        }
    )*};
}

doors! { game:
    caleta = games::caleta::Caleta;
    evolution = games::evolution::Evolution;
    hub88 = games::hub88::Hub88;
    softswiss = games::softswiss::SoftSwiss;
    swipe = games::swipe::Swipe;
    valkyrie = games::valkyrie::Valkyrie;
}
doors! { payment:
    adyen = payments::adyen::Adyen;
    nuvei = payments::nuvei::Nuvei;
    truelayer = payments::truelayer::TrueLayer;
    trustly = payments::trustly::Trustly;
}
doors! { identity:
    onfido = kyc::onfido::Onfido;
    sumsub = kyc::sumsub::Sumsub;
    veriff = kyc::veriff::Veriff;
}

fn game(vendor: &impl GameWallet, input: &[u8]) {
    with_call(input, |call| {
        if let Err(why) = vendor.verify(call) {
            well_formed(&vendor.render_rejection(call, &why.into()));
        }
        match vendor.parse(&Authentic::unproven(call)) {
            Err(rejection) => well_formed(&vendor.render_rejection(call, &rejection)),
            Ok(request) => {
                well_formed(&vendor.render(&request, &GameAnswer::TryAgain));
                let (alone, several): (_, &[Command]) = match &request.kind {
                    RequestKind::Operation(command) => (Some(&**command), &[]),
                    RequestKind::Batch(commands) => (None, commands),
                    _ => (None, &[]),
                };
                for command in alone.into_iter().chain(several) {
                    // What the table builds its keys of: nothing may be mistaken for something else.
                    assert_eq!(command.key().integration, vendor.integration());
                    assert!(
                        command.key().tx.len() <= 512 && !command.key().tx.is_empty(),
                        "{:?}",
                        command.key()
                    );
                    let _ = (command.reads(), command.fingerprint());
                }
            }
        }
    });
}

fn payment(provider: &impl PaymentWebhook, input: &[u8]) {
    with_call(input, |call| {
        let _ = provider.verify(call, Timestamp::UNIX_EPOCH);
        let _ = provider.missing_keys(call);
        for receipt in [Receipt::Accepted, Receipt::NotAuthentic, Receipt::Unavailable] {
            well_formed(&provider.render(call, receipt));
        }
        for notice in provider.parse(&Authentic::unproven(call)).into_iter().flatten() {
            assert_eq!(notice.key.integration, provider.integration());
            assert!(!notice.key.tx.is_empty() && notice.key.tx.len() <= 1024, "{:?}", notice.key);
        }
    });
}

fn identity(vendor: &impl IdentityWebhook, input: &[u8]) {
    with_call(input, |call| {
        let _ = vendor.verify(call);
        if let Ok(report) = vendor.parse(&Authentic::unproven(call)) {
            assert_eq!(report.key.integration, vendor.integration());
            assert!(!report.key.tx.is_empty() && report.key.tx.len() <= 1024, "{:?}", report.key);
        }
    });
}

/// What is kept of any call is itself harmless to read, and keeping it again changes nothing.
pub(crate) fn redaction(input: &[u8]) {
    with_call(input, |call| {
        let reply = Reply { status: 200, content_type: "application/json", body: call.body.to_vec() };
        let kept = Exchange::of(call, &reply);
        assert_eq!(kept.body, kept.answer);
        let Some(body) = &kept.body else { return };
        let again = Exchange::of(RawCall { body: body.as_bytes(), query: &kept.query, ..call }, &reply);
        assert_eq!((again.body.as_ref(), &again.query), (Some(body), &kept.query));
    });
}

fn well_formed(reply: &Reply) {
    assert!((200..600).contains(&reply.status));
    if reply.content_type == "application/json" && !reply.body.is_empty() {
        serde_json::from_slice::<Value>(&reply.body).expect("an answer in JSON");
    }
}

fn with_call(input: &[u8], read: impl FnOnce(RawCall<'_>)) {
    let Some(end) = input.windows(2).position(|it| it == b"\n\n") else { return };
    let (head, body) = (&input[..end], &input[end + 2..]);
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.lines();
    let Some((method, target)) = lines.next().and_then(|line| line.split_once(' ')) else { return };
    let Ok(method) = method.parse::<Method>() else { return };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            headers.append(name, value);
        }
    }
    read(RawCall { method: &method, path, query, headers: &headers, body });
}

fn settings<T: DeserializeOwned>(family: &str, vendor: &str) -> T {
    let demo: Value = serde_json::from_str(include_str!("../../../infra/local/vendors.json")).expect("JSON");
    serde_json::from_value(demo[family][vendor].clone()).expect("the demo's settings")
}
