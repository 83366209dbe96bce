//! The payment providers, as far as their settings are given.

use std::collections::BTreeMap;

use domain::Timestamp;
use vendors::call::CallFailure;
use vendors::conversation::converse;
use vendors::payments::{
    self, PaymentNotice, PaymentPage, PaymentProvider, PaymentRequest, PayoutRequest, RefundRequest, Subject,
    TakenPayout, TakenRefund,
};
use vendors::settings::Payments;

use crate::{BoxError, ConfigError, Outbound};

/// The providers, and the way to them.
pub struct Providers {
    known: BTreeMap<&'static str, Box<dyn PaymentProvider>>,
    outbound: Outbound,
}

impl Providers {
    /// All that are configured. One whose settings are of no use is left out: its trouble is its own.
    pub fn all(settings: &Payments, outbound: Outbound) -> Result<Self, BoxError> {
        let mut known = BTreeMap::new();
        for (vendor, provider) in payments::configured(settings) {
            match provider {
                Ok(provider) => drop(known.insert(vendor, provider)),
                Err(error) => tracing::error!(vendor, %error, "a payment provider is left out"),
            }
        }
        Ok(Self { known, outbound })
    }

    /// One alone. Without it the function has nothing to do and does not start.
    pub fn only(vendor: &str, settings: &Payments, outbound: Outbound) -> Result<Self, BoxError> {
        let missing =
            || ConfigError::new("VENDOR", format!("is {vendor}, no payment provider with settings"));
        let provider = payments::named(vendor, settings).ok_or_else(missing)??;
        Ok(Self { known: BTreeMap::from([(provider.integration(), provider)]), outbound })
    }

    /// A provider by its name.
    #[must_use]
    pub fn get(&self, vendor: &str) -> Option<&dyn PaymentProvider> {
        self.known.get(vendor).map(Box::as_ref)
    }

    /// The way to them.
    #[must_use]
    pub const fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// Has a payment page opened. However often it is asked, a provider opens one.
    pub async fn open_payment(
        &self,
        vendor: &str,
        request: &PaymentRequest,
        now: Timestamp,
    ) -> Result<PaymentPage, CallFailure> {
        let provider = self.able(vendor)?;
        converse(|call| self.outbound.send(call), |answers| provider.open_payment(request, answers, now))
            .await
    }

    /// Has money sent to a player. However often it is asked, a provider sends it once.
    pub async fn pay_out(
        &self,
        vendor: &str,
        request: &PayoutRequest,
        now: Timestamp,
    ) -> Result<TakenPayout, CallFailure> {
        let provider = self.able(vendor)?;
        converse(|call| self.outbound.send(call), |answers| provider.pay_out(request, answers, now)).await
    }

    /// Has money of a payment sent back. However often it is asked, a provider sends it once.
    pub async fn refund(
        &self,
        vendor: &str,
        request: &RefundRequest,
        now: Timestamp,
    ) -> Result<TakenRefund, CallFailure> {
        let provider = self.able(vendor)?;
        converse(|call| self.outbound.send(call), |answers| provider.refund(request, answers, now)).await
    }

    /// Asks what became of something.
    pub async fn look_up(
        &self,
        vendor: &str,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Vec<PaymentNotice>, CallFailure> {
        let provider = self.able(vendor)?;
        converse(|call| self.outbound.send(call), |answers| provider.look_up(subject, answers, now)).await
    }

    /// A provider that is not configured now may be later: that is no refusal.
    fn able(&self, vendor: &str) -> Result<&dyn PaymentProvider, CallFailure> {
        self.get(vendor).ok_or_else(|| CallFailure::Unclear(format!("{vendor} is not configured")))
    }
}

#[cfg(test)]
mod tests {
    use vendors::settings::Settings;

    use super::*;

    fn settings(text: &str) -> Payments {
        serde_json::from_str::<Settings>(text).unwrap().payments
    }

    #[test]
    fn whoever_is_configured_is_there_and_nobody_elses_trouble_is_in_the_way() {
        let demo = settings(include_str!("../../../../infra/local/vendors.json"));
        let all = Providers::all(&demo, Outbound::new().unwrap()).unwrap();
        for vendor in ["adyen", "nuvei", "truelayer", "trustly"] {
            assert_eq!(all.get(vendor).unwrap().integration(), vendor);
            assert!(Providers::only(vendor, &Payments::default(), Outbound::new().unwrap()).is_err());
            let one = Providers::only(vendor, &demo, Outbound::new().unwrap()).unwrap();
            assert_eq!(one.known.len(), 1);
        }
        assert!(Providers::only("nobody", &demo, Outbound::new().unwrap()).is_err());
        let broken = settings(
            r#"{"payments":{"nuvei":{"merchant_id":"","merchant_site_id":"","secret_key":"","base_url":"x","webhook_url":"y"},
                "adyen":{"merchant_account":"M","hmac_key_hex":"00","api_key":"k","base_url":"http://a.b"}}}"#,
        );
        let left = Providers::all(&broken, Outbound::new().unwrap()).unwrap();
        assert!(left.get("adyen").is_some() && left.get("nuvei").is_none());
    }
}
