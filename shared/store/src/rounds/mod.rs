//! Rounds of play: a projection of the ledger's facts, for players who ask what happened and for operators who look
//! for what never ended.

mod rest;
mod round;
mod turns;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::PlayerId;
use domain::{Currency, Timestamp};
use serde::{Deserialize, Serialize};

pub use rest::Rest;
pub use round::{Round, RoundKey, RoundState, Turn, TurnKind};

use crate::kpis::Slice;
use crate::ledger::rows::{from_item, place, to_item};
use crate::page::{Cursor, Page, PageRequest};
use crate::progress::ATTEMPTS;
use crate::{Item, Jitter, Outage, key, number, string};

/// The index that orders a player's rounds by their beginning.
const HISTORY_INDEX: &str = "history";
/// The index of what is not over.
const OPEN_INDEX: &str = "open";

/// The table of rounds.
#[derive(Clone)]
pub struct Rounds {
    db: Client,
    table: String,
    jitter: Jitter,
}

/// Facts of one round.
#[derive(Clone, Debug)]
pub struct Turns {
    /// The vendor's game code; empty where nothing told it.
    pub game: String,
    /// The player's brand.
    pub brand: String,
    /// The wallet's currency.
    pub currency: Currency,
    /// What they say, by the numbers of the facts.
    pub turns: BTreeMap<u64, Turn>,
}

#[derive(Serialize, Deserialize)]
struct RoundRow {
    pk: PlayerId,
    sk: String,
    /// How many turns are known, with the rest: there are never fewer.
    v: usize,
    br: String,
    cur: Currency,
    game: String,
    turns: BTreeMap<String, Turn>,
    #[serde(default, skip_serializing_if = "Rest::is_empty")]
    rest: Rest,
    /// The place of its beginning among the player's.
    started: String,
    /// Where it is listed as long as it is not over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<String>,
}

impl Rounds {
    /// The rounds in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>, jitter: Jitter) -> Self {
        Self { db, table: table.into(), jitter }
    }

    /// Notes what facts say of a round. What was noted before changes nothing.
    pub async fn note(&self, player: PlayerId, key: &RoundKey, facts: &Turns) -> Result<(), Outage> {
        let rest = self.note_in_round(player, key, facts).await?;
        self.note_beside(player, key, rest).await
    }

    /// Notes the turns that the round's own item has room for, and tells the others.
    async fn note_in_round(
        &self,
        player: PlayerId,
        key: &RoundKey,
        facts: &Turns,
    ) -> Result<BTreeMap<u64, Turn>, Outage> {
        for attempt in 0..ATTEMPTS {
            let read = self.round(player, key).await?;
            let known = read.as_ref().map_or(0, Round::turn_count);
            let mut round = read.unwrap_or_else(|| Round {
                player,
                key: key.clone(),
                game: facts.game.clone(),
                brand: facts.brand.clone(),
                currency: facts.currency,
                turns: BTreeMap::new(),
                rest: Rest::default(),
            });
            if round.game.is_empty() {
                round.game.clone_from(&facts.game);
            }
            let rest = round.learn(&facts.turns);
            if round.turn_count() == known || self.write(&round, known).await? {
                return Ok(rest);
            }
            self.jitter.pause(10, attempt.min(6)).await;
        }
        Err(Outage::new("note a round", "others kept writing first"))
    }

    /// One of a player's rounds.
    pub async fn round(&self, player: PlayerId, round: &RoundKey) -> Result<Option<Round>, Outage> {
        let key = key(player.to_string(), sk(round));
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let answer = get.send().await.map_err(Outage::sdk("read a round"))?;
        answer.item.map(read).transpose()
    }

    /// A page of a player's rounds, the last begun first.
    pub async fn history(&self, player: PlayerId, page: &PageRequest) -> Result<Page<Round>, Outage> {
        let query = self
            .db
            .query()
            .index_name(HISTORY_INDEX)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(player.to_string()))
            .scan_index_forward(false);
        let start = match page.after.as_ref().map(|cursor| cursor.0.as_slice()) {
            None => None,
            Some([started, sk]) => Some(Item::from([
                ("pk".to_owned(), string(player.to_string())),
                ("started".to_owned(), string(started)),
                ("sk".to_owned(), string(sk)),
            ])),
            Some(_) => return Err(Outage::foreign_cursor()),
        };
        let (items, last) = self.page(query, start, page.limit).await?;
        Ok(Page { items, next: last.and_then(|last| Cursor::of(&last, &["started", "sk"])) })
    }

    /// A page of the rounds that began before a moment and are not over, the oldest of each slice of players first.
    pub async fn unfinished(&self, before: Timestamp, page: &PageRequest) -> Result<Page<Round>, Outage> {
        const KEY: [&str; 4] = ["open", "started", "pk", "sk"];
        let mut start = match page.after.as_ref().map(|cursor| cursor.0.as_slice()) {
            None => None,
            Some(parts) if parts.len() == KEY.len() => {
                Some(KEY.into_iter().map(str::to_owned).zip(parts.iter().map(string)).collect::<Item>())
            }
            Some(_) => return Err(Outage::foreign_cursor()),
        };
        let first = start.as_ref().and_then(|it| it.get("open")?.as_s().ok()).cloned().unwrap_or_default();
        let mut items = Vec::new();
        let limit = usize::try_from(page.limit).unwrap_or(1).max(1);
        for slice in Slice::all().map(open_in).skip_while(|slice| *slice < first) {
            let query = self
                .db
                .query()
                .index_name(OPEN_INDEX)
                .key_condition_expression("#open = :slice AND started < :before")
                .expression_attribute_names("#open", "open")
                .expression_attribute_values(":slice", string(&slice))
                .expression_attribute_values(":before", string(place(before, 0)));
            let missing = i32::try_from(limit - items.len()).unwrap_or(1);
            let (found, last) = self.page(query, start.take(), missing).await?;
            items.extend(found);
            if items.len() >= limit || last.is_some() {
                let end = items.last().map(|round| row(round).and_then(to_item)).transpose()?;
                return Ok(Page { next: end.and_then(|end| Cursor::of(&end, &KEY)), items });
            }
        }
        Ok(Page { items, next: None })
    }

    async fn page(
        &self,
        query: QueryFluentBuilder,
        start: Option<Item>,
        limit: i32,
    ) -> Result<(Vec<Round>, Option<Item>), Outage> {
        let query = query.table_name(&self.table).set_exclusive_start_key(start).limit(limit);
        let answer = query.send().await.map_err(Outage::sdk("read rounds"))?;
        let items = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((items, answer.last_evaluated_key))
    }

    /// Writes a round that had so many turns when it was read. False if somebody else wrote first.
    async fn write(&self, round: &Round, known: usize) -> Result<bool, Outage> {
        let (condition, values) = unless_moved(known);
        let put = self.db.put_item().table_name(&self.table).set_item(Some(to_item(row(round)?)?));
        match put.condition_expression(condition).set_expression_attribute_values(values).send().await {
            Ok(_) => Ok(true),
            Err(error) if is_behind(&error) => Ok(false),
            Err(error) => Err(Outage::sdk("note a round")(error)),
        }
    }
}

