//! What follows from a notice, and what of it staff should look into.

use domain::deposit::{Deposit, DepositEvent, DepositNotice, DepositStatus};
use domain::ids::{DepositId, PlayerId, WithdrawalId};
use domain::withdrawal::{WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{Command, Fact, Outcome, Refusal};
use edge::metrics::CallOutcome;
use store::Outage;
use vendors::payments::{NoticeKind, PaymentNotice};

use crate::{Notices, PATIENCE};

/// Why staff should look into a notice.
type Concern = String;

/// What came of a notice.
pub(crate) struct Verdict {
    pub(crate) concern: Option<Concern>,
    pub(crate) outcome: CallOutcome,
}

const UNKNOWN_REFERENCE: &str = "the reference is not ours";
const PAID_TWICE: &str = "a second payment for a deposit that is already credited";
const CANCELLED_LATE: &str = "a payment that is already credited is said to be cancelled";
const OTHER_MONEY: &str = "the money does not match the deposit: in quarantine";

impl Notices {
    /// Acts upon a notice, and tells if there is something about it for staff.
    pub(crate) async fn apply(&self, notice: &PaymentNotice) -> Result<Verdict, Outage> {
        match &notice.kind {
            NoticeKind::Noted => Ok(Verdict { concern: None, outcome: CallOutcome::Done }),
            NoticeKind::Hint(_) => Ok(Verdict::refused("a hint led to another hint")),
            NoticeKind::Unhandled { event_code } => {
                Ok(Verdict::refused(format!("{event_code} is not acted upon")))
            }
            NoticeKind::Deposit(event) => self.deposit(notice, event).await,
            NoticeKind::Withdrawal(event) => self.withdrawal(notice, event).await,
        }
    }

    async fn deposit(&self, notice: &PaymentNotice, event: &DepositEvent) -> Result<Verdict, Outage> {
        let Ok(deposit) = notice.reference.parse::<DepositId>() else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let Some(player) = self.ledger.owner_of(&deposit.to_string()).await? else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let command = DepositNotice { key: notice.key.clone(), deposit, event: event.clone() };
        let came = self.execute(player, &Command::DepositNotice(command)).await?;
        let outcome = CallOutcome::of(&came);
        let concern = match came {
            Outcome::Applied(entry) | Outcome::Replayed(entry) => {
                is_quarantined(&entry.fact).then(|| OTHER_MONEY.to_owned())
            }
            Outcome::Refused { refusal: Refusal::Outdated, .. } => {
                let known = self.ledger.deposit(player, deposit).await?;
                known.and_then(|known| concern_about(event, &known)).map(str::to_owned)
            }
            // What takes money back may overtake what brought it: it has to come again.
            Outcome::Refused { refusal: Refusal::WrongState { state }, .. }
                if event.is_reversal() && is_open(state) =>
            {
                return Err(Outage::new("act upon a notice", format!("the deposit is still {state}")));
            }
            Outcome::Refused { refusal, .. } => Some(refusal.to_string()),
        };
        Ok(Verdict { concern, outcome })
    }

    async fn withdrawal(&self, notice: &PaymentNotice, event: &WithdrawalEvent) -> Result<Verdict, Outage> {
        let Ok(withdrawal) = notice.reference.parse::<WithdrawalId>() else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let Some(player) = self.ledger.owner_of(&withdrawal.to_string()).await? else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let command =
            WithdrawalStep { key: notice.key.clone(), withdrawal, event: event.clone(), order: notice.order };
        let came = self.execute(player, &Command::WithdrawalStep(command)).await?;
        let outcome = CallOutcome::of(&came);
        let concern = match came {
            Outcome::Applied(_)
            | Outcome::Replayed(_)
            | Outcome::Refused { refusal: Refusal::Outdated, .. } => None,
            Outcome::Refused { refusal: Refusal::WrongState { state }, .. } if says_again(event, state) => {
                return Ok(Verdict { concern: None, outcome: CallOutcome::Repeated });
            }
            Outcome::Refused { refusal, .. } => Some(refusal.to_string()),
        };
        Ok(Verdict { concern, outcome })
    }

    async fn execute(&self, player: PlayerId, command: &Command) -> Result<Outcome, Outage> {
        self.ledger.execute(player, command, self.context.now(), PATIENCE).await
    }
}

impl Verdict {
    /// Nothing can follow from the notice.
    fn refused(concern: impl Into<String>) -> Self {
        Self { concern: Some(concern.into()), outcome: CallOutcome::Refused }
    }
}

fn is_quarantined(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::DepositQuarantined { .. } | Fact::DepositProgressed { status: DepositStatus::Quarantined, .. }
    )
}

