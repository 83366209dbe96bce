//! Evolution: a bet has a reference, under which it is placed, settled and cancelled, each once. A stake is tried three
//! times, two seconds each, and cancelled if nobody can say what became of it; all else is repeated until it is answered.

use std::rc::Rc;

use serde_json::{Value, json};

use super::GameVendor;
use super::table::{Known, Table, Word, id, longer};
use crate::network::Reply;
use crate::oracle::{Asked, BetCall, BetStep, Micros, Wager, written};
use crate::people::GAME;
use crate::schedule::ticks;
use crate::seed::Dice;
use crate::world::World;

/// How long an attempt may take: two seconds.
pub(super) const PATIENCE: u64 = 16;
const TRIES: u32 = 3;
/// The token that the development settings share with the sandbox.
pub(super) const QUERY: &str = "authToken=pitboss-demo-evolution-auth-token";
const PRIZES: [&str; 3] = ["FreeRoundPlayableSpent", "JackpotWin", "FromGame"];

/// A bet, and the stake that places it.
#[derive(Clone)]
struct Bet {
    reference: String,
    stake: Wager,
}

/// What Evolution heard of a movement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Done,
    /// The bet exists already, or has ended.
    Already,
    /// Refused; and perhaps a copy of the call is still on its way, of which the vendor knows nothing.
    NoBet {
        echo: bool,
    },
    Refused {
        echo: bool,
    },
    Unclear,
}

/// What became of a bet that was to be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Gone,
    Settled,
}

/// A round: bets that are placed and end, one by one or in each other's way.
pub(super) async fn round(world: Rc<World>, player: usize, step: u64, dice: Dice) {
    let mut table = Table { world, vendor: GameVendor::Evolution, player, step, dice };
    let round = table.dice.uuid();
    if table.dice.chance(350) {
        table.exchange().await;
    }
    if table.dice.chance(150) {
        table.balance_of().await;
    }
    let bet = table.new_bet(&round);
    match table.dice.below(12) {
        0..4 => table.bets_of_their_own(&round).await,
        // Cancelled before it comes: it must never be placed, and nothing of it is paid.
        4 => {
            table.cancel(&bet).await;
            table.place(&bet).await;
            if table.dice.chance(300) {
                table.settle(&bet).await;
            }
        }
        // Cancelled while it comes.
        5 => {
            let mut other = table.twin();
            let (_, end) = tokio::join!(biased; table.place(&bet), other.cancel(&bet));
            table.books_say(&bet.stake.key, end == End::Settled);
        }
        // Settled before it comes: that is refused, and must be settled again.
        6 => {
            table.settle(&bet).await;
            if table.place(&bet).await {
                table.settle(&bet).await;
            }
        }
        // Another stake under the same reference.
        7 => {
            let second = table.rival(&bet);
            let mut other = table.twin();
            let (first, second_too) = if table.dice.chance(500) {
                tokio::join!(biased; table.place(&bet), other.place(&second))
            } else {
                (table.place(&bet).await, other.place(&second).await)
            };
            if first || second_too {
                table.settle(if first { &bet } else { &second }).await;
            }
        }
        // Settled twice, or settled and cancelled, in a row or at once.
        8..11 if table.place(&bet).await => {
            let mut other = table.twin();
            match table.dice.below(4) {
                0 => drop(tokio::join!(biased; table.settle(&bet), other.settle(&bet))),
                1 => drop(tokio::join!(biased; table.settle(&bet), other.cancel(&bet))),
                2 => {
                    table.settle(&bet).await;
                    other.cancel(&bet).await;
                }
                _ => {
                    table.cancel(&bet).await;
                    other.settle(&bet).await;
                }
            }
        }
        // A cancel that means another stake than the one of the reference.
        11 if table.place(&bet).await => {
            let rival = table.rival(&bet);
            table.cancel(&rival).await;
            table.settle(&bet).await;
        }
        _ => {}
    }
    if table.dice.chance(150) {
        table.prize(&round).await;
    }
}

/// Says again what was acknowledged: as it was, with another amount, under another id of the same bet, or of another bet
/// under the same id.
pub(super) async fn repeat(world: Rc<World>, step: u64, dice: Dice, known: Known) {
    let Known { vendor, mut call, .. } = known;
    let mut table = Table { world, vendor, player: call.player, step, dice };
    let mood = table.dice.below(4);
    match (&mut call.asked, mood) {
        (
            Asked::OnBet(BetCall { step: BetStep::Place | BetStep::Settle, wager, .. })
            | Asked::Prize { wager, .. },
            0,
        ) => wager.amount += 10,
        (Asked::OnBet(BetCall { step, wager, key, .. }), 1) => {
            wager.key = table.key_of(if *step == BetStep::Settle { "credit" } else { "debit" });
            if *step != BetStep::Cancel {
                key.clone_from(&wager.key);
            }
        }
        (Asked::OnBet(BetCall { step: BetStep::Place | BetStep::Settle, reference, .. }), 2) => {
            *reference = match table.another() {
                Some(Asked::OnBet(other)) => other.reference,
                _ => table.key(),
            };
        }
        _ => {}
    }
    let what = what(&call.asked);
    for _ in 0..table.dice.between(1, 2) {
        table.evolution_says(what, call.asked.clone()).await;
    }
}

