//! The webhook.

use domain::account::VerificationStatus;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::kyc::bench::PLAYER;

const RETRY: &[u8] = include_bytes!("../fixtures/reviewed-retry.json");
const RETRY_SHA256: &str = "89abb1a649086bf30373a4dfa2ade9f9dc1204f4c758839168ab6a6e83697ed6";
const RETRY_SHA512: &str = "8c789b4e8d00c5a75f66533b349849f22591bf0ada9bf9e1c81de3b6d240de53\
                            afacc409697b6a6044d5bacbe701f05af6b1b64398a3189b3a9d83cbe66a5aba";
const RETRY_SHA1: &str = "36571a5c68c1e486ca5e389f50839c56e6fbc88e";

fn told(sumsub: &Sumsub, body: &[u8]) -> Result<VerificationReport, Receipt> {
    let digest = sign_body(body, SECRET.as_bytes());
    received(sumsub, &[(DIGEST_HEADER, &digest), (DIGEST_ALGORITHM_HEADER, DIGEST_ALGORITHM)], body)
}

/// The fixture for one of our players with something changed, signed anew.
fn changed(sumsub: &Sumsub, change: impl FnOnce(&mut Value)) -> Result<VerificationReport, Receipt> {
    let mut body: Value = serde_json::from_slice(RETRY).unwrap();
    body["externalUserId"] = json!(PLAYER);
    change(&mut body);
    told(sumsub, &serde_json::to_vec(&body).unwrap())
}

fn verdict(sumsub: &Sumsub, result: &Value, more: &Value) -> Option<VerificationStatus> {
    let report = changed(sumsub, |it| {
        it["reviewResult"] = result.clone();
        for (name, value) in more.as_object().unwrap() {
            it[name] = value.clone();
        }
    });
    report.unwrap().findings.status
}

#[test]
fn the_known_call_is_accepted() {
    let sumsub = sumsub(|_| ());
    assert_eq!(sign_body(RETRY, SECRET.as_bytes()), RETRY_SHA256);
    let report = received(&sumsub, &[(DIGEST_HEADER, RETRY_SHA256)], RETRY).unwrap();
    assert_eq!(
        report,
        VerificationReport {
            key: domain::EntryKey::new("sumsub", "app_demo_1:applicantReviewed:2026-01-02 03:04:05.678"),
            event: "applicantReviewed".into(),
            findings: Findings {
                status: Some(VerificationStatus::Resubmit),
                as_of: Some("2026-01-02T03:04:05.678Z".parse().unwrap()),
                ..Findings::default()
            },
            reference: None,
            routine: false,
        }
    );
    assert_eq!(received(&sumsub, &[(DIGEST_HEADER, &RETRY_SHA256.to_uppercase())], RETRY), Ok(report));
    assert_eq!(changed(&sumsub, |_| ()).unwrap().findings.player, Some(PLAYER.parse().unwrap()));
}

#[test]
fn bad_digests_and_downgrades_are_refused() {
    let with = |digest: &str, algorithm: &str| {
        received(&sumsub(|_| ()), &[(DIGEST_HEADER, digest), (DIGEST_ALGORITHM_HEADER, algorithm)], RETRY)
    };
    assert!(with(RETRY_SHA256, "HMAC_SHA256_HEX").is_ok());
    for (digest, algorithm) in [
        (RETRY_SHA1, "HMAC_SHA1_HEX"),
        (RETRY_SHA1, "HMAC_SHA256_HEX"),
        (RETRY_SHA512, "HMAC_SHA512_HEX"),
        (RETRY_SHA512, "HMAC_SHA256_HEX"),
        (RETRY_SHA256, "HMAC_SHA1_HEX"),
        (RETRY_SHA256, "hmac_sha256_hex"),
        (RETRY_SHA256, ""),
        (&RETRY_SHA256[..62], "HMAC_SHA256_HEX"),
        (&RETRY_SHA256[..63], "HMAC_SHA256_HEX"),
        ("", "HMAC_SHA256_HEX"),
        ("not hexadecimal", "HMAC_SHA256_HEX"),
        (&"0".repeat(64), "HMAC_SHA256_HEX"),
    ] {
        assert_eq!(with(digest, algorithm), Err(Receipt::NotAuthentic), "{digest} {algorithm}");
    }
    assert_eq!(received(&sumsub(|_| ()), &[], RETRY), Err(Receipt::NotAuthentic));
}

