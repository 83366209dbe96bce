//! Deposits, withdrawals and refunds, and all they have been through.

use super::entry::Entry;
use super::{Micros, Notice, NoticeKind};

/// A deposit, withdrawal or refund.
pub(crate) struct Payment {
    /// What was asked for.
    pub(crate) amount: Micros,
    /// When.
    pub(crate) begun_at_ms: i128,
    /// The provider's id of the payment that brought the money.
    brought_by: Option<String>,
    stages: Vec<Stage>,
}

/// How it stood from a version on.
#[derive(Clone, Debug)]
struct Stage {
    since: u64,
    status: String,
    received: Micros,
    gone_back: Micros,
    /// What of that the player's bank took, and did not give again.
    charged_back: Micros,
    /// The place of the newest message of the provider that was acted upon.
    place: Option<u64>,
}

impl Payment {
    pub(super) fn begun(entry: &Entry, status: &str) -> Self {
        let Entry { seq: since, at_ms: begun_at_ms, .. } = *entry;
        let amount = entry.amount("amount").unwrap_or_default();
        let status = status.to_owned();
        let stage = Stage { since, status, received: 0, gone_back: 0, charged_back: 0, place: None };
        Self { amount, begun_at_ms, brought_by: None, stages: vec![stage] }
    }

    pub(super) fn moves_on(&mut self, seq: u64, status: &str) {
        self.stage(seq, |stage| status.clone_into(&mut stage.status));
    }

    /// A step of a withdrawal, of which the provider told at some place among its messages, or somebody else did.
    pub(super) fn is_told(&mut self, seq: u64, status: &str, place: Option<u64>) {
        self.stage(seq, |stage| {
            status.clone_into(&mut stage.status);
            stage.place = place.or(stage.place);
        });
    }

    /// Whether the provider said something later than a message of this place, as it was at a version.
    pub(super) fn knows_later(&self, place: Option<u64>, version: u64) -> bool {
        self.stage_at(version).is_some_and(|it| it.place > place)
    }

    /// Whether a message of this place comes after the one that was acted upon, or after a note of our own.
    pub(super) fn is_later(&self, place: Option<u64>) -> bool {
        self.stages.last().is_some_and(|it| place > it.place)
    }

    /// Money came, for the player or for quarantine.
    pub(super) fn receives(&mut self, seq: u64, status: &str, amount: Micros, payment: &str) {
        self.brought_by.get_or_insert_with(|| payment.to_owned());
        self.stage(seq, |stage| {
            status.clone_into(&mut stage.status);
            stage.received += amount;
        });
    }

    /// Money went back at the provider's own desk.
    pub(super) fn gives_back(&mut self, seq: u64, amount: Micros) {
        self.stage(seq, |stage| {
            stage.gone_back += amount;
            let all = stage.gone_back == stage.received;
            if all { "refunded" } else { "completed" }.clone_into(&mut stage.status);
        });
    }

    /// The player's bank took money; or gave it again, if it is less than nothing.
    pub(super) fn is_charged_back(&mut self, seq: u64, amount: Micros) {
        self.stage(seq, |stage| {
            stage.gone_back += amount;
            stage.charged_back += amount;
            let status = match (stage.gone_back < stage.received, stage.charged_back > 0) {
                (true, _) => "completed",
                (false, true) => "charged_back",
                (false, false) => "refunded",
            };
            status.clone_into(&mut stage.status);
        });
    }

    /// A refund of ours left. What a chargeback took meanwhile went back all the same.
    pub(super) fn refunds(&mut self, seq: u64, amount: Micros) {
        self.stage(seq, |stage| {
            stage.gone_back += amount;
            if stage.status == "completed" && stage.gone_back >= stage.received {
                "refunded".clone_into(&mut stage.status);
            }
        });
    }

