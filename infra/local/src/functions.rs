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
        Self::all_in(&Context::default())
    }

    /// The same, with a clock and randomness of the caller's choice.
    #[must_use]
    pub fn all_in(context: &Context) -> Self {
        Self::default()
            .in_context(context, "analytics", analytics::start)
            .in_context(context, "catalogue-sync", catalogue_sync::start)
            .in_context(context, "crm", crm::start)
            .in_context(context, "deposit", deposit::start)
            .in_context(context, "game-wallet", game_wallet::start)
            .in_context(context, "games", games::start)
            .in_context(context, "kyc", kyc::start)
            .in_context(context, "kyc-webhook", kyc_webhook::start)
            .in_context(context, "launch", launch::start)
            .in_context(context, "openapi", openapi::start)
            .in_context(context, "ops-free-rounds", ops_free_rounds::start)
            .in_context(context, "ops-games", ops_games::start)
            .in_context(context, "ops-kpis", ops_kpis::start)
            .in_context(context, "ops-payments", ops_payments::start)
            .in_context(context, "ops-verifications", ops_verifications::start)
            .in_context(context, "ops-withdrawals", ops_withdrawals::start)
            .in_context(context, "outbox", outbox::start)
            .in_context(context, "payment-webhook", payment_webhook::start)
            .in_context(context, "payout", payout::start)
            .in_context(context, "profile", profile::start)
            .in_context(context, "reconcile", reconcile::start)
            .in_context(context, "register", register::start)
            .in_context(context, "round-details", round_details::start)
            .in_context(context, "round-keeper", round_keeper::start)
            .in_context(context, "rounds", rounds::start)
            .in_context(context, "seal", seal::start)
            .in_context(context, "session", session::start)
            .in_context(context, "sweep", sweep::start)
            .in_context(context, "wallet", wallet::start)
            .in_context(context, "withdrawal", withdrawal::start)
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

    /// Adds a function that reads its environment as settings.
    fn in_context<F, S>(self, context: &Context, name: &str, start: S) -> Self
    where
        F: Future<Output = Result<Arc<dyn Function>, BoxError>> + Send + 'static,
        S: Fn(Settings) -> F + Send + Sync + 'static,
    {
        let context = context.clone();
        self.with(name, move |env| start(Settings::new(env, context.clone())))
    }

    pub(crate) fn constructor(&self, name: &str) -> Option<&Constructor> {
        self.0.get(name)
    }
}
