//! A player's ledger, its export and its seal, as the platform would write them.

use domain::account::Wallet;
use domain::entry::{Fingerprint, LedgerAccount, Posting};
use domain::export::Header;
use domain::fact::Play;
use domain::ids::{DepositId, PlayerId};
use domain::play::CreditReason;
use domain::{Date, Digest, Entry, EntryKey, Fact, Money};
use seal::document::{Files, Previous};
use seal::tree::Leaf;
use ulid::Ulid;

pub(crate) fn player() -> PlayerId {
    PlayerId::new(Ulid::from_parts(1, 1))
}

fn eur(text: &str) -> Money {
    format!("{text} EUR").parse().unwrap()
}

/// Five entries: a registration, a deposit of 50, a bet of 10, a win of 25 and a lost round.
pub(crate) fn entries() -> Vec<Entry> {
    let (cash, psp) = (LedgerAccount::Cash, LedgerAccount::Psp("adyen".into()));
    let deposit = DepositId::new(Ulid::from_parts(1, 1));
    let won = |amount| {
        let (play, amount) = (Play::default(), eur(amount));
        Fact::BetWon { play, amount, bonus: None, bet: Some("3".into()), reason: CreditReason::Win }
    };
    let facts = [
        (Fact::PlayerRegistered { country: "MT".into() }, None),
        (
            Fact::DepositCompleted { deposit, amount: eur("50"), method: "card".into(), first: true },
            Some((psp, cash.clone(), "50")),
        ),
        (
            Fact::BetPlaced { play: Play::default(), amount: eur("10"), bonus: None, free: false },
            Some((cash.clone(), LedgerAccount::Stakes, "10")),
        ),
        (won("25"), Some((LedgerAccount::Payouts, cash, "25"))),
        (won("0"), None),
    ];
    let (mut entries, mut balances, mut prev) =
        (Vec::new(), Wallet::empty("EUR".parse().unwrap()), Digest::default());
    for (seq, (fact, moved)) in (1..).zip(facts) {
        let postings: Vec<Posting> = moved
            .into_iter()
            .flat_map(|(from, to, amount)| {
                let given = eur("0").minus(eur(amount)).unwrap();
                [Posting { account: from, amount: given }, Posting { account: to, amount: eur(amount) }]
            })
            .collect();
        balances = balances.after(&postings).unwrap();
        let entry = Entry {
            player: player(),
            key: EntryKey::new("hub88", seq.to_string()),
            seq,
            prev,
            at: "2026-11-23T10:00:00Z".parse().unwrap(),
            brand: "demo".into(),
            jurisdiction: "MT".into(),
            fact,
            postings,
            balances,
            fingerprint: Fingerprint::of(["test"]),
            reversed_by: None,
        };
        prev = entry.digest().unwrap();
        entries.push(entry);
    }
    entries
}

/// The export of entries.
pub(crate) fn statement(entries: &[Entry]) -> String {
    let header = Header::of(entries).unwrap().unwrap().line().unwrap();
    let lines = entries.iter().map(|entry| entry.exported().unwrap());
    std::iter::once(header).chain(lines).map(|line| line + "\n").collect()
}

/// The leaf of the player when an entry was the newest.
pub(crate) fn leaf(entry: &Entry) -> Leaf {
    Leaf { player: entry.player, version: entry.seq, head: entry.digest().unwrap() }
}

/// A seal over the player's leaf and five others, after another seal.
pub(crate) fn seal(own: Leaf, previous: Option<&[u8]>) -> Files {
    let other = |number: u128| Leaf {
        player: PlayerId::new(Ulid::from_parts(2, number)),
        version: 1,
        head: Digest::of(&number.to_be_bytes()),
    };
    let mut leaves: Vec<Leaf> = (0..5).map(other).collect();
    leaves.insert(2, own);
    let previous =
        previous.map(|file| Previous { date: Date::constant(2026, 11, 22), sha256: Digest::of(file) });
    seal::document::seal(
        Date::constant(2026, 11, 23),
        "2026-11-23T02:00:00Z".parse().unwrap(),
        &leaves,
        previous,
    )
    .unwrap()
}
