//! Hub88, the game vendor: a stake and winnings are tried three times, a second each; a stake of which nobody can say
//! what became of it is rolled back; a rollback is repeated until it is answered.

use std::rc::Rc;

use serde_json::{Value, json};

use crate::network::{Call, Caller};
use crate::oracle::{Asked, Wager};
use crate::people::GAME;
use crate::processes::Name;
use crate::schedule::ticks;
use crate::seed::Dice;
use crate::world::World;

/// How long an attempt may take: about a second.
const PATIENCE: u64 = 8;
const TRIES: u32 = 3;
/// The longest pause between two attempts of what is repeated for ever.
const PAUSE_MAX: u64 = 16;
/// Of a thousand calls, how many carry the token of a game that is long over.
const EXPIRED: u64 = 20;

/// What the vendor remembers: the calls that were acknowledged.
#[derive(Default)]
pub(crate) struct Memory {
    acknowledged: Vec<(Call, Value)>,
}

/// A vendor's dealings with one player.
struct Table {
    world: Rc<World>,
    player: usize,
    step: u64,
    dice: Dice,
}

/// What became of a stake.
enum Stake {
    Taken,
    Refused,
}

/// The platform's word for an outcome, as the vendor heard it.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    Done,
    /// Refused; and perhaps a copy of the call is still on its way, of which the vendor knows nothing.
    Refused {
        echo: bool,
    },
    Unclear,
}

