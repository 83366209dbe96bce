//! One payout goes to its provider, and the provider's answer is noted: the same for withdrawals and refunds.
//!
//! Between the two the process may die. Then the order comes again: a provider that finds a payout by our reference is
//! asked first; any other one is sent the same call again, with the same key, and acts upon it once.

use std::fmt::Display;
use std::future::Future;

use domain::ids::PlayerId;
use domain::{Command, EntryKey, Outcome};
use edge::BoxError;
use vendors::call::CallFailure;
use vendors::payments::{PaymentNotice, StatusQuery, Subject};

use crate::Payouts;

/// What is known of a payout that is not noted as sent.
pub(crate) enum Answer {
    /// The provider took it on: its id of it, and what else it tells.
    Taken(Option<String>, Vec<PaymentNotice>),
    /// The provider refuses it.
    Refused(String),
}

/// Money that is to be sent.
pub(crate) trait Parcel: Sync {
    /// Our reference of it.
    fn reference(&self) -> &(impl Display + Sync);

    /// The provider that sends it.
    fn vendor(&self) -> &str;

    /// What to ask the provider about.
    fn subject(&self) -> Subject;

    /// What it is and how much, for staff.
    fn summary(&self) -> String;

    /// Sends it. However often: a provider sends it once.
    fn send(&self, by: &Payouts) -> impl Future<Output = Result<Answer, BoxError>> + Send;

    /// The command that notes what the provider answered.
    fn noted(&self, key: EntryKey, answer: &Answer) -> Command;
}

impl Payouts {
    /// Has money sent. An error means: unclear, the order must come again.
    pub(crate) async fn submit(&self, player: PlayerId, parcel: &impl Parcel) -> Result<(), BoxError> {
        let answer = match self.was_sent(parcel).await? {
            Some(told) => told,
            None => self.sent(parcel).await?,
        };
        let (reference, vendor) = (parcel.reference(), parcel.vendor());
        let id = format!("submit:{reference}");
        if let Answer::Refused(reason) = &answer {
            tracing::error!(%reference, reason, "the provider refuses; the money goes back");
            let why = "it was refused and the money is back with the player".to_owned();
            let summary = format!("{}: {reason}", parcel.summary());
            self.bookkeeper.tell_staff(vendor, &id, why, summary).await?;
        }
        // What became of it counts more than that it was sent: what ends here in between finds it done.
        if let Answer::Taken(_, told) = &answer {
            let providers = self.providers.current().await;
            for notice in told {
                self.bookkeeper.take_on(&providers, notice).await?;
            }
        }
        // The provider's own notice may have been faster: then it is already further on, and nothing is left to note.
        let command = parcel.noted(EntryKey::new(vendor, id), &answer);
        if let Outcome::Refused { refusal, .. } = self.bookkeeper.execute(player, &command).await? {
            tracing::info!(%reference, %refusal, "overtaken by a notice");
        }
        Ok(())
    }

    /// Sends it. What refuses a repeat may hold the first: a provider that finds it is asked before its refusal counts.
    async fn sent(&self, parcel: &impl Parcel) -> Result<Answer, BoxError> {
        let answer = parcel.send(self).await?;
        match &answer {
            Answer::Refused(_) => Ok(self.was_sent(parcel).await?.unwrap_or(answer)),
            Answer::Taken(..) => Ok(answer),
        }
    }

    /// What became of it, if the provider has it already.
    async fn was_sent(&self, parcel: &impl Parcel) -> Result<Option<Answer>, BoxError> {
        let providers = self.providers.current().await;
        if !providers.get(parcel.vendor()).is_some_and(StatusQuery::finds_payouts) {
            return Ok(None);
        }
        let told = providers.look_up(parcel.vendor(), &parcel.subject(), self.context.now()).await?;
        Ok(told.first().map(|first| {
            let id = first.refund.clone().or_else(|| first.psp_reference.clone());
            Answer::Taken(id, told.clone())
        }))
    }
}

impl Answer {
    /// What a provider's answer to a call comes to.
    pub(crate) fn of<T>(
        answer: Result<T, CallFailure>,
        taken: impl FnOnce(T) -> (Option<String>, Option<PaymentNotice>),
    ) -> Result<Self, BoxError> {
        match answer {
            Ok(answer) => {
                let (id, told) = taken(answer);
                Ok(Self::Taken(id, told.into_iter().collect()))
            }
            Err(CallFailure::Refused(reason)) => Ok(Self::Refused(reason)),
            Err(unclear @ CallFailure::Unclear(_)) => Err(unclear.into()),
        }
    }
}
