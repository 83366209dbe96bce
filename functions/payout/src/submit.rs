//! One order: each payout of a withdrawal that is still to be sent goes to its provider, and the provider's answer is
//! noted.
//!
//! Between the two the process may die. Then the order comes again: a provider that finds a payout by our reference is
//! asked first; any other one is sent the same call again, with the same key, and acts upon it once.

use domain::ids::PlayerId;
use domain::withdrawal::{PayTo, Payout, PayoutReference, PayoutStatus, WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey, Outcome};
use edge::BoxError;
use events::PayoutOrder;
use store::InboxItem;
use vendors::call::CallFailure;
use vendors::payments::{Destination, PayOut, PayoutRequest, StatusQuery, Subject, TakenPayout};

use crate::Payouts;

impl Payouts {
    /// Pays what is still to be paid of a withdrawal. An error means: unclear, the order must come again.
    pub(crate) async fn pay(&self, order: PayoutOrder) -> Result<(), BoxError> {
        let PayoutOrder { player_id: player, withdrawal_id } = order;
        let Some(withdrawal) = self.bookkeeper.ledger().withdrawal(player, withdrawal_id).await? else {
            return Err(format!("{player} has no withdrawal {withdrawal_id}").into());
        };
        if !withdrawal.status.is_in_payment() {
            tracing::info!(%withdrawal_id, status = withdrawal.status.as_str(), "nothing to pay");
            return Ok(());
        }
        let mut unclear = None;
        for (reference, payout) in withdrawal.references() {
            if payout.status != PayoutStatus::Waiting {
                continue;
            }
            // Trouble with one provider does not keep back what another one pays.
            if let Err(error) = self.send(player, reference, payout).await {
                tracing::error!(%reference, error, "a payout is unclear");
                unclear = Some(error);
            }
        }
        unclear.map_or(Ok(()), Err)
    }

    async fn send(
        &self,
        player: PlayerId,
        reference: PayoutReference,
        payout: &Payout,
    ) -> Result<(), BoxError> {
        if self.was_sent(player, reference, payout).await? {
            return Ok(());
        }
        let destination = self.destination(player, payout).await?;
        let request = PayoutRequest { reference, player, amount: payout.amount, destination };
        let event = match self
            .providers
            .current()
            .await
            .pay_out(&payout.vendor, &request, self.context.now())
            .await
        {
            Ok(TakenPayout { psp_reference }) => (WithdrawalEvent::Submitted, psp_reference),
            Err(CallFailure::Refused(reason)) => {
                self.tell_staff(reference, payout, &reason).await?;
                (WithdrawalEvent::Failed, None)
            }
            Err(unclear @ CallFailure::Unclear(_)) => return Err(unclear.into()),
        };
        self.note(player, reference, payout, event).await
    }

    /// Whether the provider has the payout already: then it is noted, with what became of it.
    async fn was_sent(
        &self,
        player: PlayerId,
        reference: PayoutReference,
        payout: &Payout,
    ) -> Result<bool, BoxError> {
        let providers = self.providers.current().await;
        if !providers.get(&payout.vendor).is_some_and(StatusQuery::finds_payouts) {
            return Ok(false);
        }
        let subject = Subject::Payout { reference: reference.to_string(), psp_reference: None };
        let told = providers.look_up(&payout.vendor, &subject, self.context.now()).await?;
        let Some(first) = told.first() else { return Ok(false) };
        let event = (WithdrawalEvent::Submitted, first.psp_reference.clone());
        self.note(player, reference, payout, event).await?;
        for notice in &told {
            self.bookkeeper.take_on(&providers, notice).await?;
        }
        Ok(true)
    }

    async fn destination(&self, player: PlayerId, payout: &Payout) -> Result<Destination, BoxError> {
        match &payout.to {
            PayTo::BankAccount { sealed } => {
                let account =
                    self.destinations.open(player, sealed).await?.ok_or("the account's key is gone")?;
                Ok(Destination::BankAccount { holder: account.holder, iban: account.iban })
            }
            PayTo::Source { token, .. } => {
                let providers = self.providers.current().await;
                let told = providers.get(&payout.vendor).is_some_and(PayOut::wants_holder);
                let holder = if told { self.name(player).await? } else { None };
                Ok(Destination::Instrument { token: token.clone(), holder })
            }
        }
    }

    async fn name(&self, player: PlayerId) -> Result<Option<String>, BoxError> {
        let profile = self.bookkeeper.profiles().read(player).await?.map(|read| read.profile);
        Ok(profile.map(|it| format!("{} {}", it.first_name.trim(), it.last_name.trim())))
    }

    /// The answer to a submission is noted once. The provider's own notice may have been faster: then the payout is
    /// already further on, and nothing is left to note.
    async fn note(
        &self,
        player: PlayerId,
        reference: PayoutReference,
        payout: &Payout,
        (event, psp_reference): (WithdrawalEvent, Option<String>),
    ) -> Result<(), BoxError> {
        let key = EntryKey::new(&payout.vendor, format!("submit:{reference}"));
        let step = WithdrawalStep::new(key, reference.withdrawal, event).of(reference.payout);
        let command = Command::WithdrawalStep(WithdrawalStep { psp_reference, ..step });
        if let Outcome::Refused { refusal, .. } = self.bookkeeper.execute(player, &command).await? {
            tracing::info!(%reference, %refusal, "overtaken by a notice");
        }
        Ok(())
    }

    async fn tell_staff(
        &self,
        reference: PayoutReference,
        payout: &Payout,
        reason: &str,
    ) -> Result<(), BoxError> {
        tracing::error!(%reference, reason, "the payout is refused; the money goes back");
        let item = InboxItem {
            vendor: payout.vendor.clone(),
            id: format!("submit:{reference}"),
            why: "the payout was refused and the money is back with the player".to_owned(),
            summary: format!("{reference} {}: {reason}", payout.amount),
        };
        Ok(self.bookkeeper.tell_staff(item).await?)
    }
}
