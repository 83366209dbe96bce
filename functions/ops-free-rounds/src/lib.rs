//! Free rounds from the staff's hands: what vendors have templates for, what players were given, and what was taken back.

mod body;
mod give;
mod view;

use std::sync::Arc;

use domain::ids::{FreeRoundsId, PlayerId};
use domain::play::GiftState;
use edge::auth::Auth;
use edge::{
    BoxError, Context, Function, GameVendors, Handler, Problem, Reply, Request, Rotating, Settings, Stores,
    http, rule_book,
};
use store::{Catalogue, Gifts, Ledger, RuleBook};
use vendors::call::CallFailure;
use vendors::games::{FreeRounds, Revoked};

/// Who sees what was given.
const MAY_SEE: &[&str] = &["marketing", "support", "risk", "compliance"];
/// Who gives and takes back.
const MAY_GIVE: &[&str] = &["marketing"];

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Desk {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        catalogue: stores.catalogue()?,
        gifts: stores.gifts()?,
        rules: rule_book()?,
        vendors: GameVendors::start(&settings).await?,
        context: settings.context().clone(),
    }))
}

struct Desk {
    auth: Auth,
    ledger: Ledger,
    catalogue: Catalogue,
    gifts: Gifts,
    rules: RuleBook,
    vendors: Rotating<GameVendors>,
    context: Context,
}

impl Handler for Desk {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/free-rounds/templates" => self.templates(&request).await,
            "GET /v1/ops/players/{player_id}/free-rounds" => self.list(&request).await,
            "POST /v1/ops/players/{player_id}/free-rounds" => self.give(&request).await,
            "DELETE /v1/ops/players/{player_id}/free-rounds/{id}" => self.revoke(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Desk {
    /// What a vendor has templates for; nothing, if it has none.
    async fn templates(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_GIVE).await?;
        let integration = request.query("integration").unwrap_or_default();
        let vendors = self.vendors.current().await;
        let Some(templates) = free_rounds(&vendors, &integration)?.templates() else {
            return Ok(Reply::page(&Vec::<()>::new(), None::<String>));
        };
        let found = vendors.admit(&integration)?.templates(templates).await.map_err(refused)?;
        let items: Vec<_> = found.iter().map(|it| view::template(&integration, it)).collect();
        tracing::info!(audit = "free_rounds.templates", staff = %staff.id, integration, "staff looked");
        Ok(Reply::page(&items, None::<String>))
    }

    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let player: PlayerId = request.path_id("player_id")?;
        let page = self.gifts.history(player, &request.page()?).await?;
        let items: Vec<_> = page.items.iter().map(view::gift).collect();
        tracing::info!(audit = "free_rounds.list", staff = %staff.id, %player, "staff looked");
        Ok(Reply::page(&items, page.next))
    }

    /// Takes back what has not been played yet.
    async fn revoke(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_GIVE).await?;
        let player: PlayerId = request.path_id("player_id")?;
        let id: FreeRoundsId = request.path_id("id")?;
        let stored = self.gifts.find(player, id).await?.ok_or_else(Problem::not_found)?;
        let never_given = || Problem::conflict("they were never given");
        let (reference, was_given) = match &stored.record.state {
            GiftState::Revoked => return Ok(Reply::empty(204)),
            GiftState::Refused { .. } => return Err(never_given()),
            GiftState::Asked => (None, false),
            GiftState::Given { reference } => (reference.as_deref(), true),
        };
        let vendors = self.vendors.current().await;
        let integration = &stored.record.gift.integration;
        let revocation = free_rounds(&vendors, integration)?
            .revocation()
            .ok_or_else(|| Problem::conflict("this vendor does not take free rounds back"))?;
        let revoked = vendors.admit(integration)?.revoke(revocation, id, reference).await.map_err(refused)?;
        // What was given and is there no more was taken back by a call whose answer was lost.
        if revoked == Revoked::NotThere && !was_given {
            return Err(never_given());
        }
        if !self.gifts.settle(&stored, GiftState::Revoked).await? {
            // Somebody else settled it meanwhile: the same call again finds out how.
            return Err(Problem::unavailable());
        }
        tracing::info!(
            audit = "free_rounds.revoke",
            staff = %staff.id,
            session = %staff.session,
            %player,
            free_rounds = %id,
            "staff took free rounds back"
        );
        Ok(Reply::empty(204))
    }
}

fn free_rounds<'a>(vendors: &'a GameVendors, integration: &str) -> Result<&'a dyn FreeRounds, Problem> {
    let unknown = || Problem::invalid_field("/integration", "must be a game vendor that is configured");
    let vendor = vendors.vendor(integration).ok_or_else(unknown)?;
    vendor
        .free_rounds()
        .ok_or_else(|| Problem::invalid_field("/integration", "must be a vendor that gives free rounds"))
}

/// A failure as staff hears of it: the vendor's own words are what helps.
fn refused(failure: CallFailure) -> Problem {
    tracing::warn!(%failure, "a vendor did not do as it was asked");
    match failure {
        CallFailure::Refused(why) => Problem::conflict(format!("the vendor refused: {why}")),
        CallFailure::Unclear(_) => Problem::unavailable(),
    }
}
