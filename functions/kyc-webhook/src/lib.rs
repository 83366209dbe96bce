//! What identity vendors tell us. Deployed once per vendor; `VENDOR` names it.
//!
//! Whether a verdict counts is for the core to judge: they come twice, late and out of order. What cannot be acted
//! upon is kept for staff. Only an outage asks the vendor to come again.

use std::sync::Arc;
use std::time::Duration;

use domain::account::VerificationStatus;
use domain::ids::PlayerId;
use domain::person::VerificationNotice;
use domain::{Command, Refusal};
use edge::{
    BoxError, ConfigError, Context, Function, Handler, Problem, Reply, Request, Secrets, Settings, Stores,
    http,
};
use store::{Inbox, InboxItem, Ledger, Outage};
use vendors::call::{RawCall, Receipt};
use vendors::kyc::sumsub::{self, Sumsub};
use vendors::kyc::{IdentityWebhook, VerificationReport};
use vendors::settings::Kyc;

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let vendors = Secrets::new(&settings)?.vendors().await?;
    Ok(http(Reports {
        vendor: vendor(settings.get("VENDOR")?, &vendors.kyc)?,
        ledger: stores.ledger()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
    }))
}

/// The vendor of a name, as configured. Without it the function has nothing to do and does not start.
fn vendor(name: &str, settings: &Kyc) -> Result<Box<dyn IdentityWebhook>, BoxError> {
    match name {
        sumsub::INTEGRATION => {
            let missing =
                || ConfigError::new("kyc.sumsub", "is missing or unreadable in the vendors' settings");
            Ok(Box::new(Sumsub::new(settings.sumsub.as_ref().ok_or_else(missing)?)?))
        }
        _ => Err(ConfigError::new("VENDOR", "names no identity vendor").into()),
    }
}

struct Reports {
    vendor: Box<dyn IdentityWebhook>,
    ledger: Ledger,
    inbox: Inbox,
    context: Context,
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
        match self.take_on(&report).await {
            Ok(()) => Receipt::Accepted,
            Err(outage) => {
                tracing::error!(vendor, report = report.key.tx, error = %outage, "a report must come again");
                Receipt::Unavailable
            }
        }
    }

    async fn take_on(&self, report: &VerificationReport) -> Result<(), Outage> {
        let concern = match actionable(report) {
            Err(concern) => Some(concern.to_owned()),
            Ok((player, status)) => self.apply(report, player, status).await?,
        };
        match concern {
            None => Ok(()),
            Some(concern) => self.keep(report, concern).await,
        }
    }

    /// Acts upon a report, and tells if there is something about it for staff.
    async fn apply(
        &self,
        report: &VerificationReport,
        player: PlayerId,
        status: VerificationStatus,
    ) -> Result<Option<String>, Outage> {
        let notice = VerificationNotice { key: report.key.clone(), status, as_of: report.as_of };
        let command = Command::VerificationNotice(notice);
        match self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?.done() {
            Ok(_) | Err(Refusal::Outdated) => Ok(None),
            Err(refusal) => Ok(Some(refusal.to_string())),
        }
    }

    /// Kept for staff under the report's own id: however often it comes, it is there once.
    async fn keep(&self, report: &VerificationReport, concern: String) -> Result<(), Outage> {
        let VerificationReport { key, player, event, .. } = report;
        tracing::warn!(vendor = key.integration, report = key.tx, concern, "a report was kept for staff");
        let player = player.map(|player| player.to_string()).unwrap_or_default();
        let item = InboxItem {
            vendor: key.integration.clone(),
            id: key.tx.clone(),
            why: concern,
            summary: format!("{event} {player}").trim_end().to_owned(),
        };
        self.inbox.keep(&item, self.context.now()).await
    }
}

/// Whom a report is about and what it leads to; or why there is nothing to act upon.
fn actionable(report: &VerificationReport) -> Result<(PlayerId, VerificationStatus), &'static str> {
    let player = report.player.ok_or("the player is not ours")?;
    let status = report.status.ok_or("the event is not acted upon")?;
    Ok((player, status))
}

#[cfg(test)]
mod tests {
    use domain::EntryKey;

    use super::*;

    #[test]
    fn nothing_is_done_without_a_player_and_a_status() {
        let player: PlayerId = "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
        let report = |player, status| VerificationReport {
            key: EntryKey::new("sumsub", "a:applicantReviewed:t"),
            player,
            status,
            as_of: "2026-11-23T10:00:00Z".parse().unwrap(),
            event: "applicantReviewed".to_owned(),
        };
        let approved = VerificationStatus::Approved;
        assert_eq!(actionable(&report(Some(player), Some(approved))), Ok((player, approved)));
        assert!(actionable(&report(None, Some(approved))).is_err());
        assert!(actionable(&report(Some(player), None)).is_err());
    }

    #[test]
    fn the_sample_is_a_genuine_approval() {
        let settings: vendors::settings::Settings =
            serde_json::from_str(include_str!("../../../infra/local/vendors.json")).unwrap();
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/samples/kyc-webhook.json")).unwrap();
        let digest = event["headers"]["x-payload-digest"].as_str().unwrap();
        let headers = [(sumsub::DIGEST_HEADER.parse().unwrap(), digest.parse().unwrap())];
        let headers = ::http::HeaderMap::from_iter(headers);
        let body = event["body"].as_str().unwrap().as_bytes();
        let sumsub = vendor("sumsub", &settings.kyc).unwrap();
        let call = sumsub.verify(RawCall::post("", &headers, body)).unwrap();
        let (_, status) = actionable(&sumsub.parse(&call).unwrap()).unwrap();
        assert_eq!(status, VerificationStatus::Approved);
    }

    #[test]
    fn only_known_and_configured_vendors_start() {
        assert!(vendor("sumsub", &Kyc::default()).is_err());
        assert!(vendor("nobody", &Kyc::default()).is_err());
    }
}
