//! `SoftSwiss`: what belongs together comes in one call, all of it or nothing. Bets and winnings are tried four times,
//! fifteen seconds each, and then rolled back; a refusal is final; a rollback is repeated until it is answered.

use std::rc::Rc;

use ring::hmac;
use serde_json::{Value, json};

use super::GameVendor;
use super::table::{Known, Table, Word, id, longer, set};
use crate::network::Reply;
use crate::oracle::{Asked, Wager, written};
use crate::people::GAME;
use crate::schedule::ticks;
use crate::seed::Dice;
use crate::world::World;

/// How long an attempt may take: fifteen seconds.
pub(super) const PATIENCE: u64 = 115;
const TRIES: u32 = 4;
const TRIES_TO_FINISH: u32 = 5;
/// The secret that the development settings share with the sandbox.
const SECRET: &[u8] = b"pitboss-demo-softswiss-secret";

/// A round: stakes and winnings in calls of one or several, and all that may be regretted.
pub(super) async fn round(world: Rc<World>, player: usize, step: u64, dice: Dice) {
    let mut table = Table { world, vendor: GameVendor::SoftSwiss, player, step, dice };
    let round = table.dice.uuid();
    if table.dice.chance(200) {
        table.balance().await;
    }
    match table.dice.below(10) {
        // A spin: the stake and what it wins in one call.
        0..3 => {
            let items = table.spin(&round);
            let finished = table.dice.chance(500);
            if table.play(&items, finished).await && finished {
                return;
            }
        }
        // Stakes call by call, one of them regretted, winnings later, and later still.
        3..6 => {
            let mut standing = Vec::new();
            for _ in 0..table.dice.between(1, 3) {
                let bets: Vec<Asked> = (0..table.dice.between(1, 2)).map(|_| table.bet(&round)).collect();
                if table.play(&bets, false).await {
                    standing.extend(bets);
                }
                let pause = table.dice.below(4);
                ticks(pause).await;
            }
            if table.dice.chance(400) && !standing.is_empty() {
                let regretted = key_of(&standing.remove(0));
                table.undo_all(&round, &[regretted]).await;
            }
            for _ in 0..table.dice.below(3).min(len(&standing)) {
                let win = table.win(&round, &standing);
                table.play(&[win], false).await;
            }
        }
        // Winnings pay for the next stake of the same call; or do not.
        6 => {
            let bet = table.bet(&round);
            let win = table.win(&round, std::slice::from_ref(&bet));
            let more = table.bet(&round);
            table.play(&[win, bet, more], false).await;
        }
        // What is regretted before it comes must never happen; one of its call does not happen without the other.
        7 => {
            let items = table.spin(&round);
            let first = items.first().map(key_of).unwrap_or_default();
            table.undo_all(&round, &[first]).await;
            table.play(&items, false).await;
        }
        // Regretted while it comes.
        8 => {
            let items = table.spin(&round);
            let targets: Vec<String> = items.iter().map(key_of).collect();
            let mut other = table.twin();
            tokio::join!(biased; table.play(&items, false), other.undo_all(&round, &targets));
            for target in &targets {
                table.books_say(target, false);
            }
        }
        // Played, then partly or wholly regretted: what the player may have spent meanwhile is owed.
        _ => {
            let mut items = table.spin(&round);
            items.push(table.win(&round, &items));
            if table.play(&items, false).await {
                let pause = table.dice.below(20);
                ticks(pause).await;
                let mut targets: Vec<String> = items.iter().map(key_of).collect();
                table.dice.shuffle(&mut targets);
                let kept = table.dice.below(u64::try_from(targets.len()).unwrap_or(1));
                targets.truncate(targets.len() - usize::try_from(kept).unwrap_or_default());
                // Once more in the same call, under another id: without effect.
                if table.dice.chance(200) {
                    targets.extend(targets.first().cloned());
                }
                // And something of which we never heard.
                if table.dice.chance(200) {
                    targets.push(table.key());
                }
                table.undo_all(&round, &targets).await;
            }
        }
    }
    if table.dice.chance(500) {
        table.finish(&round).await;
    }
}

