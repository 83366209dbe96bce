//! The roster: every player whose registration was counted, so that nobody has to search the ledger for them.

use std::fmt;

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::ids::PlayerId;

use super::{Kpis, incomplete};
use crate::{Outage, key, string};

/// One of the parts that players are spread over, by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slice(u8);

impl Slice {
    /// How many there are.
    const COUNT: u8 = 16;

    /// The slice of a player.
    #[must_use]
    pub fn of(player: PlayerId) -> Self {
        Self(u8::try_from(player.ulid().0 % u128::from(Self::COUNT)).unwrap_or_default())
    }

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(Self)
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:02}", self.0)
    }
}

impl Kpis {
    /// The players after one, by slice and id; the first ones if none is given. Fewer than `most` only at the end
    /// of a slice; none only at the end of the roster.
    pub async fn roster(&self, after: Option<PlayerId>, most: i32) -> Result<Vec<PlayerId>, Outage> {
        let start = after.map(Slice::of);
        for slice in Slice::all().skip_while(|slice| start.is_some_and(|start| *slice < start)) {
            let after = after.filter(|player| Slice::of(*player) == slice);
            let players = self.roster_slice(slice, after, most).await?;
            if !players.is_empty() {
                return Ok(players);
            }
        }
        Ok(Vec::new())
    }

    async fn roster_slice(
        &self,
        slice: Slice,
        after: Option<PlayerId>,
        most: i32,
    ) -> Result<Vec<PlayerId>, Outage> {
        let after = after.map(|player| player.to_string()).unwrap_or_default();
        let page = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk > :after")
            .expression_attribute_values(":pk", string(roster_pk(slice)))
            // An empty key is refused; no id sorts before a blank.
            .expression_attribute_values(":after", string(if after.is_empty() { " " } else { &after }))
            .limit(most)
            .send()
            .await
            .map_err(Outage::sdk("read the roster"))?;
        let player = |item: &crate::Item| {
            let id = item.get("sk").and_then(|sk| sk.as_s().ok()).map(|id| id.parse());
            id.ok_or_else(|| Outage::unreadable("a player's place"))?.map_err(Outage::unreadable)
        };
        page.items().iter().map(player).collect()
    }

    /// The player's place in the roster.
    pub(super) fn roster_write(&self, player: PlayerId) -> Result<TransactWriteItem, Outage> {
        let place = key(roster_pk(Slice::of(player)), player.to_string());
        let put = Put::builder().table_name(&self.table).set_item(Some(place)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(incomplete)?).build())
    }
}

fn roster_pk(slice: Slice) -> String {
    format!("PLAYERS#{slice}")
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    #[test]
    fn players_are_spread_by_the_end_of_their_ids() {
        let slice = |random| Slice::of(PlayerId::new(Ulid::from_parts(1, random))).to_string();
        assert_eq!((slice(0).as_str(), slice(15).as_str(), slice(16).as_str()), ("00", "15", "00"));
        assert_eq!(Slice::all().count(), 16);
        assert!(Slice::all().is_sorted());
    }
}