    /// A refund of ours that had left came back.
    pub(super) fn comes_again(&mut self, seq: u64, amount: Micros) {
        self.stage(seq, |stage| {
            stage.gone_back -= amount;
            if stage.gone_back < stage.received {
                "completed".clone_into(&mut stage.status);
            }
        });
    }

    /// What of it is left at a version: it came and did not go back.
    pub(super) fn left_at(&self, version: u64) -> Micros {
        self.stage_at(version).map_or(0, |it| it.received - it.gone_back)
    }

    fn stage(&mut self, seq: u64, change: impl FnOnce(&mut Stage)) {
        if let Some(mut stage) = self.stages.last().cloned() {
            stage.since = seq;
            change(&mut stage);
            self.stages.push(stage);
        }
    }

    pub(crate) fn status(&self) -> &str {
        self.stages.last().map_or("none", |it| &it.status)
    }

    /// How far it was at a version.
    pub(crate) fn status_at(&self, version: u64) -> &str {
        self.stage_at(version).map_or("none", |it| &it.status)
    }

    fn stage_at(&self, version: u64) -> Option<&Stage> {
        self.stages.iter().rev().find(|it| it.since <= version)
    }

    /// The provider's id of the payment that brought the money.
    pub(crate) fn brought_by(&self) -> Option<&str> {
        self.brought_by.as_deref()
    }

    /// Whether money came for this deposit.
    pub(crate) fn was_paid(&self) -> bool {
        self.brought_by.is_some()
    }

    pub(crate) fn is_open(&self) -> bool {
        is_open(self.status())
    }

    /// Whether money that came can go back, or come again, as a notice says: of this payment, and not more than that.
    pub(super) fn allows(&self, notice: &Notice) -> bool {
        self.stages.last().is_some_and(|stage| self.fits(stage, notice))
    }

    /// Whether a notice overtook what has to come first: the money, or the chargeback that was won.
    pub(super) fn is_early(&self, notice: &Notice, version: u64) -> bool {
        let of_other = self.brought_by.as_ref().is_some_and(|it| *it != notice.payment);
        self.stage_at(version).is_some_and(|stage| {
            let credited = matches!(stage.status.as_str(), "completed" | "refunded");
            let undisputed = credited && !self.fits(stage, notice);
            let won = matches!(notice.kind, NoticeKind::WonBack(_));
            let over = matches!(stage.status.as_str(), "failed" | "cancelled" | "expired");
            let unpaid = over && matches!(notice.kind, NoticeKind::ChargedBack(_));
            is_open(&stage.status) || unpaid || (won && undisputed && !of_other)
        })
    }

    /// Whether a notice can be left to staff for good: it fits nothing that is or is awaited.
    pub(super) fn may_shelve(&self, notice: &Notice, version: u64) -> bool {
        let fits = |stage: &Stage| self.fits(stage, notice);
        !self.is_early(notice, version) && self.stage_at(version).is_some_and(|stage| !fits(stage))
    }

    fn fits(&self, stage: &Stage, notice: &Notice) -> bool {
        let of_this = self.brought_by.as_ref() == Some(&notice.payment);
        of_this
            && match notice.kind {
                NoticeKind::Refunded(amount) => {
                    stage.status == "completed" && amount <= stage.received - stage.gone_back
                }
                NoticeKind::ChargedBack(amount) => {
                    was_credited(&stage.status) && amount <= stage.received - stage.charged_back
                }
                NoticeKind::WonBack(amount) => was_credited(&stage.status) && amount <= stage.charged_back,
                _ => false,
            }
    }
}

fn was_credited(status: &str) -> bool {
    matches!(status, "completed" | "refunded" | "charged_back")
}

fn is_open(status: &str) -> bool {
    matches!(status, "created" | "pending" | "authorised")
}

/// The place among its messages that the provider tells of a transfer, as it is kept in the entry's key.
pub(super) fn place(key: &str) -> Option<u64> {
    key.strip_prefix("adyen#transfer:")?.rsplit(':').next()?.parse().ok()
}
