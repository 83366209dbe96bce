//! How ledger records look in the table. Attribute names are short: every byte of a bet is paid for.

use std::collections::BTreeMap;

use domain::account::{AccountStatus, Verification, VerificationStatus, Wallet};
use domain::deposit::{Deposit, DepositStatus};
use domain::entry::{Fingerprint, LedgerAccount, Posting};
use domain::ids::{DepositId, GameSessionId, PlayerId, StaffId, VerificationId, WithdrawalId};
use domain::play::{GameSession, Slot};
use domain::withdrawal::{Withdrawal, WithdrawalStatus};
use domain::{Account, Currency, Entry, EntryKey, Fact, Money, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Item;
use crate::outage::Outage;

pub(crate) const ACCOUNT: &str = "ACCOUNT";
pub(crate) const REFERENCE: &str = "REFERENCE";
/// What waits for staff carries this as the index attribute `queue`.
pub(crate) const WITHDRAWALS_WAITING: &str = "withdrawals-waiting";

pub(crate) fn entry_sk(key: &EntryKey) -> String {
    format!("TX#{}#{}", key.integration, key.tx)
}

pub(crate) fn deposit_sk(id: DepositId) -> String {
    format!("DEPOSIT#{id}")
}

pub(crate) fn withdrawal_sk(id: WithdrawalId) -> String {
    format!("WITHDRAWAL#{id}")
}

pub(crate) fn session_sk(token_hash: &str) -> String {
    format!("SESSION#{token_hash}")
}

/// The order of a statement: by time, then by number. Millis have 13 digits until the year 2286.
pub(crate) fn posted(at: Timestamp, seq: u64) -> String {
    format!("{:013}#{seq:012}", at.as_millisecond())
}

#[derive(Serialize, Deserialize)]
pub(crate) struct AccountRow {
    pk: PlayerId,
    sk: String,
    v: u64,
    br: String,
    ju: String,
    st: AccountStatus,
    cur: Currency,
    cash: i64,
    bon: i64,
    held: i64,
    rec: i64,
    kyc: VerificationStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kid: Option<VerificationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kat: Option<i64>,
    dep: u32,
    open: i64,
    upd: i64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct EntryRow {
    pk: PlayerId,
    sk: String,
    posted: String,
    seq: u64,
    at: i64,
    br: String,
    ju: String,
    fact: Fact,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    post: BTreeMap<LedgerAccount, Money>,
    cur: Currency,
    cash: i64,
    bon: i64,
    held: i64,
    rec: i64,
    fp: Fingerprint,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rev: Option<String>,
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
    requested_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queue: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    queued_at: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SessionRow {
    pk: PlayerId,
    sk: String,
    id: GameSessionId,
    integration: String,
    game: String,
    until: i64,
    ttl: i64,
}

/// How long a game session is remembered after it ended, so that late winnings still know their token.
const SESSION_MEMORY_SECONDS: i64 = 120 * 86_400;

pub(crate) fn to_item(row: impl Serialize) -> Result<Item, Outage> {
    serde_dynamo::aws_sdk_dynamodb_1::to_item(row).map_err(Outage::unreadable)
}

pub(crate) fn from_item<'a, T: Deserialize<'a>>(item: Item) -> Result<T, Outage> {
    serde_dynamo::aws_sdk_dynamodb_1::from_item(item).map_err(Outage::unreadable)
}

fn at(millis: i64) -> Result<Timestamp, Outage> {
    Timestamp::from_millisecond(millis).map_err(Outage::unreadable)
}

fn wallet(currency: Currency, cash: i64, bonus: i64, held: i64, receivable: i64) -> Wallet {
    let money = |units| Money::from_units(units, currency);
    Wallet { cash: money(cash), bonus: money(bonus), held: money(held), receivable: money(receivable) }
}

pub(crate) fn account_item(account: &Account) -> Result<Item, Outage> {
    let wallet = &account.wallet;
    to_item(AccountRow {
        pk: account.player,
        sk: ACCOUNT.to_owned(),
        v: account.version,
        br: account.brand.clone(),
        ju: account.jurisdiction.clone(),
        st: account.status,
        cur: wallet.currency(),
        cash: wallet.cash.units(),
        bon: wallet.bonus.units(),
        held: wallet.held.units(),
        rec: wallet.receivable.units(),
        kyc: account.verification.status,
        kid: account.verification.current,
        kat: account.verification.as_of.map(Timestamp::as_millisecond),
        dep: account.deposits,
        open: account.opened_at.as_millisecond(),
        upd: account.updated_at.as_millisecond(),
    })
}

pub(crate) fn account(item: Item) -> Result<Account, Outage> {
    let row: AccountRow = from_item(item)?;
    Ok(Account {
        player: row.pk,
        brand: row.br,
        jurisdiction: row.ju,
        status: row.st,
        wallet: wallet(row.cur, row.cash, row.bon, row.held, row.rec),
        verification: Verification { status: row.kyc, current: row.kid, as_of: row.kat.map(at).transpose()? },
        deposits: row.dep,
        version: row.v,
        opened_at: at(row.open)?,
        updated_at: at(row.upd)?,
    })
}

pub(crate) fn entry_item(entry: &Entry) -> Result<Item, Outage> {
    let balances = &entry.balances;
    to_item(EntryRow {
        pk: entry.player,
        sk: entry_sk(&entry.key),
        posted: posted(entry.at, entry.seq),
        seq: entry.seq,
        at: entry.at.as_millisecond(),
        br: entry.brand.clone(),
        ju: entry.jurisdiction.clone(),
        fact: entry.fact.clone(),
        post: entry.postings.iter().map(|it| (it.account.clone(), it.amount)).collect(),
        cur: balances.currency(),
        cash: balances.cash.units(),
        bon: balances.bonus.units(),
        held: balances.held.units(),
        rec: balances.receivable.units(),
        fp: entry.fingerprint.clone(),
        rev: entry.reversed_by.clone(),
    })
}

pub(crate) fn entry(item: Item) -> Result<Entry, Outage> {
    let row: EntryRow = from_item(item)?;
    let (integration, tx) = row
        .sk
        .strip_prefix("TX#")
        .and_then(|key| key.split_once('#'))
        .ok_or_else(|| Outage::unreadable("an entry's key"))?;
    Ok(Entry {
        player: row.pk,
        key: EntryKey::new(integration, tx),
        seq: row.seq,
        at: at(row.at)?,
        brand: row.br,
        jurisdiction: row.ju,
        fact: row.fact,
        postings: row.post.into_iter().map(|(account, amount)| Posting { account, amount }).collect(),
        balances: wallet(row.cur, row.cash, row.bon, row.held, row.rec),
        fingerprint: row.fp,
        reversed_by: row.rev,
    })
}

/// What stands at a transaction's key: a tombstone carries `tomb` and nothing of an entry.
pub(crate) fn slot(item: Option<Item>) -> Result<Slot, Outage> {
    match item {
        None => Ok(Slot::Free),
        Some(item) if item.contains_key("tomb") => Ok(Slot::Tombstone),
        Some(item) => Ok(Slot::Taken(Box::new(entry(item)?))),
    }
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
        requested_at: row.requested_at,
    };
    Ok((row.pk, withdrawal))
}

pub(crate) fn session_item(player: PlayerId, session: &GameSession) -> Result<Item, Outage> {
    let until = session.expires_at.as_second();
    to_item(SessionRow {
        pk: player,
        sk: session_sk(&session.token_hash),
        id: session.id,
        integration: session.integration.clone(),
        game: session.game.clone(),
        until,
        ttl: until.saturating_add(SESSION_MEMORY_SECONDS),
    })
}

pub(crate) fn session(item: Item) -> Result<GameSession, Outage> {
    let row: SessionRow = from_item(item)?;
    let token_hash = row.sk.strip_prefix("SESSION#").unwrap_or_default().to_owned();
    Ok(GameSession {
        id: row.id,
        token_hash,
        integration: row.integration,
        game: row.game,
        expires_at: Timestamp::from_second(row.until).map_err(Outage::unreadable)?,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    /// An account whose every attribute is as large as it gets.
    fn largest_account() -> Account {
        let most = Money::from_units(i64::MIN, "EUR".parse().unwrap());
        let late: Timestamp = "9999-12-01T00:00:00Z".parse().unwrap();
        Account {
            player: "ply_7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(),
            brand: "b".repeat(32),
            jurisdiction: "US-NJ".to_owned(),
            status: AccountStatus::Active,
            wallet: Wallet { cash: most, bonus: most, held: most, receivable: most },
            verification: Verification {
                status: VerificationStatus::InReview,
                current: Some("ver_7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap()),
                as_of: Some(late),
            },
            deposits: u32::MAX,
            version: u64::MAX,
            opened_at: late,
            updated_at: late,
        }
    }

    /// DynamoDB counts names and values in UTF-8; a number takes at most a byte for two digits, and one more.
    fn bytes(item: &Item) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
            other => panic!("an account holds no {other:?}"),
        };
        item.iter().map(|(name, it)| name.len() + value(it)).sum()
    }

    #[test]
    fn the_largest_account_costs_one_write_unit() {
        let item = account_item(&largest_account()).unwrap();
        assert!(bytes(&item) <= 1_024, "{} bytes", bytes(&item));
    }

    #[test]
    fn an_account_reads_back_as_it_was_written() {
        let account = largest_account();
        assert_eq!(self::account(account_item(&account).unwrap()).unwrap(), account);
    }

    #[test]
    fn a_tombstone_is_no_entry() {
        let tombstone = Item::from([("tomb".to_owned(), AttributeValue::S("r1".to_owned()))]);
        assert_eq!(slot(Some(tombstone)).unwrap(), Slot::Tombstone);
        assert_eq!(slot(None).unwrap(), Slot::Free);
    }

    #[test]
    fn statements_sort_by_time_then_number() {
        let at = |text: &str, seq| posted(text.parse().unwrap(), seq);
        let ordered = [
            at("2001-09-08T23:59:59Z", 9),
            at("2026-11-23T10:00:00Z", 9),
            at("2026-11-23T10:00:00Z", 10),
            at("2026-11-23T10:00:00.001Z", 2),
        ];
        assert!(ordered.is_sorted(), "{ordered:?}");
    }
}
