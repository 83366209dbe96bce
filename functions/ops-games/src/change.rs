//! What staff changes of a game: a field that is missing stays, one that is null goes back to what others say.

use std::collections::{BTreeMap, BTreeSet};

use domain::catalogue::{Certified, Feature, Game, Terms};
use domain::{Decimal, parse_decimal};
use edge::{Checks, Problem};
use serde::{Deserialize, Deserializer};

const LONGEST_NAME: usize = 200;
const LONGEST_CATEGORY: usize = 40;
const LONGEST_REASON: usize = 500;

/// A change, as it was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(deserialize_with = "said")]
    name: Said<String>,
    #[serde(deserialize_with = "said")]
    category: Said<String>,
    #[serde(deserialize_with = "said")]
    rtp: Said<String>,
    #[serde(deserialize_with = "said")]
    min_stake: Said<String>,
    #[serde(deserialize_with = "said")]
    max_stake: Said<String>,
    #[serde(deserialize_with = "said")]
    jurisdictions: Said<Vec<String>>,
    #[serde(deserialize_with = "said")]
    features: Said<Vec<String>>,
    #[serde(deserialize_with = "said")]
    features_in: Said<BTreeMap<String, Vec<String>>>,
    #[serde(deserialize_with = "said")]
    offered: Said<bool>,
    /// Why, for the audit trail.
    reason: Option<String>,
}

/// None: nothing is said. `Some(None)`: what was said is taken back.
type Said<T> = Option<Option<T>>;

impl Change {
    /// Whether it is about what certificates say: where, how, for how much and whether the game is played.
    pub(crate) const fn certifies(&self) -> bool {
        self.rtp.is_some()
            || self.features.is_some()
            || self.features_in.is_some()
            || self.min_stake.is_some()
            || self.max_stake.is_some()
            || self.jurisdictions.is_some()
            || self.offered.is_some()
    }

    /// Why it is asked for.
    pub(crate) fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Checks each field by itself.
    pub(crate) fn check(&self, is_jurisdiction: impl Fn(&str) -> bool) -> Result<(), Problem> {
        let mut checks = Checks::default();
        for (text, longest, pointer) in [
            (self.name.as_ref(), LONGEST_NAME, "/name"),
            (self.category.as_ref(), LONGEST_CATEGORY, "/category"),
            (Some(&self.reason), LONGEST_REASON, "/reason"),
        ] {
            if let Some(Some(text)) = text {
                checks.line(text, longest, pointer);
            }
        }
        for (stake, pointer) in [(&self.min_stake, "/min_stake"), (&self.max_stake, "/max_stake")] {
            if let Some(Some(text)) = stake {
                checks.require(
                    decimal(text).is_some(),
                    pointer,
                    "must be a positive decimal, such as \"0.10\"",
                );
            }
        }
        if let Some(Some(text)) = &self.rtp {
            checks.require(share(text).is_some(), "/rtp", "must be a share in percent, such as \"96.00\"");
        }
        check_features(&mut checks, self.features.iter().flatten().flatten(), "/features");
        for (place, words) in self.features_in.iter().flatten().flatten() {
            let pointer = format!("/features_in/{}", token(place));
            checks.require(is_jurisdiction(place), &pointer, "is no jurisdiction of ours");
            check_features(&mut checks, words, &pointer);
        }
        for (nth, name) in self.jurisdictions.iter().flatten().flatten().enumerate() {
            checks.require(
                is_jurisdiction(name),
                &format!("/jurisdictions/{nth}"),
                "is no jurisdiction of ours",
            );
        }
        checks.done()
    }

    /// Checks that some stake is left between the bounds that the game would have.
    pub(crate) fn check_stakes(&self, game: &Game) -> Result<(), Problem> {
        let after = self.of(game);
        match (after.min_stake(), after.max_stake()) {
            (Some(min), Some(max)) if min > max => {
                Err(Problem::invalid_field("/max_stake", "must not be below the smallest stake"))
            }
            _ => Ok(()),
        }
    }

    /// The game with what is asked for.
    pub(crate) fn of(&self, game: &Game) -> Game {
        let before = &game.decided;
        let stake = |said: &Said<String>, before: Option<Decimal>| match said {
            None => before,
            Some(said) => said.as_deref().and_then(decimal),
        };
        let certified = match &self.jurisdictions {
            None => before.certified.clone(),
            Some(said) => said.clone().map(|names| Certified::In(names.into_iter().collect())),
        };
        let decided = Terms {
            name: self.name.clone().unwrap_or_else(|| before.name.clone()),
            category: self.category.clone().unwrap_or_else(|| before.category.clone()),
            rtp: self.rtp.as_ref().map_or(before.rtp, |said| said.as_deref().and_then(share)),
            min_stake: stake(&self.min_stake, before.min_stake),
            max_stake: stake(&self.max_stake, before.max_stake),
            certified,
            features: match &self.features {
                None => before.features.clone(),
                Some(said) => said.as_ref().map(|words| features(words)),
            },
            features_in: match &self.features_in {
                None => before.features_in.clone(),
                Some(said) => {
                    said.iter().flatten().map(|(place, words)| (place.clone(), features(words))).collect()
                }
            },
            offered: self.offered.unwrap_or(before.offered),
        };
        Game { decided, ..game.clone() }
    }
}

fn check_features<'a>(checks: &mut Checks, words: impl IntoIterator<Item = &'a String>, pointer: &str) {
    for (nth, word) in words.into_iter().enumerate() {
        checks.require(
            Feature::of_word(word).is_some(),
            &format!("{pointer}/{nth}"),
            &format!("must be one of {}", Feature::ALL.map(Feature::word).join(", ")),
        );
    }
}

