//! How a round went, as its vendor shows it: what staff looks at when a player complains.

use std::sync::Arc;

use domain::ids::PlayerId;
use edge::auth::Auth;
use edge::{
    BoxError, Function, GameVendors, Handler, Problem, Reply, Request, Rotating, Settings, Stores, http,
};
use serde_json::json;
use store::{RoundKey, Rounds};
use vendors::call::CallFailure;
use vendors::games::RoundPage;

/// Who looks into rounds.
const MAY_SEE: &[&str] = &["support", "risk", "compliance"];

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(RoundDetails {
        auth: stores.auth().await?,
        rounds: stores.rounds()?,
        vendors: GameVendors::start(&settings).await?,
    }))
}

struct RoundDetails {
    auth: Auth,
    rounds: Rounds,
    vendors: Rotating<GameVendors>,
}

impl Handler for RoundDetails {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/players/{player_id}/rounds/{id}/details" => self.show(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl RoundDetails {
    async fn show(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let player: PlayerId = request.path_id("player_id")?;
        let id: String = request.path_id("id")?;
        let (integration, name) = id.split_once(':').ok_or_else(Problem::not_found)?;
        let key = RoundKey { integration: integration.to_owned(), round: name.to_owned() };
        // Only what was played here is asked for.
        self.rounds.round(player, &key).await?.ok_or_else(Problem::not_found)?;
        let vendors = self.vendors.current().await;
        let vendor = vendors.vendor(integration).ok_or_else(Problem::unavailable)?;
        let details = vendor
            .round_details()
            .ok_or_else(|| Problem::conflict("this vendor does not show how its rounds went"))?;
        let page = vendors
            .admit(integration)?
            .round_page(details, player, name)
            .await
            .map_err(|failure| problem(&failure))?;
        tracing::info!(audit = "round.details", staff = %staff.id, %player, round = id, "staff looked");
        let (url, html) = match page {
            RoundPage::Address(url) => (Some(url), None),
            RoundPage::Html(html) => (None, Some(html)),
        };
        Ok(Reply::json(200, &json!({ "round_id": id, "player_id": player, "url": url, "html": html })))
    }
}

fn problem(failure: &CallFailure) -> Problem {
    tracing::warn!(%failure, "a vendor did not show a round");
    match failure {
        CallFailure::Refused(_) => Problem::conflict("the vendor does not show this round"),
        CallFailure::Unclear(_) => Problem::unavailable(),
    }
}
