//! The payment providers that pay out, as far as their settings are given.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::ids::PlayerId;
use domain::withdrawal::Withdrawal;
use edge::{BankAccount, BoxError, Outbound};
use vendors::call::CallFailure;
use vendors::payments::adyen::{self, Adyen};
use vendors::payments::nuvei::{self, Nuvei};
use vendors::payments::truelayer::{self, TrueLayer};
use vendors::payments::trustly::{self, Trustly};
use vendors::payments::{Destination, PayOut, PayoutRequest, TakenPayout, converse};
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

    /// Has a withdrawal paid. A provider that is not configured now may be later: that is no refusal.
    pub(crate) async fn pay_out(
        &self,
        player: PlayerId,
        withdrawal: &Withdrawal,
        account: BankAccount,
        now: Timestamp,
    ) -> Result<TakenPayout, CallFailure> {
        let provider = self
            .providers
            .get(withdrawal.vendor.as_str())
            .ok_or_else(|| CallFailure::Unclear("the provider is not configured".to_owned()))?;
        let request = PayoutRequest {
            withdrawal: withdrawal.id,
            player,
            amount: withdrawal.amount,
            destination: Destination::BankAccount { holder: account.holder, iban: account.iban },
        };
        converse(|call| self.outbound.send(call), |answers| provider.pay_out(&request, answers, now)).await
    }
}
