//! The journal: the order of a player's entries, whose keys say nothing of it. The account carries the keys of the
//! newest entries; when they grow too many for its write unit, they leave it together as a page.

use domain::{Account, Entry, EntryKey};

use super::rows;

/// How many bytes of keys an account carries. With the rest of it they must stay below 1 KB, what a write unit holds.
pub(super) const RECENT_BYTES: usize = 640;
/// What a list takes for each of its strings.
const OVERHEAD_BYTES: usize = 1;

/// Keys of entries that follow one another, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Recent {
    /// The place of the first.
    pub(super) since: String,
    /// The keys.
    pub(super) keys: Vec<EntryKey>,
}

/// An account as its item has it: with the newest part of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) account: Account,
    pub(super) recent: Recent,
}

/// A page of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The number of its first entry.
    pub(super) first: u64,
    /// The place of its first entry.
    pub(super) since: String,
    /// The keys of its entries, oldest first.
    pub(super) keys: Vec<EntryKey>,
}

impl Leaf {
    /// Its entries' numbers and keys, oldest first.
    pub(super) fn numbered(self) -> impl DoubleEndedIterator<Item = (u64, EntryKey)> {
        (self.first..).zip(self.keys).collect::<Vec<_>>().into_iter()
    }
}

impl Standing {
    /// The part of the journal that is not on a page yet.
    pub(super) fn leaf(self) -> Leaf {
        let count = u64::try_from(self.recent.keys.len()).unwrap_or_default();
        let first = (self.account.version + 1).saturating_sub(count);
        Leaf { first, since: self.recent.since, keys: self.recent.keys }
    }
}

impl Recent {
    /// Goes on with entries: what the account carries from now on, and the page that leaves it, with the place of its
    /// last entry.
    pub(super) fn followed_by(&self, entries: &[Entry]) -> (Self, Option<(String, Leaf)>) {
        let mut next = self.clone();
        for entry in entries {
            if next.keys.is_empty() {
                next.since = place(entry);
            }
            next.keys.push(entry.key.clone());
        }
        let (Some(last), true) = (entries.last(), next.bytes() > RECENT_BYTES) else { return (next, None) };
        let count = u64::try_from(next.keys.len()).unwrap_or_default();
        let leaf = Leaf { first: (last.seq + 1).saturating_sub(count), since: next.since, keys: next.keys };
        (Self::default(), Some((place(last), leaf)))
    }

    fn bytes(&self) -> usize {
        self.keys.iter().map(|key| rows::entry_name(key).len() + OVERHEAD_BYTES).sum()
    }
}

/// Where an entry stands in the order of its player's entries.
pub(super) fn place(entry: &Entry) -> String {
    rows::place(entry.at, entry.seq)
}

#[cfg(test)]
mod tests {
    use domain::account::Wallet;
    use domain::entry::Fingerprint;
    use domain::fact::Play;
    use domain::ids::PlayerId;
    use domain::{Digest, Fact, Timestamp};
    use proptest::prelude::*;

    use super::*;

    fn entry(seq: u64, tx: &str) -> Entry {
        let amount = "1 EUR".parse().unwrap();
        Entry {
            player: PlayerId::new(ulid::Ulid::from_parts(1, 2)),
            key: EntryKey::new("hub88", tx),
            seq,
            prev: Digest::default(),
            at: Timestamp::from_millisecond(1_767_225_600_000 + i64::try_from(seq).unwrap()).unwrap(),
            brand: "demo".to_owned(),
            jurisdiction: "MT".to_owned(),
            fact: Fact::BetPlaced { play: Play::default(), amount, bonus: None, free: false },
            postings: Vec::new(),
            balances: Wallet::empty(amount.currency()),
            fingerprint: Fingerprint::of(["test"]),
            reversed_by: None,
        }
    }

    #[test]
    fn some_sixteen_uuids_make_a_page() {
        let mut recent = Recent::default();
        let page = (1..).find_map(|seq| {
            let (next, page) = recent.followed_by(&[entry(seq, &uuid(seq))]);
            recent = next;
            page.map(|(_, leaf)| leaf.keys.len())
        });
        assert_eq!(page, Some(15));
    }

    fn uuid(seq: u64) -> String {
        format!("{seq:08}-0000-4000-8000-000000000000")
    }

    proptest! {
        /// Whatever is committed together: pages and account have each entry once, in order, under its number.
        #[test]
        fn the_journal_has_every_entry_once(
            commits in prop::collection::vec(prop::collection::vec("[a-z#]{1,120}", 1..6), 1..40),
        ) {
            let (mut recent, mut leaves, mut seq) = (Recent::default(), Vec::new(), 0);
            let mut expected = Vec::new();
            for commit in commits {
                let entries: Vec<Entry> = commit.iter().map(|tx| { seq += 1; entry(seq, tx) }).collect();
                expected.extend(entries.iter().map(|it| (it.seq, it.key.clone())));
                let (next, page) = recent.followed_by(&entries);
                if let Some((last, leaf)) = page {
                    prop_assert_eq!(&last, &place(entries.last().unwrap()));
                    leaves.push(leaf);
                }
                prop_assert!(next.bytes() <= RECENT_BYTES);
                recent = next;
            }
            let first = expected.len() - recent.keys.len();
            if let Some((number, key)) = expected.get(first) {
                prop_assert_eq!(&recent.since, &place(&entry(*number, &key.tx)));
            }
            let on_pages: Vec<_> = leaves.into_iter().flat_map(Leaf::numbered).collect();
            prop_assert_eq!(&on_pages[..], &expected[..first]);
            let carried: Vec<_> = expected[first..].iter().map(|(_, key)| key.clone()).collect();
            prop_assert_eq!(recent.keys, carried);
        }
    }
}
