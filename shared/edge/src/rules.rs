//! The jurisdictions' rule packs, compiled in: a pack is as immutable as the code that obeys it.

use domain::cashier::{CashierBook, CashierPack};
use domain::rules::Pack;
use store::RuleBook;

use crate::ConfigError;

const PACKS: &[(&str, &str)] = &[
    ("GB", include_str!("../../../infra/packs/GB/2026.09.30-1.toml")),
    ("MT", include_str!("../../../infra/packs/MT/2024.01.12-1.toml")),
];

const CASHIER_PACKS: &[&str] = &[include_str!("../../../infra/packs/cashier/2026.11.23-1.toml")];

/// All rule packs. A pack that does not load stops the function before its first request.
pub fn rule_book() -> Result<RuleBook, ConfigError> {
    let packs = PACKS.iter().map(|(name, text)| {
        toml::from_str::<Pack>(text).map_err(|error| ConfigError::new(*name, error.to_string()))
    });
    Ok(RuleBook::new(packs.collect::<Result<Vec<_>, _>>()?))
}

/// The cashier's packs, compiled in likewise.
pub fn cashier_book() -> Result<CashierBook, ConfigError> {
    let packs = CASHIER_PACKS.iter().map(|text| {
        toml::from_str::<CashierPack>(text).map_err(|error| ConfigError::new("cashier", error.to_string()))
    });
    Ok(CashierBook::new(packs.collect::<Result<Vec<_>, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_jurisdiction_has_a_cashier_and_pays_back_to_where_money_came_from() {
        use domain::cashier::{Direction, Funding, Place};
        let (book, cashier) = (rule_book().unwrap(), cashier_book().unwrap());
        let now = "2026-11-23T00:00:00Z".parse().unwrap();
        let pack = cashier.at(now).unwrap();
        for (name, _) in PACKS {
            let law = &book.rules(name, now).unwrap().payments;
            assert!(law.closed_loop && law.own_name.is_some(), "{name}");
            assert!(pack.approval(name).is_some(), "{name}");
            let place = Place { brand: "demo", jurisdiction: name, currency: "EUR".parse().unwrap() };
            for direction in [Direction::Deposit, Direction::Withdrawal] {
                assert!(pack.offers(place, law, direction).count() > 0, "{name}");
            }
            let wallet = pack.offers(place, law, Direction::Deposit).any(|it| it.method.id == "nuvei");
            assert_eq!(wallet, *name != "GB", "nobody vouches for it");
        }
        let britain = &book.rules("GB", now).unwrap().payments;
        assert_eq!(britain.banned_funding, [Funding::Credit]);
    }

    #[test]
    fn games_obey_the_jurisdictions_rules() {
        use domain::catalogue::Feature;
        let book = rule_book().unwrap();
        let games = |name| &book.rules(name, "2026-11-23T00:00:00Z".parse().unwrap()).unwrap().games;
        let britain: Vec<&str> = games("GB").banned.iter().map(|it| it.word()).collect();
        assert_eq!(britain, ["autoplay", "turbo", "slam_stop", "multi_slot", "ldw_celebration"]);
        assert_eq!((games("GB").min_rtp, games("MT").min_rtp), (None, "85".parse().ok()));
        assert!(!games("GB").banned.contains(&Feature::Jackpot) && games("MT").banned.is_empty());
    }

    #[test]
    fn no_stake_before_verification_anywhere() {
        let book = rule_book().unwrap();
        for (name, _) in PACKS {
            let rules = book.rules(name, "2026-11-23T00:00:00Z".parse().unwrap()).unwrap();
            assert!(rules.verified_before_bet, "{name}");
            assert!(rules.min_age >= 18, "{name}");
            assert!(rules.renewal_days.is_some(), "{name}");
        }
    }
}