impl Table {
    /// Several bets of a round, which end in any order: won, lost or cancelled.
    async fn bets_of_their_own(&mut self, round: &str) {
        let mut standing = Vec::new();
        for _ in 0..self.dice.between(1, 4) {
            let bet = self.new_bet(round);
            if self.place(&bet).await {
                if self.dice.chance(200) {
                    let rival = self.rival(&bet);
                    self.place(&rival).await;
                }
                standing.push(bet);
            }
        }
        self.dice.shuffle(&mut standing);
        for bet in standing {
            match self.dice.below(8) {
                // Some rounds never end.
                0 => {}
                1 | 2 => drop(self.cancel(&bet).await),
                // Once more, under another id: that is one too many.
                3 => {
                    self.settle(&bet).await;
                    self.settle(&bet).await;
                }
                _ => self.settle(&bet).await,
            }
            let pause = self.dice.below(4);
            ticks(pause).await;
        }
    }

    fn new_bet(&mut self, round: &str) -> Bet {
        let reference = self.key();
        let stake = Wager { key: self.key_of("debit"), expired: false, ..self.wager(round) };
        Bet { reference, stake }
    }

    /// Another stake under a bet's reference.
    fn rival(&mut self, bet: &Bet) -> Bet {
        Bet { stake: Wager { key: self.key_of("debit"), ..bet.stake.clone() }, ..bet.clone() }
    }

    /// A key of which nobody has heard, among the transactions of a kind.
    fn key_of(&mut self, kind: &str) -> String {
        self.vendor.key(&format!("{kind}:{}", self.dice.uuid()))
    }

    /// Places a bet. Whether it stands by this stake.
    async fn place(&mut self, bet: &Bet) -> bool {
        let mut unclear = false;
        let asked = bet.asked(BetStep::Place, bet.stake.clone(), &self.token());
        for _ in 0..TRIES {
            match self.evolution_says("debit", asked.clone()).await {
                Heard::Done => {
                    self.books_say(&bet.stake.key, true);
                    return true;
                }
                Heard::Unclear => unclear = true,
                // What is refused now, for want of money perhaps, may still be taken if it comes again.
                Heard::NoBet { echo } | Heard::Refused { echo } if unclear || echo => break,
                // Or another stake has the reference, for ever.
                Heard::Already | Heard::NoBet { .. } | Heard::Refused { .. } => {
                    self.books_say(&bet.stake.key, false);
                    return false;
                }
            }
        }
        self.cancel(bet).await;
        false
    }

    /// Settles a bet: with winnings, or with nothing. What is unclear is repeated until it is not.
    async fn settle(&mut self, bet: &Bet) {
        let lost = self.dice.chance(350);
        let amount = if lost { 0 } else { self.multiple(bet.stake.amount) };
        let winnings = Wager { key: self.key_of("credit"), amount, ..bet.stake.clone() };
        let asked = bet.asked(BetStep::Settle, winnings.clone(), &self.token());
        let mut pause = 0;
        loop {
            match self.evolution_says("credit", asked.clone()).await {
                Heard::Done => return self.books_say(&winnings.key, true),
                Heard::Already => return self.books_say(&winnings.key, false),
                Heard::Unclear => {
                    ticks(pause).await;
                    pause = longer(pause);
                }
                // An earlier attempt may still be on its way, and find the bet there: the books may differ.
                Heard::NoBet { echo } | Heard::Refused { echo } => {
                    if pause == 0 && !echo {
                        self.books_say(&winnings.key, false);
                    }
                    return;
                }
            }
        }
    }

    /// Cancels a bet, until it is clear that it is gone, or too late.
    async fn cancel(&mut self, bet: &Bet) -> End {
        let asked = bet.asked(BetStep::Cancel, bet.stake.clone(), &self.token());
        let mut pause = 0;
        loop {
            match self.evolution_says("cancel", asked.clone()).await {
                Heard::Done | Heard::NoBet { .. } => {
                    self.books_say(&bet.stake.key, false);
                    return End::Gone;
                }
                Heard::Already => {
                    self.books_say(&bet.stake.key, true);
                    return End::Settled;
                }
                Heard::Refused { .. } | Heard::Unclear => {
                    ticks(pause).await;
                    pause = longer(pause);
                }
            }
        }
    }

    /// A prize is repeated until it is paid.
    async fn prize(&mut self, round: &str) {
        let amount = Micros::from(self.dice.between(1, 500)) * 10_010;
        let wager = Wager { key: self.key_of("promo"), amount, round: round.to_owned(), expired: false };
        let kind = self.dice.pick(&PRIZES).copied().unwrap_or_default();
        let asked = Asked::Prize { wager: wager.clone(), token: self.token(), kind };
        let mut pause = 0;
        while self.evolution_says("promo_payout", asked.clone()).await != Heard::Done {
            ticks(pause).await;
            pause = longer(pause);
        }
        self.books_say(&wager.key, true);
    }

