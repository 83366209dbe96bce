//! The trace: what happened, line by line, the same for the same seed.

use std::sync::{Mutex, PoisonError};

/// Lines that are kept once somebody asks for them.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    lines: Mutex<Vec<String>>,
}

impl Trace {
    pub(crate) fn note(&self, line: impl Into<String>) {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
