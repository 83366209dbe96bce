//! Game sessions, and bets and rounds that have a life of their own, as items.

use domain::fact::Play;
use domain::ids::{GameSessionId, PlayerId};
use domain::play::{Bet, BetState, EndedBy, GameSession, LastWord, Round, Split};
use domain::{Currency, EntryKey, Money, Timestamp};
use serde::{Deserialize, Serialize};

use super::{at, from_item, to_item};
use crate::{Item, Outage};

pub(crate) fn session_sk(token_hash: &str) -> String {
    format!("SESSION#{token_hash}")
}

pub(crate) fn bet_sk(key: &EntryKey) -> String {
    format!("BET#{}#{}", key.integration, key.tx)
}

pub(crate) fn round_sk(key: &EntryKey) -> String {
    format!("ROUND#{}#{}", key.integration, key.tx)
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SessionRow {
    pk: PlayerId,
    sk: String,
    id: GameSessionId,
    integration: String,
    game: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    lang: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Money>,
    until: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    replaced: bool,
    ttl: i64,
}

/// How long a game session is remembered after it ended, so that late winnings still know their token.
const SESSION_MEMORY_SECONDS: i64 = 120 * 86_400;

#[derive(Serialize, Deserialize)]
struct BetRow {
    pk: PlayerId,
    sk: String,
    by: String,
    #[serde(default)]
    at: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    game: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    round: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_at: Option<i64>,
    cur: Currency,
    stake: i64,
    bstake: i64,
    paid: i64,
    bpaid: i64,
    state: BetState,
    ver: u32,
}

#[derive(Serialize, Deserialize)]
struct RoundRow {
    pk: PlayerId,
    sk: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    game: String,
    cur: Currency,
    stake: i64,
    bstake: i64,
    #[serde(default)]
    since: u64,
    began: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_by: Option<EndedBy>,
}

pub(crate) fn session_item(player: PlayerId, session: &GameSession) -> Result<Item, Outage> {
    let until = session.expires_at.as_second();
    to_item(SessionRow {
        pk: player,
        sk: session_sk(&session.token_hash),
        id: session.id,
        integration: session.integration.clone(),
        game: session.game.clone(),
        lang: session.language.clone(),
        max: session.max_stake,
        until,
        replaced: session.replaced,
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
        max_stake: row.max,
        language: row.lang,
        expires_at: Timestamp::from_second(row.until).map_err(Outage::unreadable)?,
        replaced: row.replaced,
    })
}

pub(crate) fn bet_item(player: PlayerId, bet: &Bet) -> Result<Item, Outage> {
    to_item(BetRow {
        pk: player,
        sk: bet_sk(&bet.key),
        by: bet.placed_by.clone(),
        at: bet.placed_at.as_millisecond(),
        game: bet.play.game.clone(),
        round: bet.play.round.clone(),
        last: bet.last.as_ref().map(|last| last.tx.clone()),
        last_at: bet.last.as_ref().map(|last| last.at.as_millisecond()),
        cur: bet.stake.cash.currency(),
        stake: bet.stake.cash.units(),
        bstake: bet.stake.bonus.units(),
        paid: bet.payout.cash.units(),
        bpaid: bet.payout.bonus.units(),
        state: bet.state,
        ver: bet.settlement,
    })
}

pub(crate) fn bet(item: Item) -> Result<Bet, Outage> {
    let row: BetRow = from_item(item)?;
    let last = row.last.zip(row.last_at).map(|(tx, millis)| Ok(LastWord { tx, at: at(millis)? }));
    Ok(Bet {
        key: key_of(&row.sk)?,
        placed_by: row.by,
        placed_at: at(row.at)?,
        play: Play { game: row.game, round: row.round, round_closed: false },
        last: last.transpose()?,
        stake: split(row.cur, row.stake, row.bstake),
        payout: split(row.cur, row.paid, row.bpaid),
        state: row.state,
        settlement: row.ver,
    })
}

pub(crate) fn round_item(player: PlayerId, round: &Round) -> Result<Item, Outage> {
    to_item(RoundRow {
        pk: player,
        sk: round_sk(&round.key),
        game: round.game.clone(),
        cur: round.stake.cash.currency(),
        stake: round.stake.cash.units(),
        bstake: round.stake.bonus.units(),
        since: round.since,
        began: round.began_at.as_millisecond(),
        ended: round.ended_at.map(Timestamp::as_millisecond),
        ended_by: round.ended_at.map(|_| round.ended_by.clone()),
    })
}

pub(crate) fn round(item: Item) -> Result<Round, Outage> {
    let row: RoundRow = from_item(item)?;
    Ok(Round {
        key: key_of(&row.sk)?,
        game: row.game,
        stake: split(row.cur, row.stake, row.bstake),
        since: row.since,
        began_at: at(row.began)?,
        ended_at: row.ended.map(at).transpose()?,
        ended_by: row.ended_by.unwrap_or_default(),
    })
}

fn split(currency: Currency, cash: i64, bonus: i64) -> Split {
    Split { cash: Money::from_units(cash, currency), bonus: Money::from_units(bonus, currency) }
}

/// The vendor and its own id, out of a sort key.
fn key_of(sk: &str) -> Result<EntryKey, Outage> {
    let mut parts = sk.splitn(3, '#').skip(1);
    match (parts.next(), parts.next()) {
        (Some(integration), Some(id)) => Ok(EntryKey::new(integration, id)),
        _ => Err(Outage::unreadable("a key")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(units: i64) -> Money {
        Money::from_units(units, "EUR".parse().unwrap())
    }

    #[test]
    fn bets_and_rounds_read_back_as_they_were_written() {
        let player = PlayerId::new(ulid::Ulid::from_parts(1, 2));
        let key = EntryKey::new("evolution", "a#reference#with#marks");
        let bet = Bet {
            key: key.clone(),
            placed_by: "t1".to_owned(),
            placed_at: Timestamp::from_millisecond(1_767_225_600_123).unwrap(),
            play: Play { game: "g".to_owned(), round: Some("r".to_owned()), round_closed: false },
            last: Some(LastWord {
                tx: "t2".to_owned(),
                at: Timestamp::from_millisecond(1_767_225_600_456).unwrap(),
            }),
            stake: Split { cash: eur(3), bonus: eur(4) },
            payout: Split { cash: eur(5), bonus: eur(6) },
            state: BetState::Settled,
            settlement: 7,
        };
        assert_eq!(super::bet(bet_item(player, &bet).unwrap()).unwrap(), bet);
        let began_at = Timestamp::from_millisecond(1_767_225_600_123).unwrap();
        for (ended_at, ended_by) in [
            (None, EndedBy::Result),
            (Some(began_at), EndedBy::Result),
            (Some(began_at), EndedBy::Stake("reference".to_owned())),
            (Some(began_at), EndedBy::Cancel),
        ] {
            let (key, game, stake) = (key.clone(), "g".to_owned(), bet.stake);
            let round = Round { key, game, stake, since: 8, began_at, ended_at, ended_by };
            assert_eq!(super::round(round_item(player, &round).unwrap()).unwrap(), round);
        }
    }
}
