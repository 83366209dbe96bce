//! Withdrawals before the staff's eyes: what waits, and the decision to pay or to refuse.

mod view;

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{PlayerId, WithdrawalId};
use domain::withdrawal::{Withdrawal, WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey};
use edge::auth::{Auth, Staff};
use edge::{BoxError, Checks, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::Value;
use store::{Inbox, Ledger};

use view::Standing;

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many players are looked at side by side.
const SIDE_BY_SIDE: usize = 8;
/// Who sees what waits.
const MAY_SEE: &[&str] = &["payments", "risk"];
/// Who decides.
const MAY_DECIDE: &[&str] = &["payments"];

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Desk {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        inbox: stores.inbox()?,
        context: settings.context().clone(),
    }))
}

struct Desk {
    auth: Auth,
    ledger: Ledger,
    inbox: Inbox,
    context: Context,
}

impl Handler for Desk {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/withdrawals" => self.waiting(&request).await,
            "POST /v1/ops/withdrawals/{id}/approve" => self.approve(&request).await,
            "POST /v1/ops/withdrawals/{id}/reject" => self.reject(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

#[derive(Default, Deserialize)]
struct Rejection {
    /// Why, for the audit trail.
    reason: Option<String>,
}

impl Desk {
    async fn waiting(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let page = self.ledger.withdrawals_waiting(&request.page()?).await?;
        let mut items: Vec<Value> = Vec::with_capacity(page.items.len());
        for few in page.items.chunks(SIDE_BY_SIDE) {
            let seen = few.iter().map(|(player, it)| self.seen(*player, it));
            items.extend(try_join_all(seen).await?);
        }
        tracing::info!(audit = "withdrawals.list", staff = %staff.id, items = items.len(), "staff looked");
        Ok(Reply::page(&items, page.next))
    }

    async fn approve(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        self.decide(request, &staff, "approve", WithdrawalEvent::Approved { by: staff.id }, None).await
    }

    async fn reject(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        let reason = reason(request)?;
        self.decide(request, &staff, "reject", WithdrawalEvent::Rejected { by: staff.id }, reason.as_deref())
            .await
    }

    async fn decide(
        &self,
        request: &Request,
        staff: &Staff,
        action: &'static str,
        event: WithdrawalEvent,
        reason: Option<&str>,
    ) -> Result<Reply, Problem> {
        let id: WithdrawalId = request.path_id("id")?;
        let player = self.ledger.owner_of(&id.to_string()).await?.ok_or_else(Problem::not_found)?;
        let before = self.read(player, id).await?;
        let approves = matches!(event, WithdrawalEvent::Approved { .. });
        let repeats = approves && before.approved_by.contains(&staff.id);
        if !repeats {
            if approves && self.inbox.is_alert_open(player).await? {
                return Err(Problem::conflict("compliance has to see to an alert about the player first"));
            }
            let key = EntryKey::new("ops", place(action, id, approves, &before));
            let command = Command::WithdrawalStep(WithdrawalStep::new(key, id, event));
            self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?.done()?;
        }
        let withdrawal = self.read(player, id).await?;
        // Whoever asks again gets the same answer; whoever comes second is told.
        let spoke = withdrawal.approved_by.contains(&staff.id) || withdrawal.decided_by == Some(staff.id);
        if !spoke {
            return Err(Problem::conflict("a colleague was faster: look at it again"));
        }
        tracing::info!(
            audit = action,
            staff = %staff.id,
            session = %staff.session,
            withdrawal = %id,
            %player,
            reason,
            repeats,
            "staff decided on a withdrawal"
        );
        Ok(Reply::json(200, &self.seen(player, &withdrawal).await?))
    }

    /// A withdrawal, with how its player stands by now.
    async fn seen(&self, player: PlayerId, withdrawal: &Withdrawal) -> Result<Value, Problem> {
        let account = self.ledger.account(player).await?;
        let standing = Standing {
            is_verified: account.is_some_and(|account| account.verification.stands()),
            is_alert_open: self.inbox.is_alert_open(player).await?,
        };
        Ok(view::withdrawal(player, withdrawal, standing))
    }

    async fn read(&self, player: PlayerId, id: WithdrawalId) -> Result<Withdrawal, Problem> {
        self.ledger.withdrawal(player, id).await?.ok_or_else(Problem::not_found)
    }
}

/// The place of a word on a withdrawal: one rejection; one first approval, one second. Of two at once in one place the
/// ledger takes one.
fn place(action: &str, id: WithdrawalId, approves: bool, before: &Withdrawal) -> String {
    match before.approved_by.len() {
        earlier if approves && earlier > 0 => format!("{action}:{id}:{earlier}"),
        _ => format!("{action}:{id}"),
    }
}

/// The reason, if one is given; a request without a body gives none.
fn reason(request: &Request) -> Result<Option<String>, Problem> {
    if request.body().is_empty() {
        return Ok(None);
    }
    let Rejection { reason } = request.json()?;
    let mut checks = Checks::default();
    if let Some(reason) = &reason {
        checks.line(reason, 500, "/reason");
    }
    checks.done()?;
    Ok(reason)
}
