//! Who is at work on whose wallet at the same time.

use std::collections::BTreeMap;

use crate::schedule::TaskId;

/// The invocations under way. A batch may concern anybody: it crowds everybody.
#[derive(Default)]
pub(crate) struct Crowd {
    present: BTreeMap<TaskId, Visitor>,
}

struct Visitor {
    player: Option<usize>,
    crowded: bool,
}

impl Crowd {
    pub(crate) fn enter(&mut self, task: TaskId, player: usize) {
        self.add(task, Some(player));
    }

    pub(crate) fn enter_everywhere(&mut self, task: TaskId) {
        self.add(task, None);
    }

    fn add(&mut self, task: TaskId, player: Option<usize>) {
        let meets = |other: &Visitor| player.is_none() || other.player.is_none() || other.player == player;
        let mut crowded = false;
        for other in self.present.values_mut().filter(|it| meets(it)) {
            other.crowded = true;
            crowded = true;
        }
        self.present.insert(task, Visitor { player, crowded });
    }

    /// Whether anybody else was there meanwhile.
    pub(crate) fn leave(&mut self, task: TaskId) -> bool {
        self.present.remove(&task).is_some_and(|it| it.crowded)
    }
}
