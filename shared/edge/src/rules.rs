//! The jurisdictions' rule packs, compiled in: a pack is as immutable as the code that obeys it.

use domain::rules::Pack;
use store::RuleBook;

use crate::ConfigError;

const PACKS: &[(&str, &str)] = &[
    ("GB", include_str!("../../../infra/packs/GB/2026.09.30-1.toml")),
    ("MT", include_str!("../../../infra/packs/MT/2024.01.12-1.toml")),
];

/// All rule packs. A pack that does not load stops the function before its first request.
pub fn rule_book() -> Result<RuleBook, ConfigError> {
    let packs = PACKS.iter().map(|(name, text)| {
        toml::from_str::<Pack>(text).map_err(|error| ConfigError::new(*name, error.to_string()))
    });
    Ok(RuleBook::new(packs.collect::<Result<Vec<_>, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_stake_before_verification_anywhere() {
        let book = rule_book().unwrap();
        for (name, _) in PACKS {
            let rules = book.rules(name, "2026-11-23T00:00:00Z".parse().unwrap()).unwrap();
            assert!(rules.verified_before_bet, "{name}");
            assert!(rules.min_age >= 18, "{name}");
        }
    }
}
