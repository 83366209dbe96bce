//! Keeps the rounds of play as the event stream tells of them: each fact once, in whatever order facts come.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::MoneyError;
use domain::ids::PlayerId;
use edge::batch::{Consumer, Failure, Kinesis, Record, batch, in_groups};
use edge::{BoxError, Function, Settings, Stores};
use events::data::casino::Play;
use events::{Amount, Data, Event};
use store::{RoundKey, Rounds, Turn, TurnKind, Turns};

/// Starts the function.
#[expect(clippy::unused_async, reason = "every function starts the same way")]
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    Ok(batch(RoundKeeper { rounds: Stores::new(&settings)?.rounds()? }))
}

struct RoundKeeper {
    rounds: Rounds,
}

/// A fact about a round.
#[derive(Debug, PartialEq)]
struct Move {
    player: PlayerId,
    round: RoundKey,
    game: String,
    brand: String,
    currency: domain::Currency,
    sequence: u64,
    turn: Turn,
}

impl Consumer for RoundKeeper {
    type Source = Kinesis;
    /// Nothing, if the fact is not about a round.
    type Content = Option<Move>;

    fn read(&self, record: Vec<u8>) -> Result<Option<Move>, BoxError> {
        Ok(Move::of(&Event::from_json(&record)?)?)
    }

    async fn handle(&self, records: Vec<Record<Option<Move>>>) -> Vec<Failure> {
        let moves =
            records.into_iter().filter_map(|record| Some(Record { id: record.id, content: record.content? }));
        let of_round = |it: &Move| (it.player, it.round.clone());
        in_groups(moves.collect(), of_round, |(player, round), moves| self.note(player, round, moves)).await
    }
}

impl RoundKeeper {
    async fn note(&self, player: PlayerId, round: RoundKey, moves: Vec<Move>) -> Result<(), BoxError> {
        let Some(first) = moves.first() else { return Ok(()) };
        let game = moves.iter().map(|it| &it.game).find(|game| !game.is_empty());
        let turns = Turns {
            game: game.cloned().unwrap_or_default(),
            brand: first.brand.clone(),
            currency: first.currency,
            turns: moves.into_iter().map(|it| (it.sequence, it.turn)).collect::<BTreeMap<_, _>>(),
        };
        Ok(self.rounds.note(player, &round, &turns).await?)
    }
}

impl Move {
    /// What an event says of a round; none if it names none, or moved nothing in it.
    fn of(event: &Event) -> Result<Option<Self>, MoneyError> {
        let Some((play, kind, amount)) = said(&event.data) else { return Ok(None) };
        let Some(round) = play.round_id.clone() else { return Ok(None) };
        let currency = event.data.currency();
        let amount = amount.map_or(Ok(domain::Money::zero(currency)), |it| it.of(currency))?;
        Ok(Some(Self {
            player: event.player,
            round: RoundKey { integration: play.integration.clone(), round },
            game: play.game_code.clone(),
            brand: event.brand.clone(),
            currency,
            sequence: event.sequence,
            turn: Turn {
                kind,
                transaction: play.transaction_id.clone(),
                amount,
                at: event.time,
                closes: play.round_closed,
            },
        }))
    }
}

fn said(data: &Data) -> Option<(&Play, TurnKind, Option<&Amount>)> {
    match data {
        Data::BetPlaced(it) if it.free => Some((&it.play, TurnKind::FreeBet, Some(&it.amount))),
        Data::BetPlaced(it) => Some((&it.play, TurnKind::Bet, Some(&it.amount))),
        Data::BetWon(it) => Some((&it.play, TurnKind::Win, Some(&it.amount))),
        Data::BetRolledBack(it) => Some((&it.play, TurnKind::BetRolledBack, Some(&it.amount))),
        Data::WinRolledBack(it) => Some((&it.play, TurnKind::WinRolledBack, Some(&it.amount))),
        // Winnings of free rounds are paid by themselves; what they are told with is nominal.
        Data::FreeRoundPlayed(it) if !it.won => Some((&it.play, TurnKind::FreeBet, Some(&it.amount))),
        Data::RoundEnded(it) => Some((&it.play, TurnKind::Ended, None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
