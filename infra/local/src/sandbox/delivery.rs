//! Webhooks on their way to the platform: sent again and again until they are taken, as vendors do.

use std::time::Duration;

use http::header::CONTENT_TYPE;

/// How long a vendor waits for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it tries again. Vendors go on for days; here everything is near.
const WAITS_MILLIS: [u64; 10] = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000];

/// A call to the platform, signed.
#[derive(Clone)]
pub(super) struct Webhook {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// Brings webhooks to one address.
#[derive(Clone)]
pub(super) struct Courier {
    url: String,
    http: reqwest::Client,
}

impl Courier {
    pub(super) fn new(url: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap_or_default();
        Self { url, http }
    }

    /// Sends at once, and tells whether it was taken. If not, it is sent again in the background.
    pub(super) async fn deliver(&self, webhook: Webhook) -> bool {
        if self.send(&webhook).await {
            return true;
        }
        let courier = self.clone();
        tokio::spawn(async move { courier.insist(&webhook).await });
        false
    }

    async fn insist(&self, webhook: &Webhook) {
        for millis in WAITS_MILLIS {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            if self.send(webhook).await {
                return;
            }
        }
        tracing::warn!(url = self.url, "a webhook was never taken");
    }

    async fn send(&self, webhook: &Webhook) -> bool {
        let mut call = self.http.post(&self.url).timeout(PATIENCE);
        if !webhook.headers.iter().any(|(name, _)| *name == CONTENT_TYPE.as_str()) {
            call = call.header(CONTENT_TYPE, "application/json");
        }
        for (name, value) in &webhook.headers {
            call = call.header(*name, value);
        }
        match call.body(webhook.body.clone()).send().await {
            Ok(answer) => {
                let status = answer.status();
                if !status.is_success() {
                    tracing::info!(url = self.url, %status, "a webhook was not taken");
                }
                status.is_success()
            }
            Err(error) => {
                tracing::info!(%error, "a webhook did not arrive");
                false
            }
        }
    }
}
