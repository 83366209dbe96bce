//! The plan of a run: what is done, by whom, in which weather. Each step stands on its own and may be left out.

use crate::faults::Weather;
use crate::seed::Dice;

/// Everything that a seed decides beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// What goes wrong, and how often.
    pub weather: Weather,
    /// How many players there are.
    pub players: usize,
    /// How many steps are under way at once.
    pub width: usize,
    /// How many invocations a process takes at once.
    pub room: usize,
    /// Whether the payment provider pays out at all.
    pub pays_out: bool,
    /// What is done, in order of its beginning.
    pub steps: Vec<Step>,
}

/// One thing that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name, from which all its chances follow.
    pub id: u64,
    /// For whom.
    pub player: usize,
    /// What.
    pub deed: Deed,
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A round of a game, with all its stakes, winnings and regrets.
    Round,
    /// A vendor says again what it said before, or something else under the same id.
    Repeat,
    /// Paying in, and what the provider tells of it.
    Deposit,
    /// Wanting to be paid out, and what comes of it.
    Withdrawal,
    /// A deposit, or a part of it, is sent back by staff.
    Refund,
    /// Bonus money is given, or taken away.
    Bonus,
    /// A look at the wallet.
    Look,
    /// Payout orders are carried out.
    Payouts,
    /// What has waited for long is looked at again.
    Sweep,
    /// The streams are read on, once all that began before is over.
    Deliver,
    /// The clock moves on.
    Wait,
    /// A new version is deployed.
    Deploy,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self::of_length(seed, 60)
    }

    /// The plan of a seed with so many steps.
    #[must_use]
    pub fn of_length(seed: u64, steps: u64) -> Self {
        let mut dice = Dice::new(seed).fork(1);
        let players = usize::try_from(dice.between(1, 5)).unwrap_or(1);
        Self {
            seed,
            weather: Weather::drawn(&mut dice),
            players,
            width: usize::try_from(dice.between(1, 10)).unwrap_or(1),
            room: if dice.chance(500) { 1 } else { 8 },
            pays_out: dice.chance(700),
            steps: (1..=steps).map(|id| Step::drawn(id, players, &mut dice)).collect(),
        }
    }
}

impl Step {
    fn drawn(id: u64, players: usize, dice: &mut Dice) -> Self {
        // Half of all that is done is done to the first player: races want company.
        let player = if dice.chance(500) { 0 } else { dice.below(u64::try_from(players).unwrap_or(1)) };
        let deed = match dice.below(100) {
            0..45 => Deed::Round,
            45..55 => Deed::Repeat,
            55..63 => Deed::Deposit,
            63..72 => Deed::Withdrawal,
            72..75 => Deed::Refund,
            75..79 => Deed::Bonus,
            79..80 => Deed::Look,
            80..84 => Deed::Payouts,
            84..86 => Deed::Sweep,
            86..93 => Deed::Deliver,
            93..98 => Deed::Wait,
            _ => Deed::Deploy,
        };
        Self { id, player: usize::try_from(player).unwrap_or_default(), deed }
    }
}
