//! What we know of earlier transactions and rounds, in Valkyrie's form.
//!
//! A bet's record keeps what it came to and its newest transaction, not each of them: winnings that were paid in
//! several parts are told as one, under the id of the last.

use domain::fact::Play;
use domain::play::{BetState, LastWord, Round as KeptRound, Slot, Split};
use domain::{Entry, Fact, Money, Timestamp};
use serde::Serialize;

use super::transaction::CANCEL;
use crate::games::KnownBet;
use crate::games::number::Number;

/// The transactions at a transaction's key; none if it never happened.
pub(super) fn at(slot: &Slot) -> Option<Vec<Earlier>> {
    match slot {
        Slot::Taken(entry) => of_entry(entry),
        Slot::Free | Slot::Tombstone => None,
    }
}

/// The transactions of a bet; none if it was never placed. Of a free bet only its stake knows what it was worth.
pub(super) fn of_bet(KnownBet { bet, stake }: &KnownBet) -> Option<Vec<Earlier>> {
    if bet.state == BetState::Forbidden {
        return None;
    }
    let of = |kind, amounts, tx: &str, at| {
        let transaction = Earlier {
            provider_transaction_id: own(tx),
            provider_bet_ref: own(&bet.key.tx),
            transaction_date_time: Some(at),
            ..Earlier::new(kind, &bet.key.tx, amounts)
        };
        transaction.within(&bet.play)
    };
    let (kind, amounts) = match stake {
        Slot::Taken(entry) => match &entry.fact {
            Fact::BetPlaced { amount, free: true, .. } => (Type::PromoWithdraw, Amounts::promo(*amount)),
            _ => (Type::Withdraw, Amounts::of(bet.stake)),
        },
        Slot::Free | Slot::Tombstone => (Type::Withdraw, Amounts::of(bet.stake)),
    };
    let mut found = vec![of(kind, amounts, &bet.placed_by, bet.placed_at)];
    if let Some(LastWord { tx, at }) = &bet.last {
        found.extend(match bet.state {
            BetState::Settled => Some(of(Type::Deposit, Amounts::of(bet.payout), tx, *at)),
            BetState::Cancelled => Some(of(Type::Cancel, Amounts::of(bet.stake), tx, *at)),
            BetState::Open | BetState::Void | BetState::Forbidden => None,
        });
    }
    Some(found)
}

/// A round that is remembered.
pub(super) fn round(round: &KeptRound) -> Round {
    Round {
        provider_game_id: own(&round.game),
        provider_round_id: own(&round.key.tx),
        start_time: round.began_at,
        end_time: round.ended_at,
    }
}

/// A name of a provider's as the provider knows it.
pub(super) fn own(kept: &str) -> Option<String> {
    let (_, own) = kept.split_once(':')?;
    // A cancel is kept beside its stake, under a name of its own.
    let own = own.strip_prefix(CANCEL).unwrap_or(own);
    (!own.is_empty()).then(|| own.to_owned())
}

fn of_entry(entry: &Entry) -> Option<Vec<Earlier>> {
    let (kind, play, amounts, bet) = match &entry.fact {
        Fact::BetPlaced { play, amount, free: true, .. } => {
            (Type::PromoWithdraw, play, Amounts::promo(*amount), None)
        }
        Fact::BetPlaced { play, amount, bonus, .. } => {
            (Type::Withdraw, play, Amounts::of(Split::of(*amount, *bonus).ok()?), None)
        }
        Fact::BetWon { play, amount, bonus, bet, reason } => {
            let kind = if reason.is_for_a_bet() { Type::Deposit } else { Type::PromoDeposit };
            (kind, play, Amounts::of(Split::of(*amount, *bonus).ok()?), bet.as_deref())
        }
        _ => return None,
    };
    let transaction = Earlier {
        transaction_date_time: Some(entry.at),
        provider_transaction_id: own(&entry.key.tx),
        provider_bet_ref: bet.and_then(own),
        ..Earlier::new(kind, &entry.key.tx, amounts)
    };
    Some(vec![transaction.within(play)])
}

/// A transaction, as far as it is known.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Earlier {
    currency: &'static str,
    provider: String,
    transaction_type: Type,
    cash_amount: Number,
    bonus_amount: Number,
    promo_amount: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    transaction_date_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_transaction_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_bet_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_game_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_round_id: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_game_over: bool,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Type {
    Deposit,
    Withdraw,
    Cancel,
    PromoDeposit,
    PromoWithdraw,
}

/// A round that is remembered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Round {
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_game_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_round_id: Option<String>,
    start_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Timestamp>,
}

struct Amounts {
    paid: Split,
    promo: Money,
}

impl Amounts {
    const fn of(paid: Split) -> Self {
        Self { paid, promo: Money::zero(paid.cash.currency()) }
    }

    const fn promo(promo: Money) -> Self {
        Self { paid: Split::zero(promo.currency()), promo }
    }
}

impl Earlier {
    /// A transaction of the provider that a kept name belongs to.
    fn new(transaction_type: Type, kept: &str, Amounts { paid, promo }: Amounts) -> Self {
        Self {
            currency: paid.cash.currency().code(),
            provider: kept.split_once(':').map_or(kept, |(provider, _)| provider).to_owned(),
            transaction_type,
            cash_amount: Number::shown(paid.cash),
            bonus_amount: Number::shown(paid.bonus),
            promo_amount: Number::shown(promo),
            transaction_date_time: None,
            provider_transaction_id: None,
            provider_bet_ref: None,
            provider_game_id: None,
            provider_round_id: None,
            is_game_over: false,
        }
    }

    fn within(self, play: &Play) -> Self {
        Self {
            provider_game_id: own(&play.game),
            provider_round_id: play.round.as_deref().and_then(own),
            is_game_over: play.round_closed,
            ..self
        }
    }
}
