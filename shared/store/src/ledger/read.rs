//! Reading what a command needs: the account, and what must be true together with it.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_get_items::TransactGetItemsError;
use aws_sdk_dynamodb::types::{Get, KeysAndAttributes, TransactGetItem};
use domain::deposit::Deposit;
use domain::ids::{DepositId, PlayerId, WithdrawalId};
use domain::person::first_key;
use domain::play::{Bet, GameSession, Round, Slot};
use domain::withdrawal::Withdrawal;
use domain::{Account, Command, EntryKey, Fact, Found, Reads};

use super::commit::is_passing;
use super::journal::Standing;
use super::{Ledger, rows};
use crate::{Item, Outage, key};

/// The most items that the store reads in one call.
const BATCH: usize = 100;

/// How a command's inputs are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As cheaply as a conditional commit allows: what is stale makes the commit fail, not go wrong.
    Quick,
    /// The newest there is, and what stands at the commands' own keys: before a refusal, and after a lost race.
    Strong,
}

/// A stake: an account and a session, of which the session never matters to the order of events.
fn is_session_only(reads: &Reads) -> bool {
    let Reads { slots, sessions, bets, rounds, deposits, withdrawals } = reads;
    let nothing_else = slots.is_empty() && bets.is_empty() && rounds.is_empty();
    !sessions.is_empty() && nothing_else && deposits.is_empty() && withdrawals.is_empty()
}

impl Ledger {
    /// Reads the account and what the commands name, all true at one moment; none if there is no account.
    pub(super) async fn read_for(
        &self,
        player: PlayerId,
        commands: &[Command],
        reading: Reading,
    ) -> Result<Option<(Standing, Found)>, Outage> {
        let reads = Reads::of(commands);
        match reading {
            Reading::Quick if reads == Reads::default() => {
                Ok(self.standing(player).await?.map(|standing| (standing, Found::default())))
            }
            Reading::Quick if is_session_only(&reads) => {
                collect(self.read_batch(player, &sort_keys(&reads), false).await?)
            }
            Reading::Quick => collect(self.read_together(player, &sort_keys(&reads)).await?),
            Reading::Strong => {
                collect(self.read_together(player, &sort_keys(&reads.with_own(commands))).await?)
            }
        }
    }

    /// One round trip at half a read unit an item (a whole one when strong). Not one moment: only for
    /// what may lag behind the account without harm.
    async fn read_batch(&self, player: PlayerId, sks: &[String], strong: bool) -> Result<Vec<Item>, Outage> {
        let mut keys = KeysAndAttributes::builder().consistent_read(strong);
        for sk in sks {
            keys = keys.keys(key(player.to_string(), sk));
        }
        let keys = keys.build().map_err(|error| Outage::new("read a batch", error.to_string()))?;
        let answer = self
            .db
            .batch_get_item()
            .request_items(&self.table, keys)
            .send()
            .await
            .map_err(Outage::sdk("read a batch"))?;
        if answer.unprocessed_keys().is_some_and(|keys| !keys.is_empty()) {
            return Err(Outage::crowded("read a batch"));
        }
        Ok(answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default())
    }

    /// One round trip, one moment: a bet read here is as old as the account it is read with.
    async fn read_together(&self, player: PlayerId, sks: &[String]) -> Result<Vec<Item>, Outage> {
        let mut request = self.db.transact_get_items();
        for sk in sks {
            let get = Get::builder()
                .table_name(&self.table)
                .set_key(Some(key(player.to_string(), sk)))
                .build()
                .map_err(|error| Outage::new("read together", error.to_string()))?;
            request = request.transact_items(TransactGetItem::builder().get(get).build());
        }
        let answer = request.send().await.map_err(|error| {
            let operation = "read together";
            if met_writers(&error) { Outage::crowded(operation) } else { Outage::sdk(operation)(error) }
        })?;
        Ok(answer.responses.unwrap_or_default().into_iter().filter_map(|response| response.item).collect())
    }

