//! What items looked like before, for replicas that have not heard the latest.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::seed::Dice;

/// How many images of an item are kept.
const KEPT: usize = 4;

/// The newest images of each item that may be read from a replica.
#[derive(Default)]
pub(super) struct Images(BTreeMap<(String, String, String), History>);

#[derive(Default)]
struct History {
    images: Vec<Value>,
    /// Whether older images were dropped: then there is no telling that the item did not exist.
    shortened: bool,
}

impl Images {
    /// An item was written whole.
    pub(super) fn written(&mut self, table: &str, item: Value) {
        let (pk, sk) = key(&item);
        self.0.entry((table.to_owned(), pk, sk)).or_default().add(item);
    }

    /// A part of an item was changed: this is how it looks now. What was never heard of before may be older than the
    /// run.
    pub(super) fn changed(&mut self, table: &str, item: Value) {
        let (pk, sk) = key(&item);
        let unheard_of = || History { images: Vec::new(), shortened: true };
        self.0.entry((table.to_owned(), pk, sk)).or_insert_with(unheard_of).add(item);
    }

    /// Time enough passed for every replica to hear the latest.
    pub(super) fn settle(&mut self) {
        for history in self.0.values_mut() {
            let newest = history.images.len().saturating_sub(1);
            history.images.drain(..newest);
            history.shortened = true;
        }
    }

    /// An item was deleted.
    pub(super) fn forget(&mut self, table: &str, key_of: &Value) {
        let (pk, sk) = key(key_of);
        self.0.remove(&(table.to_owned(), pk, sk));
    }

    /// What a replica that lags may answer instead of an item: an older image, or that there is none.
    pub(super) fn older(&self, table: &str, item: &Value, dice: &mut Dice) -> Option<Value> {
        let (pk, sk) = key(item);
        let Some(history) = self.0.get(&(table.to_owned(), pk, sk)) else { return Some(item.clone()) };
        let older = history.images.len().saturating_sub(1);
        let mut choices: Vec<Option<&Value>> = history.images.iter().take(older).map(Some).collect();
        if !history.shortened {
            choices.push(None);
        }
        match dice.pick(&choices) {
            Some(choice) => choice.cloned(),
            None => Some(item.clone()),
        }
    }
}

impl History {
    fn add(&mut self, image: Value) {
        self.images.push(image);
        if self.images.len() > KEPT {
            self.images.remove(0);
            self.shortened = true;
        }
    }
}

fn key(item: &Value) -> (String, String) {
    let part = |name: &str| {
        item.get(name).and_then(|it| it.get("S")).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    (part("pk"), part("sk"))
}
