//! Batches in groups: what belongs together is handled together and in order, the groups side by side.

use std::collections::BTreeMap;
use std::future::Future;

use futures::StreamExt;

use super::{Failure, Record};
use crate::BoxError;

/// How many groups are handled at a time.
const SIDE_BY_SIDE: usize = 8;

/// Handles the records of each key as one group. A group that fails does so with all its records.
pub async fn in_groups<T, K, F, H>(records: Vec<Record<T>>, key: F, handle: H) -> Vec<Failure>
where
    K: Ord,
    F: Fn(&T) -> K,
    H: AsyncFn(K, Vec<T>) -> Result<(), BoxError>,
{
    let mut groups: BTreeMap<K, (Vec<String>, Vec<T>)> = BTreeMap::new();
    for Record { id, content } in records {
        let (ids, contents) = groups.entry(key(&content)).or_default();
        ids.push(id);
        contents.push(content);
    }
    let handled = groups.into_iter().map(async |(key, (ids, contents))| {
        let failed = handle(key, contents).await.err().map(|reason| reason.to_string());
        let failures = ids.into_iter().zip(std::iter::repeat(failed));
        failures.filter_map(|(id, reason)| Some(Failure::new(id, reason?))).collect::<Vec<_>>()
    });
    futures::stream::iter(handled).buffer_unordered(SIDE_BY_SIDE).concat().await
}
