//! What can happen to a player: the closed list of facts that ledger entries record and events report.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::account::VerificationStatus;
use crate::adjustment::Cause;
use crate::cashier::{Funding, HolderMatch, InstrumentKind};
use crate::deposit::{DepositStatus, RefundStatus};
use crate::ids::{DepositId, GameSessionId, SessionId, StaffId, VerificationId, WithdrawalId};
use crate::money::{Money, MoneyError};
use crate::play::{BetState, CreditReason, GameSession, Split};
use crate::withdrawal::WithdrawalStatus;

/// A fact about one player. The variants' names are the `kind` on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The account was opened.
    PlayerRegistered {
        /// ISO 3166-1 alpha-2.
        country: String,
    },
    /// The player signed in.
    SignedIn {
        /// The session begun.
        session: SessionId,
    },
    /// The player's profile changed.
    ProfileChanged {
        /// The names of the fields, never their values.
        fields: Vec<String>,
        /// The verification's status from now on, if a changed identity has to be verified again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verification: Option<VerificationStatus>,
    },
    /// The account was closed for good.
    AccountClosed {
        /// Why.
        reason: String,
    },
    /// A verification was started, or its status changed.
    VerificationChanged {
        /// The attempt, unless the vendor acted on its own.
        verification: Option<VerificationId>,
        /// The status from now on.
        status: VerificationStatus,
        /// The identity vendor, or `staff`.
        vendor: String,
        /// The last day of the document behind the approval, as long as that stands.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_on: Option<Date>,
        /// Who of the staff said so, if the vendor did not. With the status as it was, a colleague has still to agree.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<StaffId>,
    },
    /// A game was opened.
    GameLaunched {
        /// The game session.
        session: GameSessionId,
        /// The vendor's game code.
        game: String,
        /// The game vendor.
        integration: String,
    },
    /// A game session got another token.
    GameSessionRotated {
        /// The game session.
        session: GameSessionId,
    },
    /// A stake was taken.
    BetPlaced {
        /// The game play it belongs to.
        play: Play,
        /// The stake.
        amount: Money,
        /// The part of it that was bonus money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bonus: Option<Money>,
        /// Whether it was a free bet: the amount is nominal, no money moved.
        free: bool,
    },
    /// Winnings were paid; zero closes a lost round.
    BetWon {
        /// The game play it belongs to.
        play: Play,
        /// The winnings.
        amount: Money,
        /// The part of them that was paid in bonus money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bonus: Option<Money>,
        /// The bet that won, in the vendor's words; none where the vendor names none.
        bet: Option<String>,
        /// What was paid for; an ordinary win if not told.
        #[serde(default, skip_serializing_if = "CreditReason::is_win")]
        reason: CreditReason,
    },
    /// A round is over.
    RoundEnded {
        /// The round.
        play: Play,
    },
    /// A free round was spun: no money moved.
    FreeRoundPlayed {
        /// The game play it belongs to.
        play: Play,
        /// The nominal stake or winnings.
        amount: Money,
        /// Whether it was winnings.
        won: bool,
        /// The granted reward it belongs to.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reward: Option<String>,
    },
    /// A sports bet was settled, unsettled, declared void or taken up again.
    BetUpdated {
        /// What the bet was on.
        play: Play,
        /// The bet's reference.
        bet: String,
        /// What it was.
        from: BetState,
        /// What it is from now on.
        to: BetState,
        /// The stake.
        stake: Money,
        /// What it is paid in all from now on.
        payout: Money,
        /// What it had been paid.
        payout_before: Money,
        /// The part that the player could not give back, now owed.
        shortfall: Money,
    },
    /// A transaction of a vendor was undone, or refused in advance.
    RolledBack {
        /// The game play it belongs to.
        play: Play,
        /// The transaction to undo.
        target: String,
        /// What the target had been, if there was something to undo.
        undone: Option<Undone>,
    },
    /// The player asked to pay in.
    DepositRequested {
        /// The deposit.
        deposit: DepositId,
        /// How much.
        amount: Money,
        /// How.
        method: String,
    },
    /// The deposit moved on without moving money.
    DepositProgressed {
        /// The deposit.
        deposit: DepositId,
        /// The status from now on.
        status: DepositStatus,
    },
    /// The provider told what the player pays with.
    DepositIdentified {
        /// The deposit.
        deposit: DepositId,
        /// What it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instrument: Option<InstrumentKind>,
        /// Whose money it spends, if it is a card.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        funding: Option<Funding>,
        /// How the holder's name goes with the player's.
        holder: HolderMatch,
    },
    /// The deposit was credited, in whole or in part.
    DepositCompleted {
        /// The deposit.
        deposit: DepositId,
        /// How much was credited.
        amount: Money,
        /// How it was paid.
        method: String,
        /// Whether it is the player's first.
        first: bool,
    },
    /// Money arrived that does not match the deposit; staff must decide.
    DepositQuarantined {
        /// The deposit.
        deposit: DepositId,
        /// What arrived.
        received: Money,
    },
    /// Money in quarantine went back to where it came from.
    DepositReturned {
        /// The deposit.
        deposit: DepositId,
        /// How much.
        amount: Money,
    },
    /// Credited money went back to where it came from.
    DepositRefunded {
        /// The deposit.
        deposit: DepositId,
        /// How much.
        amount: Money,
        /// The part that the player had spent, now owed.
        shortfall: Money,
        /// Which refund of ours, from one; none if it was made at the provider's own desk.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refund: Option<u8>,
    },
    /// Staff asked for a refund of a deposit; the money is held.
    RefundRequested {
        /// The deposit.
        deposit: DepositId,
        /// Which of its refunds, from one.
        refund: u8,
        /// How much.
        amount: Money,
        /// Whether nobody else has to agree.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        approved: bool,
    },
    /// The refund moved on without moving money.
    RefundProgressed {
        /// The deposit.
        deposit: DepositId,
        /// Which of its refunds, from one.
        refund: u8,
        /// The status from now on.
        status: RefundStatus,
    },
    /// The refund's money went back to the player's balance.
    RefundReturned {
        /// The deposit.
        deposit: DepositId,
        /// Which of its refunds, from one.
        refund: u8,
        /// Why: rejected or failed.
        status: RefundStatus,
        /// How much.
        amount: Money,
        /// Whether it had left, and came back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        after_payment: bool,
    },
    /// The player's bank took credited money back.
    DepositChargedBack {
        /// The deposit.
        deposit: DepositId,
        /// How much.
        amount: Money,
        /// The part that the player had spent, now owed.
        shortfall: Money,
    },
    /// A chargeback was taken back: the dispute is won.
    ChargebackReversed {
        /// The deposit.
        deposit: DepositId,
        /// How much.
        amount: Money,
        /// The part that paid what the player owed.
        repaid: Money,
    },
    /// The player asked to be paid out; the money is held.
    WithdrawalRequested {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// How much.
        amount: Money,
        /// How.
        method: String,
        /// Whether it is paid without anybody's consent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        approved: bool,
    },
    /// The withdrawal moved on without moving money.
    WithdrawalProgressed {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// The status from now on.
        status: WithdrawalStatus,
    },
    /// The money, or that of one payout, went back to the player.
    WithdrawalReturned {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// Why: rejected, cancelled or failed.
        status: WithdrawalStatus,
        /// How much.
        amount: Money,
        /// Whether it had been paid, and the player's bank sent it back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        after_payment: bool,
        /// Which of its payouts, if only one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payout: Option<u8>,
    },
    /// The money left for the player's bank.
    WithdrawalPaid {
        /// The withdrawal.
        withdrawal: WithdrawalId,
        /// How much.
        amount: Money,
        /// The part that had been given back too early and spent, now owed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shortfall: Option<Money>,
        /// Which of its payouts, if there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        payout: Option<u8>,
    },
    /// Money was moved for a stated cause.
    Adjusted {
        /// What the player gained; below zero, what was taken.
        amount: Money,
        /// Why.
        cause: Cause,
        /// The part that the player could not give, now owed.
        shortfall: Money,
        /// Who of the staff ordered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<StaffId>,
    },
}

