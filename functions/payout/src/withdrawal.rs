//! One order to pay a withdrawal: each of its payouts that is still to be sent.

use std::fmt::Display;

use domain::ids::{PlayerId, WithdrawalId};
use domain::withdrawal::{PayTo, Payout, PayoutReference, PayoutStatus, WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey};
use edge::BoxError;
use vendors::payments::{Destination, Holder, PayOut, PayoutRequest, Subject};

use crate::Payouts;
use crate::submit::{Answer, Parcel};

impl Payouts {
    /// Pays what is still to be paid of a withdrawal. While the player's identity is in doubt nothing is sent; the sweep
    /// orders it again.
    pub(crate) async fn pay(&self, player: PlayerId, withdrawal_id: WithdrawalId) -> Result<(), BoxError> {
        let Some(withdrawal) = self.bookkeeper.ledger().withdrawal(player, withdrawal_id).await? else {
            return Err(format!("{player} has no withdrawal {withdrawal_id}").into());
        };
        if !withdrawal.status.is_in_payment() {
            tracing::info!(%withdrawal_id, status = withdrawal.status.as_str(), "nothing to pay");
            return Ok(());
        }
        let account = self.bookkeeper.ledger().account(player).await?;
        if !account.is_some_and(|account| account.verification.stands()) {
            tracing::warn!(%withdrawal_id, "not sent: the player's identity is in doubt");
            return Ok(());
        }
        let mut unclear = None;
        for (reference, payout) in withdrawal.references() {
            if payout.status != PayoutStatus::Waiting {
                continue;
            }
            // Trouble with one provider does not keep back what another one pays.
            if let Err(error) = self.submit(player, &Part { player, reference, payout }).await {
                tracing::error!(%reference, error, "a payout is unclear");
                unclear = Some(error);
            }
        }
        unclear.map_or(Ok(()), Err)
    }

    async fn destination(&self, player: PlayerId, payout: &Payout) -> Result<Destination, BoxError> {
        match &payout.to {
            PayTo::BankAccount { sealed, .. } => {
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
            PayTo::Payment => Err("a withdrawal goes back by no payment".into()),
        }
    }

    async fn name(&self, player: PlayerId) -> Result<Option<Holder>, BoxError> {
        let profile = self.bookkeeper.profiles().read(player).await?.map(|read| read.profile);
        Ok(profile.map(|it| Holder { first_name: it.first_name, last_name: it.last_name }))
    }
}

/// One payout of a withdrawal.
struct Part<'a> {
    player: PlayerId,
    reference: PayoutReference,
    payout: &'a Payout,
}

impl Parcel for Part<'_> {
    fn reference(&self) -> &(impl Display + Sync) {
        &self.reference
    }

    fn vendor(&self) -> &str {
        &self.payout.vendor
    }

    fn subject(&self) -> Subject {
        Subject::Payout { reference: self.reference.to_string(), psp_reference: None }
    }

    fn summary(&self) -> String {
        format!("{} {}", self.reference, self.payout.amount)
    }

    async fn send(&self, by: &Payouts) -> Result<Answer, BoxError> {
        let destination = by.destination(self.player, self.payout).await?;
        let Self { player, reference, payout } = *self;
        let request = PayoutRequest { reference, player, amount: payout.amount, destination };
        let providers = by.providers.current().await;
        let answer = providers.pay_out(&payout.vendor, &request, by.context.now()).await;
        Answer::of(answer, |taken| (taken.psp_reference, None))
    }

    fn noted(&self, key: EntryKey, answer: &Answer) -> Command {
        let (event, psp_reference) = match answer {
            Answer::Taken(id, _) => (WithdrawalEvent::Submitted, id.clone()),
            Answer::Refused(_) => (WithdrawalEvent::Failed, None),
        };
        let step = WithdrawalStep::new(key, self.reference.withdrawal, event).of(self.reference.payout);
        Command::WithdrawalStep(WithdrawalStep { psp_reference, ..step })
    }
}
