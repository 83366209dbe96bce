//! The catalogue: the games that a player may be offered where they live.

use std::sync::Arc;

use domain::Refusal;
use edge::auth::Auth;
use edge::{BoxError, Function, Handler, Problem, Reply, Request, Settings, Stores, http};
use serde::Serialize;
use serde_json::json;
use store::{Catalogue, Game, Ledger};

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let games =
        Games { auth: stores.auth().await?, ledger: stores.ledger()?, catalogue: stores.catalogue()? };
    Ok(http(games))
}

struct Games {
    auth: Auth,
    ledger: Ledger,
    catalogue: Catalogue,
}

impl Handler for Games {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/games" => self.list(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Games {
    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let page = request.page()?;
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let page = self.catalogue.offered(&account.jurisdiction, &page).await?;
        let items: Vec<Offer<'_>> = page.items.iter().map(Offer::of).collect();
        Ok(Reply::json(200, &json!({ "items": items, "next_cursor": page.next.map(|it| it.to_string()) })))
    }
}

/// A game as players see it: how its vendor calls it is between the vendor and us.
#[derive(Serialize)]
struct Offer<'a> {
    game_id: &'a str,
    name: &'a str,
    integration: &'a str,
    category: &'a str,
    rtp: &'a str,
    min_stake: &'a str,
    max_stake: &'a str,
}

impl<'a> Offer<'a> {
    fn of(game: &'a Game) -> Self {
        Self {
            game_id: &game.game_id,
            name: &game.name,
            integration: &game.integration,
            category: &game.category,
            rtp: &game.rtp,
            min_stake: &game.min_stake,
            max_stake: &game.max_stake,
        }
    }
}
