//! The functions this process can run, by the names of their crates.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use edge::{BoxError, Function};
use futures::future::BoxFuture;

/// A function's environment, as Lambda would set it.
pub type Env = BTreeMap<String, String>;

type Constructor = Box<dyn Fn(Env) -> BoxFuture<'static, Result<Arc<dyn Function>, BoxError>> + Send + Sync>;

/// A set of functions that can be started.
#[derive(Default)]
pub struct Functions(BTreeMap<String, Constructor>);

impl Functions {
    /// Every function of this repository.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Adds a function: the name of its crate and what starts it.
    #[must_use]
    pub fn with<F, S>(mut self, name: &str, start: S) -> Self
    where
        F: Future<Output = Result<Arc<dyn Function>, BoxError>> + Send + 'static,
        S: Fn(Env) -> F + Send + Sync + 'static,
    {
        self.0.insert(name.to_owned(), Box::new(move |env| Box::pin(start(env))));
        self
    }

    pub(crate) fn constructor(&self, name: &str) -> Option<&Constructor> {
        self.0.get(name)
    }
}
