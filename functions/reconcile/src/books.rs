//! The books: the ledger's side, the consumers' side, and the comparison of the two.

use std::collections::BTreeSet;

use domain::ids::PlayerId;
use domain::{Account, Currency, Date, Entry, Timestamp};
use edge::{BoxError, ConfigError, Settings, Stores};
use futures::{StreamExt, TryStreamExt, stream};
use store::{Counter, Counters, Kpis, Ledger, Outage, Page, PageRequest, Statement};

use crate::figures::{self, Day, Days};
use crate::finding::{self, Finding, NO_CURRENCY, Notes};
use crate::pass::Pass;
use crate::trail::Trail;

/// How many players are taken from the roster at once.
const PLAYERS_AT_ONCE: i32 = 100;
/// How many of them are looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// How many entries are read at once.
const ENTRIES_AT_ONCE: i32 = 500;

/// What is compared with what.
#[derive(Clone)]
pub struct Books {
    ledger: Ledger,
    kpis: Kpis,
}

/// What came of looking at one player.
struct Audit {
    currency: Option<Currency>,
    entries: u64,
    figures: Days,
    findings: Vec<Finding>,
}

impl Books {
    /// The books in the settings' tables.
    pub fn open(settings: &Settings) -> Result<Self, ConfigError> {
        let stores = Stores::new(settings)?;
        Ok(Self { ledger: stores.ledger()?, kpis: stores.kpis()? })
    }

    /// The figures' side, which also keeps the roster and the bookmarks.
    pub(crate) const fn kpis(&self) -> &Kpis {
        &self.kpis
    }

    /// The next players on the roster; none at its end.
    pub async fn players(&self, after: Option<PlayerId>) -> Result<Vec<PlayerId>, Outage> {
        self.kpis.roster(after, PLAYERS_AT_ONCE).await
    }

    /// Brings a pass forward by some players, or to its end, and tells what was found.
    pub async fn advance(&self, pass: &mut Pass) -> Result<Vec<Finding>, BoxError> {
        let players = self.players(pass.after).await?;
        if players.is_empty() {
            let findings = self.compare_figures(pass).await?;
            pass.done = true;
            return Ok(noted(pass, findings));
        }
        pass.after = players.last().copied();
        let audits: Vec<Audit> = stream::iter(players)
            .map(|player| self.audit(player, pass))
            .buffered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        let mut findings = Vec::new();
        for audit in audits {
            pass.players = pass.players.saturating_add(1);
            pass.entries = pass.entries.saturating_add(audit.entries);
            pass.figures.add_all(&audit.figures)?;
            if let Some(currency) = audit.currency {
                finding::seen(&mut pass.drift, currency);
            }
            findings.extend(audit.findings);
        }
        Ok(noted(pass, findings))
    }

    /// Looks at one player. What does not read back is a finding; that the store does not answer is not.
    async fn audit(&self, player: PlayerId, pass: &Pass) -> Result<Audit, BoxError> {
        let account = match self.account(player).await {
            Ok(Some(account)) => account,
            Ok(None) => return Ok(Audit::broken(player, None, "the account", "none")),
            Err(outage) if outage.is_unreadable() => {
                return Ok(Audit::broken(player, None, "the account", outage));
            }
            Err(outage) => return Err(outage.into()),
        };
        let currency = account.wallet.currency();
        self.follow(account, pass).await.or_else(|error| match error.downcast_ref::<Outage>() {
            Some(outage) if outage.is_unreadable() => {
                Ok(Audit::broken(player, Some(currency), "what is stored", outage))
            }
            _ => Err(error),
        })
    }

    async fn account(&self, player: PlayerId) -> Result<Option<Account>, Outage> {
        self.ledger.account(player).await
    }