    /// The account as it is now.
    pub async fn account(&self, player: PlayerId) -> Result<Option<Account>, Outage> {
        Ok(self.standing(player).await?.map(|standing| standing.account))
    }

    /// Where a player lives. Asks for one item more if the account was opened before it kept that.
    pub async fn country(&self, account: &Account) -> Result<String, Outage> {
        if let Some(country) = &account.country {
            return Ok(country.clone());
        }
        match self.slot(account.player, &first_key()).await? {
            Slot::Taken(entry) => match entry.fact {
                Fact::PlayerRegistered { country } => Ok(country),
                _ => Err(Outage::unreadable("a first entry that is none")),
            },
            Slot::Free | Slot::Tombstone => Err(Outage::unreadable("an account without a first entry")),
        }
    }

    /// The account as it is now, with the newest part of the journal.
    pub(super) async fn standing(&self, player: PlayerId) -> Result<Option<Standing>, Outage> {
        self.item(player.to_string(), rows::ACCOUNT).await?.map(rows::standing).transpose()
    }

    /// The accounts of up to a hundred players, in their order; left out are those that do not exist.
    pub async fn accounts(&self, players: &[PlayerId]) -> Result<Vec<Account>, Outage> {
        let place = |player: &PlayerId| (player.to_string(), rows::ACCOUNT.to_owned());
        let mut found = self.items(players.iter().map(place).collect()).await?;
        let found = players.iter().filter_map(|player| found.remove(&place(player)));
        found.map(|item| Ok(rows::standing(item)?.account)).collect()
    }

    /// The account and one of its game sessions, if they exist.
    pub async fn account_and_session(
        &self,
        player: PlayerId,
        token_hash: &str,
    ) -> Result<Option<(Account, Option<GameSession>)>, Outage> {
        let sks = [rows::ACCOUNT.to_owned(), rows::session_sk(token_hash)];
        let found = collect(self.read_batch(player, &sks, true).await?)?;
        Ok(found.map(|(standing, mut found)| (standing.account, found.sessions.remove(token_hash))))
    }

    /// What stands at a transaction's key.
    pub async fn slot(&self, player: PlayerId, entry: &EntryKey) -> Result<Slot, Outage> {
        rows::slot(self.item(player.to_string(), &rows::entry_sk(entry)).await?)
    }

    /// One of the player's deposits.
    pub async fn deposit(&self, player: PlayerId, id: DepositId) -> Result<Option<Deposit>, Outage> {
        self.item(player.to_string(), &rows::deposit_sk(id)).await?.map(rows::deposit).transpose()
    }

    /// One of the player's withdrawals.
    pub async fn withdrawal(&self, player: PlayerId, id: WithdrawalId) -> Result<Option<Withdrawal>, Outage> {
        let item = self.item(player.to_string(), &rows::withdrawal_sk(id)).await?;
        Ok(item.map(rows::withdrawal).transpose()?.map(|(_, withdrawal)| withdrawal))
    }

    /// A round that is remembered.
    pub async fn round(&self, player: PlayerId, round: &EntryKey) -> Result<Option<Round>, Outage> {
        self.item(player.to_string(), &rows::round_sk(round)).await?.map(rows::round).transpose()
    }

    /// A bet with a reference of its own.
    pub async fn bet(&self, player: PlayerId, bet: &EntryKey) -> Result<Option<Bet>, Outage> {
        self.item(player.to_string(), &rows::bet_sk(bet)).await?.map(rows::bet).transpose()
    }

    /// Whose a deposit or withdrawal is, by its public id.
    pub async fn owner_of(&self, reference: &str) -> Result<Option<PlayerId>, Outage> {
        let item = self.item(reference, rows::REFERENCE).await?;
        let player = item.as_ref().and_then(|item| item.get("player")).and_then(|it| it.as_s().ok());
        player.map(|id| id.parse().map_err(Outage::unreadable)).transpose()
    }

