//! The function's own decisions; what vendors say is tried where they are read.

use vendors::kyc::sumsub;

use super::*;

#[test]
fn the_sample_is_a_genuine_approval() {
    let settings: vendors::settings::Settings =
        serde_json::from_str(include_str!("../../../infra/local/vendors.json")).unwrap();
    let event: serde_json::Value =
        serde_json::from_str(include_str!("../../../events/samples/kyc-webhook.json")).unwrap();
    let digest = event["headers"]["x-payload-digest"].as_str().unwrap();
    let headers = [(sumsub::DIGEST_HEADER.parse().unwrap(), digest.parse().unwrap())];
    let headers = ::http::HeaderMap::from_iter(headers);
    let body = event["body"].as_str().unwrap().as_bytes();
    let sumsub = vendor("sumsub", &settings.kyc).unwrap();
    let call = sumsub.verify(RawCall::post("", &headers, body)).unwrap();
    let report = sumsub.parse(&call).unwrap();
    assert_eq!(report.findings.status, Some(VerificationStatus::Approved));
    assert!(report.findings.player.is_some() && report.reference.is_some());
}

#[test]
fn only_known_and_configured_vendors_start() {
    let settings: vendors::settings::Settings =
        serde_json::from_str(include_str!("../../../infra/local/vendors.json")).unwrap();
    for name in ["sumsub", "onfido", "veriff"] {
        assert_eq!(vendor(name, &settings.kyc).unwrap().integration(), name);
        assert!(vendor(name, &Kyc::default()).is_err());
    }
    assert!(vendor("nobody", &settings.kyc).is_err());
}

#[test]
fn only_an_approval_is_judged_anew_and_only_if_the_account_moved_on() {
    let refused = |refusal, version| {
        let registration = domain::person::Registration {
            player: "ply_01KDVAN5G00000000000000002".parse().unwrap(),
            brand: "demo".to_owned(),
            jurisdiction: "MT".to_owned(),
            country: "MT".to_owned(),
            currency: "EUR".parse().unwrap(),
            birth_date: domain::Date::constant(1990, 5, 4),
        };
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let book = rule_book().unwrap();
        let opened = domain::person::register(&registration, book.rules("MT", now).unwrap(), now).unwrap();
        Outcome::Refused { refusal, account: Some(Box::new(Account { version, ..opened.account })) }
    };
    assert!(is_overtaken(&refused(Refusal::Outdated, 8), Some(7)));
    assert!(!is_overtaken(&refused(Refusal::Outdated, 7), Some(7)), "an older report");
    assert!(!is_overtaken(&refused(Refusal::Outdated, 8), None), "no approval");
    assert!(!is_overtaken(&refused(Refusal::Mismatch, 8), Some(7)));
}