#[test]
fn tampered_bodies_and_other_keys_are_refused() {
    let signed = [(DIGEST_HEADER, RETRY_SHA256)];
    let green = String::from_utf8(RETRY.to_vec()).unwrap().replace("RED", "GREEN");
    for body in [green.as_bytes(), &RETRY[1..], &[RETRY, b"\n"].concat(), b""] {
        assert_eq!(received(&sumsub(|_| ()), &signed, body), Err(Receipt::NotAuthentic));
    }
    let other = sumsub(|it| it["webhook_secret"] = json!("sumsub_app_secret"));
    assert_eq!(received(&other, &signed, RETRY), Err(Receipt::NotAuthentic));
    let changing_over = sumsub(|it| it["webhook_secret"] = json!(["new", SECRET]));
    assert!(received(&changing_over, &signed, RETRY).is_ok());
    let long = [RETRY, " ".repeat(256 * 1024).as_bytes()].concat();
    assert_eq!(told(&sumsub(|_| ()), &long), Err(Receipt::NotAuthentic));
}

#[test]
fn events_mean_what_they_say() {
    for (event, status) in [
        ("applicantCreated", VerificationStatus::Pending),
        ("applicantPending", VerificationStatus::Pending),
        ("applicantPrechecked", VerificationStatus::Pending),
        ("applicantOnHold", VerificationStatus::InReview),
        ("applicantReset", VerificationStatus::Resubmit),
        ("applicantWorkflowCompleted", VerificationStatus::Resubmit),
        ("amlCaseOnHold", VerificationStatus::InReview),
        ("amlCaseRejected", VerificationStatus::InReview),
    ] {
        let report = changed(&sumsub(|_| ()), |it| it["type"] = json!(event)).unwrap();
        assert_eq!(report.findings.status, Some(status), "{event}");
    }
    for event in [
        "applicantPersonalInfoChanged",
        "applicantLevelChanged",
        "applicantDeactivated",
        "applicantDeleted",
        "applicantActionPending",
        "applicantActionReviewed",
        "applicantActionOnHold",
        "amlCaseApproved",
        "kytCaseApproved",
        "applicantKytTxnApproved",
        "ApplicantReviewed",
        "unheardOf",
    ] {
        let report = changed(&sumsub(|_| ()), |it| it["type"] = json!(event)).unwrap();
        assert_eq!((report.findings.status, report.event.as_str()), (None, event));
    }
}

#[test]
fn what_was_read_is_looked_up() {
    let reference = |event: &str, answer: &str| {
        let report = changed(&sumsub(|_| ()), |it| {
            it["type"] = json!(event);
            it["reviewResult"]["reviewAnswer"] = json!(answer);
        });
        report.unwrap().reference.map(|it| (it.kind, it.id))
    };
    let applicant = Some(("applicant", PLAYER.to_owned()));
    assert_eq!(reference("applicantReviewed", "GREEN"), applicant);
    assert_eq!(reference("applicantWorkflowCompleted", "GREEN"), applicant);
    assert_eq!(reference("applicantPersonalInfoChanged", "RED"), applicant);
    assert_eq!(reference("applicantReviewed", "RED"), None, "a refusal needs no more words");
    assert_eq!(reference("applicantPending", "GREEN"), None);
    let case = Some(("aml_case", "app_demo_1".to_owned()));
    assert_eq!(reference("amlCaseOnHold", "RED"), case);
    let nameless = changed(&sumsub(|_| ()), |it| {
        it["externalUserId"] = json!(null);
        it["type"] = json!("amlCaseOnHold");
    });
    assert_eq!(nameless.unwrap().reference.map(|it| it.kind), Some("aml_case_of_somebody"));
    let stranger = changed(&sumsub(|_| ()), |it| {
        it["externalUserId"] = json!("player_42");
        it["reviewResult"] = json!({"reviewAnswer": "GREEN"});
    });
    assert_eq!(stranger.unwrap().reference, None, "nobody of ours is looked up");
}