impl Fact {
    /// What a stake really took; none if this is no stake. A free bet took nothing.
    pub fn staked(&self) -> Result<Option<Split>, MoneyError> {
        match self {
            Self::BetPlaced { amount, free: true, .. } => Ok(Some(Split::zero(amount.currency()))),
            Self::BetPlaced { amount, bonus, free: false, .. } => Split::of(*amount, *bonus).map(Some),
            _ => Ok(None),
        }
    }
}

/// The game play that a wallet operation belongs to, in the vendor's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Play {
    /// The vendor's game code; empty where its calls name none.
    pub game: String,
    /// The vendor's round, if it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<String>,
    /// Whether the vendor says that the round is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub round_closed: bool,
}

impl Play {
    /// The play with what another one tells of it, where it does not tell it itself.
    pub(crate) fn or_as_in(self, known: &Self) -> Self {
        let game = if self.game.is_empty() { known.game.clone() } else { self.game };
        Self { game, round: self.round.or_else(|| known.round.clone()), ..self }
    }

    /// The play with its session's game, where the vendor's calls name none.
    pub(crate) fn of_session(&self, session: Option<&GameSession>) -> Self {
        let game = match session {
            Some(session) if self.game.is_empty() => session.game.clone(),
            _ => self.game.clone(),
        };
        Self { game, ..self.clone() }
    }
}

/// What a rollback undid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "was")]
pub enum Undone {
    /// A stake: given back.
    Bet {
        /// The stake given back.
        amount: Money,
        /// The part of it that was bonus money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bonus: Option<Money>,
    },
    /// Winnings: taken back.
    Win {
        /// The winnings taken back.
        amount: Money,
        /// The part of them that was bonus money.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bonus: Option<Money>,
        /// The part the player had already spent, now owed.
        shortfall: Money,
        /// What had been paid for.
        #[serde(default, skip_serializing_if = "CreditReason::is_win")]
        reason: CreditReason,
    },
}
