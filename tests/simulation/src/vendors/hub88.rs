//! Hub88: a stake and winnings are tried three times, a second each; a stake of which nobody can say what became of it
//! is rolled back; a rollback is repeated until it is answered.

use std::rc::Rc;

use serde_json::{Value, json};

use super::GameVendor;
use super::table::{Known, Table, Word, id, longer, set};
use crate::network::Reply;
use crate::oracle::{Asked, Micros, Wager};
use crate::people::GAME;
use crate::schedule::ticks;
use crate::seed::Dice;
use crate::world::World;

/// How long an attempt may take: about a second.
pub(super) const PATIENCE: u64 = 8;
const TRIES: u32 = 3;

/// What became of a stake.
enum Stake {
    Taken,
    Refused,
}

/// A round: some stakes, then what they win; or regrets.
pub(super) async fn round(world: Rc<World>, player: usize, step: u64, dice: Dice) {
    let mut table = Table { world, vendor: GameVendor::Hub88, player, step, dice };
    let round = table.dice.uuid();
    if table.dice.chance(200) {
        table.ask_balance().await;
    }
    let mut taken = Vec::new();
    for _ in 0..table.dice.between(1, 3) {
        let wager = table.wager(&round);
        if matches!(table.stake(&wager).await, Stake::Taken) {
            taken.push(wager);
        }
    }
    let Some(bet) = table.dice.pick(&taken).cloned() else { return };
    match table.dice.below(12) {
        // Lost: the round is closed with winnings of zero, or not at all.
        0..4 => {
            if table.dice.chance(500) {
                table.winnings(&bet, 0).await;
            }
        }
        4..8 => {
            for _ in 0..table.dice.between(1, 2) {
                let amount = table.multiple(bet.amount);
                table.winnings(&bet, amount).await;
            }
        }
        // The supplier changes its mind about a stake that was taken, perhaps while another of its systems pays.
        8..11 => {
            let mut other = table.twin();
            if table.dice.chance(300) {
                tokio::join!(biased; table.undo(&bet.key), other.winnings(&bet, bet.amount));
            } else {
                table.undo(&bet.key).await;
                other.winnings(&bet, bet.amount).await;
            }
        }
        // Or about winnings, which the player may have spent meanwhile.
        _ => {
            let amount = bet.amount * 2;
            if let Some(win) = table.winnings(&bet, amount).await {
                let pause = table.dice.below(20);
                ticks(pause).await;
                table.undo(&win).await;
            }
        }
    }
}

/// Says again what was acknowledged, or something else under the same id; or undoes it once more.
pub(super) async fn repeat(world: Rc<World>, step: u64, mut dice: Dice, known: Known) {
    let Known { vendor, mut call, mut body } = known;
    let player = world.player_id(call.player);
    set(&mut body, "request_uuid", json!(dice.uuid()));
    let other = world.memory.borrow().another(vendor, call.player, &mut dice);
    let other = other.and_then(|it| it.key().map(str::to_owned)).unwrap_or_else(|| vendor.key(&dice.uuid()));
    match (&mut call.asked, dice.below(4)) {
        (Asked::Bet(wager) | Asked::Win { wager, .. }, 0) => {
            wager.amount += 10;
            set(&mut body, "amount", json!(units(wager.amount)));
        }
        (Asked::Win { bet: Some(meant), .. } | Asked::Rollback { target: meant, .. }, 1) => {
            set(&mut body, "reference_transaction_uuid", json!(id(&other)));
            *meant = other;
        }
        (Asked::Rollback { key, .. }, 2 | 3) => {
            let tx = dice.uuid();
            *key = vendor.key(&tx);
            set(&mut body, "transaction_uuid", json!(tx));
        }
        _ => {}
    }
    world.oracle.borrow_mut().expect_play(&player, &call.asked);
    call.label = format!("#{step} again {}", call.label);
    let call = vendor.signed(&world, call, &body);
    world.call(&call, &mut dice, PATIENCE).await;
}

impl Table {
    async fn stake(&mut self, wager: &Wager) -> Stake {
        let mut body = self.body(wager, false);
        set(&mut body, "transaction_uuid", json!(id(&wager.key)));
        set(&mut body, "amount", json!(units(wager.amount)));
        let mut unclear = false;
        for _ in 0..TRIES {
            match self.hub88_says("bet", Asked::Bet(wager.clone()), &body).await {
                Word::Done => {
                    self.books_say(&wager.key, true);
                    return Stake::Taken;
                }
                Word::Unclear => unclear = true,
                Word::Refused { .. } if unclear => break,
                Word::Refused { echo } => {
                    // If a copy is taken later, nobody will ever tell the vendor: the books may differ.
                    if !echo {
                        self.books_say(&wager.key, false);
                    }
                    return Stake::Refused;
                }
            }
        }
        self.undo(&wager.key).await;
        Stake::Refused
    }

