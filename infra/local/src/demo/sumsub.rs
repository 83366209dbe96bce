//! Sumsub's side: the verification page in the sandbox, and verdicts signed as Sumsub signs them.

use serde_json::{Value, json};
use vendors::kyc::sumsub::{DIGEST_ALGORITHM, DIGEST_ALGORITHM_HEADER, DIGEST_HEADER, sign_body};

use super::{Answer, Call, Client, Failure, fresh_id};
use crate::sandbox::sumsub::SandboxConfig;

const WEBHOOK: &str = "/webhooks/kyc/sumsub";

/// Sumsub, as the platform sees it.
pub struct SumsubSide {
    client: Client,
    config: SandboxConfig,
}

impl SumsubSide {
    /// Sumsub with the keys of the vendors' settings.
    pub fn new(client: &Client, vendors: &Value) -> Result<Self, Failure> {
        let config =
            SandboxConfig::from_vendors(vendors, client.url()).map_err(|e| Failure(e.to_string()))?;
        let config =
            config.ok_or_else(|| Failure("the vendor settings lead to no sandbox of Sumsub".to_owned()))?;
        Ok(Self { client: client.clone(), config })
    }

    /// Does on the sandbox's page what a reviewer would: `approve`, `retry`, `reject`, `hold`.
    pub async fn choose(&self, redirect_url: &str, verdict: &str) -> Result<Answer, Failure> {
        let page = redirect_url.replacen("/websdk/", "/api/websdk/", 1);
        self.client.send(Call::post(page).json(&json!({"verdict": verdict}))).await
    }

    /// A verdict on a player: `GREEN`, or `RED` with a type of rejection.
    #[must_use]
    pub fn verdict(&self, player: &str, answer: &str, reject_type: Option<&str>) -> Value {
        let mut result = json!({"reviewAnswer": answer});
        if let (Some(kind), Some(fields)) = (reject_type, result.as_object_mut()) {
            fields.insert("reviewRejectType".to_owned(), json!(kind));
        }
        json!({
            "applicantId": fresh_id().replace('-', ""),
            "inspectionId": fresh_id().replace('-', ""),
            "applicantType": "individual",
            "externalUserId": player,
            "levelName": self.config.settings().level_name,
            "type": "applicantReviewed",
            "reviewStatus": "completed",
            "reviewResult": result,
            "createdAtMs": crate::clock::now().strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
            "sandboxMode": true,
        })
    }

    /// Signs a body and sends it.
    pub async fn notify(&self, body: &Value) -> Result<Answer, Failure> {
        let digest = self.sign(body.to_string().as_bytes());
        self.client.send(Self::unsigned(body).header(DIGEST_HEADER, &digest)).await
    }

    /// The digest of a body.
    #[must_use]
    pub fn sign(&self, body: &[u8]) -> String {
        sign_body(body, &self.config.webhook_key)
    }

    /// A webhook without its digest.
    #[must_use]
    pub fn unsigned(body: &Value) -> Call {
        Call::post(WEBHOOK).json(body).header(DIGEST_ALGORITHM_HEADER, DIGEST_ALGORITHM)
    }
}
