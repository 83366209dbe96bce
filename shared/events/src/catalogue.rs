//! The catalogue: the one list of event types, from which names, data and schemas follow.

use domain::Currency;
use schemars::Schema;
use serde::{Deserialize, Serialize};

use crate::data::{adjustment, casino, kyc, payment, player, sport};
use crate::envelope;

/// An event type.
#[derive(Clone, Copy, Debug)]
pub struct EventType {
    /// Its name on the wire, with the major version.
    pub name: &'static str,
    schema: fn(&'static str) -> Schema,
}

impl EventType {
    /// The JSON Schema of a whole event of this type, envelope included.
    #[must_use]
    pub fn schema(&self) -> Schema {
        (self.schema)(self.name)
    }
}

macro_rules! catalogue {
    ($($name:literal => $fact:ident($data:ty),)*) => {
        /// What an event says, by its type.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        pub enum Data {$(
            #[doc = concat!("`", $name, "`")]
            #[serde(rename = $name)]
            $fact($data),
        )*}

        /// Every event type.
        pub const CATALOGUE: &[EventType] =
            &[$(EventType { name: $name, schema: envelope::schema::<$data> },)*];

        impl Data {
            /// The name of the event's type.
            #[must_use]
            pub const fn event_type(&self) -> &'static str {
                match self { $(Self::$fact(_) => $name,)* }
            }

            /// The currency of the player's wallet, and of every amount that names no other.
            #[must_use]
            pub const fn currency(&self) -> Currency {
                match self { $(Self::$fact(data) => data.currency,)* }
            }
        }
    };
}

// An added field keeps the version; anything that could break a consumer is a new type beside the old one.
catalogue! {
    "pitboss.player.registered.v1" => PlayerRegistered(player::Registered),
    "pitboss.player.updated.v1" => PlayerUpdated(player::Updated),
    "pitboss.player.closed.v1" => PlayerClosed(player::Closed),
    "pitboss.player.signed_in.v1" => SignedIn(player::SignedIn),
    "pitboss.kyc.verification.changed.v1" => VerificationChanged(kyc::VerificationChanged),
    "pitboss.casino.game.launched.v1" => GameLaunched(casino::GameLaunched),
    "pitboss.casino.session.rotated.v1" => GameSessionRotated(casino::SessionRotated),
    "pitboss.casino.bet.placed.v1" => BetPlaced(casino::BetPlaced),
    "pitboss.casino.bet.won.v1" => BetWon(casino::BetWon),
    "pitboss.casino.bet.rolled_back.v1" => BetRolledBack(casino::BetRolledBack),
    "pitboss.casino.win.rolled_back.v1" => WinRolledBack(casino::WinRolledBack),
    "pitboss.casino.transaction.voided.v1" => TransactionVoided(casino::TransactionVoided),
    "pitboss.casino.round.ended.v1" => RoundEnded(casino::RoundEnded),
    "pitboss.casino.free_round.played.v1" => FreeRoundPlayed(casino::FreeRoundPlayed),
    "pitboss.sport.bet.updated.v1" => BetUpdated(sport::BetUpdated),
    "pitboss.payment.deposit.requested.v1" => DepositRequested(payment::DepositRequested),
    "pitboss.payment.deposit.progressed.v1" => DepositProgressed(payment::DepositProgressed),
    "pitboss.payment.deposit.identified.v1" => DepositIdentified(payment::DepositIdentified),
    "pitboss.payment.deposit.completed.v1" => DepositCompleted(payment::DepositCompleted),
    "pitboss.payment.deposit.quarantined.v1" => DepositQuarantined(payment::DepositQuarantined),
    "pitboss.payment.deposit.returned.v1" => DepositReturned(payment::DepositReturned),
    "pitboss.payment.deposit.refunded.v1" => DepositRefunded(payment::DepositRefunded),
    "pitboss.payment.deposit.charged_back.v1" => DepositChargedBack(payment::DepositTakenBack),
    "pitboss.payment.chargeback.reversed.v1" => ChargebackReversed(payment::ChargebackReversed),
    "pitboss.payment.refund.requested.v1" => RefundRequested(payment::RefundRequested),
    "pitboss.payment.refund.progressed.v1" => RefundProgressed(payment::RefundProgressed),
    "pitboss.payment.refund.returned.v1" => RefundReturned(payment::RefundReturned),
    "pitboss.payment.withdrawal.requested.v1" => WithdrawalRequested(payment::WithdrawalRequested),
    "pitboss.payment.withdrawal.progressed.v1" => WithdrawalProgressed(payment::WithdrawalProgressed),
    "pitboss.payment.withdrawal.returned.v1" => WithdrawalReturned(payment::WithdrawalReturned),
    "pitboss.payment.withdrawal.paid.v1" => WithdrawalPaid(payment::WithdrawalPaid),
    "pitboss.wallet.adjusted.v1" => Adjusted(adjustment::Adjusted),
}
