//! The payment providers by their names.

use edge::{BoxError, ConfigError};
use vendors::payments::adyen::{self, Adyen};
use vendors::payments::nuvei::{self, Nuvei};
use vendors::payments::truelayer::{self, TrueLayer};
use vendors::payments::trustly::{self, Trustly};
use vendors::payments::{PaymentWebhook, StatusQuery};
use vendors::settings::Payments;

/// A provider that notifies us, and tells more when it is asked.
pub(crate) trait Provider: PaymentWebhook + StatusQuery {}

impl<P: PaymentWebhook + StatusQuery> Provider for P {}

/// The provider of a name, as configured. Without it the function has nothing to do and does not start.
pub(crate) fn named(vendor: &str, settings: &Payments) -> Result<Box<dyn Provider>, BoxError> {
    Ok(match vendor {
        adyen::INTEGRATION => Box::new(Adyen::new(given(settings.adyen.as_ref(), "payments.adyen")?)?),
        nuvei::INTEGRATION => Box::new(Nuvei::new(given(settings.nuvei.as_ref(), "payments.nuvei")?)?),
        truelayer::INTEGRATION => {
            Box::new(TrueLayer::new(given(settings.truelayer.as_ref(), "payments.truelayer")?)?)
        }
        trustly::INTEGRATION => {
            Box::new(Trustly::new(given(settings.trustly.as_ref(), "payments.trustly")?)?)
        }
        _ => return Err(ConfigError::new("VENDOR", "names no payment provider").into()),
    })
}

fn given<'a, S>(settings: Option<&'a S>, section: &str) -> Result<&'a S, ConfigError> {
    settings.ok_or_else(|| ConfigError::new(section, "is missing or unreadable in the vendors' settings"))
}

#[cfg(test)]
mod tests {
    use domain::deposit::DepositEvent;
    use vendors::call::RawCall;
    use vendors::payments::NoticeKind;
    use vendors::settings::Settings;

    use super::*;

    fn demo() -> Settings {
        serde_json::from_str(include_str!("../../../infra/local/vendors.json")).unwrap()
    }

    #[test]
    fn only_known_and_configured_providers_start() {
        for vendor in ["adyen", "nuvei", "truelayer", "trustly"] {
            assert!(named(vendor, &Payments::default()).is_err());
            assert_eq!(named(vendor, &demo().payments).unwrap().integration(), vendor);
        }
        assert!(named("nobody", &demo().payments).is_err());
    }

    #[test]
    fn the_sample_is_a_genuine_capture() {
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/samples/payment-webhook.json")).unwrap();
        let adyen = named("adyen", &demo().payments).unwrap();
        let headers = http::HeaderMap::new();
        let body = event["body"].as_str().unwrap().as_bytes();
        let call = adyen.verify(RawCall::post("", &headers, body), domain::Timestamp::UNIX_EPOCH).unwrap();
        let notices = adyen.parse(&call).unwrap();
        assert!(matches!(notices[0].kind, NoticeKind::Deposit(DepositEvent::Captured { .. })));
    }
}
