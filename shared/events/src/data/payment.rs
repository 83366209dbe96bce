//! Money in and out.

use domain::Currency;
use domain::deposit::RefundReference;
use domain::ids::{DepositId, WithdrawalId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Balances;
use crate::amount::Amount;
use crate::status::{
    DepositStatus, FundingSource, HolderMatch, InstrumentKind, RefundStatus, WithdrawalStatus,
};

/// The player asked to pay in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositRequested {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// How much.
    pub amount: Amount,
    /// The cashier method, such as `card`.
    pub method: String,
}

/// The deposit moved on without moving money; it may have failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositProgressed {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// The status from now on.
    pub status: DepositStatus,
}

/// The provider told what the player pays with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositIdentified {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instrument: Option<InstrumentKind>,
    /// Whose money it spends, if it is a card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<FundingSource>,
    /// How the holder goes with the player.
    pub holder: HolderMatch,
}

/// The deposit was credited, in whole or in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositCompleted {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// How much was credited.
    pub amount: Amount,
    /// The cashier method.
    pub method: String,
    /// Whether it is the player's first.
    pub first: bool,
    /// The balances after it.
    pub balances: Balances,
}

/// Money arrived that does not match the deposit: nothing is credited, staff must decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositQuarantined {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// What arrived.
    pub received: Amount,
    /// The currency it arrived in, which may not be the wallet's.
    #[schemars(with = "String")]
    pub received_currency: Currency,
}

/// Money in quarantine went back to where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositReturned {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// What went back.
    pub returned: Amount,
    /// The currency it went back in, which may not be the wallet's.
    #[schemars(with = "String")]
    pub returned_currency: Currency,
}

/// Credited money went back, because staff or the provider's own desk sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositRefunded {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// The refund of ours; none if it was made at the provider's own desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub refund_id: Option<RefundReference>,
    /// How much.
    pub amount: Amount,
    /// The part that the player had spent, now owed.
    pub shortfall: Amount,
    /// The balances after it.
    pub balances: Balances,
}

/// Staff asked for a refund of a deposit; the money is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundRequested {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// The refund.
    #[schemars(with = "String")]
    pub refund_id: RefundReference,
    /// How much.
    pub amount: Amount,
    /// Whether nobody else has to agree.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// The balances after it.
    pub balances: Balances,
}

/// The refund moved on without moving money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundProgressed {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// The refund.
    #[schemars(with = "String")]
    pub refund_id: RefundReference,
    /// The status from now on.
    pub status: RefundStatus,
}

/// The refund's money went back to the player's balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundReturned {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// The refund.
    #[schemars(with = "String")]
    pub refund_id: RefundReference,
    /// Why: rejected or failed.
    pub status: RefundStatus,
    /// How much.
    pub amount: Amount,
    /// Whether it had left, and came back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_payment: bool,
    /// The balances after it.
    pub balances: Balances,
}

/// The player's bank took credited money back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositTakenBack {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// How much.
    pub amount: Amount,
    /// The part that the player had spent, now owed.
    pub shortfall: Amount,
    /// The balances after it.
    pub balances: Balances,
}

/// A chargeback was taken back: the dispute is won.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChargebackReversed {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The deposit.
    #[schemars(with = "String")]
    pub deposit_id: DepositId,
    /// How much.
    pub amount: Amount,
    /// The part that paid what the player owed.
    pub repaid: Amount,
    /// The balances after it.
    pub balances: Balances,
}

/// The player asked to be paid out; the money is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawalRequested {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The withdrawal.
    #[schemars(with = "String")]
    pub withdrawal_id: WithdrawalId,
    /// How much.
    pub amount: Amount,
    /// The cashier method, such as `bank`.
    pub method: String,
    /// Whether it is paid without anybody's consent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub approved: bool,
    /// The balances after it.
    pub balances: Balances,
}

/// The withdrawal moved on without moving money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawalProgressed {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The withdrawal.
    #[schemars(with = "String")]
    pub withdrawal_id: WithdrawalId,
    /// The status from now on.
    pub status: WithdrawalStatus,
}

/// The money, or that of one payout, went back to the player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawalReturned {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The withdrawal.
    #[schemars(with = "String")]
    pub withdrawal_id: WithdrawalId,
    /// Why: rejected, cancelled or failed.
    pub status: WithdrawalStatus,
    /// How much.
    pub amount: Amount,
    /// Whether it had been paid, and the player's bank sent it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub after_payment: bool,
    /// Which of its payouts, from zero, if it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<u8>,
    /// The balances after it.
    pub balances: Balances,
}

/// The money, or that of one payout, left for the player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawalPaid {
    /// The wallet's currency.
    #[schemars(with = "String")]
    pub currency: Currency,
    /// The withdrawal.
    #[schemars(with = "String")]
    pub withdrawal_id: WithdrawalId,
    /// How much.
    pub amount: Amount,
    /// The part that had been given back too early and spent, now owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortfall: Option<Amount>,
    /// Which of its payouts, from zero, if it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payout: Option<u8>,
    /// The balances after it.
    pub balances: Balances,
}
