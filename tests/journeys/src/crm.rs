//! The CRM's table, read as it is: nothing serves it yet.

use edge::{Settings, Stores};
use store::{Crm, CustomerProfile};

use crate::{Failure, Platform, failed};

/// What the CRM knows of a player.
pub async fn customer(platform: &Platform, player: &str) -> Result<Option<CustomerProfile>, Failure> {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let db = Stores::new(&settings).map_err(failed)?.client();
    let crm = Crm::new(db, settings.get("CRM_TABLE").map_err(failed)?);
    let found = crm.profile(player.parse().map_err(failed)?).await.map_err(failed)?;
    Ok(found.map(|(profile, _)| profile))
}
