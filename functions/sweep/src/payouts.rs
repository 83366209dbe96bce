//! Withdrawals that are approved and not settled: payouts in a provider's hands are asked about, orders that may have
//! been lost are given again.

use domain::ids::PlayerId;
use domain::withdrawal::{PayoutStatus, Withdrawal};
use edge::{BoxError, aws};
use events::PayoutOrder;
use vendors::payments::Subject;

use crate::Sweep;

impl Sweep {
    pub(crate) async fn withdrawal(&self, player: PlayerId, withdrawal: &Withdrawal) -> Result<(), BoxError> {
        if withdrawal.payouts.iter().any(|payout| payout.status == PayoutStatus::Waiting) {
            self.order(PayoutOrder::Withdrawal { player_id: player, withdrawal_id: withdrawal.id }).await?;
        }
        for (reference, payout) in withdrawal.references() {
            if payout.status == PayoutStatus::Paying {
                let (reference, psp_reference) = (reference.to_string(), payout.psp_reference.clone());
                self.ask(&payout.vendor, &Subject::Payout { reference, psp_reference }).await?;
            }
        }
        Ok(())
    }

    /// An order more does no harm: the ledger knows what is still to be sent.
    pub(crate) async fn order(&self, order: PayoutOrder) -> Result<(), BoxError> {
        let body = serde_json::to_string(&order)?;
        let send = self.orders.send_message().queue_url(&self.queue_url).message_body(body).send();
        send.await.map_err(|error| aws::reason(&error))?;
        Ok(())
    }
}
