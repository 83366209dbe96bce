//! Opens an account: checks what was typed, seals who it is, and claims the e-mail address, all in one transaction.

mod body;

use std::sync::Arc;

use domain::ids::PlayerId;
use domain::person::{self, Registration};
use edge::{
    BoxError, Brands, Checks, Context, EmailHasher, Function, Handler, Problem, Profiles, Reply, Request,
    Secrets, Settings, Stores, hash_password, http, rule_book,
};
use serde_json::json;
use store::{EmailTaken, Ledger, RuleBook};

use body::Body;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let identity = Secrets::new(&settings)?.identity().await?;
    let register = Register {
        ledger: stores.ledger()?,
        profiles: Profiles::new(&stores, &settings)?,
        emails: EmailHasher::new(&identity.email_pepper)?,
        rules: rule_book()?,
        brands: Brands::of(&settings)?,
        context: settings.context().clone(),
    };
    Ok(http(register))
}

struct Register {
    ledger: Ledger,
    profiles: Profiles,
    emails: EmailHasher,
    rules: RuleBook,
    brands: Brands,
    context: Context,
}

impl Handler for Register {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let body: Body = request.json()?;
        let brand = self.brands.called(&request)?;
        let now = self.context.now();
        let mut checks = Checks::default();
        body.check(&mut checks);
        checks.done()?;
        let jurisdiction = self.jurisdiction(&body)?;
        let rules = self.rules.rules(&jurisdiction, now)?;
        let registration = Registration {
            player: PlayerId::new(self.context.ulid()),
            brand,
            jurisdiction,
            country: body.country.clone(),
            currency: body.currency()?,
            birth_date: body.birth_date,
        };
        let decision = person::register(&registration, rules, now)?;
        let account = &decision.account;
        let email_hash = self.emails.hash(&body.email);
        let password_hash = self.hash(body.password.clone()).await?;
        let sealed = self.profiles.seal(account.player, &body.into_profile()).await?;
        let written = self
            .profiles
            .people()
            .register(&self.ledger, &decision, &email_hash, &password_hash, &sealed)
            .await?;
        if written == Err(EmailTaken) {
            return Err(Problem::email_taken());
        }
        Ok(Reply::json(
            201,
            &json!({
                "player_id": account.player,
                "status": account.status,
                "kyc_status": account.verification.status,
                "jurisdiction": account.jurisdiction,
                "currency": account.wallet.currency(),
                "created_at": account.opened_at,
            }),
        ))
    }
}

impl Register {
    /// The rule pack of the residence. Who lives where a pack of its own rules cannot choose another.
    fn jurisdiction(&self, body: &Body) -> Result<String, Problem> {
        let now = self.context.now();
        let licensed = |id: &str| self.rules.covers(id, now);
        let regional = body.region.as_ref().map(|region| format!("{}-{region}", body.country));
        let own = regional.into_iter().chain([body.country.clone()]).find(|id| licensed(id));
        match (own, &body.jurisdiction) {
            (Some(own), None) => Ok(own),
            (Some(own), Some(given)) if own == *given => Ok(own),
            (Some(own), Some(_)) => Err(Problem::invalid_field(
                "/jurisdiction",
                format!("residents of this country play under {own}"),
            )),
            (None, Some(given)) if licensed(given) => Ok(given.clone()),
            (None, Some(_)) => {
                Err(Problem::invalid_field("/jurisdiction", "no licence for this jurisdiction"))
            }
            (None, None) => {
                Err(Problem::invalid_field("/country", "no licence for residents of this country"))
            }
        }
    }

    /// Hashing takes tens of milliseconds on purpose: not on the thread that serves others.
    async fn hash(&self, password: String) -> Result<String, Problem> {
        let context = self.context.clone();
        tokio::task::spawn_blocking(move || hash_password(&password, &context))
            .await
            .map_err(|_| Problem::unavailable())?
    }
}
