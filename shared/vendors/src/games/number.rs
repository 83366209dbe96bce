//! Amounts as JSON numbers in main units, of six places at most: read and written without floating point.

use domain::{Currency, Decimal, Money, MoneyError};
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Places of an amount: at most so many when it is read, always so many when it is written.
const PLACES: u32 = 6;

/// An amount as such a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Number(Decimal);

impl Number {
    /// An amount of money. Coins are kept finer: what has no place is not shown, never rounded up.
    pub(super) fn shown(money: Money) -> Self {
        Self(money.to_decimal().trunc_with_scale(PLACES))
    }

    /// The amount in a currency, exactly or not at all.
    pub(super) fn in_currency(self, currency: Currency) -> Result<Money, MoneyError> {
        if self.0.normalize().scale() > PLACES {
            return Err(MoneyError::TooPrecise);
        }
        Money::from_decimal(self.0, currency)
    }

    pub(super) fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let written = <&RawValue>::deserialize(input)?;
        read(written.get()).map(Self).ok_or_else(|| D::Error::custom("not a number of an amount"))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut amount = self.0;
        amount.rescale(PLACES);
        RawValue::from_string(amount.to_string()).map_err(S::Error::custom)?.serialize(out)
    }
}

/// Reads a JSON number. Some vendors' libraries write large and small ones with an exponent.
fn read(text: &str) -> Option<Decimal> {
    let Some((digits, exponent)) = text.split_once(['e', 'E']) else {
        return domain::parse_decimal(text).ok();
    };
    let digits = domain::parse_decimal(digits).ok()?.normalize();
    let places = i32::try_from(digits.scale()).ok()?.checked_sub(exponent.parse().ok()?)?;
    let scale = u32::try_from(places).unwrap_or_default();
    let zeros = u32::try_from(places.checked_neg()?).unwrap_or_default();
    let mantissa = digits.mantissa().checked_mul(10_i128.checked_pow(zeros)?)?;
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(json: &str) -> Result<Number, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn eur(json: &str) -> Result<String, MoneyError> {
        number(json).unwrap().in_currency("EUR".parse().unwrap()).map(|money| money.to_string())
    }

    #[test]
    fn numbers_are_read_as_they_are_written() {
        for (json, money) in [
            ("0", "0.00 EUR"),
            ("-0", "0.00 EUR"),
            ("1.5", "1.50 EUR"),
            ("1.556179", "1.556179 EUR"),
            ("1.5000000000", "1.50 EUR"),
            ("0.1", "0.10 EUR"),
            ("63727092.34", "63727092.34 EUR"),
            ("6.372709234E7", "63727092.34 EUR"),
            ("1e-6", "0.000001 EUR"),
            ("1.0E-5", "0.00001 EUR"),
            ("12E+2", "1200.00 EUR"),
            ("-2.5", "-2.50 EUR"),
        ] {
            assert_eq!(eur(json).unwrap(), money, "{json}");
        }
        assert_eq!(eur("0.0000001"), Err(MoneyError::TooPrecise));
        assert_eq!(eur("1e-7"), Err(MoneyError::TooPrecise));
        assert_eq!(eur("9223372036854.775808"), Err(MoneyError::OutOfRange));
        let satoshi = number("0.00000001").unwrap().in_currency("BTC".parse().unwrap());
        assert_eq!(
            satoshi,
            Err(MoneyError::TooPrecise),
            "the protocols have six places, whatever the ledger has"
        );
    }

    #[test]
    fn what_is_no_number_or_absurd_is_refused() {
        let long = "9".repeat(1000);
        for json in [
            r#""1.5""#,
            "null",
            "true",
            "[]",
            "{}",
            "1e999999999999",
            "1e400",
            "1e-400",
            &long,
            "01",
            "1.",
            ".5",
            "+1",
        ] {
            assert!(number(json).is_err(), "{json}");
        }
    }

    #[test]
    fn balances_have_six_places_and_are_never_rounded_up() {
        for (money, json) in [
            ("0 EUR", "0.000000"),
            ("98.50 EUR", "98.500000"),
            ("63727092.34 EUR", "63727092.340000"),
            ("0.00000199 BTC", "0.000001"),
            ("9223372036854.775807 EUR", "9223372036854.775807"),
        ] {
            assert_eq!(serde_json::to_string(&Number::shown(money.parse().unwrap())).unwrap(), json);
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(units: i64) {
            let money = Money::from_units(units, "EUR".parse().unwrap());
            let json = serde_json::to_string(&Number::shown(money)).unwrap();
            prop_assert_eq!(number(&json).unwrap().in_currency(money.currency()), Ok(money));
        }

        #[test]
        fn an_exponent_only_moves_the_point(units in 0_i64..1_000_000_000, exponent in 0_u32..=6) {
            let money = Money::from_units(units, "EUR".parse().unwrap());
            let moved = |scale| Decimal::from_i128_with_scale(i128::from(units), scale);
            for written in [format!("{}e-{exponent}", moved(6 - exponent)), format!("{}E+{exponent}", moved(6 + exponent))] {
                prop_assert_eq!(number(&written).unwrap().in_currency(money.currency()), Ok(money), "{}", written);
            }
        }

        #[test]
        fn no_text_panics(text in "[-+0-9.eE]{0,60}") {
            let _ = read(&text);
        }
    }
}
