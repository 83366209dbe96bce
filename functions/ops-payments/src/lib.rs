//! Payments before the staff's eyes: deposits and their refunds, and what vendors told us that matched nothing.

mod body;
mod inbox;
mod quarantine;
mod refunds;
mod view;

use std::sync::Arc;
use std::time::Duration;

use domain::deposit::Deposit;
use domain::ids::{DepositId, PlayerId};
use edge::auth::Auth;
use edge::payments::Cashier;
use edge::{BoxError, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http};
use store::{Inbox, Ledger};

/// Who sees deposits and the inbox, and says that something in it is seen to.
const MAY_SEE: &[&str] = &["payments", "risk"];
/// Who sends money back, and says what becomes of money in quarantine.
const MAY_DECIDE: &[&str] = &["payments"];

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Desk {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        inbox: stores.inbox()?,
        cashier: Cashier::new()?,
        context: settings.context().clone(),
    }))
}

struct Desk {
    auth: Auth,
    ledger: Ledger,
    inbox: Inbox,
    cashier: Cashier,
    context: Context,
}

impl Handler for Desk {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/deposits/{id}" => self.deposit(&request).await,
            "POST /v1/ops/deposits/{id}/quarantine" => self.settle(&request).await,
            "GET /v1/ops/refunds" => self.waiting(&request).await,
            "POST /v1/ops/deposits/{id}/refunds" => self.ask(&request).await,
            "POST /v1/ops/deposits/{id}/refunds/{refund_id}/approve" => self.approve(&request).await,
            "POST /v1/ops/deposits/{id}/refunds/{refund_id}/reject" => self.reject(&request).await,
            "GET /v1/ops/inbox" => self.list(&request).await,
            "POST /v1/ops/inbox/{vendor}/{id}/resolve" => self.resolve(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Desk {
    async fn deposit(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let (player, deposit) = self.found(request.path_id("id")?).await?;
        tracing::info!(audit = "deposit.look", staff = %staff.id, deposit = %deposit.id, "staff looked");
        Ok(Reply::json(200, &view::deposit(player, &deposit)))
    }

    /// A deposit, and whose it is.
    async fn found(&self, id: DepositId) -> Result<(PlayerId, Deposit), Problem> {
        let player = self.ledger.owner_of(&id.to_string()).await?.ok_or_else(Problem::not_found)?;
        let deposit = self.ledger.deposit(player, id).await?.ok_or_else(Problem::not_found)?;
        Ok((player, deposit))
    }
}
