//! What payment providers tell us. Deployed once per provider; `VENDOR` names it.
//!
//! What is proven genuine is acted upon or kept for staff, and acknowledged either way: a notice that could never be
//! acknowledged would hold up all behind it. Only an outage asks the provider to come again.

mod apply;
mod keys;
mod provider;

use std::sync::Arc;
use std::time::{Duration, Instant};

use edge::metrics::{CallOutcome, VendorCalls};
use edge::{
    BoxError, Context, Exchanges, Function, Handler, Outbound, Problem, Reply, Request, Rotating, Settings,
    Stores, http,
};
use store::{Inbox, InboxItem, Ledger, Outage};
use vendors::call::{CallFailure, RawCall, Receipt};
use vendors::payments::{NoticeKind, PaymentNotice, Subject, converse};

use apply::Verdict;
use keys::KeyWatch;
use provider::Provider;

/// How long the commit of one notice may take; providers wait ten seconds for the whole call.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let name = settings.get("VENDOR")?.to_owned();
    Ok(http(Notices {
        providers: Rotating::start(&settings, move |all| provider::named(&name, &all.payments)).await?,
        outbound: Outbound::new()?,
        keys: KeyWatch::default(),
        ledger: stores.ledger()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
        calls: VendorCalls::new(&settings)?,
        exchanges: Exchanges::new(&stores, &settings)?,
    }))
}

struct Notices {
    providers: Rotating<Box<dyn Provider>>,
    outbound: Outbound,
    keys: KeyWatch,
    ledger: Ledger,
    inbox: Inbox,
    context: Context,
    calls: VendorCalls,
    exchanges: Exchanges,
}

impl Handler for Notices {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let call = RawCall::post("", request.headers(), request.body());
        let began = Instant::now();
        let mut provider = self.providers.current().await;
        let (mut receipt, mut outcome) = self.receive(provider.as_ref().as_ref(), call).await;
        if receipt == Receipt::NotAuthentic
            && let Some(newer) = self.providers.newer(&provider).await
        {
            provider = newer;
            (receipt, outcome) = self.receive(provider.as_ref().as_ref(), call).await;
        }
        let outcome = CallOutcome::of_receipt(receipt, outcome);
        let reply = provider.render(call, receipt);
        self.calls.report("notify", outcome, began.elapsed());
        self.exchanges.keep(call, &reply, outcome).await;
        Ok(reply.into())
    }
}

impl Notices {
    /// Every notice of a call is tried, so that trouble with one does not keep back the others.
    async fn receive(&self, provider: &dyn Provider, call: RawCall<'_>) -> (Receipt, CallOutcome) {
        let vendor = provider.integration();
        if let Err(failure) = self.learn_keys(provider, call).await {
            tracing::error!(vendor, %failure, "the provider's keys cannot be had");
            return (Receipt::Unavailable, CallOutcome::TryAgain);
        }
        let Ok(call) = provider.verify(call, self.context.now()) else {
            tracing::warn!(vendor, "a call that is not authentic");
            return (Receipt::NotAuthentic, CallOutcome::NotAuthentic);
        };
        let notices = match provider.parse(&call) {
            Ok(notices) => notices,
            Err(malformed) => {
                tracing::error!(vendor, %malformed, "an authentic call that cannot be read");
                return (Receipt::Malformed, CallOutcome::Malformed);
            }
        };
        let (mut receipt, mut greatest) = (Receipt::Accepted, CallOutcome::Repeated);
        for notice in &notices {
            match self.take_on(provider, notice).await {
                Ok(outcome) => greatest = greatest.max(outcome),
                Err(outage) => {
                    tracing::error!(vendor, notice = notice.key.tx, error = %outage, "a notice must come again");
                    receipt = Receipt::Unavailable;
                }
            }
        }
        (receipt, greatest)
    }

    /// What a hint is about is asked for; what comes back is acted upon in its place.
    async fn take_on(&self, provider: &dyn Provider, notice: &PaymentNotice) -> Result<CallOutcome, Outage> {
        let NoticeKind::Hint(subject) = &notice.kind else { return self.act_on(notice).await };
        match self.ask(provider, subject).await {
            Ok(told) => {
                let mut greatest = CallOutcome::Repeated;
                for notice in &told {
                    greatest = greatest.max(self.act_on(notice).await?);
                }
                Ok(greatest)
            }
            Err(CallFailure::Refused(reason)) => {
                self.keep(notice, format!("the provider does not say what happened: {reason}")).await?;
                Ok(CallOutcome::Refused)
            }
            Err(CallFailure::Unclear(reason)) => Err(Outage::new("ask what happened", reason)),
        }
    }

    async fn act_on(&self, notice: &PaymentNotice) -> Result<CallOutcome, Outage> {
        let Verdict { concern, outcome } = self.apply(notice).await?;
        if let Some(concern) = concern {
            self.keep(notice, concern).await?;
        }
        Ok(outcome)
    }

    async fn ask(
        &self,
        provider: &dyn Provider,
        subject: &Subject,
    ) -> Result<Vec<PaymentNotice>, CallFailure> {
        let now = self.context.now();
        converse(|call| self.outbound.send(call), |answers| provider.look_up(subject, answers, now)).await
    }

    /// Looks up the provider's keys if the call needs one that is not known. Strangers may name any key: it is done
    /// now and then only.
    async fn learn_keys(&self, provider: &dyn Provider, call: RawCall<'_>) -> Result<(), CallFailure> {
        let Some(question) = provider.missing_keys(call) else { return Ok(()) };
        if !self.keys.may_ask(self.context.now()) {
            return Ok(());
        }
        let answer = self.outbound.send(question).await?;
        provider.learn_keys(&answer)
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
