//! What payment providers tell us. Deployed once per provider; `VENDOR` names it.
//!
//! What is proven genuine is acted upon or kept for staff, and acknowledged either way: a notice that could never be
//! acknowledged would hold up all behind it. Only an outage asks the provider to come again.

mod keys;

use std::sync::Arc;
use std::time::Instant;

use edge::metrics::{CallOutcome, VendorCalls};
use edge::payments::{Bookkeeper, Providers};
use edge::{
    BoxError, Context, Exchanges, Function, Handler, Outbound, Problem, Reply, Request, Rotating, Settings,
    Stores, http,
};
use vendors::call::{CallFailure, RawCall, Receipt};
use vendors::payments::PaymentProvider;

use keys::KeyWatch;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let vendor = settings.get("VENDOR")?.to_owned();
    let (name, outbound) = (vendor.clone(), Outbound::of(&settings)?);
    let made =
        move |all: &vendors::settings::Settings| Providers::only(&name, &all.payments, outbound.clone());
    Ok(http(Notices {
        providers: Rotating::start(&settings, made).await?,
        vendor,
        keys: KeyWatch::default(),
        bookkeeper: Bookkeeper::new(&stores, &settings)?,
        context: settings.context().clone(),
        calls: VendorCalls::new(&settings)?,
        exchanges: Exchanges::new(&stores, &settings)?,
    }))
}

struct Notices {
    vendor: String,
    providers: Rotating<Providers>,
    keys: KeyWatch,
    bookkeeper: Bookkeeper,
    context: Context,
    calls: VendorCalls,
    exchanges: Exchanges,
}

impl Handler for Notices {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let call = RawCall::post("", request.headers(), request.body());
        let began = Instant::now();
        let mut providers = self.providers.current().await;
        let (mut receipt, mut outcome) = self.receive(&providers, call).await;
        if receipt == Receipt::NotAuthentic
            && let Some(newer) = self.providers.newer(&providers).await
        {
            providers = newer;
            (receipt, outcome) = self.receive(&providers, call).await;
        }
        let outcome = CallOutcome::of_receipt(receipt, outcome);
        let provider = providers.get(&self.vendor).ok_or_else(Problem::unavailable)?;
        let reply = provider.render(call, receipt);
        self.calls.report("notify", outcome, began.elapsed());
        self.exchanges.keep(call, &reply, outcome).await;
        Ok(reply.into())
    }
}

impl Notices {
    /// Every notice of a call is tried, so that trouble with one does not keep back the others.
    async fn receive(&self, providers: &Providers, call: RawCall<'_>) -> (Receipt, CallOutcome) {
        let vendor = self.vendor.as_str();
        let Some(provider) = providers.get(vendor) else {
            return (Receipt::Unavailable, CallOutcome::TryAgain);
        };
        if let Err(failure) = self.learn_keys(providers, provider, call).await {
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
            match self.bookkeeper.take_on(providers, notice).await {
                Ok(outcome) => greatest = greatest.max(outcome),
                Err(outage) => {
                    tracing::error!(vendor, notice = notice.key.tx, error = %outage, "a notice must come again");
                    receipt = Receipt::Unavailable;
                }
            }
        }
        (receipt, greatest)
    }

    /// Looks up the provider's keys if the call needs one that is not known. Strangers may name any key: it is done
    /// now and then only. While the keys cannot be had the call has to come again.
    async fn learn_keys(
        &self,
        providers: &Providers,
        provider: &dyn PaymentProvider,
        call: RawCall<'_>,
    ) -> Result<(), CallFailure> {
        let Some(question) = provider.missing_keys(call) else { return Ok(()) };
        if !self.keys.may_ask(self.context.now()) {
            let unknown = || CallFailure::Unclear("they could not be had a moment ago".to_owned());
            return if self.keys.failed() { Err(unknown()) } else { Ok(()) };
        }
        let learnt = match providers.outbound().send(question).await {
            Ok(answer) => provider.learn_keys(&answer),
            Err(failure) => Err(failure),
        };
        self.keys.came(learnt.is_ok());
        learnt
    }
}

#[cfg(test)]
mod tests {
    use domain::deposit::DepositEvent;
    use vendors::payments::NoticeKind;

    use super::*;

    #[test]
    fn the_sample_is_a_genuine_capture() {
        let settings: vendors::settings::Settings =
            serde_json::from_str(include_str!("../../../infra/local/vendors.json")).unwrap();
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/samples/payment-webhook.json")).unwrap();
        let providers = Providers::only("adyen", &settings.payments, Outbound::new().unwrap()).unwrap();
        let adyen = providers.get("adyen").unwrap();
        let headers = ::http::HeaderMap::new();
        let body = event["body"].as_str().unwrap().as_bytes();
        let call = adyen.verify(RawCall::post("", &headers, body), domain::Timestamp::UNIX_EPOCH).unwrap();
        let notices = adyen.parse(&call).unwrap();
        assert!(matches!(notices[0].kind, NoticeKind::Deposit(DepositEvent::Captured { .. })));
    }
}
