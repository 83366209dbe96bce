//! What payment providers tell us. Deployed once per provider; `VENDOR` names it.
//!
//! What is proven genuine is acted upon or kept for staff, and acknowledged either way: a notice that could never be
//! acknowledged would hold up all behind it. Only an outage asks the provider to come again.

mod keys;

use std::sync::Arc;

use edge::payments::{Bookkeeper, Providers};
use edge::{
    BoxError, ConfigError, Context, Function, Handler, Outbound, Problem, Reply, Request, Secrets, Settings,
    Stores, http,
};
use vendors::call::{CallFailure, RawCall, Receipt};
use vendors::payments::PaymentProvider;

use keys::KeyWatch;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let vendors = Secrets::new(&settings)?.vendors().await?;
    let vendor = settings.get("VENDOR")?.to_owned();
    Ok(http(Notices {
        providers: Providers::only(&vendor, &vendors.payments, Outbound::new()?)?,
        vendor,
        keys: KeyWatch::default(),
        bookkeeper: Bookkeeper::new(&stores, &settings)?,
        context: settings.context().clone(),
    }))
}

struct Notices {
    vendor: String,
    providers: Providers,
    keys: KeyWatch,
    bookkeeper: Bookkeeper,
    context: Context,
}

impl Handler for Notices {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let provider = self.provider().map_err(|_| Problem::unavailable())?;
        let call = RawCall::post("", request.headers(), request.body());
        let receipt = self.receive(provider, call).await;
        Ok(provider.render(call, receipt).into())
    }
}

impl Notices {
    /// Every notice of a call is tried, so that trouble with one does not keep back the others.
    async fn receive(&self, provider: &dyn PaymentProvider, call: RawCall<'_>) -> Receipt {
        let vendor = self.vendor.as_str();
        if let Err(failure) = self.learn_keys(provider, call).await {
            tracing::error!(vendor, %failure, "the provider's keys cannot be had");
            return Receipt::Unavailable;
        }
        let Ok(call) = provider.verify(call, self.context.now()) else {
            tracing::warn!(vendor, "a call that is not authentic");
            return Receipt::NotAuthentic;
        };
        let notices = match provider.parse(&call) {
            Ok(notices) => notices,
            Err(malformed) => {
                tracing::error!(vendor, %malformed, "an authentic call that cannot be read");
                return Receipt::Malformed;
            }
        };
        let mut receipt = Receipt::Accepted;
        for notice in &notices {
            if let Err(outage) = self.bookkeeper.take_on(&self.providers, notice).await {
                tracing::error!(vendor, notice = notice.key.tx, error = %outage, "a notice must come again");
                receipt = Receipt::Unavailable;
            }
        }
        receipt
    }

    /// Looks up the provider's keys if the call needs one that is not known. Strangers may name any key: it is done
    /// now and then only.
    async fn learn_keys(&self, provider: &dyn PaymentProvider, call: RawCall<'_>) -> Result<(), CallFailure> {
        let Some(question) = provider.missing_keys(call) else { return Ok(()) };
        if !self.keys.may_ask(self.context.now()) {
            return Ok(());
        }
        let answer = self.providers.outbound().send(question).await?;
        provider.learn_keys(&answer)
    }

    fn provider(&self) -> Result<&dyn PaymentProvider, ConfigError> {
        self.providers.get(&self.vendor).ok_or_else(|| ConfigError::new("VENDOR", "names no provider"))
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
