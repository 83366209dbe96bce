//! What follows from what a provider tells, unasked or asked: it is acted upon once, or kept for staff.

use std::time::Duration;

use domain::cashier::{HolderMatch, Instrument};
use domain::deposit::{Deposit, DepositEvent, DepositNotice, DepositStatus, RefundReference, RefundStatus};
use domain::ids::{DepositId, PlayerId};
use domain::withdrawal::{PayoutReference, PayoutStatus, WithdrawalEvent, WithdrawalStep};
use domain::{Command, Fact, Outcome, Refusal, names};
use store::{Inbox, InboxItem, InboxKind, Ledger, Outage, Resolution};
use vendors::call::CallFailure;
use vendors::payments::{NoticeKind, PaidWith, PaymentNotice};

use super::{Fingerprints, Providers};
use crate::metrics::CallOutcome;
use crate::{BoxError, Context, Profiles, Settings, Stores};

/// How long the commit of one notice may take; providers wait ten seconds for a whole call.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why staff should look into a notice.
type Concern = String;

const UNKNOWN_REFERENCE: &str = "the reference is not ours";
const PAID_TWICE: &str = "a second payment for a deposit that is already credited";
const CANCELLED_LATE: &str = "a payment that is already credited is said to be cancelled";
const OTHER_MONEY: &str = "the money is not what was asked for, or not from where it may come: in quarantine";
const EARLY: &str = "it speaks of money that did not come, or did not go back, so far";
const NO_LONGER_EARLY: &str = "it came again and was acted upon";
const OTHER_PAYMENT: &str = "it speaks of another payment than the one received, or of more money";
const OTHER_PAYOUT: &str = "it speaks of another payout than the one sent, or of another amount";
const OTHER_HOLDER: &str = "the deposit was paid with somebody else's instrument";

/// What came of a notice.
struct Verdict {
    concern: Option<Concern>,
    outcome: CallOutcome,
}

/// Acts upon notices.
#[derive(Clone)]
pub struct Bookkeeper {
    ledger: Ledger,
    inbox: Inbox,
    profiles: Profiles,
    fingerprints: Fingerprints,
    context: Context,
}

impl Bookkeeper {
    /// A bookkeeper of the settings' tables.
    pub fn new(stores: &Stores<'_>, settings: &Settings) -> Result<Self, BoxError> {
        Ok(Self {
            ledger: stores.ledger()?,
            inbox: stores.inbox()?,
            profiles: Profiles::new(stores, settings)?,
            fingerprints: Fingerprints::new(settings)?,
            context: settings.context().clone(),
        })
    }

    /// The ledger.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The players' profiles.
    #[must_use]
    pub const fn profiles(&self) -> &Profiles {
        &self.profiles
    }

    /// Acts upon a notice. What a hint is about is asked for; what comes back is acted upon in its place.
    pub async fn take_on(
        &self,
        providers: &Providers,
        notice: &PaymentNotice,
    ) -> Result<CallOutcome, Outage> {
        let NoticeKind::Hint(subject) = &notice.kind else { return self.act_on(notice).await };
        match providers.look_up(&notice.key.integration, subject, self.context.now()).await {
            // It told us that there is something: a moment later it will know it, too.
            Ok(told) if told.is_empty() => {
                Err(Outage::new("ask what happened", "the provider does not know yet what it told of"))
            }
            Ok(told) => {
                let mut greatest = CallOutcome::Repeated;
                for notice in &told {
                    greatest = greatest.max(self.act_on(notice).await?);
                }
                Ok(greatest)
            }
            Err(CallFailure::Refused(reason)) => {
                self.keep(notice, format!("the provider does not say what happened: {reason}")).await?;
                Ok(CallOutcome::Refused)
            }
            Err(CallFailure::Unclear(reason)) => Err(Outage::new("ask what happened", reason)),
        }
    }

    async fn act_on(&self, notice: &PaymentNotice) -> Result<CallOutcome, Outage> {
        let Verdict { concern, outcome } = match &notice.kind {
            NoticeKind::Noted => Verdict { concern: None, outcome: CallOutcome::Done },
            NoticeKind::Hint(_) => Verdict::refused("a hint led to another hint"),
            NoticeKind::Unhandled { event_code } => {
                Verdict::refused(format!("{event_code} is not acted upon"))
            }
            NoticeKind::Deposit(event) => self.deposit(notice, event).await?,
            NoticeKind::Withdrawal(event) => self.withdrawal(notice, event).await?,
        };
        if let Some(concern) = concern {
            self.keep(notice, concern).await?;
        }
        Ok(outcome)
    }

