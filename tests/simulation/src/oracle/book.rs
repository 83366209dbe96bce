//! A player's ledger, read entry by entry: each must follow from all before it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bets::Bets;
use super::entry::{Balances, Entry};
use super::orders::Sending;
use super::payment::{self, Payment};
use super::play::{Played, Rounds};
use super::sessions::Sessions;
use super::{Asked, Micros, attribute, chain, journal, number, rules};
use crate::seam::Tables;

/// What is known of a player's ledger.
pub(crate) struct Book {
    pub(crate) player: String,
    /// The balances at each version; at version zero there is nothing.
    states: Vec<Balances>,
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Their keys, oldest first.
    order: Vec<String>,
    /// What was asked under a key: a vendor may ask different things under the same.
    asked: BTreeMap<String, Vec<Asked>>,
    /// With which others a key was asked for: all of them, or none.
    together: BTreeMap<String, Vec<Vec<String>>>,
    /// Stakes and winnings, by their keys.
    pub(crate) played: BTreeMap<String, Played>,
    pub(crate) rounds: Rounds,
    /// Bets that have references of their own.
    pub(super) bets: Bets,
    /// The tokens of games whose vendor exchanges them.
    pub(super) sessions: Sessions,
    /// The keys of transactions that must never happen, and since which version.
    pub(crate) tombs: BTreeMap<String, u64>,
    pub(crate) deposits: BTreeMap<String, Payment>,
    pub(crate) withdrawals: BTreeMap<String, Payment>,
    /// The refunds that staff ordered, by their references.
    pub(crate) refunds: BTreeMap<String, Payment>,
    /// The provider's last word on each payout and refund that it was told to send.
    pub(super) orders: BTreeMap<String, Sending>,
    /// Whether the provider has an account to pay from.
    pub(super) pays_out: bool,
    /// The vendor's last word on each transaction: whether it counts.
    pub(crate) vendor_says: BTreeMap<String, bool>,
    /// The keys of notices about money that were accepted, though nothing follows from them.
    pub(super) left_to_staff: BTreeSet<String>,
    last_at_ms: i128,
    /// The hash of the newest entry.
    head: [u8; 32],
}

impl Book {
    pub(crate) fn new(player: &str, pays_out: bool) -> Self {
        Self {
            player: player.to_owned(),
            states: vec![Balances::default()],
            entries: BTreeMap::new(),
            order: Vec::new(),
            asked: BTreeMap::new(),
            together: BTreeMap::new(),
            played: BTreeMap::new(),
            rounds: Rounds::default(),
            bets: Bets::default(),
            sessions: Sessions::default(),
            tombs: BTreeMap::new(),
            deposits: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            refunds: BTreeMap::new(),
            orders: BTreeMap::new(),
            pays_out,
            vendor_says: BTreeMap::new(),
            left_to_staff: BTreeSet::new(),
            last_at_ms: 0,
            head: chain::BEGINNING,
        }
    }

    pub(super) fn expect(&mut self, key: String, asked: Asked) {
        let all = self.asked.entry(key).or_default();
        if !all.contains(&asked) {
            all.push(asked);
        }
    }

    pub(super) fn expect_together(&mut self, items: &[Asked]) {
        let keys: Vec<String> = items.iter().filter_map(Asked::key).map(str::to_owned).collect();
        for item in items {
            let Some(key) = item.key() else { continue };
            self.expect(key.to_owned(), item.clone());
            let all = self.together.entry(key.to_owned()).or_default();
            if !all.contains(&keys) {
                all.push(keys.clone());
            }
        }
    }

    /// The balances as they are.
    pub(super) fn now(&self) -> Balances {
        self.states.last().copied().unwrap_or_default()
    }

    /// The balances at a version.
    pub(super) fn at(&self, version: u64) -> Balances {
        usize::try_from(version).ok().and_then(|it| self.states.get(it)).copied().unwrap_or_default()
    }

    pub(super) fn version(&self) -> u64 {
        u64::try_from(self.states.len()).unwrap_or_default().saturating_sub(1)
    }

    /// Whether the player plays under British law.
    pub(super) fn is_british(&self) -> bool {
        self.entries.values().any(|it| it.jurisdiction == "GB")
    }

    /// The entry of a key, if it was there at a version.
    pub(super) fn entry_at(&self, key: &str, version: u64) -> Option<&Entry> {
        self.entries.get(key).filter(|it| it.seq <= version)
    }

