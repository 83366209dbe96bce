//! Transactions as Valkyrie asks for them.
//!
//! Every transaction names three amounts: real, bonus and promotional money. Which of the player's money pays a
//! stake is for the jurisdiction's rules to say, never for a game: a stake is the real amount, and is paid by the
//! rules. A part that must come out of bonus money alone cannot be promised, and there is no promotional money
//! here: stakes that name such parts are refused as overdrafts of theirs. What a promotion itself pays for is a
//! free bet, of that nominal amount. Winnings are owed whatever they are called: the sum of all three.

use domain::fact::Play;
use domain::play::{Bets, Credit, CreditReason, Debit, Rollback, Rounds, WalletPolicy};
use domain::{Command, Currency, EntryKey, Money, Refusal};
use serde::{Deserialize, Deserializer};

use super::INTEGRATION;
use super::wire::{Caller, Provider};
use crate::games::number::Number;
use crate::games::{Rejection, RequestKind};

/// What stands before the names of cancels, within their provider's.
pub(super) const CANCEL: &str = "cancel:";

const POLICY: WalletPolicy = WalletPolicy {
    require_bet: true,
    bets: Bets::ByReference,
    one_credit_per_bet: false,
    rounds: Rounds::Kept,
    undone_is_final: false,
};

/// What promotions pay needs no bet, and no round that is open.
const PROMOTIONS: WalletPolicy = WalletPolicy { require_bet: false, rounds: Rounds::Named, ..POLICY };

/// Reads a transaction to add.
pub(super) fn added(provider: &Provider, caller: &Caller, body: &[u8]) -> Result<Kind, Rejection> {
    let call = Added::read(body)?;
    if call.provider != provider.0 {
        return Err(Rejection::WrongType);
    }
    let game = call.provider_game_id.as_deref().map(|game| provider.own(game)).transpose()?;
    let (command, currency) = match call.transaction_type {
        Type::Withdraw | Type::PromoWithdraw => call.stake(provider, caller)?,
        Type::Deposit | Type::PromoDeposit => call.winnings(provider, caller)?,
        Type::Cancel | Type::PromoCancel => call.cancel(provider)?,
    };
    Ok((RequestKind::Operation(Box::new(command)), game, currency))
}

/// Whether a stake names promotional money.
pub(super) fn names_promotional_money(body: &[u8]) -> bool {
    Added::read(body).is_ok_and(|call| !call.promo_amount.is_zero())
}

