//! What game vendors hear, whatever the protocol.

use serde_json::Value;

use super::{Asked, Heard, Micros};
use crate::vendors::GameVendor;

/// Hub88 counts in hundred-thousandths.
const MICROS_OF_HUB88: Micros = 10;

/// An outcome in nobody's words. Balances are told along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    Done(Option<Micros>),
    NoMoney(Option<Micros>),
    Expired,
    RolledBack,
    OtherData,
    Disabled,
    NoBet,
    /// The bet was placed by another stake.
    Exists,
    /// The bet was settled, or cancelled.
    Ended,
    /// No outcome: the call must come again.
    Nothing,
}

impl Said {
    const fn name(self) -> &'static str {
        match self {
            Self::Done(_) => "done",
            Self::NoMoney(_) => "no money",
            Self::Expired => "expired",
            Self::RolledBack => "rolled back",
            Self::OtherData => "other data",
            Self::Disabled => "disabled",
            Self::NoBet => "no bet",
            Self::Exists => "exists",
            Self::Ended => "ended",
            Self::Nothing => "nothing",
        }
    }
}

impl Heard {
    /// Which kind of answer to which kind of question it is.
    pub(super) fn kind(&self, asked: &Asked) -> String {
        match self.vendor {
            Some(vendor) => format!("{}: {}", vendor.name(), self.said().name()),
            None => format!("{}: {}", asked.name(), self.status),
        }
    }

    /// What the vendor heard. What no vendor would understand is nothing, and has no excuse.
    pub(super) fn said(&self) -> Said {
        match self.vendor {
            Some(GameVendor::Hub88) => self.said_to_hub88(),
            Some(GameVendor::SoftSwiss) => self.said_to_softswiss(),
            Some(GameVendor::Evolution) => self.said_to_evolution(),
            None => Said::Nothing,
        }
    }

    fn said_to_hub88(&self) -> Said {
        let balance = self.body.get("balance").and_then(Value::as_i64);
        let balance = balance.map(|it| Micros::from(it) * MICROS_OF_HUB88);
        match self.body.get("status").and_then(Value::as_str).unwrap_or_default() {
            "RS_OK" => Said::Done(balance),
            "RS_ERROR_NOT_ENOUGH_MONEY" => Said::NoMoney(balance),
            "RS_ERROR_TOKEN_EXPIRED" => Said::Expired,
            "RS_ERROR_TRANSACTION_ROLLED_BACK" => Said::RolledBack,
            "RS_ERROR_DUPLICATE_TRANSACTION" => Said::OtherData,
            "RS_ERROR_USER_DISABLED" => Said::Disabled,
            "RS_ERROR_TRANSACTION_DOES_NOT_EXIST" => Said::NoBet,
            _ => Said::Nothing,
        }
    }

    fn said_to_softswiss(&self) -> Said {
        let amount = |at: &str| self.body.pointer(at).and_then(Value::as_str).and_then(cents_or_finer);
        let code = self.body.pointer("/meta/api_code").and_then(Value::as_str).unwrap_or_default();
        match (self.status, code) {
            (200, _) => Said::Done(amount("/balance")),
            (400, "100") => Said::NoMoney(amount("/meta/balance")),
            (400, "409") => Said::RolledBack,
            (400, "400") => Said::OtherData,
            (400, "110") => Said::Disabled,
            _ => Said::Nothing,
        }
    }

    fn said_to_evolution(&self) -> Said {
        let playable = self.funds().map(|(cash, bonus)| cash + bonus);
        match self.body.get("status").and_then(Value::as_str).filter(|_| self.status == 200) {
            Some("OK") => Said::Done(playable),
            Some("INSUFFICIENT_FUNDS") => Said::NoMoney(playable),
            Some("INVALID_SID") => Said::Expired,
            Some("FINAL_ERROR_ACTION_FAILED") => Said::RolledBack,
            Some("INVALID_PARAMETER") => Said::OtherData,
            Some("FATAL_ERROR_CLOSE_USER_SESSION") => Said::Disabled,
            Some("BET_DOES_NOT_EXIST") => Said::NoBet,
            Some("BET_ALREADY_EXIST") => Said::Exists,
            Some("BET_ALREADY_SETTLED") => Said::Ended,
            _ => Said::Nothing,
        }
    }

    /// Real money and bonus money, where they are told apart: as JSON numbers of six places.
    pub(super) fn funds(&self) -> Option<(Micros, Micros)> {
        let amount = |name| cents_or_finer(&format!("{:.6}", self.body.get(name)?.as_f64()?));
        Some((amount("balance")?, amount("bonus")?))
    }

    /// Whether a balance was told as it is: as fine as the vendor counts, and never more than there is.
    pub(super) fn tells(&self, told: Option<Micros>, balance: Micros) -> bool {
        match self.vendor {
            Some(GameVendor::Hub88) => told == Some(balance - balance % MICROS_OF_HUB88),
            _ => told == Some(balance),
        }
    }

    /// Whether it was admitted that there is no outcome.
    pub(super) fn is_admitted(&self) -> bool {
        match self.vendor {
            Some(GameVendor::Hub88) => {
                self.body.get("status").and_then(Value::as_str) == Some("RS_ERROR_UNKNOWN")
            }
            Some(GameVendor::SoftSwiss) => self.status == 500,
            Some(GameVendor::Evolution) => {
                let again = self.body.get("retransmission").and_then(Value::as_bool) == Some(true);
                again && self.body.get("status").and_then(Value::as_str) == Some("TEMPORARY_ERROR")
            }
            None => self.status == 503,
        }
    }
}

/// Reads an amount, as fine as millionths.
pub(super) fn cents_or_finer(text: &str) -> Option<Micros> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<6}");
    Some(whole.parse::<Micros>().ok()? * 1_000_000 + fraction.parse::<Micros>().ok()?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_read_as_fine_as_they_are_written() {
        let heard =
            |body| Heard { vendor: None, from: 0, to: 0, status: 200, body, excused: false, at_ms: (0, 0) };
        let funds = |text: &str| heard(serde_json::from_str(text).unwrap()).funds();
        assert_eq!(funds(r#"{"balance":48.500000,"bonus":0.000010}"#), Some((48_500_000, 10)));
        assert_eq!(funds(r#"{"balance":1234567.654321,"bonus":0}"#), Some((1_234_567_654_321, 0)));
        assert_eq!(heard(json!({"balance": "48.50", "bonus": 0})).funds(), None, "no number");
    }
}
