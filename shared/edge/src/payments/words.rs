//! How a provider's word goes with what is known: whether it came too early, says nothing new, or is for staff.

use domain::Fact;
use domain::cashier::HolderMatch;
use domain::deposit::{Deposit, DepositEvent, DepositStatus, RefundReference, RefundStatus};
use domain::ids::DepositId;
use domain::withdrawal::{PayoutStatus, WithdrawalEvent};

const PAID_TWICE: &str = "a second payment for a deposit that is already credited";
const CANCELLED_LATE: &str = "a payment that is already credited is said to be cancelled";
const OTHER_MONEY: &str = "the money is not what was asked for, or not from where it may come: in quarantine";
const OTHER_HOLDER: &str = "the deposit was paid with somebody else's instrument";

/// What staff should know although it was acted upon.
pub(super) const fn concern_of(fact: &Fact) -> Option<&'static str> {
    match fact {
        Fact::DepositQuarantined { .. }
        | Fact::DepositProgressed { status: DepositStatus::Quarantined, .. } => Some(OTHER_MONEY),
        Fact::DepositIdentified { holder: HolderMatch::Differs, .. } => Some(OTHER_HOLDER),
        _ => None,
    }
}

/// What an event that comes too late may still say about money. A capture that is neither the first nor a part of
/// what was asked for is other money.
pub(super) fn concern_about(event: &DepositEvent, known: &Deposit) -> Option<&'static str> {
    let credited = known.received.is_some();
    match event {
        DepositEvent::Captured { .. } => credited.then_some(PAID_TWICE),
        DepositEvent::Cancelled => credited.then_some(CANCELLED_LATE),
        DepositEvent::Opened { .. }
        | DepositEvent::Authorised { .. }
        | DepositEvent::Identified
        | DepositEvent::Declined
        | DepositEvent::Expired
        | DepositEvent::Refunded { .. }
        | DepositEvent::RefundApproved { .. }
        | DepositEvent::RefundRejected { .. }
        | DepositEvent::RefundSubmitted
        | DepositEvent::RefundFailed
        | DepositEvent::ChargedBack { .. }
        | DepositEvent::CaptureFailed { .. }
        | DepositEvent::ChargebackReversed { .. }
        | DepositEvent::Accepted { .. }
        | DepositEvent::Returned { .. } => None,
    }
}

/// The deposit that a provider speaks of and, if it repeats our reference of one, which of its refunds.
pub(super) fn deposit_named(reference: &str) -> Option<(DepositId, Option<u8>)> {
    match reference.parse::<RefundReference>() {
        Ok(it) => Some((it.deposit, Some(it.refund))),
        Err(_) => reference.parse().ok().map(|deposit| (deposit, None)),
    }
}

/// Whether an event overtook another, by the state of the deposit or its refund in staff's words: what takes money
/// back may come before what brings it, were it late money that nobody waits for; a chargeback that is won before the
/// chargeback; and what became of a refund before our own note of what was sent.
pub(super) fn is_early(event: &DepositEvent, state: &str) -> bool {
    let is = |status: DepositStatus| state == status.as_staff_str();
    // What failed to be taken was authorised first.
    let takes_more = !matches!(event, DepositEvent::CaptureFailed { .. });
    let open = is(DepositStatus::Pending) || (takes_more && is(DepositStatus::Authorised));
    let over = [DepositStatus::Failed, DepositStatus::Cancelled, DepositStatus::Expired].into_iter().any(is);
    let unpaid = matches!(event, DepositEvent::ChargedBack { .. }) && over;
    let undisputed = matches!(event, DepositEvent::ChargebackReversed { .. })
        && (is(DepositStatus::Completed) || is(DepositStatus::Refunded));
    let unnoted = state == RefundStatus::Approved.as_str();
    event.is_reversal() && (open || unpaid || undisputed || unnoted)
}

/// Whether the refund is already as the event says.
pub(super) fn says_so_again(event: &DepositEvent, state: &str) -> bool {
    match event {
        DepositEvent::Refunded { .. } => state == PayoutStatus::Paid.as_str(),
        DepositEvent::RefundFailed => state == PayoutStatus::Failed.as_str(),
        _ => false,
    }
}