/// Says again what was acknowledged: as it was, with another amount, with something new before or after it, or, if it
/// was a rollback, under other ids or of something else.
pub(super) async fn repeat(world: Rc<World>, step: u64, dice: Dice, known: Known) {
    let Known { vendor, mut call, mut body } = known;
    let mut table = Table { world, vendor, player: call.player, step, dice };
    let Asked::Batch(items) = &mut call.asked else {
        table.say("finish", call.asked, body).await;
        return;
    };
    let what = if items.iter().all(is_movement) { "betwin" } else { "rollback" };
    let mut new = None;
    match table.dice.below(4) {
        0 if what == "betwin" => {
            let place = usize::try_from(table.dice.below(len(items))).unwrap_or_default();
            if let Some(Asked::Bet(wager) | Asked::Win { wager, .. }) = items.get_mut(place) {
                wager.amount += 10;
            }
        }
        1 if what == "betwin" => {
            let round = round_of(items);
            let item = if table.dice.chance(500) { table.bet(&round) } else { table.win(&round, items) };
            new = Some(key_of(&item));
            let place = if table.dice.chance(500) { 0 } else { items.len() };
            items.insert(place, item);
        }
        // Under the id of one rollback, something else is to be undone.
        0 => {
            let other = table.another().as_ref().and_then(first_key);
            let other = other.unwrap_or_else(|| table.key());
            if let Some(Asked::Rollback { target, .. }) = items.first_mut() {
                *target = other;
            }
        }
        2 => {
            for item in items.iter_mut() {
                if let Asked::Rollback { key, .. } = item {
                    *key = table.key();
                }
            }
        }
        _ => {}
    }
    set(&mut body, "transactions", transactions(items));
    let mut said = Word::Unclear;
    for _ in 0..table.dice.between(1, 2) {
        said = table.say(what, call.asked.clone(), body.clone()).await;
    }
    if let (Some(new), Word::Done) = (new, said) {
        table.books_say(&new, true);
    }
}

impl Table {
    /// A stake, or several, and perhaps what is won.
    fn spin(&mut self, round: &str) -> Vec<Asked> {
        let mut items: Vec<Asked> = (0..self.dice.between(1, 2)).map(|_| self.bet(round)).collect();
        if self.dice.chance(600) {
            items.push(self.win(round, &items));
        }
        items
    }

    fn bet(&mut self, round: &str) -> Asked {
        Asked::Bet(Wager { expired: false, ..self.wager(round) })
    }

    /// Winnings of about what was staked. A tenth of a cent is no money here: winnings of zero are not told.
    fn win(&mut self, round: &str, of: &[Asked]) -> Asked {
        let stake = of.iter().find_map(|it| if let Asked::Bet(bet) = it { Some(bet.amount) } else { None });
        let amount = self.multiple(stake.unwrap_or(1_000_000).min(50_000_000)).max(10);
        let wager = Wager { key: self.key(), amount, round: round.to_owned(), expired: false };
        Asked::Win { wager, bet: None }
    }

    /// Stakes and winnings, all or none. Whether they were taken.
    async fn play(&mut self, items: &[Asked], finished: bool) -> bool {
        let asked = Asked::Batch(items.to_vec());
        let round = round_of(items);
        let body = json!({
            "account_id": self.player_id(),
            "currency": self.currency(),
            "game_id": GAME,
            "round_id": round,
            "finished": finished,
            "transactions": transactions(items),
        });
        let mut unclear = false;
        for _ in 0..TRIES {
            match self.say("betwin", asked.clone(), body.clone()).await {
                Word::Done => {
                    self.books_say_of(items, true);
                    return true;
                }
                Word::Unclear => unclear = true,
                Word::Refused { .. } if unclear => break,
                Word::Refused { echo } => {
                    // If a copy is taken later, nobody will ever tell the vendor: the books may differ.
                    if !echo {
                        self.books_say_of(items, false);
                    }
                    return false;
                }
            }
        }
        let targets: Vec<String> = items.iter().map(key_of).collect();
        self.undo_all(&round, &targets).await;
        false
    }

