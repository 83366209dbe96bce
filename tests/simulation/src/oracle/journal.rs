//! The order of a player's entries, as the pages and the account have it: each entry once, in its place.

use serde_json::Value;

use super::{attribute, number};

/// Whether the account carries the keys of the newest entries.
pub(super) fn ends_with(order: &[String], account: &Value) -> Result<(), String> {
    let recent = keys(account);
    if order.ends_with(&recent) {
        return Ok(());
    }
    Err(format!("the account carries the keys {recent:?}, which are not the newest"))
}

/// Whether pages and account together have all entries, in order and under their numbers.
pub(super) fn is_whole(order: &[String], pages: &[Value], account: &Value) -> Result<(), String> {
    let mut found = Vec::new();
    for page in pages {
        let keys = keys(page);
        let numbered = |place: Option<&str>| place?.rsplit('#').next()?.parse::<usize>().ok();
        let first = number(page, "first").and_then(|it| usize::try_from(it).ok());
        let (since, last) = (numbered(attribute(page, "since")), numbered(attribute(page, "sk")));
        let (before, after) = (found.len(), found.len() + keys.len());
        if keys.is_empty() || first != Some(before + 1) || since != first || last != Some(after) {
            return Err(format!("a page that does not follow {before} entries: {page}"));
        }
        found.extend(keys);
    }
    found.extend(keys(account));
    if found == order { Ok(()) } else { Err(format!("the journal says {found:?} instead of {order:?}")) }
}

fn keys(item: &Value) -> Vec<String> {
    let list = item.pointer("/keys/L").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|it| it.get("S").and_then(Value::as_str)).map(str::to_owned).collect()
}
