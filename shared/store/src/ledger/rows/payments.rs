//! Deposits and withdrawals as items.

use domain::deposit::{Deposit, DepositStatus};
use domain::ids::{DepositId, PlayerId, StaffId, WithdrawalId};
use domain::withdrawal::{Withdrawal, WithdrawalStatus};
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::{from_item, to_item};
use crate::{Item, Outage};

/// What waits for staff carries this as the index attribute `queue`.
pub(crate) const WITHDRAWALS_WAITING: &str = "withdrawals-waiting";

pub(crate) fn deposit_sk(id: DepositId) -> String {
    format!("DEPOSIT#{id}")
}

pub(crate) fn withdrawal_sk(id: WithdrawalId) -> String {
    format!("WITHDRAWAL#{id}")
}

#[derive(Serialize, Deserialize)]
pub(crate) struct DepositRow {
    pk: PlayerId,
    sk: String,
    id: DepositId,
    amount: Money,
    method: String,
    vendor: String,
    return_url: String,
    status: DepositStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    psp_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_back: Option<Money>,
    requested_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WithdrawalRow {
    pk: PlayerId,
    sk: String,
    id: WithdrawalId,
    amount: Money,
    method: String,
    vendor: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    destination: Option<String>,
    status: WithdrawalStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_by: Option<StaffId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    psp_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    told: Option<u64>,
    requested_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued_at: Option<String>,
}

pub(crate) fn deposit_item(player: PlayerId, deposit: &Deposit) -> Result<Item, Outage> {
    let it = deposit.clone();
    to_item(DepositRow {
        pk: player,
        sk: deposit_sk(it.id),
        id: it.id,
        amount: it.amount,
        method: it.method,
        vendor: it.vendor,
        return_url: it.return_url,
        status: it.status,
        redirect_url: it.redirect_url,
        psp_reference: it.psp_reference,
        received: it.received,
        gone_back: it.gone_back,
        requested_at: it.requested_at,
        expires_at: it.expires_at,
    })
}

pub(crate) fn deposit(item: Item) -> Result<Deposit, Outage> {
    let row: DepositRow = from_item(item)?;
    Ok(Deposit {
        id: row.id,
        amount: row.amount,
        method: row.method,
        vendor: row.vendor,
        return_url: row.return_url,
        status: row.status,
        redirect_url: row.redirect_url,
        psp_reference: row.psp_reference,
        received: row.received,
        gone_back: row.gone_back,
        requested_at: row.requested_at,
        expires_at: row.expires_at,
    })
}

pub(crate) fn withdrawal_item(player: PlayerId, withdrawal: &Withdrawal) -> Result<Item, Outage> {
    let it = withdrawal.clone();
    let waiting = it.status.is_waiting();
    let queued_at = format!("{:013}#{}", it.requested_at.as_millisecond(), it.id);
    to_item(WithdrawalRow {
        pk: player,
        sk: withdrawal_sk(it.id),
        id: it.id,
        amount: it.amount,
        method: it.method,
        vendor: it.vendor,
        destination: it.destination,
        status: it.status,
        decided_by: it.decided_by,
        psp_reference: it.psp_reference,
        told: it.told,
        requested_at: it.requested_at,
        queue: waiting.then(|| WITHDRAWALS_WAITING.to_owned()),
        queued_at: waiting.then_some(queued_at),
    })
}

pub(crate) fn withdrawal(item: Item) -> Result<(PlayerId, Withdrawal), Outage> {
    let row: WithdrawalRow = from_item(item)?;
    let withdrawal = Withdrawal {
        id: row.id,
        amount: row.amount,
        method: row.method,
        vendor: row.vendor,
        destination: row.destination,
        status: row.status,
        decided_by: row.decided_by,
        psp_reference: row.psp_reference,
        told: row.told,
        requested_at: row.requested_at,
    };
    Ok((row.pk, withdrawal))
}
