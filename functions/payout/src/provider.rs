//! The payment providers that pay out, as far as their settings are given.

use std::collections::BTreeMap;

use domain::withdrawal::Withdrawal;
use edge::{BankAccount, BoxError, Outbound};
use vendors::call::CallFailure;
use vendors::payments::adyen::{self, Adyen};
use vendors::payments::{PayOut, PayoutRequest, TakenPayout};
use vendors::settings::Payments;

pub(crate) struct Providers {
    providers: BTreeMap<&'static str, Box<dyn PayOut>>,
    outbound: Outbound,
}

impl Providers {
    pub(crate) fn new(settings: &Payments, outbound: Outbound) -> Result<Self, BoxError> {
        let mut providers: BTreeMap<&'static str, Box<dyn PayOut>> = BTreeMap::new();
        if let Some(settings) = &settings.adyen {
            providers.insert(adyen::INTEGRATION, Box::new(Adyen::new(settings)?));
        }
        Ok(Self { providers, outbound })
    }

    /// Has a withdrawal paid. A provider that is not configured now may be later: that is no refusal.
    pub(crate) async fn pay_out(
        &self,
        withdrawal: &Withdrawal,
        account: BankAccount,
    ) -> Result<TakenPayout, CallFailure> {
        let provider = self
            .providers
            .get(withdrawal.vendor.as_str())
            .ok_or_else(|| CallFailure::Unclear("the provider is not configured".to_owned()))?;
        let request = PayoutRequest {
            withdrawal: withdrawal.id,
            amount: withdrawal.amount,
            holder: account.holder,
            iban: account.iban,
        };
        let answer = self.outbound.send(provider.pay_out(&request)?).await?;
        provider.payout_taken(&answer)
    }
}