    /// Exchanges the token of a seat. Whoever was not heard asks again, and gets the same one.
    async fn exchange(&mut self) {
        let asked = Asked::exchange(&self.token());
        for _ in 0..TRIES {
            if self.evolution_says("check", asked.clone()).await != Heard::Unclear {
                return;
            }
        }
    }

    async fn balance_of(&mut self) {
        let token = self.token();
        self.evolution_says("balance", Asked::BalanceOf { token }).await;
    }

    /// One attempt; each is told apart by an id of its own.
    async fn evolution_says(&mut self, what: &'static str, asked: Asked) -> Heard {
        let (body, token) = (self.body_of(&asked), asked.token().to_owned());
        let Some(reply) = self.attempt(what, asked, body).await else { return Heard::Unclear };
        let text = |name| reply.body.get(name).and_then(Value::as_str);
        if let Some(next) = text("sid") {
            self.exchanged(&token, next);
        }
        match text("status").unwrap_or_default() {
            "OK" => Heard::Done,
            "BET_ALREADY_EXIST" | "BET_ALREADY_SETTLED" => Heard::Already,
            "BET_DOES_NOT_EXIST" => Heard::NoBet { echo: reply.echo },
            "TEMPORARY_ERROR" | "" => Heard::Unclear,
            status => {
                if status == "INVALID_SID" {
                    self.sit_down_again(&token);
                }
                Heard::Refused { echo: reply.echo }
            }
        }
    }

    fn body_of(&mut self, asked: &Asked) -> Value {
        let (user, uuid, currency) = (self.player_id(), self.dice.uuid(), self.currency());
        match asked {
            Asked::Check { token, .. } => {
                json!({"sid": token, "userId": user, "uuid": uuid, "channel": {"type": "P"}})
            }
            Asked::OnBet(BetCall { reference, wager, token, .. }) => json!({
                "sid": token,
                "userId": user,
                "uuid": uuid,
                "currency": currency,
                "game": game(&wager.round),
                "transaction": {
                    "id": named(&wager.key), "refId": id(reference), "amount": number(wager.amount),
                },
            }),
            Asked::Prize { wager, token, kind } => json!({
                "sid": token,
                "userId": user,
                "uuid": uuid,
                "currency": currency,
                "game": game(&wager.round),
                "promoTransaction": {"type": kind, "id": named(&wager.key), "amount": number(wager.amount)},
            }),
            Asked::BalanceOf { token } => json!({
                "sid": token, "userId": user, "uuid": uuid, "currency": currency, "game": null,
            }),
            _ => Value::Null,
        }
    }
}

impl Bet {
    /// A call about the bet. A cancel has no id of its own: it is kept under the bet's reference.
    fn asked(&self, step: BetStep, wager: Wager, token: &str) -> Asked {
        let key = match step {
            BetStep::Cancel => GameVendor::Evolution.key(&format!("cancel:{}", id(&self.reference))),
            BetStep::Place | BetStep::Settle => wager.key.clone(),
        };
        let (reference, token) = (self.reference.clone(), token.to_owned());
        Asked::OnBet(BetCall { step, key, reference, wager, token })
    }
}

pub(super) fn route(what: &str) -> &'static str {
    match what {
        "check" => "POST /webhooks/games/evolution/check",
        "debit" => "POST /webhooks/games/evolution/debit",
        "credit" => "POST /webhooks/games/evolution/credit",
        "cancel" => "POST /webhooks/games/evolution/cancel",
        "promo_payout" => "POST /webhooks/games/evolution/promo_payout",
        _ => "POST /webhooks/games/evolution/balance",
    }
}

pub(super) fn heard(reply: &Reply) -> Word {
    match reply.body.get("status").and_then(Value::as_str).unwrap_or_default() {
        "OK" => Word::Done,
        "TEMPORARY_ERROR" | "" => Word::Unclear,
        _ => Word::Refused { echo: reply.echo },
    }
}

fn what(asked: &Asked) -> &'static str {
    match asked {
        Asked::OnBet(BetCall { step: BetStep::Place, .. }) => "debit",
        Asked::OnBet(BetCall { step: BetStep::Settle, .. }) => "credit",
        Asked::OnBet(BetCall { step: BetStep::Cancel, .. }) => "cancel",
        Asked::Prize { .. } => "promo_payout",
        Asked::Check { .. } => "check",
        _ => "balance",
    }
}

/// The round, and the table that is the game.
fn game(round: &str) -> Value {
    json!({"id": round, "type": "roulette", "details": {"table": {"id": GAME, "vid": ""}}})
}

/// A transaction's id in Evolution's own words, without its kind.
fn named(key: &str) -> &str {
    let id = id(key);
    id.split_once(':').map_or(id, |(_, id)| id)
}

/// An amount as a JSON number, exactly.
fn number(amount: Micros) -> Value {
    written(amount).parse::<f64>().map_or(Value::Null, Value::from)
}
