//! Taking a list over: what it changes is written, game by game.

use domain::catalogue::{Game, VendorList};
use futures::future::try_join_all;
use store::Outage;

use crate::{CatalogueSync, Tally};

/// How many of a vendor's games are written side by side. All games share a partition, which takes 1,000 units a second.
const SIDE_BY_SIDE: usize = 4;

impl CatalogueSync {
    /// Writes what a list changes. What an outage leaves unwritten differs from the next list as well.
    pub(crate) async fn take_over(&self, list: &VendorList, known: &[Game]) -> Result<Tally, Outage> {
        let changes = list.changes(known);
        for few in changes.chunks(SIDE_BY_SIDE) {
            try_join_all(few.iter().map(|game| self.write(list, game))).await?;
        }
        for game in &changes {
            let before = known.iter().find(|it| it.game_id == game.game_id);
            tell(before, game);
        }
        let added = changes.iter().filter(|game| game.revision == 0).count();
        Ok(Tally { listed: list.len(), changed: changes.len(), added, skipped: list.skipped() })
    }

    async fn write(&self, list: &VendorList, game: &Game) -> Result<(), Outage> {
        if self.catalogue.put(game.clone()).await?.is_some() {
            return Ok(());
        }
        // Staff or another sync was faster: what the list says of the game as it is now.
        let unknown = Game::new(&game.integration, &game.code);
        self.catalogue.change(&game.game_id, |now| list.changed(now.unwrap_or(&unknown))).await?;
        Ok(())
    }
}

/// Tells people what they may have to act upon: of games that are certified.
fn tell(before: Option<&Game>, game: &Game) {
    let Some(before) = before.filter(|it| it.is_certified()) else { return };
    let game_id = &game.game_id;
    match (before.is_run(), game.is_run()) {
        (true, false) => tracing::warn!(game_id, "the vendor took away a game that is certified"),
        (false, true) => tracing::info!(game_id, "the vendor gave back a game that is certified"),
        _ => {}
    }
    if before.rtp() != game.rtp() {
        let (was, is) = (before.rtp(), game.rtp());
        tracing::warn!(game_id, ?was, ?is, "the vendor changed what a certified game returns");
    }
}
