//! Which provider serves a deposit: the best one of the method's route that is up.

use domain::Account;
use domain::cashier::InstrumentKind;
use domain::deposit::Deposit;
use domain::ids::PlayerId;
use edge::Problem;
use edge::payments::Providers;
use vendors::call::CallFailure;
use vendors::payments::{PaymentPage, PaymentRequest};

use crate::Deposits;

/// What came of asking for a payment page.
pub(crate) enum Opening {
    /// A provider opened one.
    Open { vendor: String, page: PaymentPage },
    /// Each provider refused.
    Declined,
    /// A provider may still open one.
    Unclear,
}

/// How a deposit may be paid.
struct Way {
    kind: InstrumentKind,
    /// The providers, in the order to try them.
    routes: Vec<String>,
}

impl Deposits {
    /// The configured providers of a route, in the order to try them.
    pub(crate) fn route(&self, providers: &Providers, routes: &[String]) -> Vec<String> {
        let served: Vec<String> =
            routes.iter().filter(|vendor| providers.get(vendor).is_some()).cloned().collect();
        self.fortunes.order(&served, self.context.now())
    }

    /// Has a page opened for a deposit by the first provider that can. The page of one that did not answer is never
    /// shown to anybody, so that nobody can pay on it.
    pub(crate) async fn open_page(
        &self,
        player: PlayerId,
        account: &Account,
        deposit: &Deposit,
    ) -> Result<Opening, Problem> {
        let pack = self.cashier.pack(self.context.now())?;
        let providers = self.providers.current().await;
        let mut opening = Opening::Declined;
        let Way { kind, routes } = self.way_of(&providers, account, deposit)?;
        for vendor in routes {
            let now = self.context.now();
            let request = PaymentRequest {
                deposit: deposit.id,
                player,
                kind,
                payer: self.payer(player, &providers, &vendor).await?,
                amount: deposit.amount,
                return_url: deposit.return_url.clone(),
                expires_at: deposit.expires_at,
            };
            let opened = providers.open_payment(&vendor, &request, now).await;
            let down = matches!(opened, Err(CallFailure::Unclear(_)));
            self.fortunes.note(&vendor, &opened, pack.routing(), now);
            match opened {
                Ok(page) => return Ok(Opening::Open { vendor, page }),
                Err(failure) => {
                    tracing::error!(deposit = %deposit.id, vendor, %failure, "no payment page was opened");
                    if down {
                        opening = Opening::Unclear;
                    }
                }
            }
        }
        Ok(opening)
    }

    /// How a deposit that was asked for may be paid. What the pack no longer offers is still served by the provider it was
    /// given to, and by a card: by nothing that somebody would have to vouch for.
    fn way_of(&self, providers: &Providers, account: &Account, deposit: &Deposit) -> Result<Way, Problem> {
        use domain::cashier::Direction::Deposit as In;
        let offers = self.cashier.offers(account, In, self.context.now())?;
        let offer = offers.into_iter().find(|offer| offer.method.id == deposit.method);
        Ok(match offer {
            Some(offer) => Way { kind: offer.method.kind, routes: self.route(providers, offer.routes) },
            None => Way { kind: InstrumentKind::Card, routes: vec![deposit.vendor.clone()] },
        })
    }
}
