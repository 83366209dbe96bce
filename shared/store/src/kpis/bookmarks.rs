//! Bookmarks: where those who go through the figures stopped, in their own words, however many.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::Digest;

use super::Kpis;
use crate::{Item, Outage, key, number, string};

const BOOKMARKS: &str = "BOOKMARKS";
const PLACE: &str = "place";
const PARTS: &str = "parts";
const TEXT: &str = "text";
/// What one item holds of a text at most, in bytes. An item must not be above 400 KB.
const PART: usize = 256 * 1024;

/// A bookmark as it was read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// What it says.
    pub text: String,
    /// What its own item says: the text, or the digest of one that is kept in parts.
    place: String,
    /// In how many.
    parts: usize,
}

impl Bookmark {
    fn new(text: String) -> Self {
        let parts = if text.len() <= PART { 0 } else { text.len().div_ceil(PART) };
        let place = if parts == 0 { text.clone() } else { Digest::of(text.as_bytes()).to_string() };
        Self { text, place, parts }
    }
}

impl Kpis {
    /// Somebody's bookmark.
    pub async fn bookmark(&self, whose: &str) -> Result<Option<Bookmark>, Outage> {
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key(BOOKMARKS, whose)));
        let found = get.consistent_read(true).send().await.map_err(Outage::sdk("read a bookmark"))?;
        let Some(item) = found.item else { return Ok(None) };
        let place = item.get(PLACE).and_then(|it| it.as_s().ok()).cloned().unwrap_or_default();
        let parts = item.get(PARTS).and_then(|it| it.as_n().ok()).and_then(|it| it.parse().ok());
        let parts = parts.unwrap_or_default();
        let text = if parts == 0 { place.clone() } else { self.text(&part_sk(whose, &place)).await? };
        Ok(Some(Bookmark { text, place, parts }))
    }

    /// Moves a bookmark from where it was read to be. None if somebody else moved it since.
    pub async fn move_bookmark(
        &self,
        whose: &str,
        from: Option<&Bookmark>,
        text: String,
    ) -> Result<Option<Bookmark>, Outage> {
        let to = Bookmark::new(text);
        self.write_parts(whose, &to).await?;
        let mut item = key(BOOKMARKS, whose);
        item.insert(PLACE.to_owned(), string(&to.place));
        if to.parts > 0 {
            item.insert(PARTS.to_owned(), number(to.parts));
        }
        let put = self.db.put_item().table_name(&self.table).set_item(Some(item));
        let put = match from {
            Some(from) => put
                .condition_expression("place = :from")
                .expression_attribute_values(":from", string(&from.place)),
            None => put.condition_expression("attribute_not_exists(pk)"),
        };
        match put.send().await {
            Ok(_) => {}
            Err(SdkError::ServiceError(error)) if error.err().is_conditional_check_failed_exception() => {
                return Ok(None);
            }
            Err(error) => return Err(Outage::sdk("move a bookmark")(error)),
        }
        if to.parts > 0 || from.is_some_and(|from| from.parts > 0) {
            self.remove_parts(whose, &to).await?;
        }
        Ok(Some(to))
    }

    /// A text's parts are named by its digest, so that whoever fails to move the bookmark has spoilt nothing.
    async fn write_parts(&self, whose: &str, bookmark: &Bookmark) -> Result<(), Outage> {
        if bookmark.parts == 0 {
            return Ok(());
        }
        for (nth, part) in bookmark.text.as_bytes().chunks(PART).enumerate() {
            let mut item = key(BOOKMARKS, format!("{}{nth:06}", part_sk(whose, &bookmark.place)));
            item.insert(TEXT.to_owned(), AttributeValue::B(Blob::new(part)));
            let put = self.db.put_item().table_name(&self.table).set_item(Some(item));
            put.send().await.map_err(Outage::sdk("write a bookmark's text"))?;
        }
        Ok(())
    }

    /// Removes the parts of all texts but the bookmark's.
    async fn remove_parts(&self, whose: &str, bookmark: &Bookmark) -> Result<(), Outage> {
        let kept = part_sk(whose, &bookmark.place);
        for item in self.parts(&part_sk(whose, "")).await? {
            let Some(sk) = item.get("sk").and_then(|sk| sk.as_s().ok()).filter(|sk| !sk.starts_with(&kept))
            else {
                continue;
            };
            let delete = self.db.delete_item().table_name(&self.table).set_key(Some(key(BOOKMARKS, sk)));
            delete.send().await.map_err(Outage::sdk("remove a bookmark's text"))?;
        }
        Ok(())
    }

    async fn text(&self, sk: &str) -> Result<String, Outage> {
        let mut text = Vec::new();
        for item in self.parts(sk).await? {
            let part = item.get(TEXT).and_then(|it| it.as_b().ok());
            text.extend_from_slice(part.ok_or_else(|| Outage::unreadable("a bookmark's text"))?.as_ref());
        }
        String::from_utf8(text).map_err(Outage::unreadable)
    }

    /// The parts whose names begin so, in order.
    async fn parts(&self, sk: &str) -> Result<Vec<Item>, Outage> {
        let query = self
            .db
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", string(BOOKMARKS))
            .expression_attribute_values(":sk", string(sk))
            .consistent_read(true);
        let (mut parts, mut start) = (Vec::new(), None);
        loop {
            let page = query.clone().set_exclusive_start_key(start).send().await;
            let page = page.map_err(Outage::sdk("read a bookmark's text"))?;
            parts.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return Ok(parts);
            }
        }
    }
}

/// What the names of a text's parts begin with; without a digest, those of all texts.
fn part_sk(whose: &str, digest: &str) -> String {
    if digest.is_empty() { format!("{whose}#") } else { format!("{whose}#{digest}#") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_item_cannot_hold_is_kept_in_parts() {
        let short = Bookmark::new("x".repeat(PART));
        assert_eq!((short.parts, &short.place), (0, &short.text));
        let long = Bookmark::new("x".repeat(2 * PART + 1));
        assert_eq!((long.parts, long.place.len()), (3, 64));
    }
}
