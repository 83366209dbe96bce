//! Where a player sits at Evolution's tables: at two at once, a big screen and a small one, each with a token of its own.

use super::table::Table;

/// How many a player has.
const SEATS: u64 = 2;

/// The tokens that Evolution takes for good.
pub(crate) struct Seats {
    taken: Vec<String>,
    /// What the player may still sit down with.
    unused: Vec<String>,
}

impl Table {
    /// The token of one of the player's seats; sometimes that of a table which was left long ago.
    pub(super) fn token(&mut self) -> String {
        let seat = usize::try_from(self.dice.below(SEATS)).unwrap_or_default();
        let tokens =
            self.world.players.get(self.player).map(|it| it.table_tokens.clone()).unwrap_or_default();
        if self.is_expired() {
            return tokens.first().cloned().unwrap_or_default();
        }
        let mut memory = self.world.memory.borrow_mut();
        let seats = memory.seats.entry(self.player).or_insert_with(|| {
            let unused = tokens.into_iter().skip(1).collect();
            let mut seats = Seats { taken: Vec::new(), unused };
            seats.taken = (0..SEATS).filter_map(|_| seats.unused.pop()).collect();
            seats
        });
        seats.taken.get(seat).cloned().unwrap_or_default()
    }

    /// A token was exchanged for another, if nobody else saw to that.
    pub(super) fn exchanged(&self, token: &str, next: &str) {
        self.replace(token, |_| Some(next.to_owned()));
    }

    /// A token is over: the player opens the table once more, if there is another.
    pub(super) fn sit_down_again(&self, token: &str) {
        self.replace(token, Vec::pop);
    }

    fn replace(&self, token: &str, next: impl FnOnce(&mut Vec<String>) -> Option<String>) {
        let mut memory = self.world.memory.borrow_mut();
        let Some(Seats { taken, unused }) = memory.seats.get_mut(&self.player) else { return };
        if let Some(held) = taken.iter_mut().find(|held| *held == token)
            && let Some(next) = next(unused)
        {
            *held = next;
        }
    }
}
