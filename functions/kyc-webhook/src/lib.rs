//! What identity vendors tell us. Deployed once per vendor; `VENDOR` names it.
//!
//! What a webhook only hints at is looked up at the vendor, and an approval is compared with what the player claims.
//! Whether a verdict counts is for the core to judge: they come twice, late and out of order. What cannot be acted
//! upon is kept for staff. Only an outage asks the vendor to come again.

mod judgement;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::account::VerificationStatus;
use domain::person::VerificationNotice;
use domain::{Account, Command, Outcome, Refusal, Timestamp};
use edge::metrics::{CallOutcome, VendorCalls};
use edge::{
    BoxError, ConfigError, Context, Exchanges, Function, Handler, Outbound, Problem, Profiles, Reply,
    Request, Rotating, Settings, Stores, http, rule_book,
};
use store::{Inbox, InboxItem, InboxKind, Ledger, Outage, RuleBook};
use vendors::call::{CallFailure, RawCall, Receipt};
use vendors::conversation::converse;
use vendors::kyc::{self, Findings, IdentityVendor, VerificationReport};
use vendors::settings::Kyc;

use judgement::{Judgement, alert, is_alert, judge};

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often findings are judged anew because the account moved on meanwhile.
const MOST_JUDGEMENTS: usize = 5;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let name = settings.get("VENDOR")?.to_owned();
    Ok(http(Reports {
        vendors: Rotating::start(&settings, move |all| vendor(&name, &all.kyc)).await?,
        outbound: Outbound::of(&settings)?,
        ledger: stores.ledger()?,
        profiles: Profiles::new(&stores, &settings)?,
        rules: rule_book()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
        calls: VendorCalls::new(&settings)?,
        exchanges: Exchanges::new(&stores, &settings)?,
    }))
}

/// The vendor of a name. Without it the function has nothing to do and does not start.
fn vendor(name: &str, settings: &Kyc) -> Result<Arc<dyn IdentityVendor>, BoxError> {
    let missing = || ConfigError::new("VENDOR", format!("is {name}, no identity vendor with settings"));
    Ok(kyc::named(name, settings).ok_or_else(missing)??)
}

struct Reports {
    vendors: Rotating<Arc<dyn IdentityVendor>>,
    outbound: Outbound,
    ledger: Ledger,
    profiles: Profiles,
    rules: RuleBook,
    inbox: Inbox,
    context: Context,
    calls: VendorCalls,
    exchanges: Exchanges,
}

/// Why a report could not be taken on for now.
#[derive(Debug, thiserror::Error)]
enum ComeAgain {
    #[error(transparent)]
    Outage(#[from] Outage),
    #[error(transparent)]
    Vendor(#[from] CallFailure),
    #[error("the account moved on faster than it could be judged")]
    Overtaken,
}

impl Handler for Reports {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let call = RawCall::post("", request.headers(), request.body());
        let began = Instant::now();
        let mut vendor = self.vendors.current().await;
        let (mut receipt, mut outcome) = self.receive(vendor.as_ref().as_ref(), call).await;
        if receipt == Receipt::NotAuthentic
            && let Some(newer) = self.vendors.newer(&vendor).await
        {
            vendor = newer;
            (receipt, outcome) = self.receive(vendor.as_ref().as_ref(), call).await;
        }
        let outcome = CallOutcome::of_receipt(receipt, outcome);
        let reply = vendor.render(receipt);
        self.calls.report("notify", outcome, began.elapsed());
        self.exchanges.keep(call, &reply, outcome).await;
        Ok(reply.into())
    }
}

impl Reports {
    async fn receive(&self, from: &dyn IdentityVendor, call: RawCall<'_>) -> (Receipt, CallOutcome) {
        let vendor = from.integration();
        let Ok(call) = from.verify(call) else {
            tracing::warn!(vendor, "a call that is not authentic");
            return (Receipt::NotAuthentic, CallOutcome::NotAuthentic);
        };
        let report = match from.parse(&call) {
            Ok(report) => report,
            Err(malformed) => {
                tracing::error!(vendor, %malformed, "an authentic call that cannot be read");
                return (Receipt::Malformed, CallOutcome::Malformed);
            }
        };
        let id = report.key.tx.clone();
        match self.take_on(from, report).await {
            Ok(outcome) => (Receipt::Accepted, outcome),
            Err(error) => {
                tracing::error!(vendor, report = id, %error, "a report must come again");
                (Receipt::Unavailable, CallOutcome::TryAgain)
            }
        }
    }

