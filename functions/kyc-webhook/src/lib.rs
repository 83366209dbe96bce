//! What identity vendors tell us. Deployed once per vendor; `VENDOR` names it.
//!
//! What a webhook only hints at is looked up at the vendor, and an approval is compared with what the player claims.
//! Whether a verdict counts is for the core to judge: they come twice, late and out of order. What cannot be acted
//! upon is kept for staff. Only an outage asks the vendor to come again.

mod judgement;
mod vendor;

use std::sync::Arc;
use std::time::Duration;

use domain::account::VerificationStatus;
use domain::person::VerificationNotice;
use domain::{Account, Command, Refusal, Timestamp};
use edge::{
    BoxError, Context, Function, Handler, Outbound, Problem, Profiles, Reply, Request, Secrets, Settings,
    Stores, http, rule_book,
};
use store::{Inbox, InboxItem, Ledger, Outage, RuleBook};
use vendors::call::{CallFailure, RawCall, Receipt};
use vendors::kyc::{Findings, IdentityWebhook, VerificationReport, converse};

use judgement::{Judgement, alert, judge};

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let vendors = Secrets::new(&settings)?.vendors().await?;
    Ok(http(Reports {
        vendor: vendor::vendor(settings.get("VENDOR")?, &vendors.kyc)?,
        outbound: Outbound::new()?,
        ledger: stores.ledger()?,
        profiles: Profiles::new(&stores, &settings)?,
        rules: rule_book()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
    }))
}

struct Reports {
    vendor: Box<dyn IdentityWebhook>,
    outbound: Outbound,
    ledger: Ledger,
    profiles: Profiles,
    rules: RuleBook,
    inbox: Inbox,
    context: Context,
}

/// Why a report could not be taken on for now.
#[derive(Debug, thiserror::Error)]
enum ComeAgain {
    #[error(transparent)]
    Outage(#[from] Outage),
    #[error(transparent)]
    Vendor(#[from] CallFailure),
}

impl Handler for Reports {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let receipt = self.receive(&request).await;
        Ok(self.vendor.render(receipt).into())
    }
}

impl Reports {
    async fn receive(&self, request: &Request) -> Receipt {
        let vendor = self.vendor.integration();
        let call = RawCall::post("", request.headers(), request.body());
        let Ok(call) = self.vendor.verify(call) else {
            tracing::warn!(vendor, "a call that is not authentic");
            return Receipt::NotAuthentic;
        };
        let report = match self.vendor.parse(&call) {
            Ok(report) => report,
            Err(malformed) => {
                tracing::error!(vendor, %malformed, "an authentic call that cannot be read");
                return Receipt::Malformed;
            }
        };
        let id = report.key.tx.clone();
        match self.take_on(report).await {
            Ok(()) => Receipt::Accepted,
            Err(error) => {
                tracing::error!(vendor, report = id, %error, "a report must come again");
                Receipt::Unavailable
            }
        }
    }

    /// Takes a report on, for good. If that cannot be said, it must come again.
    async fn take_on(&self, mut report: VerificationReport) -> Result<(), ComeAgain> {
        if report.routine {
            return Ok(());
        }
        match self.look_up(&report).await {
            Ok(found) => {
                report.findings = report.findings.completed_by(found);
                Ok(self.act_upon(&report).await?)
            }
            Err(CallFailure::Refused(why)) => {
                Ok(self.keep(&report, &[format!("the vendor does not stand by it: {why}")]).await?)
            }
            Err(failure @ CallFailure::Unclear(_)) => Err(failure.into()),
        }
    }

    /// What the vendor tells when asked; nothing if the report says it all.
    async fn look_up(&self, report: &VerificationReport) -> Result<Findings, CallFailure> {
        let Some(reference) = &report.reference else { return Ok(Findings::default()) };
        let now = self.context.now();
        let send = |call| self.outbound.send(call);
        converse(send, |answers| self.vendor.look_up(reference, answers, now)).await
    }

    async fn act_upon(&self, report: &VerificationReport) -> Result<(), Outage> {
        let concerns = match self.account(&report.findings).await? {
            Ok(account) => self.conclude(report, &account).await?,
            // Whoever it is: compliance has to know of somebody on a watchlist.
            Err(concern) => alert(&report.findings).into_iter().chain([concern]).collect(),
        };
        if concerns.is_empty() { Ok(()) } else { self.keep(report, &concerns).await }
    }

    /// Whose account it is about; or why there is nothing to act upon.
    async fn account(&self, findings: &Findings) -> Result<Result<Account, String>, Outage> {
        let Some(player) = findings.player else { return Ok(Err("the player is not ours".to_owned())) };
        let account = self.ledger.account(player).await?;
        Ok(account.ok_or_else(|| Refusal::PlayerUnknown.to_string()))
    }

    /// Judges findings and commits what they lead to. Tells what there is about it for staff.
    async fn conclude(&self, report: &VerificationReport, account: &Account) -> Result<Vec<String>, Outage> {
        let (key, now) = (report.key.clone(), self.context.now());
        let Judgement { status, mut concerns } = self.judge(&report.findings, account, now).await?;
        let Some(status) = status else {
            concerns.push("the event is not acted upon".to_owned());
            return Ok(concerns);
        };
        if is_over(status, account) {
            return Ok(concerns);
        }
        // A hit counts from now on if the vendor does not say since when: that errs on the side of caution.
        let hit_at = (!report.findings.hits.is_empty()).then_some(now);
        let Some(as_of) = report.findings.as_of.or(hit_at) else {
            concerns.push("the vendor does not say when".to_owned());
            return Ok(concerns);
        };
        let command = Command::VerificationNotice(VerificationNotice { key, status, as_of });
        match self.ledger.execute(account.player, &command, now, PATIENCE).await?.done() {
            Ok(_) => {}
            Err(Refusal::Outdated) => {
                let is_approved = account.verification.status == VerificationStatus::Approved;
                if is_approved && !concerns.is_empty() {
                    concerns.push("the player stays verified until somebody decides".to_owned());
                }
            }
            Err(refusal) => concerns.push(refusal.to_string()),
        }
        Ok(concerns)
    }

    async fn judge(
        &self,
        findings: &Findings,
        account: &Account,
        now: Timestamp,
    ) -> Result<Judgement, Outage> {
        let jurisdiction = &account.jurisdiction;
        let rules = self.rules.rules(jurisdiction, now).ok_or_else(|| {
            Outage::new("judge a verification", format!("there are no rules for {jurisdiction}"))
        })?;
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
            id: key.tx.clone(),
            why,
            summary: format!("{event} {player}").trim_end().to_owned(),
        };
        self.inbox.keep(&item, self.context.now()).await
    }
}

/// Whether it comes too late to matter: an attempt that ran out does not undo what another one settled.
const fn is_over(status: VerificationStatus, account: &Account) -> bool {
    let is_settled =
        matches!(account.verification.status, VerificationStatus::Approved | VerificationStatus::Rejected);
    matches!(status, VerificationStatus::Expired) && is_settled
}

#[cfg(test)]
mod tests;