/// Whether the payout is already as the event says. Anything else that comes too late (paid although it failed, sent
/// back although it was paid) moved real money that the ledger does not show.
pub(super) fn says_again(event: &WithdrawalEvent, state: &str) -> bool {
    match event {
        WithdrawalEvent::Paid { .. } => state == PayoutStatus::Paid.as_str(),
        WithdrawalEvent::Failed | WithdrawalEvent::Returned { .. } => state == PayoutStatus::Failed.as_str(),
        WithdrawalEvent::Approved { .. }
        | WithdrawalEvent::Rejected { .. }
        | WithdrawalEvent::Cancelled
        | WithdrawalEvent::Submitted => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deposit(status: DepositStatus) -> Deposit {
        Deposit {
            id: "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
            amount: "50 EUR".parse().unwrap(),
            method: "card".to_owned(),
            attested: false,
            vendor: "adyen".to_owned(),
            return_url: "https://casino.example/".to_owned(),
            status,
            redirect_url: None,
            psp_reference: Some("PAY1".to_owned()),
            instrument: None,
            received: (status == DepositStatus::Completed).then(|| "50 EUR".parse().unwrap()),
            gone_back: None,
            charged_back: None,
            refunds: Vec::new(),
            requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn credited_money_is_neither_doubled_nor_cancelled_in_silence() {
        let (completed, expired) = (deposit(DepositStatus::Completed), deposit(DepositStatus::Expired));
        let captured =
            DepositEvent::Captured { amount: "50 EUR".parse().unwrap(), psp_reference: "PAY2".to_owned() };
        assert_eq!(concern_about(&captured, &completed), Some(PAID_TWICE));
        assert_eq!(concern_about(&captured, &expired), None);
        assert_eq!(concern_about(&DepositEvent::Declined, &completed), None);
        assert_eq!(concern_about(&DepositEvent::Cancelled, &completed), Some(CANCELLED_LATE));
        assert_eq!(concern_about(&DepositEvent::Cancelled, &expired), None);
    }

    #[test]
    fn only_what_is_already_so_is_nothing_new() {
        let paid = WithdrawalEvent::Paid { amount: "10 EUR".parse().unwrap() };
        assert!(says_again(&paid, "paid"));
        assert!(says_again(&WithdrawalEvent::Failed, "failed"));
        assert!(!says_again(&paid, "failed"), "the player may have the money twice");
        assert!(!says_again(&WithdrawalEvent::Failed, "paid"), "the bank sent it back");
        assert!(!says_again(&paid, "requested"), "nobody approved it");
    }

    #[test]
    fn only_what_something_may_still_precede_comes_again() {
        let amount = "10 EUR".parse().unwrap();
        let (refunded, charged_back) =
            (DepositEvent::Refunded { amount }, DepositEvent::ChargedBack { amount });
        let won = DepositEvent::ChargebackReversed { amount };
        let early = |event: &DepositEvent, status: DepositStatus| is_early(event, status.as_staff_str());
        for event in [&refunded, &charged_back, &won] {
            assert!(early(event, DepositStatus::Pending) && early(event, DepositStatus::Authorised));
            for final_state in [DepositStatus::Quarantined, DepositStatus::Returned] {
                assert!(!early(event, final_state), "{event:?} of what is {final_state:?}");
            }
        }
        assert!(early(&charged_back, DepositStatus::Expired) && !early(&refunded, DepositStatus::Expired));
        assert!(early(&won, DepositStatus::Completed) && !early(&refunded, DepositStatus::Completed));
        assert!(early(&won, DepositStatus::Refunded) && !early(&won, DepositStatus::ChargedBack));
        let never_came = DepositEvent::CaptureFailed { amount };
        assert!(early(&never_came, DepositStatus::Pending), "where the authorisation takes the money");
        assert!(!early(&never_came, DepositStatus::Authorised), "where it does not, staff has to look");
    }

    #[test]
    fn a_refund_is_named_by_its_own_reference() {
        let deposit: DepositId = "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
        assert_eq!(deposit_named("dep_01HZX3M2T9QK4V7W8Y6N5R1ABC"), Some((deposit, None)));
        assert_eq!(deposit_named("dep_01HZX3M2T9QK4V7W8Y6N5R1ABC-2"), Some((deposit, Some(2))));
        for strange in
            ["dep_01HZX3M2T9QK4V7W8Y6N5R1ABC-0", "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC-02", "dep_1-1", ""]
        {
            assert_eq!(deposit_named(strange), None, "{strange}");
        }
        let refunded = DepositEvent::Refunded { amount: "10 EUR".parse().unwrap() };
        assert!(says_so_again(&refunded, "paid") && says_so_again(&DepositEvent::RefundFailed, "failed"));
        assert!(!says_so_again(&refunded, "failed"), "the player may have the money twice");
        assert!(!says_so_again(&DepositEvent::RefundFailed, "paid"), "it came back");
    }

    #[test]
    fn strange_money_and_strange_people_are_for_staff() {
        let deposit = deposit(DepositStatus::Quarantined).id;
        let identified =
            |holder| Fact::DepositIdentified { deposit, instrument: None, funding: None, holder };
        let received = "49 EUR".parse().unwrap();
        let progressed = |status| Fact::DepositProgressed { deposit, status };
        assert_eq!(concern_of(&Fact::DepositQuarantined { deposit, received }), Some(OTHER_MONEY));
        assert_eq!(concern_of(&progressed(DepositStatus::Quarantined)), Some(OTHER_MONEY));
        assert_eq!(concern_of(&progressed(DepositStatus::Authorised)), None);
        assert_eq!(concern_of(&identified(HolderMatch::Differs)), Some(OTHER_HOLDER));
        assert_eq!(concern_of(&identified(HolderMatch::Similar)), None);
    }
}
