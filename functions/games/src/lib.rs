//! The catalogue: the games that a player may be offered where they live.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::catalogue::{Audience, Device, Feature, Game};
use domain::person::refuse_closed;
use domain::{Decimal, Refusal};
use edge::auth::Auth;
use edge::{
    BoxError, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http, rule_book,
};
use serde::Serialize;
use store::{Catalogue, Ledger, RuleBook};

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Games {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        catalogue: stores.catalogue()?,
        rules: rule_book()?,
        context: settings.context().clone(),
    }))
}

struct Games {
    auth: Auth,
    ledger: Ledger,
    catalogue: Catalogue,
    rules: RuleBook,
    context: Context,
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
        let device = device(request)?;
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        refuse_closed(&account)?;
        let country = self.ledger.country(&account).await?;
        let jurisdiction = account.jurisdiction.as_str();
        let rules = self.rules.rules(jurisdiction, self.context.now())?;
        let audience = Audience {
            jurisdiction,
            rules: &rules.games,
            country: &country,
            currency: account.wallet.currency(),
            device,
        };
        let page = self.catalogue.offered(&audience, &page).await?;
        let items: Vec<Offer<'_>> = page.items.iter().map(|game| Offer::of(game, jurisdiction)).collect();
        Ok(Reply::page(&items, page.next))
    }
}

/// What the player plays on, if the lobby says.
fn device(request: &Request) -> Result<Option<Device>, Problem> {
    match request.query("device").as_deref() {
        None => Ok(None),
        Some("desktop") => Ok(Some(Device::Desktop)),
        Some("mobile") => Ok(Some(Device::Mobile)),
        Some(_) => Err(Problem::invalid_field("/device", "must be desktop or mobile")),
    }
}

/// A game as players see it: how its vendor calls it is between the vendor and us.
#[derive(Serialize)]
struct Offer<'a> {
    game_id: &'a str,
    name: &'a str,
    integration: &'a str,
    category: &'a str,
    rtp: Option<Decimal>,
    min_stake: Option<Decimal>,
    max_stake: Option<Decimal>,
    /// What its build that is played where the player lives lets players do; null if nobody said.
    features: Option<&'a BTreeSet<Feature>>,
}

impl<'a> Offer<'a> {
    fn of(game: &'a Game, jurisdiction: &str) -> Self {
        Self {
            game_id: &game.game_id,
            name: game.name(),
            integration: &game.integration,
            category: game.category(),
            rtp: game.rtp(),
            min_stake: game.min_stake(),
            max_stake: game.max_stake(),
            features: game.features_in(jurisdiction),
        }
    }
}
