//! The trace: what happened, line by line, the same for the same seed.

use std::sync::{Mutex, PoisonError};

/// Lines, if anybody wants to read them. Finding words takes longer than some of what they tell of.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: Option<Mutex<Vec<String>>>,
}

impl Trace {
    /// A trace that is kept.
    pub(crate) fn kept() -> Self {
        Self { lines: Some(Mutex::default()) }
    }

    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.lines {
            let line = line();
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.lines.as_ref().map(|it| it.lock().unwrap_or_else(PoisonError::into_inner).clone());
        lines.unwrap_or_default()
    }
}
