//! Withdrawals: the player asks for their money, sees how far it is, and may call it back where the law lets them.

mod body;
mod view;

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{PlayerId, WithdrawalId};
use domain::withdrawal::{RequestWithdrawal, WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{Command, EntryKey, Fact, Refusal};
use edge::auth::Auth;
use edge::http::decimal_field;
use edge::{
    BoxError, Context, Destinations, Function, Handler, Problem, Reply, Request, Settings, Stores, http,
};
use serde_json::{Value, json};
use store::Ledger;

use body::{Body, Iban};

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Withdrawals {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        destinations: Destinations::new(&stores, &settings)?,
        context: settings.context().clone(),
    }))
}

struct Withdrawals {
    auth: Auth,
    ledger: Ledger,
    destinations: Destinations,
    context: Context,
}

impl Handler for Withdrawals {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "POST /v1/withdrawals" => self.ask(&request).await,
            "GET /v1/withdrawals" => self.list(&request).await,
            "GET /v1/withdrawals/{id}" => self.one(&request).await,
            "DELETE /v1/withdrawals/{id}" => self.cancel(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Withdrawals {
    async fn ask(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let key = EntryKey::new("api", format!("withdrawal:{}", request.idempotency_key()?));
        let body = Body::read(request)?;
        let account = self.ledger.account(player).await?.ok_or(Refusal::PlayerUnknown)?;
        let command = Command::RequestWithdrawal(RequestWithdrawal {
            key,
            withdrawal: WithdrawalId::new(self.context.ulid()),
            amount: decimal_field(&body.amount, account.wallet.currency(), "/amount")?,
            method: body.route.method.to_owned(),
            vendor: body.route.vendor.to_owned(),
            destination: self.sealed(player, body.iban.as_ref()).await?,
            destination_fingerprint: body::fingerprint(player, body.iban.as_ref()),
        });
        let outcome = self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?;
        let Fact::WithdrawalRequested { withdrawal, amount, method } = outcome.done()?.fact else {
            return Err(Problem::idempotency_mismatch());
        };
        // The answer to the request, not the state of things: a repeat hears the same.
        Ok(Reply::json(
            201,
            &json!({
                "withdrawal_id": withdrawal,
                "status": WithdrawalStatus::Requested.as_str(),
                "amount": amount.to_text(),
                "currency": amount.currency().code(),
                "method": method,
            }),
        ))
    }

    async fn sealed(&self, player: PlayerId, iban: Option<&Iban>) -> Result<Option<String>, Problem> {
        let Some(iban) = iban else { return Ok(None) };
        let sealed = self.destinations.seal(player, iban.as_str()).await?;
        // Who was erased has no name that an account could be in.
        Ok(Some(sealed.ok_or(Refusal::AccountClosed)?))
    }

    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let page = self.ledger.withdrawals(player, &request.page()?).await?;
        let items: Vec<Value> = page.items.iter().map(view::withdrawal).collect();
        Ok(Reply::json(200, &json!({ "items": items, "next_cursor": page.next.map(|it| it.to_string()) })))
    }

    async fn one(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        self.shown(player, request.path_id("id")?).await
    }

    async fn cancel(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let withdrawal: WithdrawalId = request.path_id("id")?;
        let key = EntryKey::new("api", format!("cancel:{withdrawal}"));
        let step = WithdrawalStep { key, withdrawal, event: WithdrawalEvent::Cancelled, order: None };
        let command = Command::WithdrawalStep(step);
        self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?.done()?;
        self.shown(player, withdrawal).await
    }

    /// Withdrawals are looked up under the player: somebody else's is not found.
    async fn shown(&self, player: PlayerId, id: WithdrawalId) -> Result<Reply, Problem> {
        let withdrawal = self.ledger.withdrawal(player, id).await?.ok_or_else(Problem::not_found)?;
        Ok(Reply::json(200, &view::withdrawal(&withdrawal)))
    }
}
