//! What follows from what a provider tells, unasked or asked: it is acted upon once, or kept for staff.

use std::time::Duration;

use domain::cashier::{HolderMatch, Instrument};
use domain::deposit::{DepositEvent, DepositNotice};
use domain::ids::PlayerId;
use domain::withdrawal::{PayoutReference, WithdrawalEvent, WithdrawalStep};
use domain::{Command, Outcome, Refusal, names};
use jiff::SignedDuration;
use store::{Inbox, InboxItem, InboxKind, Ledger, Outage, Resolution};
use vendors::call::CallFailure;
use vendors::payments::{NoticeKind, PaidWith, PaymentNotice};

use super::words::{concern_about, concern_of, deposit_named, is_early, says_again, says_so_again};
use super::{Fingerprints, Providers};
use crate::metrics::CallOutcome;
use crate::{BoxError, Context, Profiles, Settings, Stores};

/// How long the commit of one notice may take; providers wait ten seconds for a whole call.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long what overtook another notice is made to come again. Providers deliver what they repeat before anything
/// newer, so that a notice which nothing precedes must not come for ever.
const LONGEST_EARLY: SignedDuration = SignedDuration::from_hours(24);

/// Why staff should look into a notice.
type Concern = String;

const UNKNOWN_REFERENCE: &str = "the reference is not ours";
const EARLY: &str = "it speaks of money that did not come, or did not go back, so far";
const NO_LONGER_EARLY: &str = "it came again and was acted upon";
const OTHER_PAYMENT: &str = "it speaks of another payment than the one received, or of more money";
const OTHER_PAYOUT: &str = "it speaks of another payout than the one sent, or of another amount";

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
                let is_behind = |ending| told.iter().all(|it| it.kind.is_behind(ending));
                if notice.ending.is_some_and(is_behind) {
                    return Err(Outage::new(
                        "ask what happened",
                        "the provider's record is behind its notice",
                    ));
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
            Outcome::Refused { refusal: Refusal::WrongState { state }, .. } if is_early(event, state) => {
                self.put_off(notice, state).await?;
                None
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

    /// What overtook another notice has to come again; and should the other never come, staff knows. After a day it is
    /// theirs alone.
    async fn put_off(&self, notice: &PaymentNotice, state: &str) -> Result<(), Outage> {
        self.keep(notice, EARLY.to_owned()).await?;
        let kept = self.inbox.find(&notice.key.integration, &notice.key.tx).await?;
        let now = self.context.now();
        if kept.is_some_and(|kept| now.duration_since(kept.at) >= LONGEST_EARLY) {
            return Ok(());
        }
        Err(Outage::new("act upon a notice", format!("the deposit is still {state}")))
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