#[test]
fn a_match_on_a_watchlist_is_a_hit_until_it_is_cleared() {
    let hits =
        |event: &str| changed(&sumsub(|_| ()), |it| it["type"] = json!(event)).unwrap().findings.hits.len();
    assert_eq!((hits("amlCaseOnHold"), hits("amlCaseRejected"), hits("amlCaseApproved")), (1, 1, 0));
}

#[test]
fn another_digest_can_be_pinned() {
    let pinned = sumsub(|it| it["digest_algorithm"] = json!("HMAC_SHA512_HEX"));
    let with = |digest: &str, algorithm: &str| {
        received(&pinned, &[(DIGEST_HEADER, digest), (DIGEST_ALGORITHM_HEADER, algorithm)], RETRY)
    };
    assert!(with(RETRY_SHA512, "HMAC_SHA512_HEX").is_ok());
    for (digest, algorithm) in [
        (RETRY_SHA256, "HMAC_SHA256_HEX"),
        (RETRY_SHA256, "HMAC_SHA512_HEX"),
        (RETRY_SHA512, "HMAC_SHA256_HEX"),
        (RETRY_SHA1, "HMAC_SHA1_HEX"),
    ] {
        assert_eq!(with(digest, algorithm), Err(Receipt::NotAuthentic), "{digest} {algorithm}");
    }
    assert_eq!(received(&pinned, &[(DIGEST_HEADER, RETRY_SHA512)], RETRY), Err(Receipt::NotAuthentic));
}

#[test]
fn verdicts_mean_what_they_say() {
    let sumsub = sumsub(|_| ());
    let red =
        |kind: Value| verdict(&sumsub, &json!({"reviewAnswer": "RED", "reviewRejectType": kind}), &json!({}));
    assert_eq!(red(json!("RETRY")), Some(VerificationStatus::Resubmit));
    assert_eq!(red(json!("FINAL")), Some(VerificationStatus::Rejected));
    for unknown in [json!(null), json!("EXTERNAL"), json!("retry"), json!("")] {
        assert_eq!(red(unknown.clone()), Some(VerificationStatus::Rejected), "{unknown}");
    }
    let approved = Some(VerificationStatus::Approved);
    assert_eq!(verdict(&sumsub, &json!({"reviewAnswer": "GREEN"}), &json!({})), approved);
}

#[test]
fn a_document_that_ran_out_is_no_bad_document() {
    let red = |kind: &str, labels: Value| {
        let result = json!({"reviewAnswer": "RED", "reviewRejectType": kind, "rejectLabels": labels});
        verdict(&sumsub(|_| ()), &result, &json!({}))
    };
    assert_eq!(red("RETRY", json!(["EXPIRATION_DATE"])), Some(VerificationStatus::Expired));
    for labels in [json!(["EXPIRATION_DATE", "BAD_SELFIE"]), json!(["BAD_SELFIE"]), json!([]), json!(null)] {
        assert_eq!(red("RETRY", labels.clone()), Some(VerificationStatus::Resubmit), "{labels}");
    }
    assert_eq!(red("FINAL", json!(["EXPIRATION_DATE"])), Some(VerificationStatus::Rejected));
}

#[test]
fn only_a_completed_review_with_an_answer_is_a_verdict() {
    let sumsub = sumsub(|_| ());
    let green = json!({"reviewAnswer": "GREEN"});
    for status in
        [json!(null), json!("init"), json!("pending"), json!("queued"), json!("onHold"), json!("Completed")]
    {
        assert_eq!(verdict(&sumsub, &green, &json!({"reviewStatus": status})), None, "{status}");
    }
    for result in [
        json!(null),
        json!({}),
        json!({"reviewAnswer": null}),
        json!({"reviewAnswer": "green"}),
        json!({"reviewAnswer": "YELLOW"}),
    ] {
        assert_eq!(verdict(&sumsub, &result, &json!({})), None, "{result}");
    }
}