    /// Takes a report on, for good. If that cannot be said, it must come again.
    async fn take_on(
        &self,
        from: &dyn IdentityVendor,
        mut report: VerificationReport,
    ) -> Result<CallOutcome, ComeAgain> {
        if report.routine {
            return Ok(CallOutcome::Done);
        }
        match self.look_up(from, &report).await {
            Ok(found) => {
                if let Some(found) = found {
                    report.findings = report.findings.completed_by(found);
                }
                self.act_upon(report).await
            }
            Err(failure) if !report.findings.hits.is_empty() => self.raise(report, failure).await,
            Err(CallFailure::Refused(why)) => {
                self.keep(&report, &[format!("the vendor does not stand by it: {why}")]).await?;
                Ok(CallOutcome::Refused)
            }
            Err(failure @ CallFailure::Unclear(_)) => Err(failure.into()),
        }
    }

    /// Acts upon a possible match that the vendor says no more of: the lists' names can wait, the alarm cannot. As long
    /// as the vendor might still say whose it is, it has to come again.
    async fn raise(
        &self,
        mut report: VerificationReport,
        failure: CallFailure,
    ) -> Result<CallOutcome, ComeAgain> {
        if report.findings.player.is_some() || matches!(failure, CallFailure::Refused(_)) {
            return self.act_upon(report).await;
        }
        // The report's own id is left to the alert that will name the player.
        report.key.tx.push_str(":unasked");
        let concerns =
            alert(&report.findings).into_iter().chain([format!("whose it is, is not known yet: {failure}")]);
        let concerns: Vec<_> = concerns.collect();
        self.keep(&dated(report, self.context.now()), &concerns).await?;
        Err(failure.into())
    }

    /// What the vendor tells when asked; nothing if the report says it all.
    async fn look_up(
        &self,
        from: &dyn IdentityVendor,
        report: &VerificationReport,
    ) -> Result<Option<Findings>, CallFailure> {
        let Some(reference) = &report.reference else { return Ok(None) };
        let now = self.context.now();
        let send = |call| self.outbound.send(call);
        converse(send, |answers| from.look_up(reference, answers, now)).await.map(Some)
    }

    async fn act_upon(&self, report: VerificationReport) -> Result<CallOutcome, ComeAgain> {
        let report = dated(report, self.context.now());
        for _ in 0..MOST_JUDGEMENTS {
            let conclusion = match self.account(&report.findings).await? {
                Ok(account) => self.conclude(&report, &account).await?,
                // Whoever it is: compliance has to know of somebody on a watchlist.
                Err(concern) => {
                    let concerns = alert(&report.findings).into_iter().chain([concern]).collect();
                    Some((concerns, CallOutcome::Refused))
                }
            };
            if let Some((concerns, outcome)) = conclusion {
                if !concerns.is_empty() {
                    self.keep(&report, &concerns).await?;
                }
                return Ok(outcome);
            }
        }
        Err(ComeAgain::Overtaken)
    }

    /// Whose account it is about; or why there is nothing to act upon.
    async fn account(&self, findings: &Findings) -> Result<Result<Account, String>, Outage> {
        let Some(player) = findings.player else { return Ok(Err("the player is not ours".to_owned())) };
        let account = self.ledger.account(player).await?;
        Ok(account.ok_or_else(|| Refusal::PlayerUnknown.to_string()))
    }

