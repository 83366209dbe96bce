//! Who is calling: each invocation draws its faults and its random bytes from streams of its own.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::lock;
use crate::schedule::TaskId;
use crate::seed::Dice;

/// The invocations that are under way.
pub(crate) struct Callers {
    state: Mutex<State>,
}

struct State {
    current: Option<TaskId>,
    callers: BTreeMap<TaskId, Caller>,
    killed: Vec<TaskId>,
    /// For whoever is no invocation: the setting up.
    nobody: Caller,
}

struct Caller {
    label: String,
    faults: Dice,
    entropy: Dice,
    calls: u64,
    met: u64,
}

impl Caller {
    fn new(label: String, dice: &Dice) -> Self {
        Self { label, faults: dice.fork(1), entropy: dice.fork(2), calls: 0, met: 0 }
    }
}

impl Callers {
    pub(super) fn new(dice: &Dice) -> Self {
        let nobody = Caller::new(String::new(), dice);
        let state = State { current: None, callers: BTreeMap::new(), killed: Vec::new(), nobody };
        Self { state: Mutex::new(state) }
    }

    /// An invocation begins.
    pub(crate) fn enter(&self, task: TaskId, label: String, dice: &Dice) {
        lock(&self.state).callers.insert(task, Caller::new(label, dice));
    }

    /// An invocation is over, one way or the other. Tells how many faults it met.
    pub(crate) fn leave(&self, task: TaskId) -> u64 {
        lock(&self.state).callers.remove(&task).map_or(0, |it| it.met)
    }

    /// Whose turn it is.
    pub(crate) fn set_current(&self, task: Option<TaskId>) {
        lock(&self.state).current = task;
    }

    pub(super) fn current(&self) -> Option<TaskId> {
        lock(&self.state).current
    }

    /// The next call of a caller: its own stream of chances, and the caller's name.
    pub(super) fn begin(&self, task: Option<TaskId>) -> (Dice, String) {
        let mut state = lock(&self.state);
        let caller = state.caller(task);
        caller.calls += 1;
        (caller.faults.fork(caller.calls), caller.label.clone())
    }

    pub(super) fn note_fault(&self, task: Option<TaskId>) {
        lock(&self.state).caller(task).met += 1;
    }

    pub(super) fn kill(&self, task: Option<TaskId>) {
        lock(&self.state).killed.extend(task);
    }

    /// Those whose process died since.
    pub(crate) fn take_killed(&self) -> Vec<TaskId> {
        std::mem::take(&mut lock(&self.state).killed)
    }

    /// Random bytes for whoever's turn it is.
    pub(crate) fn entropy(&self, bytes: &mut [u8]) {
        let mut state = lock(&self.state);
        let current = state.current;
        state.caller(current).entropy.fill(bytes);
    }
}

impl State {
    fn caller(&mut self, task: Option<TaskId>) -> &mut Caller {
        task.and_then(|task| self.callers.get_mut(&task)).unwrap_or(&mut self.nobody)
    }
}
