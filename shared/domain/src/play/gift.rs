//! Free rounds that a game vendor gives to a player because we ask for it. What they win comes by the vendor's own calls.

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::Timestamp;
use crate::currency::Currency;
use crate::entry::Fingerprint;
use crate::ids::{FreeRoundsId, PlayerId, StaffId};
use crate::money::Money;

/// Free rounds to give to a player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gift {
    /// Our id of them.
    pub id: FreeRoundsId,
    /// To whom.
    pub player: PlayerId,
    /// The vendor.
    pub integration: String,
    /// In which game, by the vendor's code.
    pub game: String,
    /// The currency of what they are worth.
    pub currency: Currency,
    /// The template they follow, by the vendor's id, where it has templates.
    pub template: Option<String>,
    /// How many; none leaves it to the template.
    pub rounds: Option<u32>,
    /// What the stake of a round is; none leaves it to the template or the bet line.
    pub round_value: Option<Money>,
    /// What the stake of a round is, for vendors who number the stakes of a game.
    pub bet_line: Option<u8>,
    /// From when on.
    pub starts_at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// Free rounds that staff wanted given, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GiftRecord {
    /// What was to be given.
    pub gift: Gift,
    /// Who wanted it.
    pub by: StaffId,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// What a repeat of the request must match.
    pub fingerprint: Fingerprint,
    /// What came of it.
    pub state: GiftState,
}

/// What came of a gift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum GiftState {
    /// The vendor may have been asked, and nothing is known of its answer.
    Asked,
    /// The vendor gave it.
    Given {
        /// The vendor's id of it, if it told one.
        reference: Option<String>,
    },
    /// The vendor would not give it.
    Refused {
        /// Why, in the vendor's words.
        why: String,
    },
    /// It was given and taken back.
    Revoked,
}

impl Gift {
    /// The id of what a member of the staff wants given under an idempotency key: the same at each repeat.
    #[must_use]
    pub fn id_of(staff: StaffId, player: PlayerId, key: &str) -> FreeRoundsId {
        let hash = Fingerprint::of(["free-rounds", &staff.to_string(), &player.to_string(), key]);
        FreeRoundsId::new(Ulid::from(u128::from_str_radix(hash.as_str(), 16).unwrap_or_default()))
    }
}

impl GiftState {
    /// The word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Given { .. } => "given",
            Self::Refused { .. } => "refused",
            Self::Revoked => "revoked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gift_goes_by_who_gives_to_whom_under_which_key() {
        let (one, other) = (Ulid::from_parts(1, 1), Ulid::from_parts(1, 2));
        let id = |staff, player, key| Gift::id_of(StaffId::new(staff), PlayerId::new(player), key);
        assert_eq!(id(one, one, "key"), id(one, one, "key"));
        let ids = [id(one, one, "key"), id(other, one, "key"), id(one, other, "key"), id(one, one, "key2")];
        for (place, it) in ids.iter().enumerate() {
            assert!(ids.iter().skip(place + 1).all(|later| later != it));
            assert_eq!(it.to_string().parse(), Ok(*it));
        }
    }

    #[test]
    fn what_came_of_a_gift_has_a_name() {
        for (state, name) in [
            (GiftState::Asked, "asked"),
            (GiftState::Given { reference: None }, "given"),
            (GiftState::Refused { why: "no".to_owned() }, "refused"),
            (GiftState::Revoked, "revoked"),
        ] {
            assert_eq!(state.as_str(), name);
            assert_eq!(serde_json::to_value(&state).unwrap()["is"], name);
        }
    }
}
