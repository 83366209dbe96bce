//! Exact money: an integer at the ledger scale of its currency. Decimals exist only at the edges.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::currency::Currency;

/// An amount in units of the currency's ledger scale (a millionth for fiat). May be negative: a delta.
///
/// Written as `"1.50 EUR"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    units: i64,
    currency: Currency,
}

/// Why a number is not money, or two moneys do not combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amount has more places than the currency allows here.
    #[error("more decimal places than the currency has")]
    TooPrecise,
    /// The amount is beyond what the ledger can hold.
    #[error("the amount is out of range")]
    OutOfRange,
    /// Two currencies met in one sum.
    #[error("the currencies differ")]
    CurrencyMismatch,
    /// The text is not a plain decimal number followed by a currency.
    #[error("not an amount of money")]
    Malformed,
}

impl Money {
    /// An amount given in ledger units.
    #[must_use]
    pub const fn from_units(units: i64, currency: Currency) -> Self {
        Self { units, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::from_units(0, currency)
    }

    /// Reads an amount in main units. What the ledger cannot hold exactly is refused, never rounded.
    pub fn from_decimal(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let scale = currency.ledger_scale();
        let exact = amount.normalize();
        if exact.scale() > scale {
            return Err(MoneyError::TooPrecise);
        }
        let shift = 10_i128.pow(scale - exact.scale());
        let units = exact.mantissa().checked_mul(shift).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { units: i64::try_from(units).map_err(|_| MoneyError::OutOfRange)?, currency })
    }

    /// Reads an amount in main units with at most the currency's own (ISO 4217) places: a payment.
    pub fn from_payment(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        if amount.normalize().scale() > currency.places() {
            return Err(MoneyError::TooPrecise);
        }
        Self::from_decimal(amount, currency)
    }

    /// Reads an integer that counts units of `10^-places`, as vendors send them.
    pub fn from_minor(minor: i64, places: u32, currency: Currency) -> Result<Self, MoneyError> {
        let amount = Decimal::try_from_i128_with_scale(i128::from(minor), places)
            .map_err(|_| MoneyError::OutOfRange)?;
        Self::from_decimal(amount, currency)
    }

    /// The amount as an integer of `10^-places`; refused where it would not be exact.
    pub fn to_minor(self, places: u32) -> Result<i64, MoneyError> {
        let exact = self.to_decimal().normalize();
        if exact.scale() > places {
            return Err(MoneyError::TooPrecise);
        }
        let shift = 10_i128.checked_pow(places - exact.scale()).ok_or(MoneyError::OutOfRange)?;
        exact.mantissa().checked_mul(shift).and_then(|minor| minor.to_i64()).ok_or(MoneyError::OutOfRange)
    }

    /// The amount in main units.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::from_i128_with_scale(i128::from(self.units), self.currency.ledger_scale())
    }

    /// The amount as people read it: at least the currency's own places, more only where they are not zero.
    #[must_use]
    pub fn to_text(self) -> String {
        let mut amount = self.to_decimal().normalize();
        if amount.scale() < self.currency.places() {
            amount.rescale(self.currency.places());
        }
        amount.to_string()
    }

    /// The amount in ledger units.
    #[must_use]
    pub const fn units(self) -> i64 {
        self.units
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.units > 0
    }

    /// The sum, within one currency and the ledger's range.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference, within one currency and the ledger's range.
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The smaller of two amounts of one currency.
    pub fn at_most(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, |a, b| Some(a.min(b)))
    }

    /// The part of this amount that `part` is of `whole`, rounded down to the ledger's unit; nothing of nothing.
    ///
    /// # Errors
    /// `part` must be between zero and `whole`, and all three of one currency.
    pub fn share(self, part: Self, whole: Self) -> Result<Self, MoneyError> {
        if part.currency != self.currency || whole.currency != self.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        if part.is_negative() || part.units > whole.units {
            return Err(MoneyError::OutOfRange);
        }
        let product = i128::from(self.units) * i128::from(part.units);
        let units = product.checked_div(i128::from(whole.units)).unwrap_or_default();
        Ok(Self { units: i64::try_from(units).map_err(|_| MoneyError::OutOfRange)?, currency: self.currency })
    }

    fn combine(self, other: Self, operation: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let units = operation(self.units, other.units).ok_or(MoneyError::OutOfRange)?;
        Ok(Self { units, currency: self.currency })
    }
}

