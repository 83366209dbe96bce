//! Amounts as Adyen writes them: integers of a minor unit that is not always ISO 4217's.

use domain::{Currency, Money, MoneyError};
use serde::{Deserialize, Serialize};

/// An amount on Adyen's wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units.
    pub value: i64,
    /// ISO 4217.
    pub currency: String,
}

impl Amount {
    /// Writes money; refused where Adyen has no such currency or it would not be exact.
    pub fn of(money: Money) -> Result<Self, MoneyError> {
        let places = places(money.currency()).ok_or(MoneyError::Malformed)?;
        Ok(Self { value: money.to_minor(places)?, currency: money.currency().code().to_owned() })
    }

    /// Reads money. An amount finer than its currency is kept exactly: it will match nothing we asked for.
    pub fn money(&self) -> Result<Money, MoneyError> {
        let currency = self.currency.parse().map_err(|_| MoneyError::Malformed)?;
        let places = places(currency).ok_or(MoneyError::Malformed)?;
        if self.value < 0 {
            return Err(MoneyError::OutOfRange);
        }
        Money::from_minor(self.value, places, currency)
    }
}

/// Decimal places of Adyen's minor unit: ISO 4217's but for four currencies; none for coins.
fn places(currency: Currency) -> Option<u32> {
    match currency {
        Currency::Coin(_) => None,
        Currency::Fiat(_) => Some(match currency.code() {
            "CLP" | "ISK" => 2,
            "CVE" | "IDR" => 0,
            _ => currency.places(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(value: i64, currency: &str) -> Amount {
        Amount { value, currency: currency.to_owned() }
    }

    fn money(text: &str) -> Money {
        text.parse().unwrap()
    }

    #[test]
    fn adyens_minor_units_are_its_own() {
        for (text, value) in [
            ("25.00 EUR", 2500),
            ("500 JPY", 500),
            ("100 ISK", 10_000),
            ("100 CLP", 10_000),
            ("100 CVE", 100),
            ("15000 IDR", 15_000),
            ("5.120 KWD", 5120),
        ] {
            let money = money(text);
            let written = Amount::of(money).unwrap();
            assert_eq!(written, amount(value, money.currency().code()), "{text}");
            assert_eq!(written.money(), Ok(money), "{text}");
        }
    }

    #[test]
    fn what_adyen_cannot_write_is_refused() {
        for text in ["0.001 EUR", "0.50 JPY", "100.50 IDR", "100.001 ISK", "1 BTC"] {
            assert!(Amount::of(money(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (value, currency) in
            [(-1, "EUR"), (i64::MIN, "EUR"), (i64::MAX, "EUR"), (1, "eur"), (1, "XXX"), (1, ""), (1, "BTC")]
        {
            assert!(amount(value, currency).money().is_err(), "{value} {currency}");
        }
    }

    #[test]
    fn an_amount_finer_than_its_currency_is_not_rounded() {
        assert_eq!(amount(10_050, "ISK").money(), Ok(money("100.5 ISK")));
    }
}