    /// Pays winnings. What is unclear is repeated until it is not. The transaction, if they were taken.
    async fn winnings(&mut self, bet: &Wager, amount: Micros) -> Option<String> {
        let wager = Wager { key: self.key(), amount, ..bet.clone() };
        let asked = Asked::Win { wager: wager.clone(), bet: Some(bet.key.clone()) };
        let mut body = self.body(&wager, true);
        set(&mut body, "transaction_uuid", json!(id(&wager.key)));
        set(&mut body, "reference_transaction_uuid", json!(id(&bet.key)));
        set(&mut body, "amount", json!(units(amount)));
        let mut pause = 0;
        loop {
            match self.hub88_says("win", asked.clone(), &body).await {
                Word::Done => {
                    self.books_say(&wager.key, true);
                    return Some(wager.key);
                }
                Word::Unclear => {
                    ticks(pause).await;
                    pause = longer(pause);
                }
                // A refusal is final unless an earlier attempt is still on its way: then it is undone for certain.
                Word::Refused { echo } => {
                    if pause > 0 || echo {
                        self.undo(&wager.key).await;
                    } else {
                        self.books_say(&wager.key, false);
                    }
                    return None;
                }
            }
        }
    }

    /// Undoes a transaction, until that is acknowledged.
    async fn undo(&mut self, target: &str) {
        let round = self.dice.uuid();
        let mut key = self.key();
        let mut pause = 0;
        loop {
            let asked = Asked::Rollback { key: key.clone(), target: target.to_owned() };
            let wager = Wager { key: key.clone(), amount: 0, round: round.clone(), expired: false };
            let mut body = self.body(&wager, true);
            set(&mut body, "transaction_uuid", json!(id(&key)));
            set(&mut body, "reference_transaction_uuid", json!(id(target)));
            if self.hub88_says("rollback", asked, &body).await == Word::Done {
                self.books_say(target, false);
                return;
            }
            ticks(pause).await;
            pause = longer(pause);
            if self.dice.chance(300) {
                key = self.key();
            }
        }
    }

    async fn ask_balance(&mut self) {
        let expired = self.is_expired();
        let wager = Wager { key: String::new(), amount: 0, round: String::new(), expired };
        let body = self.body(&wager, false);
        self.hub88_says("balance", Asked::Balance { expired }, &body).await;
    }

    /// One attempt; each is told apart by an id of its own.
    async fn hub88_says(&mut self, what: &'static str, asked: Asked, body: &Value) -> Word {
        let mut body = body.clone();
        set(&mut body, "request_uuid", json!(self.dice.uuid()));
        self.say(what, asked, body).await
    }

    fn body(&self, wager: &Wager, closed: bool) -> Value {
        let player = self.world.players.get(self.player);
        let token = player.map(|it| if wager.expired { &it.expired_token } else { &it.token });
        json!({
            "user": self.player_id(),
            "token": token,
            "game_code": GAME,
            "currency": self.currency(),
            "round": wager.round,
            "round_closed": closed,
        })
    }
}

pub(super) fn route(what: &str) -> &'static str {
    match what {
        "bet" => "POST /webhooks/games/hub88/transaction/bet",
        "win" => "POST /webhooks/games/hub88/transaction/win",
        "balance" => "POST /webhooks/games/hub88/user/balance",
        _ => "POST /webhooks/games/hub88/transaction/rollback",
    }
}

pub(super) fn signature(world: &World, body: &str) -> Vec<(&'static str, String)> {
    vec![("x-hub88-signature", world.hub88.sign(body.as_bytes()))]
}

pub(super) fn heard(reply: &Reply) -> Word {
    match reply.body.get("status").and_then(Value::as_str).unwrap_or_default() {
        "RS_OK" => Word::Done,
        "RS_ERROR_UNKNOWN" | "" => Word::Unclear,
        _ => Word::Refused { echo: reply.echo },
    }
}

/// Millionths as Hub88 counts them.
fn units(micros: Micros) -> i64 {
    i64::try_from(micros / 10).unwrap_or_default()
}
