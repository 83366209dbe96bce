//! The cashier: which payment provider serves which method, as far as their settings are given.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::deposit::Deposit;
use domain::ids::PlayerId;
use edge::{BoxError, Outbound};
use vendors::call::CallFailure;
use vendors::payments::adyen::{self, Adyen};
use vendors::payments::nuvei::{self, Nuvei};
use vendors::payments::truelayer::{self, TrueLayer};
use vendors::payments::trustly::{self, Trustly};
use vendors::payments::{PayIn, Payer, PaymentPage, PaymentRequest, converse};
use vendors::settings::Payments;

/// The methods that players know, and who serves them.
const ROUTES: &[(&str, &str)] = &[
    ("card", adyen::INTEGRATION),
    ("bank", truelayer::INTEGRATION),
    ("trustly", trustly::INTEGRATION),
    ("nuvei", nuvei::INTEGRATION),
];

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
        if let Some(settings) = &settings.truelayer {
            providers.insert(truelayer::INTEGRATION, Box::new(TrueLayer::new(settings)?));
        }
        if let Some(settings) = &settings.trustly {
            providers.insert(trustly::INTEGRATION, Box::new(Trustly::new(settings)?));
        }
        if let Some(settings) = &settings.nuvei {
            providers.insert(nuvei::INTEGRATION, Box::new(Nuvei::new(settings)?));
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

    /// Whether the deposit's provider must be told who pays.
    pub(crate) fn wants_payer(&self, deposit: &Deposit) -> bool {
        self.providers.get(deposit.vendor.as_str()).is_some_and(|provider| provider.wants_payer())
    }

    /// Opens the deposit's payment page. However often it is asked, the provider opens one.
    pub(crate) async fn open(
        &self,
        player: PlayerId,
        person: Option<Payer>,
        deposit: &Deposit,
        now: Timestamp,
    ) -> Result<PaymentPage, CallFailure> {
        let provider = self
            .providers
            .get(deposit.vendor.as_str())
            .ok_or_else(|| CallFailure::Refused("the provider is not configured".to_owned()))?;
        let request = PaymentRequest {
            deposit: deposit.id,
            player,
            payer: person,
            amount: deposit.amount,
            return_url: deposit.return_url.clone(),
            expires_at: deposit.expires_at,
        };
        converse(|call| self.outbound.send(call), |answers| provider.open_payment(&request, answers, now))
            .await
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

    #[test]
    fn each_configured_provider_serves_its_method() {
        let all = cashier(include_str!("../../../infra/local/vendors.json"));
        assert_eq!(all.methods(), ["card", "bank", "trustly", "nuvei"]);
        for (method, vendor) in
            [("card", "adyen"), ("bank", "truelayer"), ("trustly", "trustly"), ("nuvei", "nuvei")]
        {
            assert_eq!(all.vendor_of(method), Some(vendor));
        }
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
