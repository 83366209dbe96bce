//! The commit: a decision is written whole, on the account it was made for, or not at all.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    CancellationReason, Put, ReturnValuesOnConditionCheckFailure as Return, TransactWriteItem, Update,
};
use domain::ids::PlayerId;
use domain::play::Slot;
use domain::{Change, Decision, EntryKey, Timestamp};

use super::journal::Standing;
use super::{Ledger, rows};
use crate::{Item, Outage, key, number, string};

/// What came of a commit.
pub(super) enum Commit {
    /// Written now.
    Done,
    /// Keys of entries were taken; nothing was written. What stands there.
    Duplicate(Vec<(EntryKey, Slot)>),
    /// The account had moved on, or a writer stood in the way; nothing was written.
    Stale,
}

impl Ledger {
    /// Writes a decision on the account that it was made for.
    pub(super) async fn commit(&self, decision: &Decision, standing: &Standing) -> Result<Commit, Outage> {
        let items = self.writes(decision, Some(standing))?;
        let Err(error) = self.db.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(Commit::Done);
        };
        let Some(reasons) = cancellation(&error) else {
            return Err(Outage::sdk("commit")(error));
        };
        self.judge(decision, reasons).await
    }

    /// The first decision of a player, committed together with items of other tables.
    ///
    /// # Errors
    /// An outage; a failed condition of `with` is told by the index of its item.
    pub(crate) async fn open(
        &self,
        decision: &Decision,
        with: Vec<TransactWriteItem>,
    ) -> Result<Result<(), usize>, Outage> {
        let own = self.writes(decision, None)?;
        let offset = own.len();
        let items = own.into_iter().chain(with).collect();
        let Err(error) = self.db.transact_write_items().set_transact_items(Some(items)).send().await else {
            return Ok(Ok(()));
        };
        let failed = cancellation(&error)
            .and_then(|reasons| reasons.iter().skip(offset).position(is_condition_failure));
        failed.map(Err).map_or_else(|| Err(Outage::sdk("open an account")(error)), Ok)
    }

    /// Tells why a transaction was cancelled. The entries, which come first among its items, are looked at first:
    /// a repeat is a repeat even when the account has moved on.
    async fn judge(&self, decision: &Decision, reasons: &[CancellationReason]) -> Result<Commit, Outage> {
        let mut taken = Vec::new();
        for (entry, reason) in decision.entries.iter().zip(reasons) {
            if !is_condition_failure(reason) {
                continue;
            }
            let slot = match reason.item.clone().filter(|it| !it.is_empty()) {
                Some(item) => rows::slot(Some(item))?,
                None => self.slot(decision.account.player, &entry.key).await?,
            };
            taken.push((entry.key.clone(), slot));
        }
        if !taken.is_empty() {
            return Ok(Commit::Duplicate(taken));
        }
        if reasons.iter().all(|reason| is_condition_failure(reason) || is_passing(reason)) {
            return Ok(Commit::Stale);
        }
        let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason.code()).collect();
        Err(Outage::new("commit", codes.join(",")))
    }

    /// The transaction's items: the entries, which must not exist; the account, which must be as it was read
    /// (or not exist yet); and what changes with them.
    fn writes(
        &self,
        decision: &Decision,
        standing: Option<&Standing>,
    ) -> Result<Vec<TransactWriteItem>, Outage> {
        let player = decision.account.player;
        let recent = standing.map(|it| it.recent.clone()).unwrap_or_default();
        let (recent, leaf) = recent.followed_by(&decision.entries);
        let account = rows::account_item(&decision.account, &recent)?;
        let account = match standing.map(|it| it.account.version) {
            None => self.put_new(account)?,
            Some(version) => {
                let put = Put::builder()
                    .table_name(&self.table)
                    .set_item(Some(account))
                    .condition_expression("v = :v")
                    .expression_attribute_values(":v", number(version))
                    .build();
                put_of(put)?
            }
        };
        let mut items = Vec::with_capacity(decision.entries.len() + 1 + decision.changes.len());
        for entry in &decision.entries {
            items.push(self.put_new(rows::entry_item(entry)?)?);
        }
        items.push(account);
        let at = decision.entries.last().map_or(Timestamp::UNIX_EPOCH, |entry| entry.at);
        for change in &decision.changes {
            items.push(self.change(player, change, at)?);
        }
        if let Some((place, leaf)) = leaf {
            items.push(self.put(rows::leaf_item(player, &place, &leaf)?)?);
        }
        Ok(items)
    }

    /// A record as it is from a time on.
    fn change(&self, player: PlayerId, change: &Change, at: Timestamp) -> Result<TransactWriteItem, Outage> {
        match change {
            Change::Deposit(deposit) => self.put(rows::deposit_item(player, deposit, at)?),
            Change::Withdrawal(withdrawal) => self.put(rows::withdrawal_item(player, withdrawal, at)?),
            Change::GameSession(session) => self.put(rows::session_item(player, session)?),
            Change::Bet(bet) => self.put(rows::bet_item(player, bet)?),
            Change::Round(round) => self.put(rows::round_item(player, round)?),
            Change::Reference(reference) => {
                let mut item = key(reference, rows::REFERENCE);
                item.insert("player".to_owned(), string(player.to_string()));
                self.put_new(item)
            }
            Change::Instrument(fingerprint) => self.put(rows::user_item(fingerprint, player)),
            Change::Tombstone { key: target, by } => {
                let mut item = key(player.to_string(), rows::entry_sk(target));
                item.insert("tomb".to_owned(), string(by));
                self.put_new(item)
            }
            Change::Reversed { key: target, by } => self.mark_reversed(player, target, by),
        }
    }

    fn mark_reversed(
        &self,
        player: PlayerId,
        target: &EntryKey,
        by: &str,
    ) -> Result<TransactWriteItem, Outage> {
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(player.to_string(), rows::entry_sk(target))))
            .update_expression("SET rev = :by")
            .condition_expression("attribute_exists(seq) AND attribute_not_exists(rev)")
            .set_expression_attribute_values(Some(HashMap::from([(":by".to_owned(), string(by))])))
            .build()
            .map_err(|error| Outage::new("commit", error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    fn put(&self, item: Item) -> Result<TransactWriteItem, Outage> {
        put_of(Put::builder().table_name(&self.table).set_item(Some(item)).build())
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, Outage> {
        put_of(
            Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .condition_expression("attribute_not_exists(pk)")
                .return_values_on_condition_check_failure(Return::AllOld)
                .build(),
        )
    }
}

fn put_of(
    put: Result<Put, aws_smithy_types::error::operation::BuildError>,
) -> Result<TransactWriteItem, Outage> {
    let put = put.map_err(|error| Outage::new("commit", error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// The reasons of a cancelled transaction, item by item; none if the failure was of another kind.
pub(crate) fn cancellation<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<&[CancellationReason]> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            Some(cancelled.cancellation_reasons())
        }
        _ => None,
    }
}

/// Whether an item kept no transaction from happening, or only while others were busy with it.
pub(super) fn is_passing(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        None | Some("None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
    )
}

pub(crate) fn is_condition_failure(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}
