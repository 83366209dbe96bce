//! Deposits and withdrawals as items.

use std::fmt::Display;

use domain::cashier::{Instrument, InstrumentFingerprint, Review};
use domain::deposit::{Deposit, DepositStatus, Refund};
use domain::ids::{DepositId, PlayerId, StaffId, WithdrawalId};
use domain::withdrawal::{Payout, Withdrawal, WithdrawalStatus};
use domain::{Money, Timestamp};
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use super::{from_item, to_item};
use crate::{Item, Outage, key};

/// How many partitions the queue of what is due is spread over.
pub(crate) const DUE_SHARDS: u8 = 8;
/// How long a provider has to tell by itself what became of a payment.
const TIME_TO_TELL: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// What waits for staff carries this as the index attribute `queue`.
pub(crate) const WITHDRAWALS_WAITING: &str = "withdrawals-waiting";
/// The queue of deposits with a refund that waits for a colleague.
pub(crate) const REFUNDS_WAITING: &str = "refunds-waiting";

/// What payment providers may still bring forward carries this as the index attribute `queue`, spread over some
/// partitions: nothing else is found by it.
pub(crate) fn due_queue(shard: u8) -> String {
    format!("payments-due#{shard}")
}

/// The place in that queue: when to ask the provider.
pub(crate) fn due_at(at: Timestamp, sk: &str) -> String {
    format!("{:013}#{sk}", at.as_millisecond())
}

fn shard_of(id: Ulid) -> String {
    due_queue(u8::try_from(id.random() % u128::from(DUE_SHARDS)).unwrap_or_default())
}

pub(crate) fn deposit_sk(id: DepositId) -> String {
    format!("DEPOSIT#{id}")
}

pub(crate) fn is_deposit(item: &Item) -> bool {
    item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk.starts_with("DEPOSIT#"))
}

/// Whose item it is.
pub(crate) fn owner(item: &Item) -> Result<PlayerId, Outage> {
    let pk = item.get("pk").and_then(|pk| pk.as_s().ok());
    pk.ok_or_else(|| Outage::unreadable("no pk"))?.parse().map_err(Outage::unreadable)
}

pub(crate) fn withdrawal_sk(id: WithdrawalId) -> String {
    format!("WITHDRAWAL#{id}")
}

/// Where the players of one instrument are found.
pub(crate) fn instrument_pk(fingerprint: &InstrumentFingerprint) -> String {
    format!("INSTRUMENT#{}", fingerprint.as_str())
}

/// That a player uses an instrument: the same item whenever it is said again.
pub(crate) fn user_item(fingerprint: &InstrumentFingerprint, player: PlayerId) -> Item {
    key(instrument_pk(fingerprint), player.to_string())
}

/// Who that is.
pub(crate) fn user(item: &Item) -> Result<PlayerId, Outage> {
    let sk = item.get("sk").and_then(|sk| sk.as_s().ok());
    sk.ok_or_else(|| Outage::unreadable("no sk"))?.parse().map_err(Outage::unreadable)
}

#[derive(Serialize, Deserialize)]
pub(crate) struct DepositRow {
    pk: PlayerId,
    sk: String,
    id: DepositId,
    amount: Money,
    method: String,
    #[serde(default)]
    attested: bool,
    vendor: String,
    return_url: String,
    status: DepositStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    psp_reference: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instrument: Option<Instrument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_back: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    charged_back: Option<Money>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refunds: Vec<Refund>,
    requested_at: Timestamp,
    expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued_at: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct WithdrawalRow {
    pk: PlayerId,
    sk: String,
    id: WithdrawalId,
    amount: Money,
    method: String,
    payouts: Vec<Payout>,
    status: WithdrawalStatus,
    review: Review,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approved_by: Vec<StaffId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_by: Option<StaffId>,
    requested_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued_at: Option<String>,
}

/// A deposit as it is from a time on.
pub(crate) fn deposit_item(player: PlayerId, deposit: &Deposit, at: Timestamp) -> Result<Item, Outage> {
    let it = deposit.clone();
    let (queue, queued_at) = deposit_queue(&it, at).unzip();
    to_item(DepositRow {
        queue,
        queued_at,
        pk: player,
        sk: deposit_sk(it.id),
        id: it.id,
        amount: it.amount,
        method: it.method,
        attested: it.attested,
        vendor: it.vendor,
        return_url: it.return_url,
        status: it.status,
        redirect_url: it.redirect_url,
        psp_reference: it.psp_reference,
        instrument: it.instrument,
        received: it.received,
        gone_back: it.gone_back,
        charged_back: it.charged_back,
        refunds: it.refunds,
        requested_at: it.requested_at,
        expires_at: it.expires_at,
    })
}

/// Where it is queued: for its provider to be asked, or else for a colleague to agree to a refund of it.
fn deposit_queue(deposit: &Deposit, at: Timestamp) -> Option<(String, String)> {
    if deposit.status.is_open() || deposit.refunds.iter().any(|it| it.status().is_in_payment()) {
        return Some((shard_of(deposit.id.ulid()), first_due(at, &deposit_sk(deposit.id))));
    }
    let since = deposit.refunds_waiting().map(|(_, it)| it.requested_at).min()?;
    Some((REFUNDS_WAITING.to_owned(), waiting_since(since, deposit.id)))
}

pub(crate) fn deposit(item: Item) -> Result<Deposit, Outage> {
    let row: DepositRow = from_item(item)?;
    Ok(Deposit {
        id: row.id,
        amount: row.amount,
        method: row.method,
        attested: row.attested,
        vendor: row.vendor,
        return_url: row.return_url,
        status: row.status,
        redirect_url: row.redirect_url,
        psp_reference: row.psp_reference,
        instrument: row.instrument,
        received: row.received,
        gone_back: row.gone_back,
        charged_back: row.charged_back,
        refunds: row.refunds,
        requested_at: row.requested_at,
        expires_at: row.expires_at,
    })
}

fn waiting_since(since: Timestamp, id: impl Display) -> String {
    format!("{:013}#{id}", since.as_millisecond())
}

/// When to ask for the first time after the last step: what was approved long after it was asked for is not overdue.
fn first_due(at: Timestamp, sk: &str) -> String {
    due_at(at.saturating_add(TIME_TO_TELL).unwrap_or(Timestamp::MAX), sk)
}

/// A withdrawal as it is from a time on.
pub(crate) fn withdrawal_item(
    player: PlayerId,
    withdrawal: &Withdrawal,
    at: Timestamp,
) -> Result<Item, Outage> {
    let it = withdrawal.clone();
    let (queue, queued_at) = if it.status.is_waiting() {
        (Some(WITHDRAWALS_WAITING.to_owned()), Some(waiting_since(it.requested_at, it.id)))
    } else if it.status.is_in_payment() {
        let queued_at = first_due(at, &withdrawal_sk(it.id));
        (Some(shard_of(it.id.ulid())), Some(queued_at))
    } else {
        (None, None)
    };
    to_item(WithdrawalRow {
        pk: player,
        sk: withdrawal_sk(it.id),
        id: it.id,
        amount: it.amount,
        method: it.method,
        payouts: it.payouts,
        status: it.status,
        review: it.review,
        approved_by: it.approved_by,
        decided_by: it.decided_by,
        requested_at: it.requested_at,
        queue,
        queued_at,
    })
}

pub(crate) fn withdrawal(item: Item) -> Result<(PlayerId, Withdrawal), Outage> {
    let row: WithdrawalRow = from_item(item)?;
    let withdrawal = Withdrawal {
        id: row.id,
        amount: row.amount,
        method: row.method,
        payouts: row.payouts,
        status: row.status,
        review: row.review,
        approved_by: row.approved_by,
        decided_by: row.decided_by,
        requested_at: row.requested_at,
    };
    Ok((row.pk, withdrawal))
}

#[cfg(test)]
mod tests {
    use domain::withdrawal::{PayTo, PayoutStatus};

