//! The stores of a function: one database client, and the tables that the settings name.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use store::{Catalogue, Gifts, Inbox, Jitter, Kpis, Ledger, People, Rounds, Sessions, Throttle};

use crate::auth::Auth;
use crate::{BoxError, ConfigError, Secrets, Settings, aws, rule_book};

/// Opens a function's tables. A table that the settings do not name cannot be opened.
pub struct Stores<'a> {
    db: Client,
    settings: &'a Settings,
}

impl<'a> Stores<'a> {
    /// The stores of a function.
    pub fn new(settings: &'a Settings) -> Result<Self, ConfigError> {
        Ok(Self { db: aws::dynamodb(settings)?, settings })
    }

    /// The ledger, under the compiled-in rules.
    pub fn ledger(&self) -> Result<Ledger, ConfigError> {
        let rules = Arc::new(rule_book()?);
        Ok(Ledger::new(self.db.clone(), self.settings.get("LEDGER_TABLE")?, rules, self.jitter()))
    }

    /// Credentials and sealed profiles.
    pub fn people(&self) -> Result<People, ConfigError> {
        Ok(People::new(self.db.clone(), self.settings.get("PLAYERS_TABLE")?))
    }

    /// Login sessions.
    pub fn sessions(&self) -> Result<Sessions, ConfigError> {
        Ok(Sessions::new(self.db.clone(), self.settings.get("SESSIONS_TABLE")?))
    }

    /// Throttles, which live beside the sessions.
    pub fn throttle(&self) -> Result<Throttle, ConfigError> {
        Ok(Throttle::new(self.db.clone(), self.settings.get("SESSIONS_TABLE")?))
    }

    /// The game catalogue.
    pub fn catalogue(&self) -> Result<Catalogue, ConfigError> {
        Ok(Catalogue::new(self.db.clone(), self.settings.get("CATALOGUE_TABLE")?))
    }

    /// Notifications that matched nothing.
    pub fn inbox(&self) -> Result<Inbox, ConfigError> {
        Ok(Inbox::new(self.db.clone(), self.settings.get("INBOX_TABLE")?))
    }

    /// What vendors said and what we answered; none where it is not kept.
    #[must_use]
    pub fn exchanges(&self) -> Option<store::Exchanges> {
        Some(store::Exchanges::new(self.db.clone(), self.settings.find("EXCHANGES_TABLE")?))
    }

    /// The figures of each day, and the roster of players.
    pub fn kpis(&self) -> Result<Kpis, ConfigError> {
        Ok(Kpis::new(self.db.clone(), self.settings.get("KPI_TABLE")?, self.jitter()))
    }

    /// Rounds of play.
    pub fn rounds(&self) -> Result<Rounds, ConfigError> {
        Ok(Rounds::new(self.db.clone(), self.settings.get("ROUNDS_TABLE")?, self.jitter()))
    }

    /// Free rounds that staff gives.
    pub fn gifts(&self) -> Result<Gifts, ConfigError> {
        Ok(Gifts::new(self.db.clone(), self.settings.get("GIFTS_TABLE")?))
    }

    /// The database client, for tables that have a type of their own elsewhere.
    #[must_use]
    pub fn client(&self) -> Client {
        self.db.clone()
    }

    fn jitter(&self) -> Jitter {
        let context = self.settings.context().clone();
        Jitter::new(move || u64::from_be_bytes(context.bytes()))
    }

    /// Checks of access tokens.
    pub async fn auth(&self) -> Result<Auth, BoxError> {
        let identity = Secrets::new(self.settings)?.identity().await?;
        let context = self.settings.context().clone();
        Ok(Auth::new(&identity.jwt_private_key, self.sessions()?, context)?)
    }
}
