//! The functions this process can run, by the names of their crates.

use std::{collections::BTreeMap, future::Future, sync::Arc};

use edge::{BoxError, Context, Function, Settings};
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
            .with("analytics", |env| analytics::start(settings(env)))
            .with("crm", |env| crm::start(settings(env)))
            .with("deposit", |env| deposit::start(settings(env)))
            .with("game-wallet", |env| game_wallet::start(settings(env)))
            .with("games", |env| games::start(settings(env)))
            .with("kyc", |env| kyc::start(settings(env)))
            .with("kyc-webhook", |env| kyc_webhook::start(settings(env)))
            .with("launch", |env| launch::start(settings(env)))
            .with("openapi", |env| openapi::start(settings(env)))
            .with("ops-kpis", |env| ops_kpis::start(settings(env)))
            .with("ops-withdrawals", |env| ops_withdrawals::start(settings(env)))
            .with("outbox", |env| outbox::start(settings(env)))
            .with("payment-webhook", |env| payment_webhook::start(settings(env)))
            .with("payout", |env| payout::start(settings(env)))
            .with("profile", |env| profile::start(settings(env)))
            .with("register", |env| register::start(settings(env)))
            .with("session", |env| session::start(settings(env)))
            .with("wallet", |env| wallet::start(settings(env)))
            .with("withdrawal", |env| withdrawal::start(settings(env)))
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

fn settings(env: Env) -> Settings {
    Settings::new(env, Context::default())
}
