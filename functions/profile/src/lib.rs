//! The player's own data: seen, corrected, taken along, and erased.

mod change;
mod export;

use std::sync::Arc;
use std::time::Duration;

use domain::account::{AccountStatus, VerificationStatus};
use domain::person::CloseAccount;
use domain::{Account, Command, Outcome, Refusal};
use edge::auth::Auth;
use edge::profiles::Profile;
use edge::{
    BoxError, Context, Function, Handler, Problem, Profiles, Reply, Request, Settings, Stores, http,
    rule_book,
};
use serde_json::{Value, json};
use store::{Ledger, RuleBook};

/// How long a change may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let service = PlayerProfile {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        profiles: Profiles::new(&stores, &settings)?,
        rules: rule_book()?,
        context: settings.context().clone(),
    };
    Ok(http(service))
}

struct PlayerProfile {
    auth: Auth,
    ledger: Ledger,
    profiles: Profiles,
    rules: RuleBook,
    context: Context,
}

impl Handler for PlayerProfile {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/players/me" => self.show(&request).await,
            "PATCH /v1/players/me" => self.change(&request).await,
            "GET /v1/players/me/export" => self.export(&request).await,
            "POST /v1/players/me/erasure" => self.erase(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl PlayerProfile {
    async fn show(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let open = self.profiles.read(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        Ok(Reply::json(200, &self.shown(&account, &open.profile)?))
    }

    /// A profile as its owner sees it.
    fn shown(&self, account: &Account, profile: &Profile) -> Result<Value, Problem> {
        let now = self.context.now();
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        Ok(shown(account, account.verification.status_at(rules, now), profile))
    }

    /// Closes the account; erases the person at once where no law wants the records kept, else after the
    /// jurisdiction's retention time.
    async fn erase(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let now = self.context.now();
        let command = Command::CloseAccount(CloseAccount { reason: "erasure".to_owned() });
        if let Outcome::Refused { refusal, .. } =
            self.ledger.execute(player.id, &command, now, PATIENCE).await?
        {
            return Err(refusal.into());
        }
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        debug_assert_eq!(account.status, AccountStatus::Closed);
        if account.deposits == 0 {
            self.profiles.people().erase(player.id).await?;
            return Ok(Reply::json(202, &json!({ "status": "erased" })));
        }
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        let closed = account.updated_at.to_zoned(jiff::tz::TimeZone::UTC);
        let kept = jiff::Span::new().years(i64::from(rules.retention_years));
        let erase_after = closed.checked_add(kept).map_err(|_| Problem::unavailable())?;
        Ok(Reply::json(202, &json!({ "status": "scheduled", "erase_after": erase_after.timestamp() })))
    }
}

fn shown(account: &Account, verification: VerificationStatus, profile: &Profile) -> Value {
    json!({
        "player_id": account.player,
        "status": account.status,
        "kyc_status": verification,
        "jurisdiction": account.jurisdiction,
        "currency": account.wallet.currency(),
        "created_at": account.opened_at,
        "email": profile.email,
        "first_name": profile.first_name,
        "last_name": profile.last_name,
        "birth_date": profile.birth_date,
        "country": profile.country,
        "region": profile.region,
        "address": profile.address,
        "phone": profile.phone,
        "terms_version": profile.terms_version,
        "consents": profile.consents,
    })
}