    /// Follows a player's entries to the account as it was when it was read, and on to the newest.
    async fn follow(&self, account: Account, pass: &Pass) -> Result<Audit, BoxError> {
        let (player, currency) = (account.player, account.wallet.currency());
        let from = pass.reads_from()?;
        let before = match from {
            Some(from) => {
                self.ledger.entry_before(player, &Statement::since(from, PageRequest::default())).await?
            }
            None => None,
        };
        let mut trail = before.as_ref().map_or_else(|| Trail::beginning(player, currency), Trail::after);
        let mut audit =
            Audit { currency: Some(currency), entries: 0, figures: Days::default(), findings: Vec::new() };
        let mut active = BTreeSet::new();
        let mut request = PageRequest { limit: ENTRIES_AT_ONCE, after: None };
        loop {
            trail.close_when_reached(&account);
            let page = self.entries(player, from.unwrap_or(Timestamp::UNIX_EPOCH), &request).await?;
            for entry in &page.items {
                trail.follow(entry, pass.settled_at);
                trail.close_when_reached(&account);
                audit.count(entry, pass, &mut active)?;
            }
            match page.next {
                Some(next) => request.after = Some(next),
                None => break,
            }
        }
        trail.close(&account);
        if trail.seq() > account.version
            && let Some(newer) = self.account(player).await?
        {
            trail.compare_newest(&newer);
        }
        let delivered = self.kpis.progress(player).await?;
        trail.compare_delivered(delivered.upto(), delivered.newest());
        audit.findings = trail.into_findings();
        Ok(audit)
    }

    /// Compares the figures of the days, once all entries are added up: days that either side knows of.
    async fn compare_figures(&self, pass: &Pass) -> Result<Vec<Finding>, BoxError> {
        let mut days: BTreeSet<Day> = pass.figures.iter().map(|(day, _)| day.clone()).collect();
        let brands: BTreeSet<String> = days.iter().map(|day| day.brand.clone()).collect();
        let (first, end) = pass.days;
        for brand in brands {
            for (date, currency) in self.kpis.listed_days(&brand, first, end).await? {
                let currency = currency.code().to_owned();
                days.insert(Day { brand: brand.clone(), currency, date });
            }
        }
        let mut findings = Vec::new();
        for day in days.into_iter().filter(|day| pass.compares(day.date)) {
            let counted = self.kpis.counters(&day.figures()?).await?;
            findings.extend(differences(&day, &pass.figures.of(&day), &counted));
        }
        Ok(findings)
    }

    /// A page of a player's entries from a moment on.
    pub(crate) async fn entries(
        &self,
        player: PlayerId,
        from: Timestamp,
        request: &PageRequest,
    ) -> Result<Page<Entry>, Outage> {
        self.ledger.entries(player, &Statement::since(from, request.clone())).await
    }
}

impl Audit {
    /// A player whose books cannot be followed at all.
    fn broken(
        player: PlayerId,
        currency: Option<Currency>,
        what: &str,
        found: impl std::fmt::Display,
    ) -> Self {
        let mut notes = Notes::new(Some(player), currency.map_or(NO_CURRENCY, Currency::code));
        notes.note(what, "something readable", found, 1);
        let findings = notes.into_findings();
        Self { currency, entries: 0, figures: Days::default(), findings }
    }

    fn count(&mut self, entry: &Entry, pass: &Pass, active: &mut BTreeSet<Date>) -> Result<(), BoxError> {
        self.entries = self.entries.saturating_add(1);
        let day = Day::of(entry);
        if !pass.compares(day.date) {
            return Ok(());
        }
        let mut counters = figures::of(entry)?;
        if figures::is_activity(entry) && active.insert(day.date) {
            counters = counters.with(Counter::ActivePlayers, 1);
        }
        Ok(self.figures.add(day, &counters)?)
    }
}

/// What the counters of a day say otherwise than the ledger.
pub(crate) fn differences(day: &Day, ledger: &Counters, counted: &Counters) -> Vec<Finding> {
    let mut notes = Notes::new(None, &day.currency);
    for counter in Counter::ALL {
        let (expected, found) = (ledger.get(*counter), counted.get(*counter));
        if expected != found {
            let apart = u64::try_from(expected.abs_diff(found)).unwrap_or(u64::MAX);
            let what = format!("{} of {} on {} in {}", counter.name(), day.brand, day.date, day.currency);
            notes.note(&what, expected, found, apart);
        }
    }
    notes.into_findings()
}

/// Adds findings to the pass.
fn noted(pass: &mut Pass, findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &findings {
        finding::add(&mut pass.drift, finding);
    }
    let count = u64::try_from(findings.len()).unwrap_or(u64::MAX);
    pass.findings = pass.findings.saturating_add(count);
    findings
}
