//! What payment providers tell us. Deployed once per provider; `VENDOR` names it.
//!
//! What is proven genuine is acted upon or kept for staff, and acknowledged either way: a notice that could never be
//! acknowledged would hold up all behind it. Only an outage asks the provider to come again.

mod apply;
mod provider;

use std::sync::Arc;
use std::time::Duration;

use edge::{BoxError, Context, Function, Handler, Problem, Reply, Request, Secrets, Settings, Stores, http};
use store::{Inbox, InboxItem, Ledger, Outage};
use vendors::call::{RawCall, Receipt};
use vendors::payments::{NoticeKind, PaymentNotice, PaymentWebhook};

/// How long the commit of one notice may take; providers wait ten seconds for the whole call.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let vendors = Secrets::new(&settings)?.vendors().await?;
    Ok(http(Notices {
        provider: provider::named(settings.get("VENDOR")?, &vendors.payments)?,
        ledger: stores.ledger()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
    }))
}

struct Notices {
    provider: Box<dyn PaymentWebhook>,
    ledger: Ledger,
    inbox: Inbox,
    context: Context,
}

impl Handler for Notices {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let receipt = self.receive(&request).await;
        Ok(self.provider.render(receipt).into())
    }
}

impl Notices {
    /// Every notice of a call is tried, so that trouble with one does not keep back the others.
    async fn receive(&self, request: &Request) -> Receipt {
        let vendor = self.provider.integration();
        let call = RawCall::post("", request.headers(), request.body());
        let Ok(call) = self.provider.verify(call) else {
            tracing::warn!(vendor, "a call that is not authentic");
            return Receipt::NotAuthentic;
        };
        let notices = match self.provider.parse(&call) {
            Ok(notices) => notices,
            Err(malformed) => {
                tracing::error!(vendor, %malformed, "an authentic call that cannot be read");
                return Receipt::Malformed;
            }
        };
        let mut receipt = Receipt::Accepted;
        for notice in &notices {
            if let Err(outage) = self.take_on(notice).await {
                tracing::error!(vendor, notice = notice.key.tx, error = %outage, "a notice must come again");
                receipt = Receipt::Unavailable;
            }
        }
        receipt
    }

    async fn take_on(&self, notice: &PaymentNotice) -> Result<(), Outage> {
        match self.apply(notice).await? {
            None => Ok(()),
            Some(concern) => self.keep(notice, concern).await,
        }
    }

    /// Kept for staff under the notice's own id: however often it comes, it is there once.
    async fn keep(&self, notice: &PaymentNotice, concern: String) -> Result<(), Outage> {
        tracing::warn!(
            vendor = notice.key.integration,
            notice = notice.key.tx,
            concern,
            "a notice was kept for staff"
        );
        let item = InboxItem {
            vendor: notice.key.integration.clone(),
            id: notice.key.tx.clone(),
            why: concern,
            summary: summary(notice),
        };
        self.inbox.keep(&item, self.context.now()).await
    }
}

/// Ids and amounts, by which staff finds it at the provider. The reference may be any text.
fn summary(notice: &PaymentNotice) -> String {
    const LONGEST_REFERENCE: usize = 80;
    let reference: String = notice.reference.chars().take(LONGEST_REFERENCE).collect();
    match &notice.kind {
        NoticeKind::Deposit(event) => format!("{reference}: {event:?}"),
        NoticeKind::Withdrawal(event) => format!("{reference}: {event:?}"),
        NoticeKind::Unhandled { event_code } => format!("{reference}: {event_code}"),
        NoticeKind::Noted => reference,
    }
}
