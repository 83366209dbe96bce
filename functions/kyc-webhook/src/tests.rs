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
fn a_match_without_a_time_counts_from_now_on_and_once_a_day() {
    let report = |as_of: Option<&str>, hits| VerificationReport {
        key: domain::EntryKey::new("onfido", "m:matches_updated:"),
        event: "matches_updated".to_owned(),
        findings: Findings {
            as_of: as_of.map(|it| it.parse().unwrap()),
            hits: std::collections::BTreeSet::from_iter(hits),
            ..Findings::default()
        },
        reference: None,
        routine: false,
    };
    let now: Timestamp = "2026-11-23T23:30:00Z".parse().unwrap();
    let undated = dated(report(None, Some(kyc::Watchlist::Other)), now);
    assert_eq!(
        (undated.findings.as_of, undated.key.tx.as_str()),
        (Some(now), "m:matches_updated::2026-11-23")
    );
    for other in [report(Some("2026-01-01T00:00:00Z"), Some(kyc::Watchlist::Other)), report(None, None)] {
        assert_eq!(dated(other.clone(), now), other);
    }
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
