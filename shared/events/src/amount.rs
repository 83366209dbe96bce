//! Amounts on the wire: decimal text in main units. Which currency is said beside it.

use std::fmt;

use domain::{Currency, Money, MoneyError, parse_decimal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An exact decimal in main units, such as `"50.00"` or `"-0.00001"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^-?\d+(\.\d+)?$"))]
pub struct Amount(String);

impl Amount {
    /// The amount as money; refused where the ledger could not hold it exactly.
    pub fn of(&self, currency: Currency) -> Result<Money, MoneyError> {
        Money::from_decimal(parse_decimal(&self.0)?, currency)
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self(money.to_text())
    }
}

impl TryFrom<String> for Amount {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        parse_decimal(&text).map(|_| Self(text))
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
