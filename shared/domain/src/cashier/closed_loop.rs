//! The closed loop: money goes back to where it came from, up to what came from there; only the rest may go to another
//! account of the player's own.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{CashierPack, Denial, HolderMatch, InstrumentFingerprint, InstrumentKind};
use crate::Timestamp;
use crate::deposit::Deposit;
use crate::money::{Money, MoneyError};
use crate::withdrawal::{PayTo, Payout, PayoutStatus, Withdrawal};

/// The most payouts that one withdrawal is divided into.
const MOST_PAYOUTS: usize = 8;

/// In which order sources are paid back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoopOrder {
    /// Where money came from first.
    OldestFirst,
    /// Where money came from last.
    NewestFirst,
}

/// Where money came from, and how much of it is still with us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The provider.
    pub vendor: String,
    /// The provider's token of it; none if the provider told none.
    pub token: Option<String>,
    /// What it is, if that is known.
    pub kind: Option<InstrumentKind>,
    /// Whose it is.
    pub holder: HolderMatch,
    /// Whether the provider vouches for what it told of it.
    pub proven: bool,
    /// Whether the last that was sent there came back, or could not be sent.
    pub closed: bool,
    /// What came from it, less what went back to it or is on its way there.
    pub net: Money,
    /// When money first came from it.
    pub since: Timestamp,
}

/// A bank account of the player's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnAccount {
    /// The provider that pays there.
    pub vendor: String,
    /// The account, sealed.
    pub sealed: String,
    /// What it has in common with the same account of somebody else.
    pub fingerprint: Option<InstrumentFingerprint>,
}

/// How a withdrawal is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The payouts; their sum is the withdrawal.
    pub payouts: Vec<Payout>,
    /// Whether money goes elsewhere while there is a source that it came from, and that cannot be reached.
    pub is_loop_open: bool,
}

/// Where a player's money came from, in the order to pay back. Sources that all went back to are left out.
pub fn sources(
    deposits: &[Deposit],
    withdrawals: &[Withdrawal],
    order: LoopOrder,
) -> Result<Vec<Source>, MoneyError> {
    let mut found: BTreeMap<(String, Option<String>), Source> = BTreeMap::new();
    for deposit in deposits {
        let Some(left) = deposit.credited()?.filter(|left| left.is_positive()) else { continue };
        let token = deposit.instrument.as_ref().and_then(|it| it.token.clone());
        match found.get_mut(&(deposit.vendor.clone(), token.clone())) {
            Some(source) => source.add(deposit, left)?,
            None => {
                found.insert((deposit.vendor.clone(), token), Source::first(deposit, left));
            }
        }
    }
    for payout in withdrawals.iter().flat_map(Withdrawal::going_back) {
        let PayTo::Source { token, .. } = &payout.to else { continue };
        if let Some(source) = found.get_mut(&(payout.vendor.clone(), Some(token.clone()))) {
            source.net = source.net.minus(payout.amount)?;
        }
    }
    let mut sources: Vec<Source> = found.into_values().filter(|source| source.net.is_positive()).collect();
    for source in &mut sources {
        source.closed = source.is_closed(withdrawals);
    }
    sources.sort_by_key(|source| source.since);
    if order == LoopOrder::NewestFirst {
        sources.reverse();
    }
    Ok(sources)
}

