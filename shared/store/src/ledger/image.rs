//! Images of the ledger table's stream: what became of an item, as far as the outside may care.

use domain::Entry;
use domain::play::Slot;

use super::rows;
use crate::{Item, Outage};

/// What the new image of an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamImage {
    /// An entry of a player's ledger: a fact.
    Entry(Box<Entry>),
    /// The mark of a transaction that must never happen. The rollback that left it is a fact of its own.
    Tombstone,
    /// An account, or a record that changes with one; or nothing, if the item is gone.
    Other,
}

/// Reads an image.
pub fn image(image: serde_dynamo::Item) -> Result<StreamImage, Outage> {
    let item = Item::from(image);
    let is_transaction = item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk.starts_with("TX#"));
    if !is_transaction {
        return Ok(StreamImage::Other);
    }
    Ok(match rows::slot(Some(item))? {
        Slot::Taken(entry) => StreamImage::Entry(entry),
        Slot::Tombstone => StreamImage::Tombstone,
        Slot::Free => StreamImage::Other,
    })
}

#[cfg(test)]
mod tests {
    use domain::account::Wallet;
    use domain::entry::Fingerprint;
    use domain::fact::Play;
    use domain::ids::PlayerId;
    use domain::{EntryKey, Fact, Timestamp};

    use super::*;
    use crate::{key, string};

    fn bet() -> Entry {
        let amount = "2.50 EUR".parse().unwrap();
        Entry {
            player: PlayerId::new(ulid::Ulid::from_parts(1, 2)),
            key: EntryKey::new("hub88", "a#transaction#with#marks"),
            seq: 7,
            prev: domain::Digest::of(b"before"),
            at: Timestamp::from_millisecond(1_767_225_600_123).unwrap(),
            brand: "demo".to_owned(),
            jurisdiction: "MT".to_owned(),
            fact: Fact::BetPlaced { play: Play::default(), amount, bonus: None, free: false },
            postings: Vec::new(),
            balances: Wallet::empty(amount.currency()),
            fingerprint: Fingerprint::of(["test"]),
            reversed_by: None,
        }
    }

    fn read(item: Item) -> Result<StreamImage, Outage> {
        image(serde_dynamo::Item::from(item))
    }

    #[test]
    fn an_entry_reads_back_whole() {
        let entry = bet();
        let read = read(rows::entry_item(&entry).unwrap()).unwrap();
        assert_eq!(read, StreamImage::Entry(Box::new(entry)));
    }

    #[test]
    fn tombstones_and_records_are_no_facts() {
        let mut tombstone = key("ply", "TX#hub88#1");
        tombstone.insert("tomb".to_owned(), string("2"));
        assert_eq!(read(tombstone).unwrap(), StreamImage::Tombstone);
        assert_eq!(read(key("ply", "ACCOUNT")).unwrap(), StreamImage::Other);
        assert_eq!(read(Item::new()).unwrap(), StreamImage::Other, "removed");
    }

    #[test]
    fn a_broken_entry_is_told_from_no_entry() {
        assert!(read(key("ply", "TX#hub88#1")).is_err());
        let mut entry = rows::entry_item(&bet()).unwrap();
        entry.insert("seq".to_owned(), string("seven"));
        assert!(read(entry).is_err());
    }
}