/// A round: some stakes, then what they win; or regrets.
pub(crate) async fn round(world: Rc<World>, player: usize, step: u64, dice: Dice) {
    let mut table = Table { world, player, step, dice };
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
    match table.dice.below(10) {
        // Lost: the round is closed with winnings of zero, or not at all.
        0..4 => {
            if table.dice.chance(500) {
                table.winnings(&bet, 0).await;
            }
        }
        4..8 => {
            for _ in 0..table.dice.between(1, 2) {
                let factor = i128::from(table.dice.between(1, 40));
                table.winnings(&bet, bet.amount * factor / 10 / 10 * 10).await;
            }
        }
        // The supplier changes its mind about a stake that was taken, perhaps while another of its systems pays.
        8 => {
            let mut other = table.twin();
            if table.dice.chance(500) {
                tokio::join!(biased; table.undo(&bet.tx), other.winnings(&bet, bet.amount));
            } else {
                table.undo(&bet.tx).await;
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
pub(crate) async fn repeat(world: Rc<World>, step: u64, mut dice: Dice) {
    let remembered = dice.pick(&world.memory.borrow().acknowledged).cloned();
    let Some((mut call, mut body)) = remembered else { return };
    let player = world.player_id(call.player);
    set(&mut body, "request_uuid", json!(dice.uuid()));
    if dice.chance(250)
        && let Asked::Bet(wager) = &mut call.asked
    {
        wager.amount += 10;
        set(&mut body, "amount", json!(i64::try_from(wager.amount / 10).unwrap_or_default()));
        let key = format!("hub88#{}", wager.tx);
        world.oracle.borrow_mut().expect(&player, key, call.asked.clone());
    }
    if dice.chance(400)
        && let Asked::Rollback { tx, .. } = &mut call.asked
    {
        *tx = dice.uuid();
        set(&mut body, "transaction_uuid", json!(tx));
        let key = format!("hub88#{tx}");
        world.oracle.borrow_mut().expect(&player, key, call.asked.clone());
    }
    call.label = format!("#{step} again {}", call.label);
    let call = signed(&world, call, &body);
    world.call(&call, &mut dice, PATIENCE).await;
}

impl Table {
    /// A stake of some size; one in many is more than anybody has, and one in many as small as money gets.
    fn wager(&mut self, round: &str) -> Wager {
        let hundredths = match self.dice.below(20) {
            0 => 100_000_000,
            1 => 1,
            _ => self.dice.between(1, 60) * 50_000,
        };
        let expired = self.dice.chance(EXPIRED);
        Wager { tx: self.dice.uuid(), amount: i128::from(hundredths) * 10, round: round.to_owned(), expired }
    }

    /// Another system of the same vendor, at the same table.
    fn twin(&mut self) -> Self {
        let dice = self.dice.branch();
        Self { world: Rc::clone(&self.world), player: self.player, step: self.step, dice }
    }

    async fn stake(&mut self, wager: &Wager) -> Stake {
        let asked = Asked::Bet(wager.clone());
        let mut body = self.body(wager, false);
        set(&mut body, "transaction_uuid", json!(wager.tx));
        set(&mut body, "amount", json!(hub88(wager.amount)));
        let mut unclear = false;
        for _ in 0..TRIES {
            match self.say("bet", asked.clone(), &wager.tx, body.clone()).await {
                Word::Done => {
                    self.books_say(&wager.tx, true);
                    return Stake::Taken;
                }
                Word::Unclear => unclear = true,
                Word::Refused { .. } if unclear => break,
                Word::Refused { echo } => {
                    // If a copy is taken later, nobody will ever tell the vendor: the books may differ.
                    if !echo {
                        self.books_say(&wager.tx, false);
                    }
                    return Stake::Refused;
                }
            }
        }
        self.undo(&wager.tx).await;
        Stake::Refused
    }

    /// Pays winnings. What is unclear is repeated until it is not. The transaction, if they were taken.
    async fn winnings(&mut self, bet: &Wager, amount: i128) -> Option<String> {
        let wager = Wager { tx: self.dice.uuid(), amount, ..bet.clone() };
        let asked = Asked::Win { wager: wager.clone(), bet: bet.tx.clone() };
        let mut body = self.body(&wager, true);
        set(&mut body, "transaction_uuid", json!(wager.tx));
        set(&mut body, "reference_transaction_uuid", json!(bet.tx));
        set(&mut body, "amount", json!(hub88(amount)));
        let mut pause = 0;
        loop {
            match self.say("win", asked.clone(), &wager.tx, body.clone()).await {
                Word::Done => {
                    self.books_say(&wager.tx, true);
                    return Some(wager.tx);
                }
                Word::Unclear => {
                    ticks(pause).await;
                    pause = (pause * 2 + 1).min(PAUSE_MAX);
                }
                // A refusal is final unless an earlier attempt is still on its way: then it is undone for certain.
                Word::Refused { echo } => {
                    if pause > 0 || echo {
                        self.undo(&wager.tx).await;
                    } else {
                        self.books_say(&wager.tx, false);
                    }
                    return None;
                }
            }
        }
    }

    /// Undoes a transaction, until that is acknowledged.
    async fn undo(&mut self, target: &str) {
        let round = self.dice.uuid();
        let mut tx = self.dice.uuid();
        let mut pause = 0;
        loop {
            let asked = Asked::Rollback { tx: tx.clone(), target: target.to_owned() };
            let wager = Wager { tx: tx.clone(), amount: 0, round: round.clone(), expired: false };
            let mut body = self.body(&wager, true);
            set(&mut body, "transaction_uuid", json!(tx));
            set(&mut body, "reference_transaction_uuid", json!(target));
            if self.say("rollback", asked, &tx, body).await == Word::Done {
                self.books_say(target, false);
                return;
            }
            ticks(pause).await;
            pause = (pause * 2 + 1).min(PAUSE_MAX);
            if self.dice.chance(300) {
                tx = self.dice.uuid();
            }
        }
    }

    async fn ask_balance(&mut self) {
        let expired = self.dice.chance(EXPIRED);
        let wager = Wager { tx: String::new(), amount: 0, round: String::new(), expired };
        let body = self.body(&wager, false);
        self.say("balance", Asked::Balance { expired }, "", body).await;
    }

    /// The vendor's books, from now on.
    fn books_say(&self, tx: &str, counts: bool) {
        self.world.oracle.borrow_mut().vendor_says(&self.player_id(), tx, counts);
    }

    /// One attempt, and what the vendor heard of it.
    async fn say(&mut self, what: &'static str, asked: Asked, tx: &str, mut body: Value) -> Word {
        let player = self.player_id();
        self.world.oracle.borrow_mut().expect(&player, format!("hub88#{tx}"), asked.clone());
        set(&mut body, "request_uuid", json!(self.dice.uuid()));
        let route = match what {
            "bet" => "POST /webhooks/games/hub88/transaction/bet",
            "win" => "POST /webhooks/games/hub88/transaction/win",
            "balance" => "POST /webhooks/games/hub88/user/balance",
            _ => "POST /webhooks/games/hub88/transaction/rollback",
        };
        let amount = body.get("amount").map(ToString::to_string).unwrap_or_default();
        let label = format!("#{} {what} {} {amount}", self.step, short(tx));
        let call = Call {
            name: Name::GameWallet,
            route,
            id: String::new(),
            headers: Vec::new(),
            body: String::new(),
            caller: Caller::Vendor,
            player: self.player,
            asked,
            label,
        };
        let call = signed(&self.world, call, &body);
        let Some(reply) = self.world.call(&call, &mut self.dice, PATIENCE).await else {
            return Word::Unclear;
        };
        match reply.status_word() {
            "RS_OK" => {
                if what != "balance" {
                    self.world.memory.borrow_mut().acknowledged.push((call, body));
                }
                Word::Done
            }
            "RS_ERROR_UNKNOWN" | "" => Word::Unclear,
            _ => Word::Refused { echo: reply.echo },
        }
    }

    fn body(&self, wager: &Wager, closed: bool) -> Value {
        let player = self.world.players.get(self.player);
        let token = player.map(|it| if wager.expired { &it.expired_token } else { &it.token });
        json!({
            "user": self.player_id(),
            "token": token,
            "game_code": GAME,
            "currency": player.map(|it| it.currency),
            "round": wager.round,
            "round_closed": closed,
        })
    }

    fn player_id(&self) -> String {
        self.world.player_id(self.player)
    }
}

/// The call with its body, signed.
fn signed(world: &World, mut call: Call, body: &Value) -> Call {
    call.body = body.to_string();
    let signature = world.hub88.sign(call.body.as_bytes());
    call.headers = vec![("x-hub88-signature", signature)];
    call
}

/// Millionths as Hub88 counts them.
fn hub88(micros: i128) -> i64 {
    i64::try_from(micros / 10).unwrap_or_default()
}

fn set(body: &mut Value, name: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn short(tx: &str) -> &str {
    tx.get(..8).unwrap_or(tx)
}
