//! Withdrawals: the player asks for their money, sees how far it is, and may call it back where the law lets them.

mod body;
mod plan;
mod view;

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{PlayerId, WithdrawalId};
use domain::play::Slot;
use domain::withdrawal::{RequestWithdrawal, WithdrawalEvent, WithdrawalStatus, WithdrawalStep};
use domain::{Command, Entry, EntryKey, Fact, Outcome, Refusal};
use edge::auth::Auth;
use edge::http::decimal_field;
use edge::payments::{Cashier, Fingerprints, Providers};
use edge::{
    BoxError, Context, Destinations, Function, Handler, Outbound, Problem, Reply, Request, Rotating,
    Settings, Stores, http,
};
use serde_json::{Value, json};
use store::{Inbox, Ledger};

use body::Body;

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a request is worked out anew because the account moved on meanwhile.
const MOST_PLANS: usize = 5;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let outbound = Outbound::of(&settings)?;
    Ok(http(Withdrawals {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        destinations: Destinations::new(&stores, &settings)?,
        cashier: Cashier::new()?,
        fingerprints: Fingerprints::new(&settings)?,
        inbox: stores.inbox()?,
        providers: Rotating::start(&settings, move |all| Providers::all(&all.payments, outbound.clone()))
            .await?,
        context: settings.context().clone(),
    }))
}

struct Withdrawals {
    auth: Auth,
    ledger: Ledger,
    destinations: Destinations,
    cashier: Cashier,
    fingerprints: Fingerprints,
    inbox: Inbox,
    providers: Rotating<Providers>,
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
        let entry = self.requested(player, &key, &body).await?;
        let Fact::WithdrawalRequested { withdrawal, amount, method, .. } = entry.fact else {
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

    /// Requests the withdrawal as worked out for the account. If the account moved on meanwhile, the plan may no
    /// longer be right: it is made anew.
    async fn requested(&self, player: PlayerId, key: &EntryKey, body: &Body) -> Result<Entry, Problem> {
        for _ in 0..MOST_PLANS {
            let plan = match self.planned(player, key.clone(), body).await {
                Ok(plan) => plan,
                Err(problem) => return self.requested_before(player, key, body).await?.ok_or(problem),
            };
            let command = Command::RequestWithdrawal(plan);
            match self.ledger.execute(player, &command, self.context.now(), PATIENCE).await? {
                Outcome::Refused { refusal: Refusal::Outdated, .. } => {}
                settled => return Ok(settled.done()?),
            }
        }
        Err(Problem::unavailable())
    }

    /// What the key stands for. A repeat hears the same as the first time also where the request could not be made
    /// anew, such as when the money that it asked for is held by it.
    async fn requested_before(
        &self,
        player: PlayerId,
        key: &EntryKey,
        body: &Body,
    ) -> Result<Option<Entry>, Problem> {
        let Slot::Taken(entry) = self.ledger.slot(player, key).await? else { return Ok(None) };
        let Fact::WithdrawalRequested { amount: held, .. } = &entry.fact else {
            return Err(Problem::idempotency_mismatch());
        };
        let amount = decimal_field(&body.amount, held.currency(), "/amount")?;
        let destination = body::fingerprint(player, body.iban.as_ref());
        let asked = RequestWithdrawal::fingerprint_of(amount, &body.method, &destination);
        if asked == entry.fingerprint { Ok(Some(*entry)) } else { Err(Problem::idempotency_mismatch()) }
    }

    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let page = self.ledger.withdrawals(player, &request.page()?).await?;
        let items: Vec<Value> = page.items.iter().map(view::withdrawal).collect();
        Ok(Reply::page(&items, page.next))
    }

    async fn one(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        self.shown(player, request.path_id("id")?).await
    }

    async fn cancel(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let withdrawal: WithdrawalId = request.path_id("id")?;
        let key = EntryKey::new("api", format!("cancel:{withdrawal}"));
        let command =
            Command::WithdrawalStep(WithdrawalStep::new(key, withdrawal, WithdrawalEvent::Cancelled));
        self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?.done()?;
        self.shown(player, withdrawal).await
    }

    /// Withdrawals are looked up under the player: somebody else's is not found.
    async fn shown(&self, player: PlayerId, id: WithdrawalId) -> Result<Reply, Problem> {
        let withdrawal = self.ledger.withdrawal(player, id).await?.ok_or_else(Problem::not_found)?;
        Ok(Reply::json(200, &view::withdrawal(&withdrawal)))
    }
}
