//! Signing in and out, and staying signed in: short access tokens, refresh tokens that work once.

mod staff;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{PlayerId, SessionId};
use domain::person::SignIn;
use domain::{Command, Outcome, Timestamp};
use edge::auth::{ACCESS_TOKEN_LIFE, Auth};
use edge::{
    BoxError, Brands, Context, EmailHasher, Function, Handler, Problem, Reply, Request, Secrets, Settings,
    Stores, http, verify_password, waste_time,
};
use serde::Deserialize;
use serde_json::json;
use store::{Family, Ledger, People, Refreshed, Sessions, Throttle};

use tokens::RefreshToken;

/// How long a player stays signed in at most, however often the session is refreshed.
const SESSION_LIFE: Duration = Duration::from_hours(24);
/// The window in which attempts to sign in are counted.
const WINDOW: Duration = Duration::from_mins(15);
/// Attempts on one e-mail address in a window; a success starts anew.
const ATTEMPTS_PER_ADDRESSEE: u32 = 10;
/// Failures from one network address in a window: many players share one.
const FAILURES_PER_SOURCE: u32 = 100;
/// How long recording a sign-in may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let identity = Secrets::new(&settings)?.identity().await?;
    let session = Session {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        people: stores.people()?,
        sessions: stores.sessions()?,
        throttle: stores.throttle()?,
        emails: EmailHasher::new(&identity.email_pepper)?,
        brands: Brands::of(&settings)?,
        context: settings.context().clone(),
    };
    Ok(http(session))
}

struct Session {
    auth: Auth,
    ledger: Ledger,
    people: People,
    sessions: Sessions,
    throttle: Throttle,
    emails: EmailHasher,
    brands: Brands,
    context: Context,
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: String,
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: String,
}

impl Handler for Session {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "POST /v1/sessions" => self.sign_in(&request).await,
            "POST /v1/sessions/refresh" => self.refresh(&request).await,
            "DELETE /v1/sessions/current" => self.sign_out(&request).await,
            "POST /v1/ops/sessions" => self.sign_in_staff(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Session {
    async fn sign_in(&self, request: &Request) -> Result<Reply, Problem> {
        let login: Login = request.json()?;
        let brand = self.brands.called(request)?;
        let email_hash = self.emails.hash(&login.email);
        let counted_as = format!("player#{brand}#{email_hash}");
        self.count_attempt(request, &counted_as).await?;
        let credentials = self.people.credentials(&brand, &email_hash).await?;
        let hash = credentials.as_ref().map(|it| it.password_hash.clone());
        let (Some(credentials), true) = (credentials, matches(login.password, hash).await) else {
            return Err(self.failed(request).await?);
        };
        self.throttle.forgive(&counted_as, WINDOW, self.context.now()).await?;
        self.begin(credentials.player).await
    }

    /// Records the sign-in, which a closed account refuses, and hands out the first tokens.
    async fn begin(&self, player: PlayerId) -> Result<Reply, Problem> {
        let now = self.context.now();
        let id = SessionId::new(self.context.ulid());
        let command = Command::SignIn(SignIn { session: id });
        if let Outcome::Refused { refusal, .. } = self.ledger.execute(player, &command, now, PATIENCE).await?
        {
            return Err(refusal.into());
        }
        let refresh = RefreshToken::new(id, &self.context);
        let family = Family { id, subject: player.to_string(), ends_at: after(now, SESSION_LIFE) };
        self.sessions.begin(&family, &refresh.hash()).await?;
        self.tokens(&family, &refresh)
    }

    async fn refresh(&self, request: &Request) -> Result<Reply, Problem> {
        let body: Refresh = request.json()?;
        let spent: RefreshToken = body.refresh_token.parse().map_err(|()| Problem::unauthenticated())?;
        let next = RefreshToken::new(spent.session(), &self.context);
        let now = self.context.now();
        match self.sessions.refresh(spent.session(), &spent.hash(), &next.hash(), now).await? {
            Refreshed::Rotated(family) => self.tokens(&family, &next),
            Refreshed::Reused(session) => {
                tracing::warn!(session.id = %session, "a spent refresh token was used again; the session is over");
                Err(Problem::unauthenticated())
            }
            Refreshed::Unknown => Err(Problem::unauthenticated()),
        }
    }

    async fn sign_out(&self, request: &Request) -> Result<Reply, Problem> {
        let session = self.auth.session(request).await?;
        self.sessions.end(session).await?;
        Ok(Reply::empty(204))
    }

    fn tokens(&self, family: &Family, refresh: &RefreshToken) -> Result<Reply, Problem> {
        let access_token = self.auth.issue(&family.subject, family.id, &[])?;
        Ok(Reply::json(
            201,
            &json!({
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": ACCESS_TOKEN_LIFE.as_secs(),
                "refresh_token": refresh.to_string(),
                "player_id": family.subject,
            }),
        ))
    }

    /// Counts a failure for its source, and is the answer to it.
    async fn failed(&self, request: &Request) -> Result<Problem, Problem> {
        let now = self.context.now();
        let _counted = self.throttle.attempt(&source(request), FAILURES_PER_SOURCE, WINDOW, now).await?;
        Ok(Problem::wrong_credentials())
    }

    /// Counts an attempt for its addressee before anything is checked, and turns away sources that failed often.
    async fn count_attempt(&self, request: &Request, counted_as: &str) -> Result<(), Problem> {
        let now = self.context.now();
        let source = source(request);
        let (addressee, source) = tokio::try_join!(
            self.throttle.attempt(counted_as, ATTEMPTS_PER_ADDRESSEE, WINDOW, now),
            self.throttle.check(&source, FAILURES_PER_SOURCE, WINDOW, now),
        )?;
        addressee.and(source).map_err(|it| Problem::rate_limited(it.retry_after_seconds))
    }
}

/// As what attempts from the caller's network address are counted.
fn source(request: &Request) -> String {
    format!("source#{}", request.source_ip())
}

/// Whether the password is right; takes as long when there is nothing to compare with.
async fn matches(password: String, hash: Option<String>) -> bool {
    const LONGEST: usize = 1024;
    let check = move || match hash {
        Some(hash) if password.len() <= LONGEST => verify_password(&password, &hash),
        _ => {
            waste_time("an unknown address takes as long");
            false
        }
    };
    tokio::task::spawn_blocking(check).await.unwrap_or(false)
}

fn after(now: Timestamp, life: Duration) -> Timestamp {
    now.saturating_add(life).unwrap_or(Timestamp::MAX)
}
