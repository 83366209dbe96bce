//! The cashier's pack as written: `infra/packs/cashier/<version>.toml`. Unknown words do not load.

use serde::Deserialize;

use super::approval::ApprovalRule;
use super::closed_loop::LoopOrder;
use super::{Denial, InstrumentKind, PaymentRules};
use crate::Timestamp;
use crate::circuits::Rest;
use crate::currency::Currency;
use crate::money::Money;
use crate::rules::PackStatus;

/// One version of the cashier's rules.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CashierPack {
    cashier: Header,
    routing: Rest,
    closed_loop: ClosedLoop,
    #[serde(rename = "method")]
    methods: Vec<Method>,
    #[serde(default, rename = "approval")]
    approvals: Vec<ApprovalRule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema: u8,
    version: String,
    status: PackStatus,
    effective_from: Timestamp,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClosedLoop {
    order: LoopOrder,
    /// The providers that send money back to what it was paid with.
    providers: Vec<String>,
}

/// A way to pay that players know.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Its name on the wire.
    pub id: String,
    /// Its name for players.
    pub name: String,
    /// What one pays with.
    pub kind: InstrumentKind,
    /// Whether it vouches for not being filled by what cards must not spend.
    #[serde(default)]
    pub attested: bool,
    /// The brands that offer it; all, if left out.
    brands: Option<Vec<String>>,
    /// Where it is offered.
    jurisdictions: Vec<String>,
    /// How money comes in by it.
    deposit: Option<Lane>,
    /// How money goes out by it.
    withdrawal: Option<Lane>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lane {
    /// The providers that serve it, the best first.
    routes: Vec<String>,
    /// How much at once, by currency. Other currencies are not served.
    limits: Vec<Limits>,
}

/// How much at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The least.
    pub min: Money,
    /// The most.
    pub max: Money,
}

/// Which way money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To us.
    Deposit,
    /// To the player.
    Withdrawal,
}

/// Who asks: what is offered hangs on it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The brand.
    pub brand: &'a str,
    /// The jurisdiction.
    pub jurisdiction: &'a str,
    /// The wallet's currency.
    pub currency: Currency,
}

/// A method as it is offered to somebody.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The method.
    pub method: &'a Method,
    /// How much at once.
    pub limits: Limits,
    /// The providers that serve it, the best first.
    pub routes: &'a [String],
}

/// The cashier's packs.
#[derive(Clone, Debug, Default)]
pub struct CashierBook(Vec<CashierPack>);

impl CashierBook {
    /// A book of packs.
    pub fn new(packs: impl IntoIterator<Item = CashierPack>) -> Self {
        Self(packs.into_iter().collect())
    }

    /// The newest pack in force at a time.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Option<&CashierPack> {
        self.0.iter().filter(|pack| pack.in_force(now)).max_by_key(|pack| pack.cashier.effective_from)
    }
}

impl CashierPack {
    fn in_force(&self, now: Timestamp) -> bool {
        let Header { schema, status, effective_from, .. } = &self.cashier;
        *schema == 1 && *status == PackStatus::Active && *effective_from <= now
    }

    /// Which version it is.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.cashier.version
    }

    /// What is offered to somebody.
    pub fn offers<'a>(
        &'a self,
        place: Place<'a>,
        rules: &'a PaymentRules,
        direction: Direction,
    ) -> impl Iterator<Item = Offer<'a>> {
        let here = self.methods.iter().filter(move |method| method.is_offered(place, rules));
        here.filter_map(move |method| method.offer(place.currency, direction))
    }

    /// One method, for an amount.
    pub fn offer<'a>(
        &'a self,
        place: Place<'a>,
        rules: &'a PaymentRules,
        direction: Direction,
        method: &str,
        amount: Money,
    ) -> Result<Offer<'a>, Denial> {
        let offer = self.offers(place, rules, direction).find(|offer| offer.method.id == method);
        let Some(offer) = offer else {
            let offers = self.offers(place, rules, direction);
            return Err(Denial::NoSuchMethod { offered: offers.map(|it| it.method.id.clone()).collect() });
        };
        let Limits { min, max } = offer.limits;
        if amount.minus(min)?.is_negative() {
            return Err(Denial::TooLittle { least: min });
        }
        if max.minus(amount)?.is_negative() {
            return Err(Denial::TooMuch { most: max });
        }
        Ok(offer)
    }

    /// In which order money goes back to where it came from.
    #[must_use]
    pub const fn loop_order(&self) -> LoopOrder {
        self.closed_loop.order
    }

    /// Whether a provider sends money back to what it was paid with.
    #[must_use]
    pub fn pays_back(&self, vendor: &str) -> bool {
        self.closed_loop.providers.iter().any(|name| name == vendor)
    }

    /// What withdrawals need in a jurisdiction before they are paid.
    #[must_use]
    pub fn approval(&self, jurisdiction: &str) -> Option<&ApprovalRule> {
        self.approvals.iter().find(|rule| rule.is_for(jurisdiction))
    }

    /// When a provider is left alone: then it is asked last.
    #[must_use]
    pub const fn routing(&self) -> Rest {
        self.routing
    }
}

impl Method {
    fn is_offered(&self, place: Place<'_>, rules: &PaymentRules) -> bool {
        let branded = self.brands.as_ref().is_none_or(|brands| brands.iter().any(|it| it == place.brand));
        let lawful = self.kind != InstrumentKind::Wallet || self.attested || !rules.wallet_must_attest;
        branded && lawful && self.jurisdictions.iter().any(|it| it == place.jurisdiction)
    }

    fn offer(&self, currency: Currency, direction: Direction) -> Option<Offer<'_>> {
        let lane = match direction {
            Direction::Deposit => self.deposit.as_ref()?,
            Direction::Withdrawal => self.withdrawal.as_ref()?,
        };
        let limits = lane.limits.iter().find(|it| it.min.currency() == currency)?;
        Some(Offer { method: self, limits: *limits, routes: &lane.routes })
    }
}
