//! What a network, or a vendor in trouble, does to calls: so that anybody can watch the wallet bear it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the vendor misbehaves from now on, in everything that moves money. Nothing said means that it behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mischief {
    /// How often each call is sent again, just as it was.
    pub duplicate: u8,
    /// A bet is overtaken by its own rollback.
    pub reorder: bool,
    /// How long each call is on its way, in milliseconds.
    pub delay_ms: u16,
    /// What gets lost on the way.
    pub drop: Lost,
    /// Calls do not prove where they come from.
    pub wrong_signature: bool,
}

/// What a network can lose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lost {
    /// Nothing.
    #[default]
    Nothing,
    /// Calls never arrive.
    Calls,
    /// Calls arrive, but no answer comes back.
    Answers,
}

impl Mischief {
    pub(super) fn delay(self) -> Duration {
        Duration::from_millis(self.delay_ms.into())
    }
}
