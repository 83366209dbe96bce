//! What players pay with in the sandboxes: each has a card and an account of their own, and all know one family's.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Who the family's card and account belong to.
const FAMILY: &str = "a family";

/// The purse that an outcome is paid from.
pub(super) fn purse<'a>(outcome: &str, player: &'a str) -> &'a str {
    if outcome == "pay_shared" { FAMILY } else { player }
}

/// So many digits that are a purse's own: always the same, and hardly anybody else's.
pub(super) fn digits(purse: &str, count: u32) -> String {
    let mut hasher = DefaultHasher::new();
    purse.hash(&mut hasher);
    let number = hasher.finish() % 10_u64.saturating_pow(count);
    format!("{number:0width$}", width = usize::try_from(count).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_their_own_and_all_know_the_familys() {
        let of = |outcome, player| digits(purse(outcome, player), 8);
        assert_eq!(of("pay", "ply_1"), of("pay_twice", "ply_1"));
        assert_ne!(of("pay", "ply_1"), of("pay", "ply_2"));
        assert_eq!(of("pay_shared", "ply_1"), of("pay_shared", "ply_2"));
        assert_eq!(of("pay", "ply_1").len(), 8);
    }
}