#[test]
fn an_approval_counts_at_its_own_level_only() {
    let green = json!({"reviewAnswer": "GREEN"});
    let own = json!({"levelName": "basic-kyc-level"});
    let other = json!({"levelName": "questionnaire-only"});
    assert_eq!(verdict(&sumsub(|_| ()), &green, &own), Some(VerificationStatus::Approved));
    assert_eq!(verdict(&sumsub(|_| ()), &green, &other), None);
    let renamed = sumsub(|it| it["level_name"] = json!("questionnaire-only"));
    assert_eq!(verdict(&renamed, &green, &other), Some(VerificationStatus::Approved));
    assert_eq!(verdict(&renamed, &green, &own), None);
    let several = sumsub(|it| it["levels"] = json!({"GB": "questionnaire-only"}));
    for level in [&own, &other] {
        assert_eq!(verdict(&several, &green, level), Some(VerificationStatus::Approved));
    }
}

#[test]
fn nobody_becomes_real_in_a_sandbox() {
    let live = sumsub(|it| it["live"] = json!(true));
    let green = json!({"reviewAnswer": "GREEN"});
    assert_eq!(verdict(&live, &green, &json!({"sandboxMode": true})), None);
    assert_eq!(verdict(&live, &green, &json!({"sandboxMode": false})), Some(VerificationStatus::Approved));
}

#[test]
fn who_is_not_one_of_ours_is_nobody() {
    for id in [
        json!(null),
        json!(""),
        json!("player_42"),
        json!(PLAYER.to_lowercase()),
        json!("dep_01KDVAN5G00000000000000002"),
    ] {
        let report = changed(&sumsub(|_| ()), |it| it["externalUserId"] = id.clone()).unwrap();
        assert_eq!(report.findings.player, None, "{id}");
    }
    let absent = changed(&sumsub(|_| ()), |it| {
        it.as_object_mut().unwrap().remove("externalUserId");
    });
    assert_eq!(absent.unwrap().findings.player, None);
}

#[test]
fn signed_nonsense_is_malformed() {
    for (field, value) in [
        ("applicantId", json!(null)),
        ("applicantId", json!("")),
        ("applicantId", json!("a:b")),
        ("applicantId", json!("../x")),
        ("applicantId", json!("x".repeat(10_000))),
        ("type", json!(null)),
        ("type", json!("")),
        ("type", json!("a b")),
        ("type", json!(["applicantReviewed"])),
        ("createdAtMs", json!(null)),
        ("createdAtMs", json!("")),
        ("createdAtMs", json!(1_767_323_045_678_i64)),
        ("createdAtMs", json!("2026-01-02T03:04:05.678")),
        ("createdAtMs", json!("2026-01-02 03:04:05")),
        ("createdAtMs", json!("2026-01-02 03:04:05.678+0100")),
        ("createdAtMs", json!("2026-13-02 03:04:05.678")),
        ("createdAtMs", json!("2026-02-30 03:04:05.678")),
        ("createdAtMs", json!("2026-01-02 25:04:05.678")),
        ("createdAtMs", json!("٢٠٢٦-01-02 03:04:05.6")),
        ("reviewResult", json!("GREEN")),
        ("reviewStatus", json!(1)),
    ] {
        let result = changed(&sumsub(|_| ()), |it| it[field] = value.clone());
        assert_eq!(result, Err(Receipt::Malformed), "{field} {value:.60}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let huge = String::from_utf8(RETRY.to_vec()).unwrap().replace("\"completed\"", &"9".repeat(10_000));
    let twice = String::from_utf8(RETRY.to_vec())
        .unwrap()
        .replace("{\"applicantId\"", "{\"type\":\"x\",\"applicantId\"");
    for body in ["", "null", "{}", "[]", "{\"applicantId\":", &deep, &huge, &twice] {
        assert_eq!(told(&sumsub(|_| ()), body.as_bytes()), Err(Receipt::Malformed), "{body:.40}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..400), digest in "[ -~]*") {
        prop_assert!(told(&sumsub(|_| ()), &body).is_err());
        prop_assert!(received(&sumsub(|_| ()), &[(DIGEST_HEADER, &digest)], &body).is_err());
    }

    #[test]
    fn no_signed_report_panics(applicant in ".*", event in ".*", time in ".*", user in ".*", answer in ".*") {
        let _ = changed(&sumsub(|_| ()), |it| {
            it["applicantId"] = json!(applicant);
            it["type"] = json!(event);
            it["createdAtMs"] = json!(time);
            it["externalUserId"] = json!(user);
            it["reviewResult"]["reviewAnswer"] = json!(answer);
        });
    }
}