fn features(words: &[String]) -> BTreeSet<Feature> {
    words.iter().filter_map(|word| Feature::of_word(word)).collect()
}

/// A name within a JSON pointer.
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn share(text: &str) -> Option<Decimal> {
    decimal(text).filter(|share| *share <= Decimal::ONE_HUNDRED)
}

fn decimal(text: &str) -> Option<Decimal> {
    parse_decimal(text).ok().filter(|stake| *stake > Decimal::ZERO)
}

/// Reads a field that is there: null is said, too.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(input: D) -> Result<Said<T>, D::Error> {
    Option::deserialize(input).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn change(body: Value) -> Change {
        serde_json::from_value(body).unwrap()
    }

    fn is_fine(body: Value) -> bool {
        change(body).check(|name| name == "MT").is_ok()
    }

    #[test]
    fn what_is_missing_stays_and_null_takes_back() {
        let game = Game::new("acme", "comet");
        let named =
            change(json!({"name": "Our Comet", "jurisdictions": ["MT"], "min_stake": "0.20"})).of(&game);
        assert_eq!((named.name(), named.is_certified()), ("Our Comet", true));
        let pulled = change(json!({"offered": false})).of(&named);
        assert_eq!((pulled.name(), pulled.is_offered()), ("Our Comet", false));
        let back = change(json!({"offered": null, "name": null})).of(&pulled);
        assert_eq!((back.name(), back.is_offered()), ("comet", true));
        assert_eq!(back.min_stake(), "0.2".parse().ok());
        let nothing = change(json!({"jurisdictions": null, "min_stake": null})).of(&back);
        assert_eq!(nothing, game);
        assert_eq!(change(json!({})).of(&named), named);
        let nowhere = change(json!({"jurisdictions": []})).of(&named);
        assert!(!nowhere.is_certified() && !nowhere.decided.is_empty(), "nowhere is a decision");
    }

    #[test]
    fn only_what_makes_sense_is_taken() {
        assert!(is_fine(
            json!({"name": "Comet", "category": "slots", "jurisdictions": ["MT"], "reason": "asked"})
        ));
        assert!(is_fine(json!({"name": null, "min_stake": null, "jurisdictions": null})));
        for body in [
            json!({"name": " "}),
            json!({"category": "x".repeat(41)}),
            json!({"jurisdictions": ["MT", "ATLANTIS"]}),
            json!({"min_stake": "0"}),
            json!({"max_stake": "-1"}),
            json!({"max_stake": "much"}),
            json!({"reason": ""}),
            json!({"rtp": "100.01"}),
            json!({"rtp": "0"}),
            json!({"features": ["autoplay", "telepathy"]}),
            json!({"features": ["Autoplay"]}),
            json!({"features_in": {"MT": ["telepathy"]}}),
            json!({"features_in": {"ATLANTIS": []}}),
        ] {
            assert!(!is_fine(body.clone()), "{body}");
        }
        for body in [
            json!({"jurisdiction": ["MT"]}),
            json!({"rtp": 99}),
            json!({"offered": "no"}),
            json!({"features": "autoplay"}),
            json!({"features_in": ["autoplay"]}),
        ] {
            assert!(serde_json::from_value::<Change>(body.clone()).is_err(), "{body}");
        }
        let game = change(json!({"min_stake": "1"})).of(&Game::new("acme", "comet"));
        assert!(change(json!({"max_stake": "0.50"})).check_stakes(&game).is_err());
        assert!(change(json!({"max_stake": "1.00"})).check_stakes(&game).is_ok());
    }

    #[test]
    fn features_are_said_in_general_and_of_a_jurisdictions_build() {
        let words = |game: &Game, place| {
            game.features_in(place).map(|it| it.iter().map(|it| it.word()).collect::<Vec<_>>())
        };
        let game = change(json!({"features": ["turbo", "autoplay"], "features_in": {"MT": []}}));
        let game = game.of(&Game::new("acme", "comet"));
        assert_eq!((words(&game, "GB"), words(&game, "MT")), (Some(vec!["autoplay", "turbo"]), Some(vec![])));
        let kept = change(json!({"rtp": "94.00"})).of(&game);
        assert_eq!((kept.rtp(), words(&kept, "MT")), ("94".parse().ok(), Some(vec![])));
        let one = change(json!({"features_in": {"GB": ["jackpot"]}})).of(&kept);
        assert_eq!(
            words(&one, "MT"),
            Some(vec!["autoplay", "turbo"]),
            "what is not said any more is taken back"
        );
        let none = change(json!({"features": null, "features_in": null, "rtp": null})).of(&one);
        assert_eq!(none, Game::new("acme", "comet"));
    }

    #[test]
    fn the_field_that_is_wrong_is_pointed_at() {
        let wrong = change(json!({"features": ["jackpot", "telepathy"], "features_in": {"X/Y": ["sleep"]}}));
        let reply = wrong.check(|_| false).unwrap_err().reply();
        let problem = String::from_utf8_lossy(reply.body());
        for part in ["\"/features/1\"", "\"/features_in/X~1Y\"", "\"/features_in/X~1Y/0\"", "slam_stop"] {
            assert!(problem.contains(part), "{part} in {problem}");
        }
    }

    #[test]
    fn names_are_not_certificates() {
        assert!(!change(json!({"name": "Comet", "category": null})).certifies());
        for field in ["jurisdictions", "offered", "min_stake", "max_stake", "rtp", "features", "features_in"]
        {
            assert!(change(json!({field: null})).certifies(), "{field}");
        }
    }
}
