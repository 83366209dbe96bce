//! The function's own decisions; what vendors say is tried where they are read.

use domain::account::{Verification, Wallet};
use vendors::kyc::sumsub;

use super::*;

fn account(status: VerificationStatus) -> Account {
    let now = "2026-11-23T10:00:00Z".parse().unwrap();
    Account {
        player: "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        status: domain::account::AccountStatus::Active,
        wallet: Wallet::empty("EUR".parse().unwrap()),
        verification: Verification { status, current: None, as_of: None },
        deposits: 0,
        version: 1,
        head: domain::chain::Digest::default(),
        opened_at: now,
        updated_at: now,
    }
}

#[test]
fn an_attempt_that_ran_out_undoes_no_verdict() {
    let expired = |status| is_over(VerificationStatus::Expired, &account(status));
    assert!(expired(VerificationStatus::Approved) && expired(VerificationStatus::Rejected));
    assert!(!expired(VerificationStatus::Pending) && !expired(VerificationStatus::Resubmit));
    assert!(!is_over(VerificationStatus::Rejected, &account(VerificationStatus::Approved)));
}

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
    let sumsub = vendor::vendor("sumsub", &settings.kyc).unwrap();
    let call = sumsub.verify(RawCall::post("", &headers, body)).unwrap();
    let report = sumsub.parse(&call).unwrap();
    assert_eq!(report.findings.status, Some(VerificationStatus::Approved));
    assert!(report.findings.player.is_some() && report.reference.is_some());
}
