//! One order to send a refund back by the payment that the money came by.

use std::fmt::Display;

use domain::deposit::{DepositEvent, DepositNotice, RefundReference, RefundStatus};
use domain::ids::PlayerId;
use domain::{Command, EntryKey, Money};
use edge::BoxError;
use vendors::payments::{RefundRequest, Subject};

use crate::Payouts;
use crate::submit::{Answer, Parcel};

impl Payouts {
    /// Sends a refund, if it is still to be sent.
    pub(crate) async fn refund(&self, player: PlayerId, reference: RefundReference) -> Result<(), BoxError> {
        let deposit = self.bookkeeper.ledger().deposit(player, reference.deposit).await?;
        let deposit = deposit.ok_or_else(|| format!("{player} has no deposit {}", reference.deposit))?;
        let refund = deposit.refund(reference.refund).ok_or_else(|| format!("there is no {reference}"))?;
        if refund.status() != RefundStatus::Approved {
            tracing::info!(%reference, status = refund.status().as_str(), "nothing to send back");
            return Ok(());
        }
        let payment = deposit.psp_reference.clone().ok_or("the provider named no payment")?;
        let (vendor, amount) = (deposit.vendor.clone(), refund.payout.amount);
        self.submit(player, &WayBack { reference, vendor, payment, amount }).await
    }
}

struct WayBack {
    reference: RefundReference,
    vendor: String,
    payment: String,
    amount: Money,
}

impl Parcel for WayBack {
    fn reference(&self) -> &(impl Display + Sync) {
        &self.reference
    }

    fn vendor(&self) -> &str {
        &self.vendor
    }

    fn subject(&self) -> Subject {
        let (reference, payment) = (self.reference.to_string(), self.payment.clone());
        Subject::Refund { reference, payment, refund: None }
    }

    fn summary(&self) -> String {
        format!("{} {}", self.reference, self.amount)
    }

    async fn send(&self, by: &Payouts) -> Result<Answer, BoxError> {
        let Self { reference, payment, amount, .. } = self;
        let request =
            RefundRequest { reference: *reference, psp_reference: payment.clone(), amount: *amount };
        let providers = by.providers.current().await;
        let answer = providers.refund(&self.vendor, &request, by.context.now()).await;
        Answer::of(answer, |taken| (taken.psp_reference, taken.notice))
    }

    fn noted(&self, key: EntryKey, answer: &Answer) -> Command {
        let (event, refund_psp_reference) = match answer {
            Answer::Taken(id, _) => (DepositEvent::RefundSubmitted, id.clone()),
            Answer::Refused(_) => (DepositEvent::RefundFailed, None),
        };
        let refund = Some(self.reference.refund);
        let notice = DepositNotice::new(key, self.reference.deposit, event);
        Command::DepositNotice(DepositNotice { refund, refund_psp_reference, ..notice })
    }
}
