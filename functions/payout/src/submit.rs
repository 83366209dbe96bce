//! One payout: sent to the provider, and the provider's answer noted.

use domain::ids::PlayerId;
use domain::withdrawal::{Withdrawal, WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{Command, EntryKey, Outcome};
use edge::BoxError;
use events::PayoutOrder;
use store::{InboxItem, Outage};
use vendors::call::CallFailure;

use crate::{PATIENCE, Payouts};

impl Payouts {
    /// Pays a withdrawal, if it is still to be paid. An error means: unclear, the order must come again.
    pub(crate) async fn pay(&self, order: PayoutOrder) -> Result<(), BoxError> {
        let PayoutOrder { player_id: player, withdrawal_id } = order;
        let Some(withdrawal) = self.ledger.withdrawal(player, withdrawal_id).await? else {
            return Err(format!("{player} has no withdrawal {withdrawal_id}").into());
        };
        if withdrawal.status != WithdrawalStatus::Approved {
            tracing::info!(%withdrawal_id, status = withdrawal.status.as_str(), "nothing to pay");
            return Ok(());
        }
        let event = match self.submit(player, &withdrawal).await? {
            Ok(psp_reference) => WithdrawalEvent::Submitted { psp_reference },
            Err(reason) => {
                self.tell_staff(&withdrawal, reason).await?;
                WithdrawalEvent::Failed
            }
        };
        self.note(player, &withdrawal, event).await
    }

    /// The provider's id of the payout, or why it will not pay.
    async fn submit(
        &self,
        player: PlayerId,
        withdrawal: &Withdrawal,
    ) -> Result<Result<String, String>, BoxError> {
        let Some(sealed) = &withdrawal.destination else {
            return Ok(Err("the withdrawal names no account".to_owned()));
        };
        let account = self.destinations.open(player, sealed).await?.ok_or("the account's key is gone")?;
        let providers = self.providers.current().await;
        match providers.pay_out(player, withdrawal, account, self.context.now()).await {
            Ok(taken) => Ok(Ok(taken.psp_reference)),
            Err(CallFailure::Refused(reason)) => Ok(Err(reason)),
            Err(unclear @ CallFailure::Unclear(_)) => Err(unclear.into()),
        }
    }

    /// The answer to a submission is noted once. The provider's own notice may have been faster: then the withdrawal
    /// is already further on, and nothing is left to note.
    async fn note(
        &self,
        player: PlayerId,
        withdrawal: &Withdrawal,
        event: WithdrawalEvent,
    ) -> Result<(), BoxError> {
        let key = EntryKey::new(&withdrawal.vendor, format!("submit:{}", withdrawal.id));
        let command =
            Command::WithdrawalStep(WithdrawalStep { key, withdrawal: withdrawal.id, event, order: None });
        let outcome = self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?;
        if let Outcome::Refused { refusal, .. } = outcome {
            tracing::info!(withdrawal = %withdrawal.id, %refusal, "overtaken by a notice");
        }
        Ok(())
    }

    async fn tell_staff(&self, withdrawal: &Withdrawal, reason: String) -> Result<(), Outage> {
        tracing::error!(withdrawal = %withdrawal.id, reason, "the payout is refused; the money goes back");
        let item = InboxItem {
            vendor: withdrawal.vendor.clone(),
            id: format!("submit:{}", withdrawal.id),
            why: "the payout was refused and the money is back with the player".to_owned(),
            summary: format!("{} {}: {reason}", withdrawal.id, withdrawal.amount),
        };
        self.inbox.keep(&item, self.context.now()).await
    }
}
