//! A game vendor's dealings with one player: what all vendors have in common, whatever protocol they speak.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use super::GameVendor;
use super::seats::Seats;
use crate::network::{Call, Caller, Reply};
use crate::oracle::{Asked, Micros, Wager};
use crate::processes::Name;
use crate::seed::Dice;
use crate::world::World;

/// The longest pause between two attempts of what is repeated for ever.
pub(super) const PAUSE_MAX: u64 = 16;
/// Of a thousand calls, how many carry the token of a game that is long over.
const EXPIRED: u64 = 20;

/// What vendors remember: the calls that were acknowledged.
#[derive(Default)]
pub(crate) struct Memory {
    acknowledged: Vec<Known>,
    /// At which seats the players of Evolution sit, by their numbers.
    pub(super) seats: BTreeMap<usize, Seats>,
}

/// A call that was acknowledged.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) vendor: GameVendor,
    pub(super) call: Call,
    pub(super) body: Value,
}

/// A vendor's dealings with one player.
pub(super) struct Table {
    pub(super) world: Rc<World>,
    pub(super) vendor: GameVendor,
    pub(super) player: usize,
    pub(super) step: u64,
    pub(super) dice: Dice,
}

/// The platform's word for an outcome, as a vendor heard it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    Done,
    /// Refused; and perhaps a copy of the call is still on its way, of which the vendor knows nothing.
    Refused {
        echo: bool,
    },
    Unclear,
}

impl Memory {
    /// One of the calls that were acknowledged.
    pub(super) fn any(&self, dice: &mut Dice) -> Option<Known> {
        dice.pick(&self.acknowledged).cloned()
    }

    /// What one of them asked for that a vendor made about a player.
    pub(super) fn another(&self, vendor: GameVendor, player: usize, dice: &mut Dice) -> Option<Asked> {
        let about = |it: &&Known| it.vendor == vendor && it.call.player == player;
        let all: Vec<&Known> = self.acknowledged.iter().filter(about).collect();
        dice.pick(&all).map(|it| it.call.asked.clone())
    }
}

impl Table {
    /// A stake of some size; one in many is more than anybody has, and one in many as small as money gets.
    pub(super) fn wager(&mut self, round: &str) -> Wager {
        let hundredths = match self.dice.below(20) {
            0 => 100_000_000,
            1 => 1,
            _ => self.dice.between(1, 60) * 50_000,
        };
        let expired = self.dice.chance(EXPIRED);
        let key = self.key();
        Wager { key, amount: Micros::from(hundredths) * 10, round: round.to_owned(), expired }
    }

    /// Some multiple of a stake, no finer than a hundred-thousandth.
    pub(super) fn multiple(&mut self, stake: Micros) -> Micros {
        stake * Micros::from(self.dice.between(1, 40)) / 10 / 10 * 10
    }

    /// The key of a transaction that nobody has heard of.
    pub(super) fn key(&mut self) -> String {
        self.vendor.key(&self.dice.uuid())
    }

    pub(super) fn is_expired(&mut self) -> bool {
        self.dice.chance(EXPIRED)
    }

    /// Another system of the same vendor, at the same table.
    pub(super) fn twin(&mut self) -> Self {
        let dice = self.dice.branch();
        Self { world: Rc::clone(&self.world), dice, ..*self }
    }

    /// The vendor's books, from now on.
    pub(super) fn books_say(&self, key: &str, counts: bool) {
        self.world.oracle.borrow_mut().vendor_says(&self.player_id(), key, counts);
    }

    /// One attempt, and what the vendor heard of it.
    pub(super) async fn say(&mut self, what: &'static str, asked: Asked, body: Value) -> Word {
        let reply = self.attempt(what, asked, body).await;
        reply.map_or(Word::Unclear, |reply| self.vendor.heard(&reply))
    }

    /// One attempt, and the answer if one was heard.
    pub(super) async fn attempt(&mut self, what: &'static str, asked: Asked, body: Value) -> Option<Reply> {
        let (vendor, player) = (self.vendor, self.player_id());
        self.world.oracle.borrow_mut().expect_play(&player, &asked);
        let label = format!("#{} {} {what} {asked}", self.step, vendor.name());
        let call = Call {
            name: Name::GameWallet(vendor),
            route: vendor.route(what),
            id: String::new(),
            query: String::new(),
            headers: Vec::new(),
            body: String::new(),
            caller: Caller::Vendor,
            player: self.player,
            asked,
            label,
        };
        let call = vendor.signed(&self.world, call, &body);
        let reply = self.world.call(&call, &mut self.dice, vendor.patience()).await;
        let done = reply.as_ref().is_some_and(|reply| vendor.heard(reply) == Word::Done);
        if done && !matches!(call.asked, Asked::Balance { .. } | Asked::BalanceOf { .. }) {
            self.world.memory.borrow_mut().acknowledged.push(Known { vendor, call, body });
        }
        reply
    }

    /// What some call of the vendor's about this player asked for.
    pub(super) fn another(&mut self) -> Option<Asked> {
        let memory = self.world.memory.borrow();
        memory.another(self.vendor, self.player, &mut self.dice)
    }

    pub(super) fn player_id(&self) -> String {
        self.world.player_id(self.player)
    }

    pub(super) fn currency(&self) -> &'static str {
        self.world.players.get(self.player).map(|it| it.currency).unwrap_or_default()
    }
}

/// The longer something takes, the longer the pause before it is tried again.
pub(super) fn longer(pause: u64) -> u64 {
    (pause * 2 + 1).min(PAUSE_MAX)
}

/// A transaction's id in the vendor's own words.
pub(super) fn id(key: &str) -> &str {
    key.split_once('#').map_or(key, |(_, id)| id)
}

pub(super) fn set(body: &mut Value, name: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}
