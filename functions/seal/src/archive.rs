//! Where seals are kept: a bucket that lets nobody change or delete them before their time.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::ObjectLockMode;
use domain::{Date, Digest, Timestamp};
use edge::{BoxError, Settings, aws};
use jiff::SignedDuration;

use crate::document::{Previous, root_key};

/// A file of leaves may be large.
const PATIENCE: Duration = Duration::from_mins(2);

/// The bucket of seals.
pub(crate) struct Archive {
    s3: Client,
    bucket: String,
    retention: SignedDuration,
}

impl Archive {
    /// The bucket that `SEALS_BUCKET` names; what is put there stays for `SEALS_RETENTION_DAYS`.
    pub(crate) fn open(settings: &Settings) -> Result<Self, BoxError> {
        let config = Builder::from(&aws::config(settings)?)
            .timeout_config(TimeoutConfig::builder().operation_timeout(PATIENCE).build())
            // Emulators have no names for their buckets.
            .force_path_style(settings.find("AWS_ENDPOINT_URL").is_some())
            .build();
        let days: u32 = settings.get("SEALS_RETENTION_DAYS")?.parse()?;
        Ok(Self {
            s3: Client::from_conf(config),
            bucket: settings.get("SEALS_BUCKET")?.to_owned(),
            retention: SignedDuration::from_hours(24 * i64::from(days)),
        })
    }

    /// The newest seal, with the hash of its document.
    pub(crate) async fn newest(&self) -> Result<Option<Previous>, BoxError> {
        let Some(date) = self.newest_date().await? else { return Ok(None) };
        let get = self.s3.get_object().bucket(&self.bucket).key(root_key(date)).send().await;
        let document = get.map_err(|error| failed("read a seal", &error))?.body.collect().await?;
        Ok(Some(Previous { date, sha256: Digest::of(&document.into_bytes()) }))
    }

    /// Keys sort by date, and a list is always sorted.
    async fn newest_date(&self) -> Result<Option<Date>, BoxError> {
        const FOLDER: &str = "roots/";
        let mut newest = None;
        let mut next = None;
        loop {
            let list = self.s3.list_objects_v2().bucket(&self.bucket).prefix(FOLDER);
            let page = list.set_continuation_token(next).send().await;
            let page = page.map_err(|error| failed("list seals", &error))?;
            let date = |key: &str| key.strip_prefix(FOLDER)?.strip_suffix(".json")?.parse().ok();
            let dates = page.contents().iter().filter_map(|object| date(object.key()?));
            newest = dates.max().max(newest);
            next = page.next_continuation_token;
            if next.is_none() {
                return Ok(newest);
            }
        }
    }

    /// Puts a file that nobody can change or delete for as long as it must be kept. A new version of it can be put
    /// beside it, but for what is put `once`.
    pub(crate) async fn put(
        &self,
        key: &str,
        file: Vec<u8>,
        once: bool,
        now: Timestamp,
    ) -> Result<(), BoxError> {
        let until = now.checked_add(self.retention)?;
        let put = self.s3.put_object().bucket(&self.bucket).key(key).body(ByteStream::from(file));
        let put = put
            .object_lock_mode(ObjectLockMode::Compliance)
            .object_lock_retain_until_date(DateTime::from_secs(until.as_second()))
            .set_if_none_match(once.then(|| "*".to_owned()));
        put.send().await.map_err(|error| failed("put a seal", &error))?;
        Ok(())
    }
}

fn failed<E: ProvideErrorMetadata, R>(what: &str, error: &SdkError<E, R>) -> BoxError {
    format!("cannot {what}: {}", aws::reason(error)).into()
}
