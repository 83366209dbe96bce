//! The payment providers by their names.

use edge::{BoxError, ConfigError};
use vendors::payments::PaymentWebhook;
use vendors::payments::adyen::{self, Adyen};
use vendors::settings::Payments;

/// The provider of a name, as configured. Without it the function has nothing to do and does not start.
pub(crate) fn named(vendor: &str, settings: &Payments) -> Result<Box<dyn PaymentWebhook>, BoxError> {
    match vendor {
        adyen::INTEGRATION => {
            let settings = settings.adyen.as_ref().ok_or_else(|| missing("payments.adyen"))?;
            Ok(Box::new(Adyen::new(settings)?))
        }
        _ => Err(ConfigError::new("VENDOR", "names no payment provider").into()),
    }
}

fn missing(section: &str) -> ConfigError {
    ConfigError::new(section, "is missing or unreadable in the vendors' settings")
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
        assert!(named("adyen", &Payments::default()).is_err());
        assert!(named("nobody", &demo().payments).is_err());
    }

    #[test]
    fn the_sample_is_a_genuine_capture() {
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/samples/payment-webhook.json")).unwrap();
        let adyen = named("adyen", &demo().payments).unwrap();
        let headers = http::HeaderMap::new();
        let body = event["body"].as_str().unwrap().as_bytes();
        let call = adyen.verify(RawCall::post("", &headers, body)).unwrap();
        let notices = adyen.parse(&call).unwrap();
        assert!(matches!(notices[0].kind, NoticeKind::Deposit(DepositEvent::Captured { .. })));
    }
}
