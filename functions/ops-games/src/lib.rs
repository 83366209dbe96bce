//! The catalogue before the staff's eyes: what vendors list, and what we decide on it.

mod change;
mod view;

use std::sync::Arc;

use domain::catalogue::Game;
use edge::auth::{Auth, Staff};
use edge::{
    BoxError, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http, rule_book,
};
use serde_json::Value;
use store::{Catalogue, RuleBook};

use change::Change;

/// Who sees the catalogue.
const MAY_SEE: &[&str] = &["compliance", "marketing", "risk", "support"];
/// Who decides what games are called and where they stand.
const MAY_DRESS: &[&str] = &["compliance", "marketing"];
/// Who decides where, for how much and whether they are played.
const MAY_CERTIFY: &[&str] = &["compliance"];

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Desk {
        auth: stores.auth().await?,
        catalogue: stores.catalogue()?,
        rules: rule_book()?,
        context: settings.context().clone(),
    }))
}

struct Desk {
    auth: Auth,
    catalogue: Catalogue,
    rules: RuleBook,
    context: Context,
}

impl Handler for Desk {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/games" => self.list(&request).await,
            "PATCH /v1/ops/games/{game_id}" => self.change(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Desk {
    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let (page, integration) = (request.page()?, request.query("integration"));
        let uncertified = match request.query("uncertified").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Problem::invalid_field("/uncertified", "must be true or false")),
        };
        let wanted = |game: &Game| !(uncertified && game.is_certified());
        let page = self.catalogue.known(integration.as_deref(), &page, wanted).await?;
        let items: Vec<Value> = page.items.iter().map(view::game).collect();
        tracing::info!(audit = "games.list", staff = %staff.id, items = items.len(), "staff looked");
        Ok(Reply::page(&items, page.next))
    }

    async fn change(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DRESS).await?;
        let change: Change = request.json()?;
        if change.certifies() && !may_certify(&staff) {
            return Err(Problem::forbidden(format!(
                "this takes one of the roles {}",
                MAY_CERTIFY.join(", ")
            )));
        }
        let now = self.context.now();
        change.check(|jurisdiction| self.rules.covers(jurisdiction, now))?;
        let id = game_id(request)?;
        let before = self.catalogue.game(&id).await?.ok_or_else(Problem::not_found)?;
        change.check_stakes(&before)?;
        let changed = self.catalogue.change(&id, |game| game.map(|game| change.of(game))).await?;
        let game = changed.ok_or_else(Problem::not_found)?;
        tracing::info!(
            audit = "games.change",
            staff = %staff.id,
            session = %staff.session,
            game = game.game_id,
            before = %view::terms(&before.decided),
            after = %view::terms(&game.decided),
            reason = change.reason(),
            "staff decided on a game"
        );
        Ok(Reply::json(200, &view::game(&game)))
    }
}

fn may_certify(staff: &Staff) -> bool {
    staff.roles.iter().any(|role| role == "admin" || MAY_CERTIFY.contains(&role.as_str()))
}

/// The game asked for. Longer than any key of ours means no game of ours.
fn game_id(request: &Request) -> Result<String, Problem> {
    const LONGEST: usize = 512;
    Some(request.path_parameter("game_id"))
        .filter(|id| (1..=LONGEST).contains(&id.len()))
        .ok_or_else(Problem::not_found)
}
