//! What a fresh installation needs: the vendors' demo games, and a first member of staff.

use domain::catalogue::{Certified, Game, Terms};
use domain::ids::StaffId;
use edge::{BoxError, EmailHasher, Secrets, Settings, Stores, hash_password};
use serde::Deserialize;
use serde_json::Value;
use store::StaffMember;
use vendors::games::CatalogueGame;

use crate::Context;

/// The first member of staff. Only ever exists on a developer's machine.
pub const ADMIN_EMAIL: &str = "admin@pitboss.local";
/// Their password, printed at every start.
pub const ADMIN_PASSWORD: &str = "demo-admin-password";

/// Loads the demo games and makes sure there is an admin; says how to sign in.
pub async fn plant(context: Context) -> Result<Vec<String>, BoxError> {
    plant_with(&Settings::new(context.env, edge::Context::default()), &context.vendors).await?;
    Ok(vec![format!(
        "Staff sign in at POST {}/v1/ops/sessions as {ADMIN_EMAIL} / {ADMIN_PASSWORD}",
        context.url
    )])
}

/// The same for any installation whose tables and identity the settings name.
pub async fn plant_with(settings: &Settings, vendors: &Value) -> Result<(), BoxError> {
    let stores = Stores::new(settings)?;
    let catalogue = stores.catalogue()?;
    for game in games(vendors)? {
        let known =
            |known: Option<&Game>| Game { agreed: game.agreed.clone(), ..known.unwrap_or(&game).clone() };
        catalogue.change(&game.game_id, |it| Some(known(it))).await?;
    }
    let identity = Secrets::new(settings)?.identity().await?;
    let email_hash = EmailHasher::new(&identity.email_pepper)?.hash(ADMIN_EMAIL);
    let people = stores.people()?;
    if people.staff(&email_hash).await?.is_none() {
        let password_hash = hash_password(ADMIN_PASSWORD, settings.context())
            .map_err(|_| "the admin's password cannot be hashed")?;
        let id = StaffId::new(settings.context().ulid());
        let admin = StaffMember { id, password_hash, roles: vec!["admin".to_owned()] };
        people.put_staff(&email_hash, &admin).await?;
    }
    Ok(())
}

/// The games that the vendors' settings list. What vendors and staff said of them stays.
fn games(vendors: &Value) -> Result<Vec<Game>, BoxError> {
    #[derive(Deserialize)]
    struct Vendor {
        #[serde(default)]
        catalogue: Vec<CatalogueGame>,
    }
    let Some(section) = vendors.get("games").and_then(|games| games.as_object()) else {
        return Ok(Vec::new());
    };
    let mut games = Vec::new();
    for (integration, vendor) in section {
        let vendor: Vendor = serde_json::from_value(vendor.clone())?;
        games.extend(vendor.catalogue.into_iter().map(|it| Game {
            agreed: Terms {
                name: Some(it.name),
                category: Some(it.category),
                rtp: Some(it.rtp),
                min_stake: Some(it.min_stake),
                max_stake: Some(it.max_stake),
                certified: Some(Certified::of_settings(it.jurisdictions)),
                features: it.features,
                features_in: it.features_in,
                offered: None,
            },
            ..Game::new(integration, &it.code)
        }));
    }
    Ok(games)
}