    /// Reads what is new, and checks it; then the account must be as the newest entry left it.
    pub(super) fn read_on(&mut self, tables: &Tables) -> Result<(), String> {
        if tables.version(&self.player) == self.version() {
            return Ok(());
        }
        let new = tables.new_entries(&self.player).map_err(|error| error.to_string())?;
        let mut new = new.iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
        new.sort_by_key(|it| it.seq);
        let since = self.order.len();
        for entry in new {
            self.follow(entry).map_err(|what| format!("{}: {what}", self.player))?;
        }
        self.no_part_alone(since).map_err(|what| format!("{}: {what}", self.player))?;
        let account = &self.account(tables)?;
        let is_as_left = number(account, "v") == Some(self.version().into())
            && Balances::read(account) == Some(self.now())
            && chain::carried(account, "head") == Some(self.head);
        if !is_as_left {
            return Err(format!(
                "{}: the account is not as its newest entry left it: {account}",
                self.player
            ));
        }
        journal::ends_with(&self.order, account).map_err(|what| format!("{}: {what}", self.player))
    }

    /// What was asked for together with others is there together with them.
    fn no_part_alone(&self, since: usize) -> Result<(), String> {
        let is_there = |key: &String| self.entries.contains_key(key);
        for key in self.order.iter().skip(since) {
            let Some(all) = self.together.get(key) else { continue };
            if !all.iter().any(|keys| keys.iter().all(is_there)) {
                return Err(format!("{key} is there without the others of its call: {all:?}"));
            }
        }
        Ok(())
    }

    fn account(&self, tables: &Tables) -> Result<Value, String> {
        let get = json!({"TableName": crate::seam::LEDGER, "Key": key(&self.player, "ACCOUNT"),
                         "ConsistentRead": true});
        let mut answer = tables.ask("GetItem", &get).map_err(|error| error.to_string())?;
        Ok(answer.get_mut("Item").map(Value::take).unwrap_or_default())
    }

    /// The next entry: numbered without a gap, chained to the last and not earlier, asked for by somebody, with the
    /// postings that follow from what was asked, which sum to zero and lead from the old balances to the new ones.
    fn follow(&mut self, entry: Entry) -> Result<(), String> {
        if entry.seq != self.version() + 1 {
            return Err(format!("{} is number {} after {}", entry.key, entry.seq, self.version()));
        }
        if entry.prev != self.head {
            return Err(format!("{} does not carry the hash of the entry before it", entry.key));
        }
        if entry.at_ms < self.last_at_ms {
            return Err(format!("{} goes back in time", entry.key));
        }
        if entry.postings.values().sum::<Micros>() != 0 {
            return Err(format!("the postings of {} do not cancel out", entry.key));
        }
        let postings = self.expected_postings(&entry)?;
        if postings != entry.postings {
            return Err(format!(
                "{} {}: {:?} instead of {postings:?}",
                entry.kind, entry.key, entry.postings
            ));
        }
        let after = self.now().with(&postings);
        if after != entry.after || !after.is_sound() {
            return Err(format!(
                "{} {} leaves {:?} instead of {after:?}",
                entry.kind, entry.key, entry.after
            ));
        }
        self.states.push(after);
        self.last_at_ms = entry.at_ms;
        self.head = entry.hash;
        self.learn(&entry);
        self.order.push(entry.key.clone());
        match self.entries.insert(entry.key.clone(), entry) {
            None => Ok(()),
            Some(twice) => Err(format!("{} is there twice", twice.key)),
        }
    }

    /// Of the things asked under the entry's key, at least one must explain it.
    fn expected_postings(&self, entry: &Entry) -> Result<BTreeMap<String, Micros>, String> {
        let implied = [implied(&entry.key)];
        let asked = match self.asked.get(&entry.key) {
            Some(asked) => asked.as_slice(),
            None => &implied,
        };
        let mut complaint = format!("nobody asked for {} {}", entry.kind, entry.key);
        for one in asked {
            match rules::postings(self, entry, one) {
                Ok(postings) => return Ok(postings),
                Err(other) => complaint = other,
            }
        }
        Err(complaint)
    }

