//! The reports of a check, and what they come to together.

use domain::account::VerificationStatus;
use serde::Deserialize;
use serde_json::Value;

use super::{Onfido, reading};
use crate::kyc::{Findings, Watchlist};

/// The answer to a question for a check's reports.
#[derive(Deserialize)]
pub(super) struct Reports {
    reports: Vec<Report>,
}

/// One report. What it says stands beside its name.
#[derive(Deserialize)]
struct Report {
    name: String,
    status: Option<String>,
    result: Option<String>,
    sub_result: Option<String>,
    breakdown: Option<Value>,
    properties: Option<Value>,
}

impl Reports {
    pub(super) fn findings(&self, onfido: &Onfido, counts: bool) -> Findings {
        let document =
            self.reports.iter().filter(|it| it.is_document()).find_map(|it| it.properties.as_ref());
        Findings {
            status: self.status(onfido).filter(|it| counts || *it != VerificationStatus::Approved),
            person: document.and_then(reading::person),
            document: document.and_then(reading::document),
            hits: self.reports.iter().flat_map(Report::hits).collect(),
            ..Findings::default()
        }
    }

    /// What a document says against the player counts, whatever became of the other reports. All clear is an approval
    /// only where a document was looked at: a check may be about a watchlist alone, and that says nothing about who
    /// somebody is.
    fn status(&self, onfido: &Onfido) -> Option<VerificationStatus> {
        let reports = &self.reports;
        let verdict = reports
            .iter()
            .filter_map(|it| document_status(onfido, it.sub_result.as_deref()?))
            .max_by_key(|status| match status {
                VerificationStatus::Rejected => 2,
                VerificationStatus::Resubmit => 1,
                _ => 0,
            });
        match verdict {
            Some(verdict) => Some(verdict),
            None if reports.iter().any(Report::is_awaited) => Some(VerificationStatus::Pending),
            None if !reports.iter().all(Report::is_clear) => Some(VerificationStatus::InReview),
            None => reports.iter().any(Report::is_document).then_some(VerificationStatus::Approved),
        }
    }
}

impl Report {
    fn is_document(&self) -> bool {
        self.name.starts_with("document")
    }

    /// Whether its result is still to come.
    fn is_awaited(&self) -> bool {
        self.status.as_deref().is_some_and(|status| status.starts_with("awaiting") || status == "paused")
    }

    /// Whether it was made and found nothing. One that was cancelled or withdrawn found nothing because nobody looked.
    fn is_clear(&self) -> bool {
        self.status.as_deref() == Some("complete") && self.result.as_deref() == Some("clear")
    }

    /// A watchlist report that is not clear is a hit, even if it does not say which list.
    fn hits(&self) -> Vec<Watchlist> {
        if !self.name.starts_with("watchlist") || self.result.as_deref() == Some("clear") {
            return Vec::new();
        }
        let named: Vec<_> = self.breakdown.as_ref().map(reading::hits).into_iter().flatten().collect();
        match (named.is_empty(), self.result.is_some(), self.name.as_str()) {
            (false, ..) => named,
            (true, true, "watchlist_peps_only") => vec![Watchlist::Pep],
            (true, true, "watchlist_sanctions_only") => vec![Watchlist::Sanctions],
            (true, true, _) => vec![Watchlist::Other],
            (true, false, _) => Vec::new(),
        }
    }
}

/// What a document that is not clear means.
pub(super) fn document_status(onfido: &Onfido, sub_result: &str) -> Option<VerificationStatus> {
    match sub_result {
        "rejected" if onfido.resubmit_rejected_documents => Some(VerificationStatus::Resubmit),
        "rejected" | "suspected" => Some(VerificationStatus::Rejected),
        "caution" => Some(VerificationStatus::InReview),
        _ => None,
    }
}
