//! What the cashier offers a player: the methods, how much at once, and which way.

use domain::cashier::{Direction, Limits, Offer};
use edge::{Problem, Reply, Request};
use serde_json::{Value, json};

use crate::Deposits;

impl Deposits {
    pub(crate) async fn methods(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let account = self.ledger.account(player).await?.ok_or_else(Problem::not_found)?;
        let now = self.context.now();
        let providers = self.providers.current().await;
        let served = |offer: &Offer<'_>| !self.route(&providers, offer.routes).is_empty();
        let ins = self.cashier.offers(&account, Direction::Deposit, now)?;
        let outs = self.cashier.offers(&account, Direction::Withdrawal, now)?;
        let ins: Vec<Offer<'_>> = ins.into_iter().filter(served).collect();
        let outs: Vec<Offer<'_>> = outs.into_iter().filter(served).collect();
        let only_out = outs.iter().filter(|out| ins.iter().all(|it| it.method.id != out.method.id));
        let items: Vec<Value> = ins
            .iter()
            .chain(only_out)
            .map(|offer| {
                let limits = |offers: &[Offer<'_>]| {
                    let same = offers.iter().find(|it| it.method.id == offer.method.id);
                    same.map(|it| limits(it.limits))
                };
                json!({
                    "method": offer.method.id,
                    "name": offer.method.name,
                    "kind": offer.method.kind,
                    "currency": account.wallet.currency().code(),
                    "deposit": limits(&ins),
                    "withdrawal": limits(&outs),
                })
            })
            .collect();
        Ok(Reply::json(200, &json!({ "items": items, "next_cursor": null })))
    }
}

fn limits(limits: Limits) -> Value {
    json!({"min": limits.min.to_text(), "max": limits.max.to_text()})
}
