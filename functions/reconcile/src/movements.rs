//! What moved at a payment provider, as the ledger has it.

use std::ops::Range;

use domain::entry::LedgerAccount;
use domain::ids::{PlayerId, WithdrawalId};
use domain::withdrawal::PayoutReference;
use domain::{Entry, Fact, Money, MoneyError, Timestamp};
use edge::BoxError;
use futures::{StreamExt, TryStreamExt, stream};
use store::PageRequest;

use crate::books::Books;
use crate::settlement::{Kind, Movement};

const ENTRIES_AT_ONCE: i32 = 500;
const SIDE_BY_SIDE: usize = 8;

impl Books {
    /// All players' movements at a provider within a period.
    pub async fn movements(
        &self,
        vendor: &str,
        period: &Range<Timestamp>,
    ) -> Result<Vec<Movement>, BoxError> {
        let mut movements = Vec::new();
        let mut after = None;
        loop {
            let players = self.players(after).await?;
            after = players.last().copied();
            if after.is_none() {
                return Ok(movements);
            }
            let found: Vec<Vec<Movement>> = stream::iter(players)
                .map(|player| self.movements_of(player, vendor, period))
                .buffered(SIDE_BY_SIDE)
                .try_collect()
                .await?;
            movements.extend(found.into_iter().flatten());
        }
    }

    async fn movements_of(
        &self,
        player: PlayerId,
        vendor: &str,
        period: &Range<Timestamp>,
    ) -> Result<Vec<Movement>, BoxError> {
        let mut movements = Vec::new();
        let mut request = PageRequest { limit: ENTRIES_AT_ONCE, after: None };
        loop {
            let page = self.entries(player, period.start, &request).await?;
            for entry in &page.items {
                if entry.at >= period.end {
                    return Ok(movements);
                }
                movements.extend(movement(entry, vendor)?);
            }
            match page.next {
                Some(next) => request.after = Some(next),
                None => return Ok(movements),
            }
        }
    }
}

/// What an entry moved at a provider, if it did.
pub(crate) fn movement(entry: &Entry, vendor: &str) -> Result<Option<Movement>, MoneyError> {
    let (kind, merchant_reference) = match &entry.fact {
        Fact::DepositCompleted { deposit, .. } | Fact::DepositQuarantined { deposit, .. } => {
            (Kind::Capture, deposit.to_string())
        }
        Fact::DepositRefunded { deposit, .. } | Fact::DepositReturned { deposit, .. } => {
            (Kind::Refund, deposit.to_string())
        }
        Fact::RefundReturned { deposit, after_payment: true, .. } => {
            (Kind::RefundReturned, deposit.to_string())
        }
        Fact::DepositChargedBack { deposit, .. } => (Kind::Chargeback, deposit.to_string()),
        Fact::ChargebackReversed { deposit, .. } => (Kind::ChargebackReversed, deposit.to_string()),
        Fact::WithdrawalPaid { withdrawal, payout, .. } => (Kind::Payout, reference(*withdrawal, *payout)),
        Fact::WithdrawalReturned { withdrawal, after_payment: true, payout, .. } => {
            (Kind::PayoutReturned, reference(*withdrawal, *payout))
        }
        _ => return Ok(None),
    };
    let theirs = |account: &LedgerAccount| matches!(account, LedgerAccount::Psp(name) if name == vendor);
    // Quarantined money that is accepted moves within the house: nothing is posted at the provider.
    let Some(posting) = entry.postings.iter().find(|it| theirs(&it.account)) else { return Ok(None) };
    let amount = match posting.amount {
        given if given.is_negative() => Money::zero(given.currency()).minus(given)?,
        gained => gained,
    };
    Ok(Some(Movement {
        player: entry.player,
        seq: entry.seq,
        merchant_reference,
        kind,
        amount: amount.to_decimal(),
        currency: amount.currency(),
        at: entry.at,
    }))
}

/// How the provider knows the payout.
fn reference(withdrawal: WithdrawalId, payout: Option<u8>) -> String {
    PayoutReference { withdrawal, payout: payout.unwrap_or_default() }.to_string()
}
