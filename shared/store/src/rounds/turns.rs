//! The turns that a round's own item has no room for: they are kept beside it, and the round says what they come to.
//!
//! The number of its fact says where a turn is kept, so that a turn told again is found, and nothing grows without end.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::ids::PlayerId;
use serde::{Deserialize, Serialize};

use super::round::{Round, RoundKey, Turn};
use super::{Rounds, row, unless_moved};
use crate::ledger::rows::{from_item, to_item};
use crate::progress::ATTEMPTS;
use crate::{Item, Outage, key, string};

/// How many numbers of facts share an item.
const NUMBERS: u64 = 25;

#[derive(Serialize, Deserialize)]
struct TurnsRow {
    pk: String,
    sk: String,
    turns: BTreeMap<String, Turn>,
}

impl Rounds {
    /// A round's turns with the rest, by the numbers of their facts: the first `most` of them, if there are more.
    pub async fn turns(&self, round: &Round, most: usize) -> Result<BTreeMap<u64, Turn>, Outage> {
        let mut turns = round.turns.clone();
        if round.rest.is_empty() {
            return Ok(turns);
        }
        let query = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(pk(round.player, &round.key)))
            .consistent_read(true);
        let (mut start, mut seen) = (None, 0_usize);
        loop {
            let page = query.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(Outage::sdk("read a round's turns"))?;
            for item in page.items.unwrap_or_default() {
                let further = read(item)?;
                seen = seen.saturating_add(further.len());
                turns.extend(further);
            }
            start = page.last_evaluated_key;
            if start.is_none() || seen >= most {
                return Ok(turns.into_iter().take(most).collect());
            }
        }
    }

    /// Notes turns beside their round.
    pub(super) async fn note_beside(
        &self,
        player: PlayerId,
        key: &RoundKey,
        turns: BTreeMap<u64, Turn>,
    ) -> Result<(), Outage> {
        let mut items: BTreeMap<u64, Vec<(u64, Turn)>> = BTreeMap::new();
        for (sequence, turn) in turns {
            items.entry(sequence / NUMBERS).or_default().push((sequence, turn));
        }
        for (place, turns) in &items {
            self.note_at(player, key, *place, turns).await?;
        }
        Ok(())
    }

    async fn note_at(
        &self,
        player: PlayerId,
        key: &RoundKey,
        place: u64,
        turns: &[(u64, Turn)],
    ) -> Result<(), Outage> {
        for attempt in 0..ATTEMPTS {
            let round = self.round(player, key).await?;
            let mut round = round.ok_or_else(|| Outage::unreadable("a round that is not there"))?;
            let known = round.turn_count();
            // Read after the round, and written with it: whoever writes in between has moved the round.
            let mut kept = self.kept_at(player, key, place).await?;
            for (sequence, turn) in turns {
                if let Entry::Vacant(free) = kept.entry(*sequence) {
                    round.rest.add(*sequence, turn).map_err(Outage::unreadable)?;
                    free.insert(turn.clone());
                }
            }
            if round.turn_count() == known || self.write_both(&round, known, place, &kept).await? {
                return Ok(());
            }
            self.jitter.pause(10, attempt.min(6)).await;
        }
        Err(Outage::new("note a round's turns", "others kept writing first"))
    }

    async fn kept_at(
        &self,
        player: PlayerId,
        round: &RoundKey,
        place: u64,
    ) -> Result<BTreeMap<u64, Turn>, Outage> {
        let key = key(pk(player, round), sk(place));
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let answer = get.send().await.map_err(Outage::sdk("read a round's turns"))?;
        answer.item.map_or_else(|| Ok(BTreeMap::new()), read)
    }

    /// Writes a round and turns of it, both or neither. False if somebody else wrote first.
    async fn write_both(
        &self,
        round: &Round,
        known: usize,
        place: u64,
        turns: &BTreeMap<u64, Turn>,
    ) -> Result<bool, Outage> {
        let (condition, values) = unless_moved(known);
        let put = |item: Item| Put::builder().table_name(&self.table).set_item(Some(item));
        let of_round = put(to_item(row(round)?)?)
            .condition_expression(condition)
            .set_expression_attribute_values(values);
        let kept = TurnsRow { pk: pk(round.player, &round.key), sk: sk(place), turns: named(turns) };
        let items = [of_round, put(to_item(kept)?)].map(|put| put.build().map_err(Outage::unreadable));
        let mut transaction = self.db.transact_write_items();
        for put in items {
            transaction = transaction.transact_items(TransactWriteItem::builder().put(put?).build());
        }
        let Err(error) = transaction.send().await else { return Ok(true) };
        match error.as_service_error() {
            Some(error) if error.is_transaction_canceled_exception() => Ok(false),
            _ => Err(Outage::sdk("note a round's turns")(error)),
        }
    }
}

/// Turns as an item holds them.
pub(super) fn named(turns: &BTreeMap<u64, Turn>) -> BTreeMap<String, Turn> {
    turns.iter().map(|(sequence, turn)| (sequence.to_string(), turn.clone())).collect()
}

/// Turns by the numbers that their names are.
pub(super) fn numbered(turns: BTreeMap<String, Turn>) -> Result<BTreeMap<u64, Turn>, Outage> {
    let turns = turns.into_iter().map(|(sequence, turn)| Ok((sequence.parse()?, turn)));
    turns.collect::<Result<_, std::num::ParseIntError>>().map_err(Outage::unreadable)
}

fn read(item: Item) -> Result<BTreeMap<u64, Turn>, Outage> {
    numbered(from_item::<TurnsRow>(item)?.turns)
}

fn pk(player: PlayerId, RoundKey { integration, round }: &RoundKey) -> String {
    format!("TURNS#{player}#{integration}#{round}")
}

/// In the order of their places.
fn sk(place: u64) -> String {
    format!("{place:012}")
}
