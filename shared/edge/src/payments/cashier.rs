//! The cashier's and the jurisdictions' packs together: what is offered to whom.

use domain::cashier::{CashierBook, CashierPack, Denial, Direction, Offer, PaymentRules, Place};
use domain::{Account, Money, Timestamp};
use store::RuleBook;

use crate::{ConfigError, FieldError, Problem, cashier_book, rule_book};

/// The rules of payments.
#[derive(Clone)]
pub struct Cashier {
    book: CashierBook,
    rules: RuleBook,
}

impl Cashier {
    /// All packs, as compiled in.
    pub fn new() -> Result<Self, ConfigError> {
        Ok(Self { book: cashier_book()?, rules: rule_book()? })
    }

    /// The cashier's pack in force.
    pub fn pack(&self, now: Timestamp) -> Result<&CashierPack, Problem> {
        self.book.at(now).ok_or_else(Problem::unavailable)
    }

    /// What a player's jurisdiction says of payments.
    pub fn law(&self, account: &Account, now: Timestamp) -> Result<&PaymentRules, Problem> {
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        Ok(&rules.payments)
    }

    /// All that is offered to a player.
    pub fn offers<'a>(
        &'a self,
        account: &'a Account,
        direction: Direction,
        now: Timestamp,
    ) -> Result<Vec<Offer<'a>>, Problem> {
        Ok(self.pack(now)?.offers(place(account), self.law(account, now)?, direction).collect())
    }

    /// One method for an amount, if it is offered to the player.
    pub fn offer<'a>(
        &'a self,
        account: &'a Account,
        direction: Direction,
        method: &str,
        amount: Money,
        now: Timestamp,
    ) -> Result<Offer<'a>, Problem> {
        let (pack, law) = (self.pack(now)?, self.law(account, now)?);
        Ok(pack.offer(place(account), law, direction, method, amount)?)
    }
}

fn place(account: &Account) -> Place<'_> {
    let (brand, jurisdiction) = (account.brand.as_str(), account.jurisdiction.as_str());
    Place { brand, jurisdiction, currency: account.wallet.currency() }
}

impl From<Denial> for Problem {
    /// Each names the field that has to change.
    fn from(denial: Denial) -> Self {
        let pointer = match &denial {
            Denial::NoSuchMethod { .. } => "/method",
            Denial::TooLittle { .. } | Denial::TooMuch { .. } | Denial::Amount(_) => "/amount",
            Denial::AccountNeeded { .. } => "/destination",
        };
        Self::invalid(vec![FieldError::new(pointer, denial.to_string())])
    }
}
