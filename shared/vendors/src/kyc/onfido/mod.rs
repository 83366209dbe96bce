//! Onfido: identity checks as workflow runs behind a link; webhooks only hint at what its API then tells.

mod lookup;
mod notification;
mod outbound;
mod reading;
mod reports;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::Timestamp;
use serde::Deserialize;

use crate::call::{
    Authentic, CallFailure, InboundAnswer, Malformed, RawCall, Receipt, Reply, endpoint, is_header_text,
};
use crate::conversation::Step;
use crate::keys::Keys;
use crate::kyc::{
    Entrance, Findings, IdentityCheck, IdentityWebhook, Reference, VerificationReport, VerificationRequest,
};
use crate::proof::Unauthentic;

pub use notification::{SIGNATURE_HEADER, sign_body};
pub use outbound::AUTHORIZATION_HEADER;

/// The name of Onfido's reports in the ledger.
pub const INTEGRATION: &str = "onfido";

/// Onfido's part of the vendors' settings.
#[derive(Clone, Deserialize)]
pub struct Settings {
    /// Keys of the webhook.
    pub webhook_token: Keys,
    /// Who we are to Onfido.
    pub api_token: String,
    /// Where our calls go, region and version included, such as `https://api.eu.onfido.com/v3.6`.
    pub base_url: String,
    /// The workflow that makes a player verified. Approvals of workflows that stand nowhere here do not.
    ///
    /// Its output has to hold what was read, under the names Onfido's document report has for it: `first_name`,
    /// `last_name`, `date_of_birth`, `issuing_country`, `date_of_expiry`, `sub_result`; and the breakdown of its
    /// watchlist report. How deep they stand does not matter.
    pub workflow_id: String,
    /// Jurisdictions with a workflow of their own, by the names of their rule packs.
    #[serde(default)]
    pub workflows: BTreeMap<String, String>,
    /// Whether a player whose document was not good enough, but not suspicious either, may try again.
    #[serde(default = "yes")]
    pub resubmit_rejected_documents: bool,
    /// Whether real people are checked: approvals from Onfido's sandbox then do not count.
    #[serde(default)]
    pub live: bool,
}

/// Why Onfido's settings are of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A key of the webhook is missing or empty.
    #[error("kyc.onfido.webhook_token must hold keys that are not empty")]
    WebhookToken,
    /// The token cannot be sent, or is one of the sandbox where real people are checked.
    #[error("kyc.onfido.api_token must be plain text, not empty, and of the live environment if live is set")]
    ApiToken,
    /// The base URL is none.
    #[error("kyc.onfido.base_url must be an http or https URL")]
    BaseUrl,
    /// There is no workflow.
    #[error("kyc.onfido.workflow_id and workflows must not be empty")]
    Workflow,
}

/// Onfido, as configured.
pub struct Onfido {
    webhook_keys: Vec<Vec<u8>>,
    api_token: String,
    base_url: String,
    workflow_id: String,
    workflows: BTreeMap<String, String>,
    resubmit_rejected_documents: bool,
    live: bool,
}

impl Onfido {
    /// Reads the keys and the address, once.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let is_sandboxed = settings.api_token.starts_with("api_sandbox");
        if !is_header_text(&settings.api_token) || (settings.live && is_sandboxed) {
            return Err(SettingsError::ApiToken);
        }
        if settings.workflow_id.is_empty() || settings.workflows.values().any(String::is_empty) {
            return Err(SettingsError::Workflow);
        }
        endpoint(&settings.base_url, "/").ok_or(SettingsError::BaseUrl)?;
        Ok(Self {
            webhook_keys: settings.webhook_token.text().ok_or(SettingsError::WebhookToken)?,
            api_token: settings.api_token.clone(),
            base_url: settings.base_url.clone(),
            workflow_id: settings.workflow_id.clone(),
            workflows: settings.workflows.clone(),
            resubmit_rejected_documents: settings.resubmit_rejected_documents,
            live: settings.live,
        })
    }

    fn workflow_of(&self, jurisdiction: &str) -> &str {
        self.workflows.get(jurisdiction).unwrap_or(&self.workflow_id)
    }

    /// Whether an approval of this workflow makes a player verified.
    fn counts(&self, workflow: &str) -> bool {
        workflow == self.workflow_id || self.workflows.values().any(|own| own == workflow)
    }
}

impl IdentityWebhook for Onfido {
    fn integration(&self) -> &'static str {
        INTEGRATION
    }

    fn verify<'a>(&self, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
        notification::verify(call, &self.webhook_keys)
    }

    fn parse(&self, call: &Authentic<'_>) -> Result<VerificationReport, Malformed> {
        notification::parse(call.call().body)
    }

    fn look_up(
        &self,
        reference: &Reference,
        answers: &[InboundAnswer],
        _now: Timestamp,
    ) -> Result<Step<Findings>, CallFailure> {
        lookup::step(self, reference, answers)
    }

    fn render(&self, receipt: Receipt) -> Reply {
        Reply { status: receipt.status(), content_type: "application/json", body: b"{}".to_vec() }
    }
}

impl IdentityCheck for Onfido {
    fn level(&self, jurisdiction: &str) -> Option<&str> {
        Some(self.workflow_of(jurisdiction))
    }

    fn enter(
        &self,
        request: &VerificationRequest,
        answers: &[InboundAnswer],
        now: Timestamp,
    ) -> Result<Step<Entrance>, CallFailure> {
        outbound::step(self, request, answers, now)
    }
}

const fn yes() -> bool {
    true
}
