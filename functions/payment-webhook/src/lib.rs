//! What payment providers tell us. Deployed once per provider; `VENDOR` names it.
//!
//! What is proven genuine is acted upon or kept for staff, and acknowledged either way: a notice that could never be
//! acknowledged would hold up all behind it. Only an outage asks the provider to come again.

mod apply;
mod keys;
mod provider;

use std::sync::Arc;
use std::time::Duration;

use edge::{
    BoxError, Context, Function, Handler, Outbound, Problem, Reply, Request, Secrets, Settings, Stores, http,
};
use store::{Inbox, InboxItem, Ledger, Outage};
use vendors::call::{CallFailure, RawCall, Receipt};
use vendors::payments::{NoticeKind, PaymentNotice, Subject, converse};

use keys::KeyWatch;
use provider::Provider;

/// How long the commit of one notice may take; providers wait ten seconds for the whole call.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let vendors = Secrets::new(&settings)?.vendors().await?;
    Ok(http(Notices {
        provider: provider::named(settings.get("VENDOR")?, &vendors.payments)?,
        outbound: Outbound::new()?,
        keys: KeyWatch::default(),
        ledger: stores.ledger()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
    }))
}

struct Notices {
    provider: Box<dyn Provider>,
    outbound: Outbound,
    keys: KeyWatch,
    ledger: Ledger,
    inbox: Inbox,
    context: Context,
}

impl Handler for Notices {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let call = RawCall::post("", request.headers(), request.body());
        let receipt = self.receive(call).await;
        Ok(self.provider.render(call, receipt).into())
    }
}

impl Notices {
    /// Every notice of a call is tried, so that trouble with one does not keep back the others.
    async fn receive(&self, call: RawCall<'_>) -> Receipt {
        let vendor = self.provider.integration();
        if let Err(failure) = self.learn_keys(call).await {
            tracing::error!(vendor, %failure, "the provider's keys cannot be had");
            return Receipt::Unavailable;
        }
        let Ok(call) = self.provider.verify(call, self.context.now()) else {
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

    /// What a hint is about is asked for; what comes back is acted upon in its place.
    async fn take_on(&self, notice: &PaymentNotice) -> Result<(), Outage> {
        let NoticeKind::Hint(subject) = &notice.kind else { return self.act_on(notice).await };
        match self.ask(subject).await {
            Ok(told) => {
                for notice in &told {
                    self.act_on(notice).await?;
                }
                Ok(())
            }
            Err(CallFailure::Refused(reason)) => {
                self.keep(notice, format!("the provider does not say what happened: {reason}")).await
            }
            Err(CallFailure::Unclear(reason)) => Err(Outage::new("ask what happened", reason)),
        }
    }

    async fn act_on(&self, notice: &PaymentNotice) -> Result<(), Outage> {
        match self.apply(notice).await? {
            None => Ok(()),
            Some(concern) => self.keep(notice, concern).await,
        }
    }

    async fn ask(&self, subject: &Subject) -> Result<Vec<PaymentNotice>, CallFailure> {
        let now = self.context.now();
        converse(|call| self.outbound.send(call), |answers| self.provider.look_up(subject, answers, now))
            .await
    }

    /// Looks up the provider's keys if the call needs one that is not known. Strangers may name any key: it is done
    /// now and then only.
    async fn learn_keys(&self, call: RawCall<'_>) -> Result<(), CallFailure> {
        let Some(question) = self.provider.missing_keys(call) else { return Ok(()) };
        if !self.keys.may_ask(self.context.now()) {
            return Ok(());
        }
        let answer = self.outbound.send(question).await?;
        self.provider.learn_keys(&answer)
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
        NoticeKind::Hint(subject) => format!("{reference}: {subject:?}"),
        NoticeKind::Noted => reference,
    }
}