    /// Judges findings and commits what they lead to. Tells what there is about it for staff; nothing if it has to be
    /// judged anew.
    async fn conclude(
        &self,
        report: &VerificationReport,
        account: &Account,
    ) -> Result<Option<(Vec<String>, CallOutcome)>, Outage> {
        let (key, now) = (report.key.clone(), self.context.now());
        let Judgement { status, mut concerns } = self.judge(&report.findings, account, now).await?;
        let Some(status) = status else {
            concerns.push("the event is not acted upon".to_owned());
            return Ok(Some((concerns, CallOutcome::Refused)));
        };
        let Some(as_of) = report.findings.as_of else {
            concerns.push("the vendor does not say when".to_owned());
            return Ok(Some((concerns, CallOutcome::Refused)));
        };
        // The approval stands until something speaks against it; that the vendor looks again, staff should know.
        let is_second_look = status == VerificationStatus::InReview
            && account.verification.status == VerificationStatus::Approved
            && account.verification.as_of.is_none_or(|approved| approved < as_of);
        let expires_on = report.findings.document.as_ref().and_then(|document| document.expires_on);
        // What was compared may have changed since: an approval is of this account and of no later one.
        let judged_at = (status == VerificationStatus::Approved).then_some(account.version);
        let alarming = !concerns.is_empty();
        let notice = VerificationNotice { key, status, as_of, expires_on, alarming, judged_at };
        let command = Command::VerificationNotice(notice);
        let came = self.ledger.execute(account.player, &command, now, PATIENCE).await?;
        if is_overtaken(&came, judged_at) {
            return Ok(None);
        }
        let outcome = CallOutcome::of(&came);
        match came.done() {
            Err(Refusal::Outdated) if is_second_look => {
                concerns.push("the vendor looks again at a player who is approved".to_owned());
            }
            Ok(_) | Err(Refusal::Outdated) => {}
            Err(refusal) => concerns.push(refusal.to_string()),
        }
        Ok(Some((concerns, outcome)))
    }

    async fn judge(
        &self,
        findings: &Findings,
        account: &Account,
        now: Timestamp,
    ) -> Result<Judgement, Outage> {
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        let profile = match findings.status {
            Some(VerificationStatus::Approved) => self.profiles.read(account.player).await?,
            _ => None,
        };
        Ok(judge(findings, profile.as_ref().map(|open| &open.profile), rules, now))
    }

    /// Kept for staff under the report's own id: however often it comes, it is there once.
    async fn keep(&self, report: &VerificationReport, concerns: &[String]) -> Result<(), Outage> {
        let VerificationReport { key, event, findings, .. } = report;
        let why = concerns.join("; ");
        tracing::warn!(vendor = key.integration, report = key.tx, why, "a report was kept for staff");
        let player = findings.player.map(|player| player.to_string()).unwrap_or_default();
        let item = InboxItem {
            vendor: key.integration.clone(),
            kind: InboxKind::Identity,
            id: key.tx.clone(),
            why,
            summary: format!("{event} {player}").trim_end().to_owned(),
            alert_about: findings.player.filter(|_| concerns.iter().any(|it| is_alert(it))),
        };
        self.inbox.keep(&item, self.context.now()).await
    }
}

/// A report of a possible match, with a time. If the vendor does not say since when, it counts from now on: that errs on
/// the side of caution. Without a time one match looks like the next, so that each day's is one of its own.
fn dated(mut report: VerificationReport, now: Timestamp) -> VerificationReport {
    if report.findings.as_of.is_none() && !report.findings.hits.is_empty() {
        report.findings.as_of = Some(now);
        report.key.tx.push_str(&now.strftime(":%F").to_string());
    }
    report
}

/// Whether a judgement was refused because the account is no longer the one that it was made for.
fn is_overtaken(came: &Outcome, judged_at: Option<u64>) -> bool {
    match came {
        Outcome::Refused { refusal: Refusal::Outdated, account: Some(account) } => {
            judged_at.is_some_and(|version| account.version != version)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
