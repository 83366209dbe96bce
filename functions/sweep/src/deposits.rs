//! Deposits that are still open: asked about, and ended once their time is over. And their refunds on the way back,
//! asked about and ordered again as payouts are.

use domain::deposit::{Deposit, DepositEvent, DepositNotice, DepositStatus, RefundStatus};
use domain::ids::PlayerId;
use domain::{Command, EntryKey, Outcome};
use edge::BoxError;
use events::PayoutOrder;
use jiff::SignedDuration;
use vendors::payments::Subject;

use crate::Sweep;

/// How long after a payment page closed money may be on its way. What comes later is credited all the same.
const GRACE: SignedDuration = SignedDuration::from_mins(15);

impl Sweep {
    pub(crate) async fn deposit(&self, player: PlayerId, deposit: &Deposit) -> Result<(), BoxError> {
        if deposit.status.is_open() {
            self.payment(player, deposit).await?;
        }
        self.refunds(player, deposit).await
    }

    async fn refunds(&self, player: PlayerId, deposit: &Deposit) -> Result<(), BoxError> {
        for (reference, refund) in deposit.refund_references() {
            match refund.status() {
                RefundStatus::Approved => {
                    self.order(PayoutOrder::Refund { player_id: player, refund_id: reference }).await?;
                }
                RefundStatus::Sent => {
                    let subject = Subject::Refund {
                        reference: reference.to_string(),
                        payment: deposit.psp_reference.clone().unwrap_or_default(),
                        refund: refund.payout.psp_reference.clone(),
                    };
                    self.ask(&deposit.vendor, &subject).await?;
                }
                RefundStatus::Requested
                | RefundStatus::Completed
                | RefundStatus::Failed
                | RefundStatus::Rejected => {}
            }
        }
        Ok(())
    }

    async fn payment(&self, player: PlayerId, deposit: &Deposit) -> Result<(), BoxError> {
        // Without a page nobody could pay.
        if deposit.redirect_url.is_some() {
            let (reference, psp_reference) = (deposit.id.to_string(), deposit.psp_reference.clone());
            self.ask(&deposit.vendor, &Subject::Payment { reference, psp_reference }).await?;
        }
        let Some(known) = self.bookkeeper.ledger().deposit(player, deposit.id).await? else { return Ok(()) };
        let over = known.expires_at.saturating_add(GRACE)?;
        // Reserved money is for the provider to take or to let go.
        let unpaid = matches!(known.status, DepositStatus::Created | DepositStatus::Pending);
        if unpaid && over <= self.context.now() {
            self.expire(player, &known).await?;
        }
        Ok(())
    }

    async fn expire(&self, player: PlayerId, deposit: &Deposit) -> Result<(), BoxError> {
        let key = EntryKey::new("sweep", format!("expire:{}", deposit.id));
        let notice = DepositNotice::new(key, deposit.id, DepositEvent::Expired);
        if let Outcome::Refused { refusal, .. } =
            self.bookkeeper.execute(player, &Command::DepositNotice(notice)).await?
        {
            tracing::info!(deposit = %deposit.id, %refusal, "overtaken by a notice");
        }
        Ok(())
    }
}
