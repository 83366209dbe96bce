//! Batches in groups: what belongs together is handled together and in order, the groups side by side.

use std::collections::BTreeMap;
use std::future::Future;

use futures::StreamExt;

use super::{Failure, Record};
use crate::BoxError;

/// How many groups are handled at a time.
const SIDE_BY_SIDE: usize = 8;

/// Handles the records of each key as one group. A group that fails does so with all its records.
pub async fn in_groups<T, K, Handling>(
    records: Vec<Record<T>>,
    key: impl Fn(&T) -> K,
    handle: impl Fn(K, Vec<T>) -> Handling,
) -> Vec<Failure>
where
    K: Ord,
    Handling: Future<Output = Result<(), BoxError>>,
{
    let mut groups: BTreeMap<K, (Vec<String>, Vec<T>)> = BTreeMap::new();
    for Record { id, content } in records {
        let (ids, contents) = groups.entry(key(&content)).or_default();
        ids.push(id);
        contents.push(content);
    }
    let handled = groups.into_iter().map(|(key, (ids, contents))| {
        let handling = handle(key, contents);
        async move {
            match handling.await {
                Ok(()) => Vec::new(),
                Err(reason) => ids.into_iter().map(|id| Failure::new(id, reason.to_string())).collect(),
            }
        }
    });
    futures::stream::iter(handled).buffer_unordered(SIDE_BY_SIDE).concat().await
}