    async fn deposit(&self, notice: &PaymentNotice, event: &DepositEvent) -> Result<Verdict, Outage> {
        let Some((deposit, refund)) = deposit_named(&notice.reference) else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let Some(player) = self.ledger.owner_of(&deposit.to_string()).await? else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let command = DepositNotice {
            payment: notice.psp_reference.clone(),
            refund,
            refund_psp_reference: notice.refund.clone(),
            order: notice.order,
            instrument: self.instrument(player, notice.instrument.as_ref()).await?,
            ..DepositNotice::new(notice.key.clone(), deposit, event.clone())
        };
        let came = self.execute(player, &Command::DepositNotice(command)).await?;
        let outcome = CallOutcome::of(&came);
        let concern = match came {
            Outcome::Applied(entry) | Outcome::Replayed(entry) => {
                if event.is_reversal() {
                    self.release(notice).await?;
                }
                concern_of(&entry.fact).map(str::to_owned)
            }
            Outcome::Refused { refusal: Refusal::Outdated, .. } => {
                let known = self.ledger.deposit(player, deposit).await?;
                known.and_then(|known| concern_about(event, &known)).map(str::to_owned)
            }
            // It has to come again; and should what it overtook never come, staff knows.
            Outcome::Refused { refusal: Refusal::WrongState { state }, .. } if is_early(event, state) => {
                self.keep(notice, EARLY.to_owned()).await?;
                return Err(Outage::new("act upon a notice", format!("the deposit is still {state}")));
            }
            Outcome::Refused { refusal: Refusal::WrongState { state }, .. }
                if says_so_again(event, state) =>
            {
                return Ok(Verdict { concern: None, outcome: CallOutcome::Repeated });
            }
            Outcome::Refused { refusal: Refusal::Mismatch, .. } if event.is_reversal() => {
                Some(OTHER_PAYMENT.to_owned())
            }
            Outcome::Refused { refusal, .. } => Some(refusal.to_string()),
        };
        Ok(Verdict { concern, outcome })
    }

    async fn withdrawal(&self, notice: &PaymentNotice, event: &WithdrawalEvent) -> Result<Verdict, Outage> {
        let Ok(PayoutReference { withdrawal, payout }) = notice.reference.parse() else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let Some(player) = self.ledger.owner_of(&withdrawal.to_string()).await? else {
            return Ok(Verdict::refused(UNKNOWN_REFERENCE));
        };
        let command = WithdrawalStep {
            payout,
            psp_reference: notice.psp_reference.clone(),
            order: notice.order,
            ..WithdrawalStep::new(notice.key.clone(), withdrawal, event.clone())
        };
        let came = self.execute(player, &Command::WithdrawalStep(command)).await?;
        let outcome = CallOutcome::of(&came);
        let concern = match came {
            Outcome::Applied(_)
            | Outcome::Replayed(_)
            | Outcome::Refused { refusal: Refusal::Outdated, .. } => None,
            Outcome::Refused { refusal: Refusal::WrongState { state }, .. } if says_again(event, state) => {
                return Ok(Verdict { concern: None, outcome: CallOutcome::Repeated });
            }
            Outcome::Refused { refusal: Refusal::Mismatch, .. } => Some(OTHER_PAYOUT.to_owned()),
            Outcome::Refused { refusal, .. } => Some(refusal.to_string()),
        };
        Ok(Verdict { concern, outcome })
    }

    /// What was paid with, without the person: the name is compared with the player's and forgotten, and so is what
    /// the instrument is known by to everybody, once it is hashed.
    async fn instrument(
        &self,
        player: PlayerId,
        told: Option<&PaidWith>,
    ) -> Result<Option<Instrument>, Outage> {
        let Some(told) = told else { return Ok(None) };
        let own = match &told.holder {
            Some(_) => self.profiles.read(player).await?.map(|read| read.profile),
            None => None,
        };
        let holder = own.zip(told.holder.as_ref()).map_or(HolderMatch::Unknown, |(own, holder)| {
            names::holder(&format!("{} {}", own.first_name, own.last_name), holder)
        });
        let fingerprint = match &told.identity {
            Some(identity) => Some(self.fingerprints.of(identity).await?),
            None => None,
        };
        Ok(Some(Instrument {
            kind: told.kind,
            token: told.token.clone(),
            last_digits: told.last_digits.clone(),
            funding: told.funding,
            holder,
            fingerprint,
            proven: told.proven,
        }))
    }

    /// Keeps a notice for staff under its own id: however often it comes, it is there once.
    async fn keep(&self, notice: &PaymentNotice, concern: Concern) -> Result<(), Outage> {
        tracing::warn!(
            vendor = notice.key.integration,
            notice = notice.key.tx,
            concern,
            "a notice was kept for staff"
        );
        let (vendor, id) = (&notice.key.integration, &notice.key.tx);
        self.tell_staff(vendor, id, concern, summary(notice)).await
    }

