//! Webhooks on their way to the platform: sent again and again until they are taken, as vendors do. What a network, or
//! a vendor in trouble, does to them can be asked for, so that anybody can watch the platform bear it.

use std::time::Duration;

use http::header::CONTENT_TYPE;

/// How long a vendor waits for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it tries again. Vendors go on for days; here everything is near.
const WAITS_MILLIS: [u64; 10] = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000];

/// How long what comes late is on its way: by then the player is back from the payment page.
const LATE: Duration = Duration::from_millis(1_500);

/// How a vendor's word gets to the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Way {
    /// As it should.
    #[default]
    Straight,
    /// Each call comes twice.
    Twice,
    /// The last comes first.
    Reversed,
    /// After the player came back.
    Late,
    /// Never.
    Lost,
    /// By somebody who does not know the key. Nobody insists.
    Forged,
}

impl Way {
    /// The way that an outcome of a payment page names.
    pub(super) fn of(outcome: &str) -> Self {
        match outcome {
            "pay_twice" => Self::Twice,
            "pay_reversed" => Self::Reversed,
            "pay_late" => Self::Late,
            "pay_lost" => Self::Lost,
            "pay_forged" => Self::Forged,
            _ => Self::Straight,
        }
    }

    /// A signature as it is on this way: of the right form, and another one if it is forged.
    pub(super) fn signature(self, genuine: String) -> String {
        if self != Self::Forged {
            return genuine;
        }
        // What goes before the last separator says how it was signed.
        let start = genuine.rfind(['.', ';']).map_or(0, |separator| separator + 1);
        let (kind, tag) = genuine.split_at(start);
        let other = if tag.starts_with('A') { 'B' } else { 'A' };
        kind.chars().chain([other]).chain(tag.chars().skip(1)).collect()
    }
}

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

    /// Sends what belongs together on a way.
    pub(super) async fn deliver_all(&self, mut webhooks: Vec<Webhook>, way: Way) {
        match way {
            Way::Straight => {}
            Way::Twice => webhooks = webhooks.into_iter().flat_map(|it| [it.clone(), it]).collect(),
            Way::Reversed => webhooks.reverse(),
            Way::Late => {
                let courier = self.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(LATE).await;
                    courier.deliver_each(&webhooks).await;
                });
                return;
            }
            Way::Lost => return,
            Way::Forged => {
                for webhook in &webhooks {
                    self.send(webhook).await;
                }
                return;
            }
        }
        self.deliver_each(&webhooks).await;
    }

    async fn deliver_each(&self, webhooks: &[Webhook]) {
        for webhook in webhooks {
            self.deliver(webhook.clone()).await;
        }
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