    /// Undoes transactions, until that is acknowledged.
    async fn undo_all(&mut self, round: &str, targets: &[String]) {
        let mut keys: Vec<String> = targets.iter().map(|_| self.key()).collect();
        let mut pause = 0;
        loop {
            let rollback = |(key, target): (&String, &String)| Asked::Rollback {
                key: key.clone(),
                target: target.clone(),
            };
            let items: Vec<Asked> = keys.iter().zip(targets).map(rollback).collect();
            let body = json!({
                "account_id": self.player_id(),
                "currency": self.currency(),
                "game_id": GAME,
                "round_id_provider": round,
                "finished": false,
                "transactions": transactions(&items),
            });
            if self.say("rollback", Asked::Batch(items), body).await == Word::Done {
                for target in targets {
                    self.books_say(target, false);
                }
                return;
            }
            ticks(pause).await;
            pause = longer(pause);
            if self.dice.chance(300) {
                keys = targets.iter().map(|_| self.key()).collect();
            }
        }
    }

    async fn finish(&mut self, round: &str) {
        let key = self.vendor.key(&format!("#end/{round}"));
        let body = json!({"account_id": self.player_id(), "currency": self.currency(), "round_id": round});
        for _ in 0..TRIES_TO_FINISH {
            let asked = Asked::End { key: key.clone(), round: round.to_owned() };
            if self.say("finish", asked, body.clone()).await != Word::Unclear {
                return;
            }
        }
    }

    async fn balance(&mut self) {
        let body = json!({"account_id": self.player_id(), "currency": self.currency(), "game_id": GAME});
        self.say("balance", Asked::Balance { expired: false }, body).await;
    }

    fn books_say_of(&self, items: &[Asked], count: bool) {
        for item in items {
            self.books_say(&key_of(item), count);
        }
    }
}

pub(super) fn route(what: &str) -> &'static str {
    match what {
        "betwin" => "POST /webhooks/games/softswiss/betwin",
        "rollback" => "POST /webhooks/games/softswiss/rollback",
        "finish" => "POST /webhooks/games/softswiss/finish",
        _ => "POST /webhooks/games/softswiss/balance",
    }
}

pub(super) fn signature(body: &str) -> Vec<(&'static str, String)> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    vec![("x-request-sign", hex::encode(hmac::sign(&key, body.as_bytes())))]
}

pub(super) fn heard(reply: &Reply) -> Word {
    match reply.status {
        200 => Word::Done,
        400..500 => Word::Refused { echo: reply.echo },
        _ => Word::Unclear,
    }
}

fn transactions(items: &[Asked]) -> Value {
    let one = |item: &Asked| match item {
        Asked::Bet(it) => json!({"id_provider": id(&it.key), "type": "bet", "amount": written(it.amount)}),
        Asked::Win { wager: it, .. } => {
            json!({"id_provider": id(&it.key), "type": "win", "amount": written(it.amount)})
        }
        Asked::Rollback { key, target } => {
            json!({"id_provider": id(key), "type": "rollback", "original_id_provider": id(target)})
        }
        _ => Value::Null,
    };
    items.iter().map(one).collect()
}

fn is_movement(item: &Asked) -> bool {
    matches!(item, Asked::Bet(_) | Asked::Win { .. })
}

/// The key of the first of what a call asked for.
fn first_key(asked: &Asked) -> Option<String> {
    match asked {
        Asked::Batch(items) => items.first().map(key_of),
        one => one.key().map(str::to_owned),
    }
}

fn key_of(item: &Asked) -> String {
    item.key().unwrap_or_default().to_owned()
}

fn round_of(items: &[Asked]) -> String {
    let round = items.iter().find_map(|item| match item {
        Asked::Bet(wager) | Asked::Win { wager, .. } => Some(wager.round.clone()),
        _ => None,
    });
    round.unwrap_or_default()
}

fn len(items: &[Asked]) -> u64 {
    u64::try_from(items.len()).unwrap_or_default()
}
