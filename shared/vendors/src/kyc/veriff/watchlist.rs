//! Screenings against watchlists, as webhooks bring them and as they can be asked for.

use std::collections::{BTreeMap, BTreeSet};

use domain::account::VerificationStatus;
use serde::Deserialize;
use serde_json::Value;

use crate::call::Malformed;
use crate::kyc::{Findings, Watchlist};

/// One screening of a session's person.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Screening {
    pub(super) session_id: String,
    pub(super) attempt_id: String,
    pub(super) check_type: String,
    pub(super) match_status: String,
    pub(super) created_at: Option<String>,
    vendor_data: Option<String>,
    #[serde(default)]
    hits: Vec<Hit>,
}

/// A listed person who may be the one. Who that is does not matter here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    /// The listings, by kind of list.
    #[serde(default)]
    listings_related_to_match: BTreeMap<String, Value>,
}

impl Screening {
    /// A possible match is one until somebody has looked at it.
    pub(super) fn findings(&self) -> Result<Findings, Malformed> {
        let screened = self.created_at.as_deref().filter(|time| !time.is_empty());
        let hits = self.hits();
        Ok(Findings {
            player: self.vendor_data.as_ref().and_then(|id| id.parse().ok()),
            status: (!hits.is_empty()).then_some(VerificationStatus::InReview),
            as_of: screened.map(str::parse).transpose().map_err(|_| Malformed("createdAt"))?,
            hits,
            ..Findings::default()
        })
    }

    pub(super) fn is_clear(&self) -> bool {
        self.match_status == "no_match"
    }

    /// The lists; a match without any is a warning all the same, and so is an answer of an unknown kind.
    pub(super) fn hits(&self) -> BTreeSet<Watchlist> {
        if self.is_clear() {
            return BTreeSet::new();
        }
        let listings = self.hits.iter().flat_map(|hit| &hit.listings_related_to_match);
        let named = listings.filter(|(_, listed)| listed.as_array().is_some_and(|it| !it.is_empty()));
        let lists: BTreeSet<_> = named.map(|(list, _)| Watchlist::of_label(list)).collect();
        if lists.is_empty() { [Watchlist::Other].into() } else { lists }
    }
}