/// Reads a plain decimal text: digits, at most one point, an optional minus. No exponent, no blanks.
///
/// The length is bounded first, so that absurd inputs cost nothing.
pub fn parse_decimal(text: &str) -> Result<Decimal, MoneyError> {
    const LONGEST: usize = 40;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = digits.len() <= LONGEST
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.ends_with(|last: char| last.is_ascii_digit());
    if !plain {
        return Err(MoneyError::Malformed);
    }
    Decimal::from_str_exact(text).map_err(|_| MoneyError::OutOfRange)
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let (amount, code) = text.split_once(' ').ok_or(MoneyError::Malformed)?;
        let currency = code.parse().map_err(|_| MoneyError::Malformed)?;
        Self::from_decimal(parse_decimal(amount)?, currency)
    }
}

impl TryFrom<String> for Money {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> Self {
        money.to_string()
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.to_text(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn eur(text: &str) -> Result<Money, MoneyError> {
        format!("{text} EUR").parse()
    }

    #[test]
    fn the_smallest_legal_bet_survives() {
        let bet = Money::from_minor(1, 5, "EUR".parse().unwrap()).unwrap();
        assert_eq!(bet.to_string(), "0.00001 EUR");
        assert_eq!(bet.to_minor(5), Ok(1));
        assert_eq!(bet.to_minor(2), Err(MoneyError::TooPrecise));
    }

    #[test]
    fn what_cannot_be_held_exactly_is_refused() {
        assert_eq!(eur("0.0000001"), Err(MoneyError::TooPrecise));
        assert_eq!(eur("9223372036854.775808"), Err(MoneyError::OutOfRange));
        assert_eq!(eur(&"9".repeat(10_000)), Err(MoneyError::Malformed));
        for text in ["1e5", "", ".5", "5.", "--1", "+1", " 1", "1.2.3", "NaN", "٣"] {
            assert!(eur(text).is_err(), "{text}");
        }
    }

    #[test]
    fn payments_keep_the_places_of_their_currency() {
        let payment = |amount: &str, code: &str| {
            Money::from_payment(parse_decimal(amount).unwrap(), code.parse().unwrap())
        };
        assert!(payment("10.01", "EUR").is_ok());
        assert_eq!(payment("10.001", "EUR"), Err(MoneyError::TooPrecise));
        assert_eq!(payment("10.1", "JPY"), Err(MoneyError::TooPrecise));
        assert!(payment("5.124", "KWD").is_ok());
        assert!(payment("10.000", "EUR").is_ok(), "trailing zeros are not precision");
    }

    #[test]
    fn currencies_do_not_mix() {
        let pound: Money = "1 GBP".parse().unwrap();
        assert_eq!(eur("1").unwrap().plus(pound), Err(MoneyError::CurrencyMismatch));
    }

    #[test]
    fn a_share_is_of_one_currency_and_of_no_more_than_the_whole() {
        let (ten, two, four) = (eur("10").unwrap(), eur("2").unwrap(), eur("4").unwrap());
        assert_eq!(ten.share(two, four), eur("5"));
        assert_eq!(ten.share(eur("0").unwrap(), eur("0").unwrap()), eur("0"));
        let pound: Money = "1 GBP".parse().unwrap();
        assert_eq!(ten.share(pound, four), Err(MoneyError::CurrencyMismatch));
        assert_eq!(ten.share(two, pound), Err(MoneyError::CurrencyMismatch));
        assert_eq!(ten.share(four, two), Err(MoneyError::OutOfRange));
        assert_eq!(ten.share(eur("-1").unwrap(), four), Err(MoneyError::OutOfRange));
    }

    proptest! {
        #[test]
        fn text_and_back_is_the_same_money(units: i64, code in "EUR|GBP|JPY|KWD|BTC") {
            let money = Money::from_units(units, code.parse().unwrap());
            prop_assert_eq!(money.to_string().parse(), Ok(money));
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = parse_decimal(&text);
            let _ = text.parse::<Money>();
        }

        #[test]
        fn adding_and_taking_away_is_nothing(a in -1_000_000_000_000_i64..1_000_000_000_000, b in -1_000_000_000_000_i64..1_000_000_000_000) {
            let of = |units| Money::from_units(units, "EUR".parse().unwrap());
            prop_assert_eq!(of(a).plus(of(b)).unwrap().minus(of(b)), Ok(of(a)));
        }
    }
}
