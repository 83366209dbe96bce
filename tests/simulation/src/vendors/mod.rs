//! The world outside: vendors, players and staff, each as patient and as forgetful as the real ones.

mod evolution;
pub(crate) mod hub88;
pub(crate) mod psp;
mod seats;
pub(crate) mod softswiss;
mod table;
mod toy_rsa;

use std::rc::Rc;

use serde_json::Value;

use crate::network::{Call, Reply};
use crate::seed::Dice;
use crate::world::World;

pub(crate) use table::Memory;
pub(crate) use toy_rsa::ToyRsa;

/// The game vendors, each with rules of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GameVendor {
    /// One movement a call; winnings name their bet; tokens that expire.
    Hub88,
    /// Several movements a call, all or none; winnings name their round alone; no tokens.
    SoftSwiss,
    /// One movement a call; bets with references of their own, which end once; tokens that are exchanged.
    Evolution,
}

impl GameVendor {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Hub88, Self::SoftSwiss, Self::Evolution];

    /// As the platform's settings and its ledger call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hub88 => "hub88",
            Self::SoftSwiss => "softswiss",
            Self::Evolution => "evolution",
        }
    }

    /// Under which key the ledger keeps a transaction.
    pub(crate) fn key(self, tx: &str) -> String {
        format!("{}#{tx}", self.name())
    }

    /// How long an attempt may take.
    const fn patience(self) -> u64 {
        match self {
            Self::Hub88 => hub88::PATIENCE,
            Self::SoftSwiss => softswiss::PATIENCE,
            Self::Evolution => evolution::PATIENCE,
        }
    }

    fn route(self, what: &str) -> &'static str {
        match self {
            Self::Hub88 => hub88::route(what),
            Self::SoftSwiss => softswiss::route(what),
            Self::Evolution => evolution::route(what),
        }
    }

    /// The call with its body, and what proves whose it is.
    fn signed(self, world: &World, mut call: Call, body: &Value) -> Call {
        call.body = body.to_string();
        match self {
            Self::Hub88 => call.headers = hub88::signature(world, &call.body),
            Self::SoftSwiss => call.headers = softswiss::signature(&call.body),
            Self::Evolution => evolution::QUERY.clone_into(&mut call.query),
        }
        call
    }

    fn heard(self, reply: &Reply) -> table::Word {
        match self {
            Self::Hub88 => hub88::heard(reply),
            Self::SoftSwiss => softswiss::heard(reply),
            Self::Evolution => evolution::heard(reply),
        }
    }
}

/// A round of one vendor's game or another's.
pub(crate) async fn round(world: Rc<World>, player: usize, step: u64, mut dice: Dice) {
    match dice.pick(&GameVendor::ALL) {
        Some(GameVendor::SoftSwiss) => softswiss::round(world, player, step, dice).await,
        Some(GameVendor::Evolution) => evolution::round(world, player, step, dice).await,
        _ => hub88::round(world, player, step, dice).await,
    }
}

/// A vendor says again what was acknowledged, or something else under the same id; or undoes it once more.
pub(crate) async fn repeat(world: Rc<World>, step: u64, mut dice: Dice) {
    let Some(known) = world.memory.borrow().any(&mut dice) else { return };
    match known.vendor {
        GameVendor::Hub88 => hub88::repeat(world, step, dice, known).await,
        GameVendor::SoftSwiss => softswiss::repeat(world, step, dice, known).await,
        GameVendor::Evolution => evolution::repeat(world, step, dice, known).await,
    }
}