/// What an event that comes too late may still say about money. A capture that follows its own authorisation tells
/// nothing new; one of another payment, or one after money went back, is other money.
fn concern_about(event: &DepositEvent, known: &Deposit) -> Option<&'static str> {
    let credited = known.received.is_some();
    match event {
        DepositEvent::Captured { psp_reference, .. } => {
            let other = known.psp_reference.as_ref() != Some(psp_reference) || known.gone_back.is_some();
            (credited && other).then_some(PAID_TWICE)
        }
        DepositEvent::Cancelled => credited.then_some(CANCELLED_LATE),
        DepositEvent::Opened { .. }
        | DepositEvent::Authorised { .. }
        | DepositEvent::Declined
        | DepositEvent::Expired
        | DepositEvent::Refunded { .. }
        | DepositEvent::ChargedBack { .. }
        | DepositEvent::ChargebackReversed { .. }
        | DepositEvent::Accepted { .. }
        | DepositEvent::Returned { .. } => None,
    }
}

/// Whether a deposit in this state, in the API's words, may still bring money.
fn is_open(state: &str) -> bool {
    state == DepositStatus::Pending.as_str() || state == DepositStatus::Authorised.as_str()
}

/// Whether the withdrawal is already as the event says. Anything else that comes too late (paid although it failed,
/// sent back although it was paid) moved real money that the ledger does not show.
fn says_again(event: &WithdrawalEvent, state: &str) -> bool {
    match event {
        WithdrawalEvent::Paid { .. } => state == WithdrawalStatus::Paid.as_str(),
        WithdrawalEvent::Failed => state == WithdrawalStatus::Failed.as_str(),
        WithdrawalEvent::Approved { .. }
        | WithdrawalEvent::Rejected { .. }
        | WithdrawalEvent::Cancelled
        | WithdrawalEvent::Submitted { .. } => false,
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
            vendor: "adyen".to_owned(),
            return_url: "https://casino.example/".to_owned(),
            status,
            redirect_url: None,
            psp_reference: Some("PAY1".to_owned()),
            received: (status == DepositStatus::Completed).then(|| "50 EUR".parse().unwrap()),
            gone_back: None,
            requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
        }
    }

    fn captured(psp_reference: &str) -> DepositEvent {
        DepositEvent::Captured { amount: "50 EUR".parse().unwrap(), psp_reference: psp_reference.to_owned() }
    }

    #[test]
    fn the_capture_after_its_authorisation_is_no_second_payment() {
        let completed = deposit(DepositStatus::Completed);
        assert_eq!(concern_about(&captured("PAY1"), &completed), None);
        assert_eq!(concern_about(&captured("PAY2"), &completed), Some(PAID_TWICE));
        assert_eq!(concern_about(&DepositEvent::Declined, &completed), None);
        let gone_back = Deposit { gone_back: completed.received, ..completed };
        assert_eq!(concern_about(&captured("PAY1"), &gone_back), Some(PAID_TWICE), "it came a second time");
    }

    #[test]
    fn credited_money_is_not_cancelled_in_silence() {
        assert_eq!(
            concern_about(&DepositEvent::Cancelled, &deposit(DepositStatus::Completed)),
            Some(CANCELLED_LATE)
        );
        assert_eq!(concern_about(&DepositEvent::Cancelled, &deposit(DepositStatus::Expired)), None);
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
    fn quarantined_money_is_for_staff() {
        let deposit = deposit(DepositStatus::Quarantined).id;
        let received = "49 EUR".parse().unwrap();
        assert!(is_quarantined(&Fact::DepositQuarantined { deposit, received }));
        assert!(is_quarantined(&Fact::DepositProgressed { deposit, status: DepositStatus::Quarantined }));
        assert!(!is_quarantined(&Fact::DepositProgressed { deposit, status: DepositStatus::Authorised }));
    }
}
