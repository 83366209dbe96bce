//! Currencies a wallet can hold, and the scale at which their amounts are kept for ever.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Places of every fiat ledger amount: 0.00001 must be a legal bet, whatever the currency's own places.
const FIAT_LEDGER_SCALE: u32 = 6;
/// Places of every crypto ledger amount: one satoshi.
const CRYPTO_LEDGER_SCALE: u32 = 8;

/// A currency: one of ISO 4217, or one of the coins listed in [`Coin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Currency {
    /// A currency of ISO 4217 that is legal tender somewhere (no funds, metals or test codes).
    Fiat(iso_currency::Currency),
    /// A crypto currency.
    Coin(Coin),
}

/// The coins a wallet can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coin {
    /// Bitcoin.
    Btc,
    /// Ether.
    Eth,
    /// Tether.
    Usdt,
}

/// The text names no currency a wallet can hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency")]
pub struct UnknownCurrency;

impl Currency {
    /// The code as written on every wire, such as `EUR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fiat(currency) => currency.code(),
            Self::Coin(Coin::Btc) => "BTC",
            Self::Coin(Coin::Eth) => "ETH",
            Self::Coin(Coin::Usdt) => "USDT",
        }
    }

    /// Places of amounts inside the ledger. Fixed for ever: stored integers depend on it.
    #[must_use]
    pub fn ledger_scale(self) -> u32 {
        match self {
            Self::Fiat(_) => FIAT_LEDGER_SCALE,
            Self::Coin(_) => CRYPTO_LEDGER_SCALE,
        }
    }

    /// Places of amounts that people pay and see: ISO 4217's minor unit.
    #[must_use]
    pub fn places(self) -> u32 {
        match self {
            Self::Fiat(currency) => currency.exponent().map_or(0, u32::from),
            Self::Coin(_) => CRYPTO_LEDGER_SCALE,
        }
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        match code {
            "BTC" => Ok(Self::Coin(Coin::Btc)),
            "ETH" => Ok(Self::Coin(Coin::Eth)),
            "USDT" => Ok(Self::Coin(Coin::Usdt)),
            _ => iso_currency::Currency::from_code(code)
                .filter(|currency| currency.exponent().is_some_and(|places| places <= 3))
                .filter(|currency| !currency.is_fund())
                .map(Self::Fiat)
                .ok_or(UnknownCurrency),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;

    fn try_from(code: String) -> Result<Self, UnknownCurrency> {
        code.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}
