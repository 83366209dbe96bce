//! The doors to the outside: the profiles and the delivery queue.

use std::future::Future;

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::ids::PlayerId;
use edge::{BoxError, aws};
use events::Event;
use store::{CustomerProfile, Outage, Progress};

/// How many messages SQS takes at a time. Events are small: ten stay far below its limit of bytes.
const MESSAGES_MAX: usize = 10;

/// Where profiles are kept.
pub(crate) trait Profiles: Send + Sync + 'static {
    /// A player's profile, and the facts it is made of.
    fn read(
        &self,
        player: PlayerId,
    ) -> impl Future<Output = Result<Option<(CustomerProfile, Progress)>, Outage>> + Send;

    /// Writes a profile, unless somebody else did since it was read; then false.
    fn write(
        &self,
        profile: &CustomerProfile,
        applied: &Progress,
        read: Option<&Progress>,
    ) -> impl Future<Output = Result<bool, Outage>> + Send;
}

/// Where events wait for the CRM's connectors.
pub(crate) trait Deliveries: Send + Sync + 'static {
    /// Hands events on: all of them, or it is an error.
    fn send(&self, events: &[&Event]) -> impl Future<Output = Result<(), BoxError>> + Send;
}

impl Profiles for store::Crm {
    async fn read(&self, player: PlayerId) -> Result<Option<(CustomerProfile, Progress)>, Outage> {
        self.profile(player).await
    }

    async fn write(
        &self,
        profile: &CustomerProfile,
        applied: &Progress,
        read: Option<&Progress>,
    ) -> Result<bool, Outage> {
        self.record(profile, applied, read).await
    }
}

pub(crate) struct SqsDeliveries {
    client: aws_sdk_sqs::Client,
    queue_url: String,
}

impl SqsDeliveries {
    pub(crate) fn new(client: aws_sdk_sqs::Client, queue_url: impl Into<String>) -> Self {
        Self { client, queue_url: queue_url.into() }
    }
}

impl Deliveries for SqsDeliveries {
    async fn send(&self, events: &[&Event]) -> Result<(), BoxError> {
        for some in events.chunks(MESSAGES_MAX) {
            let mut send = self.client.send_message_batch().queue_url(&self.queue_url);
            for event in some {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(event.sequence.to_string())
                    .message_body(event.to_json()?);
                send = send.entries(entry.build()?);
            }
            let answer = send.send().await.map_err(|error| aws::reason(&error))?;
            if let Some(failed) = answer.failed.first() {
                return Err(format!("the delivery queue refuses events: {}", failed.code).into());
            }
        }
        Ok(())
    }
}
