//! What differs between game vendors' rules, stated as data: the core knows no vendor's name.

/// A vendor's rules for bets, winnings and rollbacks. Static: an adapter declares it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalletPolicy {
    /// Whether winnings need a bet that we know (or, where rounds are kept and no bet is named, a round).
    pub require_bet: bool,
    /// What a bet is, and how it ends.
    pub bets: Bets,
    /// Whether a bet can win only once.
    pub one_credit_per_bet: bool,
    /// Whether rounds have a state of their own.
    pub rounds: Rounds,
    /// Whether the repeat of a transaction that was undone since is refused, rather than answered as the first time.
    pub undone_is_final: bool,
}

/// What a bet is to a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bets {
    /// The bet is its transaction. A rollback undoes exactly the transaction it names, a stake or winnings,
    /// whatever came after; a second rollback of the same is accepted without effect.
    ByTransaction,
    /// The bet has a reference and a life of its own: open, then settled or cancelled. A rollback names the
    /// bet, and is refused once the bet is settled or cancelled.
    ByReference,
}

/// What a round is to a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounds {
    /// A mere name: its end is noted, and winnings may still follow.
    Named,
    /// Winnings belong to a round that a stake began; once it is closed, nothing follows.
    Kept,
}

impl WalletPolicy {
    /// Whether winnings that name no bet may be paid in the proportion of their round's stakes, so that the
    /// round has to remember them.
    #[must_use]
    pub fn rounds_remember_stakes(&self) -> bool {
        self.rounds == Rounds::Kept || !self.require_bet
    }
}
