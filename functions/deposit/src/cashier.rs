//! The cashier: which payment provider serves which method, as far as their settings are given.

use std::collections::BTreeMap;

use domain::deposit::Deposit;
use domain::ids::PlayerId;
use edge::{BoxError, Outbound};
use vendors::call::CallFailure;
use vendors::payments::adyen::{self, Adyen};
use vendors::payments::{PayIn, PaymentPage, PaymentRequest};
use vendors::settings::Payments;

/// The methods that players know, and who serves them.
const ROUTES: &[(&str, &str)] = &[("card", adyen::INTEGRATION)];

pub(crate) struct Cashier {
    providers: BTreeMap<&'static str, Box<dyn PayIn>>,
    outbound: Outbound,
}

impl Cashier {
    pub(crate) fn new(settings: &Payments, outbound: Outbound) -> Result<Self, BoxError> {
        let mut providers: BTreeMap<&'static str, Box<dyn PayIn>> = BTreeMap::new();
        if let Some(settings) = &settings.adyen {
            providers.insert(adyen::INTEGRATION, Box::new(Adyen::new(settings)?));
        }
        Ok(Self { providers, outbound })
    }

    /// The provider that serves a method, if one does.
    pub(crate) fn vendor_of(&self, method: &str) -> Option<&'static str> {
        self.routes().find(|(name, _)| *name == method).map(|(_, vendor)| vendor)
    }

    /// The methods that are served.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        self.routes().map(|(method, _)| method).collect()
    }

    /// Opens the deposit's payment page. However often it is asked, the provider opens one.
    pub(crate) async fn open(&self, player: PlayerId, deposit: &Deposit) -> Result<PaymentPage, CallFailure> {
        let provider = self
            .providers
            .get(deposit.vendor.as_str())
            .ok_or_else(|| CallFailure::Refused("the provider is not configured".to_owned()))?;
        let request = PaymentRequest {
            deposit: deposit.id,
            player,
            amount: deposit.amount,
            return_url: deposit.return_url.clone(),
            expires_at: deposit.expires_at,
        };
        let answer = self.outbound.send(provider.open_payment(&request)?).await?;
        provider.payment_page(&answer)
    }

    fn routes(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        ROUTES.iter().copied().filter(|(_, vendor)| self.providers.contains_key(vendor))
    }
}

#[cfg(test)]
mod tests {
    use vendors::settings::Settings;

    use super::*;

    fn cashier(settings: &str) -> Cashier {
        let settings: Settings = vendors_of(settings);
        Cashier::new(&settings.payments, Outbound::new().unwrap()).unwrap()
    }

    fn vendors_of(settings: &str) -> Settings {
        serde_json::from_str(settings).unwrap()
    }

    #[test]
    fn a_method_is_there_once_its_provider_is_configured() {
        let adyen = r#"{"payments":{"adyen":{"merchant_account":"M","hmac_key_hex":"00","api_key":"k","base_url":"http://a.b"}}}"#;
        assert_eq!(cashier(adyen).vendor_of("card"), Some("adyen"));
        assert_eq!(cashier(adyen).vendor_of("cash"), None);
        assert_eq!(cashier("{}").vendor_of("card"), None);
        assert!(cashier("{}").methods().is_empty());
    }
}
