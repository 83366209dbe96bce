//! Calls to vendors: sent as the vendor's module built them, within a deadline.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use vendors::call::{CallFailure, InboundAnswer, OutboundCall};

use crate::{ConfigError, Settings};

/// How long a vendor may take.
const DEADLINE: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// Another way to vendors than the network.
pub trait WayToVendors: Send + Sync {
    /// Brings a call to its vendor, and the answer back.
    fn send(&self, call: OutboundCall) -> BoxFuture<'_, Result<InboundAnswer, CallFailure>>;
}

/// Sends calls to vendors.
#[derive(Clone)]
pub struct Outbound {
    way: Way,
    deadline: Duration,
    answer_max_bytes: usize,
}

#[derive(Clone)]
enum Way {
    Network(reqwest::Client),
    Other(Arc<dyn WayToVendors>),
}

impl Outbound {
    /// The way that the settings name; the network, as a rule.
    pub fn of(settings: &Settings) -> Result<Self, ConfigError> {
        match settings.vendors() {
            Some(other) => Ok(Self::by(Way::Other(Arc::clone(other)))),
            None => Self::new(),
        }
    }

    /// A client that follows no redirects: a vendor's API answers where it is called.
    pub fn new() -> Result<Self, ConfigError> {
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| ConfigError::new("the HTTP client", error.to_string()))?;
        Ok(Self::by(Way::Network(client)))
    }

    const fn by(way: Way) -> Self {
        Self { way, deadline: DEADLINE, answer_max_bytes: ANSWER_MAX_BYTES }
    }

    /// The same for answers that take longer and are larger than others.
    #[must_use]
    pub fn within(self, deadline: Duration, answer_max_bytes: usize) -> Self {
        Self { deadline, answer_max_bytes, ..self }
    }

    /// Sends a call and reads the answer. No answer is unclear: the vendor may have acted.
    pub async fn send(&self, call: OutboundCall) -> Result<InboundAnswer, CallFailure> {
        match &self.way {
            Way::Network(client) => self.over_network(client, call).await,
            Way::Other(other) => tokio::time::timeout(self.deadline, other.send(call))
                .await
                .unwrap_or_else(|_| Err(CallFailure::Unclear("no answer came in time".to_owned()))),
        }
    }

    async fn over_network(
        &self,
        client: &reqwest::Client,
        call: OutboundCall,
    ) -> Result<InboundAnswer, CallFailure> {
        let unclear = |error: reqwest::Error| CallFailure::Unclear(error.without_url().to_string());
        let mut request = client.request(call.method, &call.url).timeout(self.deadline).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let mut response = request.send().await.map_err(unclear)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unclear)? {
            body.extend_from_slice(&chunk);
            if body.len() > self.answer_max_bytes {
                return Err(CallFailure::Unclear("the answer is too large".to_owned()));
            }
        }
        Ok(InboundAnswer { status, body })
    }
}
