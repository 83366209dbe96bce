//! The player's money as they see it: balances now, and the transactions and statements of how they came to be.

mod list;
mod statement;
mod transaction;

use std::sync::Arc;

use domain::Refusal;
use edge::auth::Auth;
use edge::{
    BoxError, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http, rule_book,
};
use serde_json::json;
use store::{Ledger, Outage, RuleBook};

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let wallet = Wallet {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        rules: rule_book()?,
        context: settings.context().clone(),
    };
    Ok(http(wallet))
}

struct Wallet {
    auth: Auth,
    ledger: Ledger,
    rules: RuleBook,
    context: Context,
}

impl Handler for Wallet {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/wallet" => self.balances(&request).await,
            "GET /v1/wallet/transactions" => self.transactions(&request).await,
            "GET /v1/wallet/statement" => self.statement(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Wallet {
    async fn balances(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let wallet = account.wallet;
        let withdrawable =
            wallet.withdrawable().map_err(|error| Outage::new("read the balances", error.to_string()))?;
        Ok(Reply::json(
            200,
            &json!({
                "currency": wallet.currency().code(),
                "cash": wallet.cash.to_text(),
                "bonus": wallet.bonus.to_text(),
                "held": wallet.held.to_text(),
                "withdrawable": withdrawable.to_text(),
                "version": account.version,
            }),
        ))
    }
}
