//! Withdrawals that are approved and not settled: payouts in a provider's hands are asked about, orders that may have
//! been lost are given again.

use domain::ids::PlayerId;
use domain::withdrawal::{Payout, PayoutReference, PayoutStatus, Withdrawal};
use edge::{BoxError, aws};
use events::PayoutOrder;
use vendors::call::CallFailure;
use vendors::payments::Subject;

use crate::Sweep;

impl Sweep {
    pub(crate) async fn withdrawal(&self, player: PlayerId, withdrawal: &Withdrawal) -> Result<(), BoxError> {
        if withdrawal.payouts.iter().any(|payout| payout.status == PayoutStatus::Waiting) {
            self.order(PayoutOrder { player_id: player, withdrawal_id: withdrawal.id }).await?;
        }
        for (reference, payout) in withdrawal.references() {
            if payout.status == PayoutStatus::Paying {
                self.ask_about_payout(reference, payout).await?;
            }
        }
        Ok(())
    }

    async fn ask_about_payout(&self, reference: PayoutReference, payout: &Payout) -> Result<(), BoxError> {
        let subject =
            Subject::Payout { reference: reference.to_string(), psp_reference: payout.psp_reference.clone() };
        let providers = self.providers.current().await;
        match providers.look_up(&payout.vendor, &subject, self.context.now()).await {
            Ok(told) => {
                for notice in &told {
                    self.bookkeeper.take_on(&providers, notice).await?;
                }
                Ok(())
            }
            Err(CallFailure::Refused(reason)) => {
                tracing::info!(%reference, reason, "the provider tells nothing of it");
                Ok(())
            }
            Err(unclear @ CallFailure::Unclear(_)) => Err(unclear.into()),
        }
    }

    /// An order more does no harm: the ledger knows what is still to be paid.
    async fn order(&self, order: PayoutOrder) -> Result<(), BoxError> {
        let body = serde_json::to_string(&order)?;
        let send = self.orders.send_message().queue_url(&self.queue_url).message_body(body).send();
        send.await.map_err(|error| aws::reason(&error))?;
        Ok(())
    }
}