    use super::*;

    fn refund(approvals: u8, status: PayoutStatus) -> Refund {
        let mut payout = Payout::new("5 EUR".parse().unwrap(), "adyen", PayTo::Payment);
        payout.status = status;
        Refund {
            payout,
            reason: "a double click".to_owned(),
            approvals,
            approved_by: vec!["stf_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap()],
            rejected_by: None,
            requested_at: "2026-11-23T12:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn what_is_approved_late_is_not_overdue() {
        let (asked, approved) = ("2026-11-23T10:00:00Z", "2026-11-25T10:00:00Z");
        let mut withdrawal = Withdrawal {
            id: "wdr_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
            amount: "5 EUR".parse().unwrap(),
            method: "bank".to_owned(),
            payouts: Vec::new(),
            status: WithdrawalStatus::Requested,
            review: Review::default(),
            approved_by: Vec::new(),
            decided_by: None,
            requested_at: asked.parse().unwrap(),
        };
        let queued_at = |withdrawal: &Withdrawal| {
            let player = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
            let item = withdrawal_item(player, withdrawal, approved.parse().unwrap()).unwrap();
            item["queued_at"].as_s().unwrap().clone()
        };
        assert_eq!(queued_at(&withdrawal), waiting_since(withdrawal.requested_at, withdrawal.id));
        withdrawal.status = WithdrawalStatus::Approved;
        let ten_minutes_later = "2026-11-25T10:10:00Z".parse().unwrap();
        assert_eq!(queued_at(&withdrawal), due_at(ten_minutes_later, &withdrawal_sk(withdrawal.id)));
    }

    #[test]
    fn a_refund_waits_for_a_colleague_once_no_other_is_on_its_way() {
        let mut deposit = Deposit {
            id: "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
            amount: "50 EUR".parse().unwrap(),
            method: "card".to_owned(),
            attested: false,
            vendor: "adyen".to_owned(),
            return_url: "https://casino.example/".to_owned(),
            status: DepositStatus::Completed,
            redirect_url: None,
            psp_reference: None,
            instrument: None,
            received: Some("50 EUR".parse().unwrap()),
            gone_back: None,
            charged_back: None,
            refunds: Vec::new(),
            requested_at: "2026-11-23T10:00:00Z".parse().unwrap(),
            expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
        };
        let queue = |deposit: &Deposit| deposit_queue(deposit, Timestamp::UNIX_EPOCH).map(|(queue, _)| queue);
        assert_eq!(queue(&deposit), None);
        deposit.refunds = vec![refund(2, PayoutStatus::Waiting), refund(1, PayoutStatus::Paying)];
        assert_eq!(queue(&deposit), Some(shard_of(deposit.id.ulid())), "its provider is asked first");
        deposit.refunds[1].payout.status = PayoutStatus::Paid;
        assert_eq!(queue(&deposit).as_deref(), Some(REFUNDS_WAITING));
        deposit.refunds[0].rejected_by = Some("stf_01HZX3M2T9QK4V7W8Y6N5R1ABD".parse().unwrap());
        assert_eq!(queue(&deposit), None);
    }
}
