//! Amounts as decimal texts in main units, as Trustly and Nuvei write them.

use domain::{Money, MoneyError, parse_decimal};

use crate::call::CallFailure;

/// Reads an amount: plain digits, no more places than the currency has unless they are zero, above zero.
pub(super) fn read(amount: &str, currency: &str) -> Result<Money, MoneyError> {
    let currency = currency.parse().map_err(|_| MoneyError::Malformed)?;
    let money = Money::from_payment(parse_decimal(amount)?, currency)?;
    if money.is_positive() { Ok(money) } else { Err(MoneyError::OutOfRange) }
}

/// Writes an amount with exactly the currency's own places.
pub(super) fn write(money: Money) -> Result<String, CallFailure> {
    let exact = Money::from_payment(money.to_decimal(), money.currency());
    match exact {
        Ok(money) if money.is_positive() => Ok(money.to_text()),
        _ => Err(CallFailure::Refused("the amount cannot be paid in its currency".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_the_places_of_their_currency() {
        for (amount, currency, money) in [
            ("25.00", "EUR", "25 EUR"),
            ("11", "SEK", "11 SEK"),
            ("11.5", "SEK", "11.50 SEK"),
            ("11.50000", "SEK", "11.50 SEK"),
            ("500", "JPY", "500 JPY"),
            ("500.00", "JPY", "500 JPY"),
            ("5.124", "KWD", "5.124 KWD"),
            ("100", "ISK", "100 ISK"),
        ] {
            assert_eq!(read(amount, currency), Ok(money.parse().unwrap()), "{amount} {currency}");
        }
    }

    #[test]
    fn what_is_no_payment_is_refused() {
        for (amount, currency) in [
            ("11.005", "SEK"),
            ("0.5", "JPY"),
            ("5.1234", "KWD"),
            ("0", "EUR"),
            ("0.00", "EUR"),
            ("-1", "EUR"),
            ("1e3", "EUR"),
            ("1,00", "EUR"),
            (" 1", "EUR"),
            ("", "EUR"),
            ("1", "eur"),
            ("1", "ZZZ"),
            ("1", ""),
            ("99999999999999999999999999999999999", "EUR"),
        ] {
            assert!(read(amount, currency).is_err(), "{amount} {currency}");
        }
    }

    #[test]
    fn amounts_are_written_with_the_places_of_their_currency() {
        for (money, text) in
            [("25 EUR", "25.00"), ("500 JPY", "500"), ("5.12 KWD", "5.120"), ("0.01 EUR", "0.01")]
        {
            assert_eq!(write(money.parse().unwrap()).unwrap(), text);
        }
        for money in ["0 EUR", "-1 EUR", "0.001 EUR", "0.5 JPY"] {
            assert!(write(money.parse().unwrap()).is_err(), "{money}");
        }
    }
}
