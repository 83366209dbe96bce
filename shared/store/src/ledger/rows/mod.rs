//! How ledger records look in the table. Attribute names are short: every byte of a bet is paid for.

mod bytes;
mod payments;
mod play;

use std::collections::BTreeMap;

use domain::account::{AccountStatus, Verification, VerificationStatus, Wallet};
use domain::entry::{Fingerprint, LedgerAccount, Posting};
use domain::ids::{PlayerId, StaffId, VerificationId};
use domain::play::Slot;
use domain::{Account, Currency, Date, Digest, Entry, EntryKey, Fact, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::journal::{Leaf, Recent, Standing};
use crate::Item;
use crate::outage::Outage;

pub(crate) use payments::{
    DUE_SHARDS, REFUNDS_WAITING, WITHDRAWALS_WAITING, deposit, deposit_item, deposit_sk, due_at, due_queue,
    instrument_pk, is_deposit, owner, user, user_item, withdrawal, withdrawal_item, withdrawal_sk,
};
pub(crate) use play::{
    bet, bet_item, bet_sk, round, round_item, round_sk, session, session_item, session_sk,
};

pub(crate) const ACCOUNT: &str = "ACCOUNT";
pub(crate) const REFERENCE: &str = "REFERENCE";

pub(crate) fn entry_sk(key: &EntryKey) -> String {
    format!("TX#{}", entry_name(key))
}

/// A key as one text.
pub(super) fn entry_name(key: &EntryKey) -> String {
    format!("{}#{}", key.integration, key.tx)
}

pub(crate) fn entry_key(sk: &str) -> Result<EntryKey, Outage> {
    sk.strip_prefix("TX#").and_then(key_named).ok_or_else(|| Outage::unreadable("an entry's key"))
}

fn key_named(name: &str) -> Option<EntryKey> {
    name.split_once('#').map(|(integration, tx)| EntryKey::new(integration, tx))
}

fn named(names: &[String]) -> Result<Vec<EntryKey>, Outage> {
    let keys: Option<Vec<_>> = names.iter().map(|name| key_named(name)).collect();
    keys.ok_or_else(|| Outage::unreadable("the journal's keys"))
}

pub(super) fn leaf_sk(place: &str) -> String {
    format!("PAGE#{place}")
}

/// Where an entry stands among its player's: by time, then by number. Millis have 13 digits until the year 2286.
pub(crate) fn place(at: Timestamp, seq: u64) -> String {
    format!("{:013}#{seq:012}", at.as_millisecond())
}

#[derive(Serialize, Deserialize)]
pub(crate) struct AccountRow {
    pk: PlayerId,
    sk: String,
    v: u64,
    br: String,
    ju: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    co: Option<String>,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kxp: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kby: Option<StaffId>,
    dep: u32,
    #[serde(with = "bytes")]
    head: Digest,
    open: i64,
    upd: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    since: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct EntryRow {
    pk: PlayerId,
    sk: String,
    seq: u64,
    #[serde(with = "bytes")]
    prev: Digest,
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
struct LeafRow {
    pk: PlayerId,
    sk: String,
    first: u64,
    since: String,
    keys: Vec<String>,
}

/// A page of the journal, by the place of its last entry.
pub(super) fn leaf_item(player: PlayerId, place: &str, leaf: &Leaf) -> Result<Item, Outage> {
    to_item(LeafRow {
        pk: player,
        sk: leaf_sk(place),
        first: leaf.first,
        since: leaf.since.clone(),
        keys: leaf.keys.iter().map(entry_name).collect(),
    })
}

pub(super) fn leaf(item: Item) -> Result<Leaf, Outage> {
    let row: LeafRow = from_item(item)?;
    Ok(Leaf { first: row.first, since: row.since, keys: named(&row.keys)? })
}

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

pub(super) fn account_item(account: &Account, recent: &Recent) -> Result<Item, Outage> {
    let wallet = &account.wallet;
    to_item(AccountRow {
        pk: account.player,
        sk: ACCOUNT.to_owned(),
        v: account.version,
        br: account.brand.clone(),
        ju: account.jurisdiction.clone(),
        co: account.country.clone(),
        st: account.status,
        cur: wallet.currency(),
        cash: wallet.cash.units(),
        bon: wallet.bonus.units(),
        held: wallet.held.units(),
        rec: wallet.receivable.units(),
        kyc: account.verification.status,
        kid: account.verification.current,
        kat: account.verification.as_of.map(Timestamp::as_millisecond),
        kxp: account.verification.expires_on,
        kby: account.verification.agreed_by,
        dep: account.deposits,
        head: account.head,
        open: account.opened_at.as_millisecond(),
        upd: account.updated_at.as_millisecond(),
        since: recent.since.clone(),
        keys: recent.keys.iter().map(entry_name).collect(),
    })
}

pub(super) fn standing(item: Item) -> Result<Standing, Outage> {
    let row: AccountRow = from_item(item)?;
    let recent = Recent { since: row.since, keys: named(&row.keys)? };
    let account = Account {
        player: row.pk,
        brand: row.br,
        jurisdiction: row.ju,
        country: row.co,
        status: row.st,
        wallet: wallet(row.cur, row.cash, row.bon, row.held, row.rec),
        verification: Verification {
            status: row.kyc,
            current: row.kid,
            as_of: row.kat.map(at).transpose()?,
            expires_on: row.kxp,
            agreed_by: row.kby,
        },
        deposits: row.dep,
        version: row.v,
        head: row.head,
        opened_at: at(row.open)?,
        updated_at: at(row.upd)?,
    };
    Ok(Standing { account, recent })
}

pub(crate) fn entry_item(entry: &Entry) -> Result<Item, Outage> {
    let balances = &entry.balances;
    to_item(EntryRow {
        pk: entry.player,
        sk: entry_sk(&entry.key),
        seq: entry.seq,
        prev: entry.prev,
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
    let key = entry_key(&row.sk)?;
    Ok(Entry {
        player: row.pk,
        key,
        seq: row.seq,
        prev: row.prev,
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

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::super::journal::RECENT_BYTES;
    use super::*;

    /// An account whose every attribute is as large as it gets. While one waits for a second member of staff it may cost
    /// more: that is rare, and soon over.
    fn largest_account() -> Account {
        let most = Money::from_units(i64::MIN, "EUR".parse().unwrap());
        let late: Timestamp = "9999-12-01T00:00:00Z".parse().unwrap();
        Account {
            player: "ply_7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap(),
            brand: "b".repeat(32),
            jurisdiction: "US-NJ".to_owned(),
            country: Some("US".to_owned()),
            status: AccountStatus::Active,
            wallet: Wallet { cash: most, bonus: most, held: most, receivable: most },
            verification: Verification {
                status: VerificationStatus::InReview,
                current: Some("ver_7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap()),
                as_of: Some(late),
                expires_on: Some("9999-12-31".parse().unwrap()),
                agreed_by: None,
            },
            deposits: u32::MAX,
            head: Digest::of(b"newest"),
            version: u64::MAX,
            opened_at: late,
            updated_at: late,
        }
    }

    fn largest_recent() -> Recent {
        let keys = vec![EntryKey::new("i".repeat(7), "t".repeat(31)); RECENT_BYTES / 40];
        Recent { since: place("9999-12-01T00:00:00Z".parse().unwrap(), u64::MAX), keys }
    }

    /// DynamoDB counts names and values in UTF-8; a number takes at most a byte for two digits, and one more.
    fn bytes(item: &Item) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
            AttributeValue::B(bytes) => bytes.as_ref().len(),
            AttributeValue::L(texts) => {
                3 + texts.iter().map(|it| 1 + it.as_s().unwrap().len()).sum::<usize>()
            }
            other => panic!("an account holds no {other:?}"),
        };
        item.iter().map(|(name, it)| name.len() + value(it)).sum()
    }

    #[test]
    fn the_largest_account_costs_one_write_unit() {
        let item = account_item(&largest_account(), &largest_recent()).unwrap();
        assert!(bytes(&item) <= 1_024, "{} bytes", bytes(&item));
    }

    #[test]
    fn an_account_reads_back_as_it_was_written() {
        let (mut account, recent) = (largest_account(), largest_recent());
        account.verification.agreed_by = Some("stf_7ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap());
        let item = account_item(&account, &recent).unwrap();
        assert_eq!(standing(item).unwrap(), Standing { account, recent });
    }

    #[test]
    fn an_account_that_was_written_before_it_kept_the_country_can_be_read() {
        let mut item = account_item(&largest_account(), &largest_recent()).unwrap();
        assert_eq!(item.remove("co"), Some(AttributeValue::S("US".to_owned())));
        assert_eq!(standing(item).unwrap().account, Account { country: None, ..largest_account() });
    }

    #[test]
    fn a_tombstone_is_no_entry() {
        let tombstone = Item::from([("tomb".to_owned(), AttributeValue::S("r1".to_owned()))]);
        assert_eq!(slot(Some(tombstone)).unwrap(), Slot::Tombstone);
        assert_eq!(slot(None).unwrap(), Slot::Free);
    }

    #[test]
    fn statements_sort_by_time_then_number() {
        let at = |text: &str, seq| place(text.parse().unwrap(), seq);
        let ordered = [
            at("2001-09-08T23:59:59Z", 9),
            at("2026-11-23T10:00:00Z", 9),
            at("2026-11-23T10:00:00Z", 10),
            at("2026-11-23T10:00:00.001Z", 2),
        ];
        assert!(ordered.is_sorted(), "{ordered:?}");
    }
}
