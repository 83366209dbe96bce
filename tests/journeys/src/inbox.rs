//! What vendors told us that waits for staff.

use edge::{Settings, Stores};
use store::{Page, PageRequest};

use crate::{Failure, Platform, failed};

/// Why a vendor's notices wait for staff that speak of something; empty if there is none.
pub async fn kept(platform: &Platform, vendor: &str, about: &str) -> Result<Vec<String>, Failure> {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let inbox = Stores::new(&settings).and_then(|it| it.inbox()).map_err(failed)?;
    let (mut kept, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: 200, after };
        let Page { items, next } = inbox.page(false, Some(vendor), &page).await.map_err(failed)?;
        let about_it = items.into_iter().map(|it| it.item).filter(|it| it.summary.contains(about));
        kept.extend(about_it.map(|it| it.why));
        if next.is_none() {
            return Ok(kept);
        }
        after = next;
    }
}
