//! What staff has to look at: money that a provider told of, and that nobody could book.

use serde_json::Value;

use super::book::{Book, key};
use super::{Asked, Heard, NoticeKind};
use crate::seam::{INBOX, Tables};

impl Book {
    /// Remembers a notice about money of a deposit that was accepted, and from which nothing followed.
    pub(super) fn learn_left_to_staff(&mut self, asked: &Asked, heard: &Heard) {
        let Asked::Notice(told) = asked else { return };
        let is_money = told.kind.is_reversal() || matches!(told.kind, NoticeKind::Captured(_));
        let of_deposit = self.deposits.contains_key(&told.reference);
        let is_booked = self.entry_at(&told.key, heard.to).is_some();
        if heard.status == 200 && is_money && of_deposit && !is_booked {
            self.left_to_staff.insert(told.key.clone());
        }
    }

    /// At the end staff can find all of that, unless it was booked when it came again.
    pub(super) fn staff_knows(&self, tables: &Tables) -> Result<(), String> {
        let waiting = self.left_to_staff.iter().filter(|it| !self.entries.contains_key(*it));
        for (vendor, notice) in waiting.filter_map(|it| it.split_once('#')) {
            let place = key(&format!("INBOX#{vendor}"), &format!("NOTICE#{notice}"));
            let get = serde_json::json!({"TableName": INBOX, "Key": place, "ConsistentRead": true});
            let found = tables.ask("GetItem", &get).map_err(|error| error.to_string())?;
            if found.get("Item").is_none_or(Value::is_null) {
                return Err(format!(
                    "{}: nobody is told of {notice}, which could not be booked",
                    self.player
                ));
            }
        }
        Ok(())
    }
}