    /// The newest of each of many items, by where they are; left out are those that do not exist.
    pub(super) async fn items(
        &self,
        places: Vec<(String, String)>,
    ) -> Result<HashMap<(String, String), Item>, Outage> {
        let mut found = HashMap::with_capacity(places.len());
        let mut waiting = places;
        // What is left over by one call is asked for by the next.
        while !waiting.is_empty() {
            let later = waiting.split_off(waiting.len().min(BATCH));
            let wanted = waiting.into_iter().map(|(pk, sk)| key(pk, sk)).collect();
            let keys = KeysAndAttributes::builder().consistent_read(true).set_keys(Some(wanted)).build();
            let keys = keys.map_err(|error| Outage::new("read items", error.to_string()))?;
            let call = self.db.batch_get_item().request_items(&self.table, keys).send().await;
            let answer = call.map_err(Outage::sdk("read items"))?;
            let items = answer.responses.and_then(|mut tables| tables.remove(&self.table));
            let left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            let left = left.map(|left| left.keys).unwrap_or_default();
            let items = items.unwrap_or_default();
            if items.is_empty() && !left.is_empty() {
                return Err(Outage::new("read items", "throttled"));
            }
            found.extend(items.into_iter().map(|item| (place_of(&item), item)));
            waiting = left.iter().map(place_of).chain(later).collect();
        }
        Ok(found)
    }

    async fn item(&self, pk: impl Into<String>, sk: &str) -> Result<Option<Item>, Outage> {
        let answer = self
            .db
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(pk, sk)))
            .consistent_read(true)
            .send()
            .await
            .map_err(Outage::sdk("read an item"))?;
        Ok(answer.item)
    }
}

/// Whether others were writing what was to be read. The SDK does not ask again by itself.
fn met_writers<R>(error: &SdkError<TransactGetItemsError, R>) -> bool {
    match error.as_service_error() {
        Some(TransactGetItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().all(is_passing)
        }
        _ => false,
    }
}

/// An item's key.
fn place_of(item: &Item) -> (String, String) {
    let part = |name| item.get(name).and_then(|it| it.as_s().ok()).cloned().unwrap_or_default();
    (part("pk"), part("sk"))
}

fn sort_keys(reads: &Reads) -> Vec<String> {
    let mut sks = vec![rows::ACCOUNT.to_owned()];
    sks.extend(reads.slots.iter().map(rows::entry_sk));
    sks.extend(reads.bets.iter().map(rows::bet_sk));
    sks.extend(reads.rounds.iter().map(rows::round_sk));
    sks.extend(reads.sessions.iter().map(|hash| rows::session_sk(hash)));
    sks.extend(reads.deposits.iter().copied().map(rows::deposit_sk));
    sks.extend(reads.withdrawals.iter().copied().map(rows::withdrawal_sk));
    sks
}

/// Sorts what was read by what it is.
fn collect(items: Vec<Item>) -> Result<Option<(Standing, Found)>, Outage> {
    let mut standing = None;
    let mut found = Found::default();
    for item in items {
        let sk = item.get("sk").and_then(|sk| sk.as_s().ok()).cloned().unwrap_or_default();
        match sk.split('#').next() {
            Some(rows::ACCOUNT) => standing = Some(rows::standing(item)?),
            Some("TX") => {
                let key = rows::entry_key(&sk)?;
                found.slots.insert(key, rows::slot(Some(item))?);
            }
            Some("BET") => {
                let bet = rows::bet(item)?;
                found.bets.insert(bet.key.clone(), bet);
            }
            Some("ROUND") => {
                let round = rows::round(item)?;
                found.rounds.insert(round.key.clone(), round);
            }
            Some("SESSION") => {
                let session = rows::session(item)?;
                found.sessions.insert(session.token_hash.clone(), session);
            }
            Some("DEPOSIT") => {
                let deposit = rows::deposit(item)?;
                found.deposits.insert(deposit.id, deposit);
            }
            Some("WITHDRAWAL") => {
                let (_, withdrawal) = rows::withdrawal(item)?;
                found.withdrawals.insert(withdrawal.id, withdrawal);
            }
            _ => return Err(Outage::unreadable("an item of unknown kind")),
        }
    }
    Ok(standing.map(|standing| (standing, found)))
}
