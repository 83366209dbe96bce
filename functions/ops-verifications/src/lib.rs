//! Verifications before the staff's eyes: where a player's stands, and the word on one that is in review.

use std::sync::Arc;
use std::time::Duration;

use domain::account::VerificationStatus;
use domain::entry::Fingerprint;
use domain::ids::PlayerId;
use domain::manual_review::{ManualReview, ReviewDecision};
use domain::{Account, Command, Date, EntryKey, Outcome, Refusal};
use edge::auth::{Auth, Staff};
use edge::{
    BoxError, Checks, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http, rule_book,
};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Ledger, RuleBook};

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest note.
const LONGEST: usize = 500;
/// Who sees where a verification stands.
const MAY_SEE: &[&str] = &["compliance", "risk", "support"];
/// Who decides.
const MAY_DECIDE: &[&str] = &["compliance"];

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Desk {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        rules: rule_book()?,
        context: settings.context().clone(),
    }))
}

struct Desk {
    auth: Auth,
    ledger: Ledger,
    rules: RuleBook,
    context: Context,
}

impl Handler for Desk {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/players/{player_id}/verification" => self.show(&request).await,
            "POST /v1/ops/players/{player_id}/verification" => self.decide(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

/// What staff says of a verification.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    decision: Word,
    /// Why, for the audit trail.
    note: String,
    /// The last day of the document that an approval rests on, if it has one.
    document_expires_on: Option<Date>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Approve,
    Reject,
    Resubmit,
}

impl Body {
    fn read(request: &Request) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        let mut checks = Checks::default();
        checks.line(&body.note, LONGEST, "/note");
        checks.done()?;
        if body.document_expires_on.is_some() && body.decision != Word::Approve {
            return Err(Problem::invalid_field("/document_expires_on", "is for approvals only"));
        }
        Ok(body)
    }

    const fn decision(&self) -> ReviewDecision {
        match self.decision {
            Word::Approve => ReviewDecision::Approve { expires_on: self.document_expires_on },
            Word::Reject => ReviewDecision::Reject,
            Word::Resubmit => ReviewDecision::Resubmit,
        }
    }
}

impl Desk {
    async fn show(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let account = self.account(request.path_id("player_id")?).await?;
        tracing::info!(audit = "verification.look", staff = %staff.id, player = %account.player, "staff looked");
        self.seen(&account)
    }

    /// Takes a member of staff at their word. Where two have to agree, the first one's alone changes nothing but that a
    /// colleague's is awaited.
    async fn decide(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        let player: PlayerId = request.path_id("player_id")?;
        let key = key_of(&staff, player, request.idempotency_key()?);
        let body = Body::read(request)?;
        let review = ManualReview { key, by: staff.id, decision: body.decision() };
        let (command, now) = (Command::ManualReview(review), self.context.now());
        match self.ledger.execute(player, &command, now, PATIENCE).await? {
            Outcome::Refused { refusal: Refusal::WrongState { .. }, account: Some(account) }
                if account.verification.agreed_by == Some(staff.id) =>
            {
                return Err(Problem::conflict("another one of the staff has to agree"));
            }
            came => came.done()?,
        };
        let account = self.account(player).await?;
        tracing::info!(
            audit = "verification.decide",
            staff = %staff.id,
            session = %staff.session,
            %player,
            decision = body.decision().as_str(),
            status = account.verification.status.as_str(),
            note = body.note,
            "staff decided on a verification"
        );
        self.seen(&account)
    }

    async fn account(&self, player: PlayerId) -> Result<Account, Problem> {
        self.ledger.account(player).await?.ok_or_else(Problem::not_found)
    }

    fn seen(&self, account: &Account) -> Result<Reply, Problem> {
        let now = self.context.now();
        let status = account.verification.status_at(self.rules.rules(&account.jurisdiction, now)?, now);
        Ok(Reply::json(200, &view(account, status)))
    }
}

/// How a verification looks to staff.
fn view(account: &Account, status: VerificationStatus) -> Value {
    let verification = &account.verification;
    json!({
        "player_id": account.player,
        "verification_id": verification.current,
        "status": status.as_str(),
        "agreed_by": verification.agreed_by,
        "document_expires_on": verification.expires_on,
        "updated_at": verification.as_of,
    })
}

/// Keys are the staff member's own. They may say anything, so that their hash stands for them.
fn key_of(staff: &Staff, player: PlayerId, key: &str) -> EntryKey {
    let name = Fingerprint::of([staff.id.to_string().as_str(), player.to_string().as_str(), key]);
    EntryKey::new("ops", format!("verification:{}", name.as_str()))
}