/// The condition that a round still has as many turns as when it was read.
fn unless_moved(known: usize) -> (&'static str, Option<HashMap<String, AttributeValue>>) {
    if known == 0 {
        ("attribute_not_exists(pk)", None)
    } else {
        ("v = :known", Some(HashMap::from([(":known".to_owned(), number(known))])))
    }
}

fn is_behind<R>(error: &SdkError<PutItemError, R>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}

fn row(round: &Round) -> Result<RoundRow, Outage> {
    let nothing = || Outage::new("write a round", "it has no turn");
    let first = round.first().ok_or_else(nothing)?;
    let started = round.started_at().ok_or_else(nothing)?;
    let is_open = round.state() == RoundState::Open;
    Ok(RoundRow {
        pk: round.player,
        sk: sk(&round.key),
        v: round.turn_count(),
        br: round.brand.clone(),
        cur: round.currency,
        game: round.game.clone(),
        turns: turns::named(&round.turns),
        rest: round.rest.clone(),
        started: place(started, first),
        open: is_open.then(|| open_in(Slice::of(round.player))),
    })
}

fn read(item: Item) -> Result<Round, Outage> {
    let row: RoundRow = from_item(item)?;
    Ok(Round {
        player: row.pk,
        key: round_key(&row.sk).ok_or_else(|| Outage::unreadable("a round's key"))?,
        game: row.game,
        brand: row.br,
        currency: row.cur,
        turns: turns::numbered(row.turns)?,
        rest: row.rest,
    })
}

fn sk(RoundKey { integration, round }: &RoundKey) -> String {
    format!("ROUND#{integration}#{round}")
}

fn round_key(sk: &str) -> Option<RoundKey> {
    let (integration, round) = sk.strip_prefix("ROUND#")?.split_once('#')?;
    Some(RoundKey { integration: integration.to_owned(), round: round.to_owned() })
}

fn open_in(slice: Slice) -> String {
    format!("OPEN#{slice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_reads_back_as_it_was_written() {
        let turn = |kind, closes| Turn {
            kind,
            transaction: "a#b".to_owned(),
            amount: "2.50 EUR".parse().unwrap(),
            at: Timestamp::from_millisecond(1_767_225_600_123).unwrap(),
            closes,
        };
        for (closes, is_listed) in [(false, true), (true, false)] {
            let round = Round {
                player: PlayerId::new(ulid::Ulid::from_parts(1, 18)),
                key: RoundKey { integration: "hub88".to_owned(), round: "x#y".to_owned() },
                game: "dice".to_owned(),
                brand: "demo".to_owned(),
                currency: "EUR".parse().unwrap(),
                turns: BTreeMap::from([(9, turn(TurnKind::Bet, false)), (11, turn(TurnKind::Win, closes))]),
                rest: Rest::default(),
            };
            let item = to_item(row(&round).unwrap()).unwrap();
            assert_eq!(
                item.get("open").map(|it| it.as_s().unwrap().as_str()),
                is_listed.then_some("OPEN#02")
            );
            assert_eq!(item["started"].as_s().unwrap(), "1767225600123#000000000009");
            assert!(!item.contains_key("rest"));
            assert_eq!(read(item).unwrap(), round);

            let mut long = round;
            long.rest.add(7, &turn(TurnKind::Win, false)).unwrap();
            let item = to_item(row(&long).unwrap()).unwrap();
            assert_eq!(item["v"].as_n().unwrap(), "3");
            assert_eq!(item["started"].as_s().unwrap(), "1767225600123#000000000007");
            assert_eq!(read(item).unwrap(), long);
        }
    }
}