type Kind = (RequestKind, Option<String>, Option<Currency>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Added {
    currency: String,
    provider: String,
    transaction_type: Type,
    cash_amount: Number,
    bonus_amount: Number,
    promo_amount: Number,
    provider_transaction_id: String,
    #[serde(default, deserialize_with = "named")]
    provider_bet_ref: Option<String>,
    #[serde(default, deserialize_with = "named")]
    provider_game_id: Option<String>,
    #[serde(default, deserialize_with = "named")]
    provider_round_id: Option<String>,
    is_game_over: Option<bool>,
    promos: Option<Vec<Promo>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Type {
    Deposit,
    Withdraw,
    Cancel,
    PromoDeposit,
    PromoWithdraw,
    PromoCancel,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Promo {
    promo_type: Option<String>,
}

/// Of an id that need not be there an empty one says that it is not.
fn named<'de, D: Deserializer<'de>>(input: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(input)?.filter(|id| !id.is_empty()))
}

/// The three amounts of a transaction.
struct Amounts {
    cash: Money,
    bonus: Money,
    promo: Money,
}

impl Added {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(body).map_err(|_| Rejection::Malformed)?;
        serde_json::from_str(text).map_err(|_| Rejection::Malformed)
    }

    fn stake(&self, provider: &Provider, caller: &Caller) -> Result<(Command, Option<Currency>), Rejection> {
        let Amounts { cash, bonus, promo } = self.amounts()?;
        let free = matches!(self.transaction_type, Type::PromoWithdraw) && cash.is_zero() && !promo.is_zero();
        if !bonus.is_zero() || (!promo.is_zero() && !free) {
            let available = Money::zero(cash.currency());
            return Err(Refusal::InsufficientFunds { available }.into());
        }
        let debit = Debit {
            key: provider.key(&self.provider_transaction_id)?,
            token_hash: Some(caller.token_hash()),
            play: self.play(provider)?,
            amount: if free { promo } else { cash },
            free,
            promotion: false,
            max_stake: None,
            bet: Some(self.bet(provider)?),
            policy: POLICY,
        };
        Ok((Command::Debit(debit), Some(cash.currency())))
    }

    /// Winnings that name no bet are their round's.
    fn winnings(
        &self,
        provider: &Provider,
        caller: &Caller,
    ) -> Result<(Command, Option<Currency>), Rejection> {
        let Amounts { cash, bonus, promo } = self.amounts()?;
        let amount = cash.plus(bonus).and_then(|sum| sum.plus(promo)).map_err(Refusal::Amount)?;
        let reason = self.reason();
        let credit = Credit {
            key: provider.key(&self.provider_transaction_id)?,
            token_hash: caller.token_hash_of_winnings(),
            play: self.play(provider)?,
            amount,
            bet: self.provider_bet_ref.as_deref().map(|bet| provider.own(bet)).transpose()?,
            reason,
            policy: if reason.is_win() { POLICY } else { PROMOTIONS },
        };
        Ok((Command::Credit(credit), Some(amount.currency())))
    }

    /// A cancel may carry its stake's id, so it is kept under a name of its own. What it undoes is what we have on
    /// record: its amounts say nothing.
    fn cancel(&self, provider: &Provider) -> Result<(Command, Option<Currency>), Rejection> {
        provider.own(&self.provider_transaction_id)?;
        let key = format!("{}:{CANCEL}{}", provider.0, self.provider_transaction_id);
        let key = EntryKey::new(INTEGRATION, key);
        let currency = Some(self.currency()?);
        let (play, target) = (self.play(provider)?, self.bet(provider)?);
        let (token_hash, placed_by, policy) = (None, None, POLICY);
        let rollback = Rollback { key, token_hash, play, target, placed_by, currency, policy };
        Ok((Command::Rollback(rollback), currency))
    }

    /// A bet without a reference of its own is its stake.
    fn bet(&self, provider: &Provider) -> Result<String, Rejection> {
        provider.own(self.provider_bet_ref.as_ref().unwrap_or(&self.provider_transaction_id))
    }

    fn play(&self, provider: &Provider) -> Result<Play, Rejection> {
        let own = |id: &String| provider.own(id);
        Ok(Play {
            game: self.provider_game_id.as_ref().map(own).transpose()?.unwrap_or_default(),
            round: self.provider_round_id.as_ref().map(own).transpose()?,
            round_closed: self.is_game_over.unwrap_or_default(),
        })
    }

    fn reason(&self) -> CreditReason {
        let free_rounds =
            |promo: &Promo| matches!(promo.promo_type.as_deref(), Some("FREEROUNDS" | "FREESPINS"));
        match self.transaction_type {
            Type::PromoDeposit if self.promos.iter().flatten().any(free_rounds) => CreditReason::FreeRounds,
            Type::PromoDeposit => CreditReason::Promotion,
            _ => CreditReason::Win,
        }
    }

    fn currency(&self) -> Result<Currency, Rejection> {
        Ok(self.currency.parse().map_err(|_| Refusal::WrongCurrency)?)
    }

    fn amounts(&self) -> Result<Amounts, Rejection> {
        let currency = self.currency()?;
        let money = |amount: Number| {
            let money = amount.in_currency(currency).map_err(Refusal::Amount)?;
            if money.is_negative() { Err(Refusal::NotPositive) } else { Ok(money) }
        };
        Ok(Amounts {
            cash: money(self.cash_amount)?,
            bonus: money(self.bonus_amount)?,
            promo: money(self.promo_amount)?,
        })
    }
}
