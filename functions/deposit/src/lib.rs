//! Deposits: what the cashier offers, what the player wants to pay in, the provider's page to pay it on, and how far it
//! is.

mod body;
mod methods;
mod open;
mod route;
mod view;

use std::sync::Arc;
use std::time::Duration;

use domain::ids::DepositId;
use edge::auth::Auth;
use edge::payments::{Cashier, Providers};
use edge::{
    BoxError, Context, Fortunes, Function, Handler, Outbound, Problem, Profiles, Reply, Request, Rotating,
    Settings, Stores, http,
};
use serde_json::Value;
use store::Ledger;

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let outbound = Outbound::of(&settings)?;
    Ok(http(Deposits {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        profiles: Profiles::new(&stores, &settings)?,
        cashier: Cashier::new()?,
        providers: Rotating::start(&settings, move |all| Providers::all(&all.payments, outbound.clone()))
            .await?,
        fortunes: Fortunes::default(),
        context: settings.context().clone(),
    }))
}

struct Deposits {
    auth: Auth,
    ledger: Ledger,
    profiles: Profiles,
    cashier: Cashier,
    providers: Rotating<Providers>,
    fortunes: Fortunes,
    context: Context,
}

impl Handler for Deposits {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/cashier/methods" => self.methods(&request).await,
            "POST /v1/deposits" => self.open(&request).await,
            "GET /v1/deposits" => self.list(&request).await,
            "GET /v1/deposits/{id}" => self.one(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Deposits {
    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let page = self.ledger.deposits(player, &request.page()?).await?;
        let now = self.context.now();
        let items: Vec<Value> = page.items.iter().map(|deposit| view::deposit(deposit, now)).collect();
        Ok(Reply::page(&items, page.next))
    }

    /// Deposits are looked up under the player: somebody else's is not found.
    async fn one(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let id: DepositId = request.path_id("id")?;
        let deposit = self.ledger.deposit(player, id).await?.ok_or_else(Problem::not_found)?;
        Ok(Reply::json(200, &view::deposit(&deposit, self.context.now())))
    }
}
