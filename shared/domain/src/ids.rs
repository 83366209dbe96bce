//! Identifiers: prefixed, time-sortable, one type each, so that no two can be confused.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// The text is not an identifier of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// What its text starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a fresh ULID from the function's context.
            #[must_use]
            pub const fn new(ulid: Ulid) -> Self {
                Self(ulid)
            }

            /// The ULID without its prefix.
            #[must_use]
            pub const fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}{}", Self::PREFIX, self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let ulid = text.strip_prefix(Self::PREFIX).ok_or(InvalidId)?;
                let id = Self(Ulid::from_string(ulid).map_err(|_| InvalidId)?);
                // Only the canonical spelling names it: lower case and overflow would be aliases.
                if id.to_string() == text { Ok(id) } else { Err(InvalidId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

ids! {
    /// A player, within one brand.
    PlayerId = "ply_";
    /// A deposit; the merchant reference that PSPs know it by.
    DepositId = "dep_";
    /// A withdrawal; the reference that PSPs know its payout by.
    WithdrawalId = "wdr_";
    /// An identity verification.
    VerificationId = "ver_";
    /// A login and all tokens refreshed from it.
    SessionId = "ses_";
    /// A launched game.
    GameSessionId = "gse_";
    /// Free rounds that a game vendor is asked to give.
    FreeRoundsId = "frg_";
    /// A member of the operator's staff.
    StaffId = "stf_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_only_in_its_own_spelling() {
        let id = PlayerId::new(Ulid::from_parts(1_700_000_000_000, 42));
        let text = id.to_string();
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.to_lowercase().parse::<PlayerId>(), Err(InvalidId));
        assert_eq!(text.parse::<DepositId>(), Err(InvalidId));
        assert_eq!("ply_".parse::<PlayerId>(), Err(InvalidId));
        assert_eq!("ply_ZZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<PlayerId>(), Err(InvalidId));
    }
}
