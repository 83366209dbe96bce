//! Names that are written somewhere and read again: in tables, in events, on the wire.

use domain::account::VerificationStatus as Verification;
use domain::adjustment::Cause;
use domain::deposit::{DepositStatus, RefundReference, RefundStatus as Refund};
use domain::entry::{Fingerprint, LedgerAccount};
use domain::ids::DepositId;
use domain::play::CreditReason;
use domain::withdrawal::{PayoutStatus, WithdrawalStatus as Withdrawal};
use domain::{Currency, Digest};
use serde::Serialize;
use ulid::Ulid;

/// What a value is written as.
fn written(value: impl Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn ledger_accounts_read_back() {
    for name in [
        "player:cash",
        "player:bonus",
        "player:held",
        "receivable",
        "house:stakes",
        "house:payouts",
        "house:jackpots",
        "house:promotions",
        "house:bonuses",
        "house:adjustments",
        "house:write_offs",
        "suspense",
        "psp:adyen",
    ] {
        let account: LedgerAccount = name.parse().unwrap();
        assert_eq!((account.to_string().as_str(), written(&account).as_str()), (name, name));
        assert_eq!(matches!(account, LedgerAccount::Psp(_)), name.starts_with("psp:"));
    }
    assert!("house:other".parse::<LedgerAccount>().is_err());
}

#[test]
fn currencies_read_back() {
    for (code, places, ledger_scale) in
        [("EUR", 2, 6), ("JPY", 0, 6), ("KWD", 3, 6), ("BTC", 8, 8), ("ETH", 8, 8), ("USDT", 8, 8)]
    {
        let currency: Currency = code.parse().unwrap();
        assert_eq!((written(currency), currency.to_string().as_str()), (code.to_owned(), code));
        assert_eq!((currency.places(), currency.ledger_scale()), (places, ledger_scale), "{code}");
    }
    for none in ["", "eur", "XXX", "DOGE", "XAU", "CLF", "CHE"] {
        assert!(none.parse::<Currency>().is_err(), "{none}");
    }
}

#[test]
fn hashes_read_back() {
    let digest = Digest::of(b"something");
    assert_eq!(Digest::from(*digest.bytes()), digest);
    assert_eq!(digest.to_string().parse(), Ok(digest));
    assert_eq!(written(digest), digest.to_string());
    assert_eq!(Digest::default().to_string(), "0".repeat(64));
    for none in ["", "00", &"0".repeat(63), &"x".repeat(64)] {
        assert!(none.parse::<Digest>().is_err(), "{none}");
    }
}

#[test]
fn fingerprints_tell_requests_apart() {
    let one = Fingerprint::of(["ab", "c"]);
    assert_eq!(one.as_str().len(), 32);
    assert_eq!(Fingerprint::from(one.as_str().to_owned()), one);
    for other in [Fingerprint::of(["a", "bc"]), Fingerprint::of(["abc"]), Fingerprint::of(["ab", "c", ""])] {
        assert_ne!(other, one);
    }
}

#[test]
fn what_apis_call_things_is_what_tables_call_them() {
    for cause in [
        Cause::Correction,
        Cause::GameCorrection,
        Cause::Goodwill,
        Cause::BonusGranted,
        Cause::BonusForfeited,
        Cause::DebtRepaid,
        Cause::DebtWrittenOff,
    ] {
        assert_eq!(cause.as_str(), written(cause));
    }
}

#[test]
fn an_ordinary_win_need_not_be_told() {
    for reason in [CreditReason::Jackpot, CreditReason::SupplierPromotion, CreditReason::FreeRounds] {
        assert!(!reason.is_win());
    }
    assert!(CreditReason::Win.is_win());
}

#[test]
fn withdrawals_and_verifications_are_called_the_same_everywhere() {
    // What it is called, whether it waits for staff, and whether providers bring it forward.
    for (status, waits, in_payment) in [
        (Withdrawal::Requested, true, false),
        (Withdrawal::InReview, true, false),
        (Withdrawal::Approved, false, true),
        (Withdrawal::Paying, false, true),
        (Withdrawal::Paid, false, false),
        (Withdrawal::Failed, false, false),
        (Withdrawal::Rejected, false, false),
        (Withdrawal::Cancelled, false, false),
    ] {
        assert_eq!(status.as_str(), written(status));
        assert_eq!((status.is_waiting(), status.is_in_payment()), (waits, in_payment), "{status:?}");
    }
    for status in [
        Verification::None,
        Verification::Pending,
        Verification::InReview,
        Verification::Approved,
        Verification::Rejected,
        Verification::Resubmit,
        Verification::Expired,
    ] {
        assert_eq!(status.as_str(), written(status));
    }
}

#[test]
fn refunds_are_called_the_same_everywhere() {
    // What it is called, whether providers bring it forward, and whether its money is held.
    for (status, in_payment, open) in [
        (Refund::Requested, false, true),
        (Refund::Approved, true, true),
        (Refund::Sent, true, true),
        (Refund::Completed, false, false),
        (Refund::Failed, false, false),
        (Refund::Rejected, false, false),
    ] {
        assert_eq!(status.as_str(), written(status));
        assert_eq!((status.is_in_payment(), status.is_open()), (in_payment, open), "{status:?}");
    }
    let reference = RefundReference { deposit: DepositId::new(Ulid::from_parts(5, 5)), refund: 3 };
    assert_eq!(written(reference), reference.to_string());
}

#[test]
fn deposits_are_called_what_a_player_sees() {
    // To a player, what waits for the provider or for staff is all the same.
    for (status, name) in [
        (DepositStatus::Created, "pending"),
        (DepositStatus::Pending, "pending"),
        (DepositStatus::Quarantined, "pending"),
        (DepositStatus::Authorised, "authorised"),
        (DepositStatus::Completed, "completed"),
        (DepositStatus::Failed, "failed"),
        (DepositStatus::Cancelled, "cancelled"),
        (DepositStatus::Expired, "expired"),
        (DepositStatus::Refunded, "refunded"),
        (DepositStatus::ChargedBack, "charged_back"),
    ] {
        assert_eq!(status.as_str(), name);
    }
}

#[test]
fn a_payout_is_open_until_it_is_paid_or_not() {
    for (status, name, open) in [
        (PayoutStatus::Waiting, "waiting", true),
        (PayoutStatus::Paying, "paying", true),
        (PayoutStatus::Paid, "paid", false),
        (PayoutStatus::Failed, "failed", false),
    ] {
        assert_eq!((status.as_str(), status.is_open()), (name, open));
    }
}