/// Divides a withdrawal: first back to the sources, in their order; the rest to the named account or, if none is
/// named, to a source that is a bank account of the player's.
pub fn split(
    amount: Money,
    sources: &[Source],
    account: Option<&OwnAccount>,
    pack: &CashierPack,
) -> Result<Split, Denial> {
    let mut payouts = Vec::new();
    let mut rest = amount;
    let reachable = |source: &&Source| source.is_reachable(pack);
    for source in sources.iter().filter(reachable).take(MOST_PAYOUTS - 1) {
        let part = rest.at_most(source.net)?;
        if let Some(token) = source.token.clone().filter(|_| part.is_positive()) {
            rest = rest.minus(part)?;
            payouts.push(Payout::new(part, &source.vendor, PayTo::Source { token, returns: true }));
        }
    }
    if rest.is_zero() {
        return Ok(Split { payouts, is_loop_open: false });
    }
    let mut own = sources.iter().filter(reachable).filter(|source| source.is_own_account());
    let last = match (account, own.next()) {
        (Some(OwnAccount { vendor, sealed, fingerprint }), _) => {
            let (sealed, fingerprint) = (sealed.clone(), fingerprint.clone());
            Payout::new(rest, vendor, PayTo::BankAccount { sealed, fingerprint })
        }
        (None, Some(Source { vendor, token: Some(token), .. })) => {
            Payout::new(rest, vendor, PayTo::Source { token: token.clone(), returns: false })
        }
        (None, _) => return Err(Denial::AccountNeeded { rest }),
    };
    payouts.push(last);
    let out_of_reach = sources.iter().any(|source| !source.is_reachable(pack));
    let too_many = sources.iter().filter(reachable).count() >= MOST_PAYOUTS;
    Ok(Split { payouts, is_loop_open: out_of_reach || too_many })
}

impl Source {
    fn first(deposit: &Deposit, net: Money) -> Self {
        let instrument = deposit.instrument.as_ref();
        Self {
            vendor: deposit.vendor.clone(),
            token: instrument.and_then(|it| it.token.clone()),
            kind: instrument.map(|it| it.kind),
            holder: instrument.map_or(HolderMatch::Unknown, |it| it.holder),
            proven: instrument.is_some_and(|it| it.proven),
            closed: false,
            net,
            since: deposit.requested_at,
        }
    }

    /// Of what is told of one instrument on several occasions, the worst counts.
    fn add(&mut self, deposit: &Deposit, left: Money) -> Result<(), MoneyError> {
        let other = Self::first(deposit, left);
        self.net = self.net.plus(left)?;
        self.since = self.since.min(other.since);
        self.proven &= other.proven;
        self.holder = worst(self.holder, other.holder);
        Ok(())
    }

    /// Whether money can go back there. Nobody else's instrument is paid out to, whatever came from it; nor is one that
    /// took nothing the last time.
    fn is_reachable(&self, pack: &CashierPack) -> bool {
        let takes = self.token.is_some() && !self.closed;
        takes && self.holder != HolderMatch::Differs && pack.pays_back(&self.vendor)
    }

    /// Whether the newest payout there that ended did so without being paid: another one would, too.
    fn is_closed(&self, withdrawals: &[Withdrawal]) -> bool {
        let is_there = |it: &Payout| match &it.to {
            PayTo::Source { token, .. } => it.vendor == self.vendor && self.token.as_ref() == Some(token),
            PayTo::BankAccount { .. } | PayTo::Payment => false,
        };
        let payouts =
            withdrawals.iter().flat_map(|it| it.payouts.iter().map(|payout| (it.requested_at, payout)));
        let ended = payouts.filter(|(_, it)| !it.status.is_open() && is_there(it));
        ended.max_by_key(|(at, _)| *at).is_some_and(|(_, newest)| newest.status == PayoutStatus::Failed)
    }

    /// Whether it is known to be a bank account of the player's.
    fn is_own_account(&self) -> bool {
        self.kind == Some(InstrumentKind::BankAccount) && self.holder == HolderMatch::Matches
    }
}

const fn worst(one: HolderMatch, other: HolderMatch) -> HolderMatch {
    match (one, other) {
        (HolderMatch::Differs, _) | (_, HolderMatch::Differs) => HolderMatch::Differs,
        (HolderMatch::Similar, _) | (_, HolderMatch::Similar) => HolderMatch::Similar,
        (HolderMatch::Matches, _) | (_, HolderMatch::Matches) => HolderMatch::Matches,
        (HolderMatch::Unknown, HolderMatch::Unknown) => HolderMatch::Unknown,
    }
}