    /// Remembers what an entry changes besides balances.
    fn learn(&mut self, entry: &Entry) {
        let seq = entry.seq;
        let tx = entry.key.split_once('#').map_or("", |(_, tx)| tx).to_owned();
        let text = |name| entry.text(name).unwrap_or_default().to_owned();
        let amount = entry.amount("amount").unwrap_or_default();
        match entry.kind.as_str() {
            "bet_placed" | "bet_won" | "rolled_back" | "round_ended" => {
                self.learn_play(entry);
                self.bets.learn(entry, self.asked.get(&entry.key));
            }
            "deposit_requested" => {
                self.deposits.insert(text("deposit"), Payment::begun(entry, "created"));
            }
            "withdrawal_requested" => {
                self.withdrawals.insert(text("withdrawal"), Payment::begun(entry, "requested"));
            }
            kind if kind.starts_with("withdrawal_") => {
                if let Some(withdrawal) = self.withdrawals.get_mut(&text("withdrawal")) {
                    let status = if kind == "withdrawal_paid" { "paid".to_owned() } else { text("status") };
                    withdrawal.is_told(seq, &status, payment::place(&entry.key));
                }
            }
            "refund_requested" => {
                let status = if entry.says("approved") { "approved" } else { "requested" };
                let refund = entry.refund().unwrap_or_default();
                self.refunds.insert(refund, Payment::begun(entry, status));
            }
            kind => {
                let refund = entry.refund().and_then(|id| self.refunds.get_mut(&id));
                let of_ours = refund.is_some();
                if let Some(refund) = refund {
                    let status =
                        if kind == "deposit_refunded" { "completed".to_owned() } else { text("status") };
                    refund.moves_on(seq, &status);
                }
                if let Some(deposit) = self.deposits.get_mut(&text("deposit")) {
                    let payment = tx.split(':').next().unwrap_or_default();
                    let received = entry.amount("received").unwrap_or_default();
                    match kind {
                        "deposit_progressed" => deposit.moves_on(seq, &text("status")),
                        "deposit_completed" => deposit.receives(seq, "completed", amount, payment),
                        "deposit_quarantined" => deposit.receives(seq, "quarantined", received, payment),
                        "deposit_refunded" if of_ours => deposit.refunds(seq, amount),
                        "refund_returned" if entry.says("after_payment") => deposit.comes_again(seq, amount),
                        "deposit_refunded" => deposit.gives_back(seq, amount),
                        "deposit_charged_back" => deposit.is_charged_back(seq, amount),
                        "chargeback_reversed" => deposit.is_charged_back(seq, -amount),
                        _ => {}
                    }
                }
            }
        }
    }

    /// The player's items of a kind.
    fn items(&self, tables: &Tables, prefix: &str) -> Result<Vec<Value>, String> {
        let query = json!({
            "TableName": crate::seam::LEDGER,
            "ConsistentRead": true,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": {":pk": {"S": self.player}, ":prefix": {"S": prefix}},
        });
        tables.query(query).map_err(|error| error.to_string())
    }

    /// The whole of the player's items: no entry beside those that were read, every mark where it belongs; and the
    /// vendors' books say the same as ours.
    pub(super) fn audit_whole(&self, tables: &Tables) -> Result<(), String> {
        for item in self.items(tables, "TX#")? {
            let key = attribute(&item, "sk").and_then(|sk| sk.strip_prefix("TX#")).unwrap_or_default();
            let known = if item.get("tomb").is_some() {
                self.tombs.contains_key(key)
            } else {
                let undone = self.played.get(key).is_some_and(|it| it.undone_at.is_some());
                self.entries.contains_key(key) && item.get("rev").is_some() == undone
            };
            if !known {
                return Err(format!("{}: an item that does not belong there: {item}", self.player));
            }
        }
        self.bets
            .are(&self.played, &self.items(tables, "BET#")?)
            .map_err(|what| format!("{}: {what}", self.player))?;
        journal::is_whole(&self.order, &self.items(tables, "PAGE#")?, &self.account(tables)?)
            .map_err(|what| format!("{}: {what}", self.player))?;
        self.holds_what_is_on_its_way()?;
        self.agrees_with_provider()?;
        self.staff_knows(tables)?;
        for (key, counts) in &self.vendor_says {
            let ours = self.played.get(key).is_some_and(|it| it.undone_at.is_none());
            if ours != *counts {
                return Err(format!("{}: to the vendor {key} counts: {counts}; to us: {ours}", self.player));
            }
        }
        Ok(())
    }
}

impl Book {
    /// What is held is what withdrawals and refunds are about to take, to the last millionth.
    fn holds_what_is_on_its_way(&self) -> Result<(), String> {
        let open = |it: &&Payment| matches!(it.status(), "requested" | "approved" | "paying" | "sent");
        let all = self.withdrawals.values().chain(self.refunds.values());
        let on_its_way: Micros = all.filter(open).map(|it| it.amount).sum();
        let held = self.now().held;
        if held == on_its_way {
            return Ok(());
        }
        Err(format!("{}: {held} is held, {on_its_way} is on its way", self.player))
    }
}

/// What is asked under a key by nobody outside.
fn implied(key: &str) -> Asked {
    match key {
        _ if key.starts_with("adyen#submit:") => Asked::Submission,
        _ if key.starts_with("sweep#expire:") => Asked::Expiry,
        _ => Asked::Beginning,
    }
}

pub(super) fn key(pk: &str, sk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": sk}})
}