    /// What was kept because it came too early is settled once it is acted upon.
    async fn release(&self, notice: &PaymentNotice) -> Result<(), Outage> {
        let said = Resolution { by: None, at: self.context.now(), note: NO_LONGER_EARLY.to_owned() };
        self.inbox.settle(&notice.key.integration, &notice.key.tx, &said).await
    }

    /// Tells staff of something about a vendor's payments: under one id once.
    pub async fn tell_staff(
        &self,
        vendor: &str,
        id: &str,
        why: String,
        summary: String,
    ) -> Result<(), Outage> {
        let (vendor, id) = (vendor.to_owned(), id.to_owned());
        let item = InboxItem { vendor, kind: InboxKind::Payments, id, why, summary, alert_about: None };
        self.inbox.keep(&item, self.context.now()).await
    }

    /// Decides a command and commits it.
    pub async fn execute(&self, player: PlayerId, command: &Command) -> Result<Outcome, Outage> {
        self.ledger.execute(player, command, self.context.now(), PATIENCE).await
    }
}

impl Verdict {
    /// Nothing can follow from the notice.
    fn refused(concern: impl Into<String>) -> Self {
        Self { concern: Some(concern.into()), outcome: CallOutcome::Refused }
    }
}

/// Ids and amounts, by which staff finds it at the provider. The reference may be any text.
fn summary(notice: &PaymentNotice) -> String {
    const LONGEST_REFERENCE: usize = 80;
    let reference: String = notice.reference.chars().take(LONGEST_REFERENCE).collect();
    match &notice.kind {
        NoticeKind::Deposit(event) => format!("{reference}: {event:?}"),
        NoticeKind::Withdrawal(event) => format!("{reference}: {event:?}"),
        NoticeKind::Unhandled { event_code } => format!("{reference}: {event_code}"),
        NoticeKind::Hint(subject) => format!("{reference}: {subject:?}"),
        NoticeKind::Noted => reference,
    }
}

/// What staff should know although it was acted upon.
const fn concern_of(fact: &Fact) -> Option<&'static str> {
    match fact {
        Fact::DepositQuarantined { .. }
        | Fact::DepositProgressed { status: DepositStatus::Quarantined, .. } => Some(OTHER_MONEY),
        Fact::DepositIdentified { holder: HolderMatch::Differs, .. } => Some(OTHER_HOLDER),
        _ => None,
    }
}

/// What an event that comes too late may still say about money. A capture that is neither the first nor a part of
/// what was asked for is other money.
fn concern_about(event: &DepositEvent, known: &Deposit) -> Option<&'static str> {
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
        | DepositEvent::ChargebackReversed { .. }
        | DepositEvent::Accepted { .. }
        | DepositEvent::Returned { .. } => None,
    }
}

/// The deposit that a provider speaks of and, if it repeats our reference of one, which of its refunds.
fn deposit_named(reference: &str) -> Option<(DepositId, Option<u8>)> {
    match reference.parse::<RefundReference>() {
        Ok(it) => Some((it.deposit, Some(it.refund))),
        Err(_) => reference.parse().ok().map(|deposit| (deposit, None)),
    }
}

/// Whether an event overtook another, by the state of the deposit or its refund in the API's words: what takes money
/// back may come before what brings it, were it late money that nobody waits for; a chargeback that is won before the
/// chargeback; and what became of a refund before our own note of what was sent.
fn is_early(event: &DepositEvent, state: &str) -> bool {
    let is = |status: DepositStatus| state == status.as_str();
    let open = is(DepositStatus::Pending) || is(DepositStatus::Authorised);
    let over = [DepositStatus::Failed, DepositStatus::Cancelled, DepositStatus::Expired].into_iter().any(is);
    let unpaid = matches!(event, DepositEvent::ChargedBack { .. }) && over;
    let undisputed = matches!(event, DepositEvent::ChargebackReversed { .. }) && is(DepositStatus::Completed);
    let unnoted = state == RefundStatus::Approved.as_str();
    event.is_reversal() && (open || unpaid || undisputed || unnoted)
}

/// Whether the refund is already as the event says.
fn says_so_again(event: &DepositEvent, state: &str) -> bool {
    match event {
        DepositEvent::Refunded { .. } => state == PayoutStatus::Paid.as_str(),
        DepositEvent::RefundFailed => state == PayoutStatus::Failed.as_str(),
        _ => false,
    }
}

/// Whether the payout is already as the event says. Anything else that comes too late (paid although it failed, sent
/// back although it was paid) moved real money that the ledger does not show.
fn says_again(event: &WithdrawalEvent, state: &str) -> bool {
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
            vendor: "adyen".to_owned(),
            return_url: "https://casino.example/".to_owned(),
            status,
            redirect_url: None,
            psp_reference: Some("PAY1".to_owned()),
            instrument: None,
            received: (status == DepositStatus::Completed).then(|| "50 EUR".parse().unwrap()),
            gone_back: None,
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
