//! Rounds of play: what happened in them, for the players whose they are, and those that never ended, for staff.

mod view;

use std::sync::Arc;

use domain::Timestamp;
use edge::auth::Auth;
use edge::{BoxError, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http};
use jiff::SignedDuration;
use serde::Serialize;
use store::{Page, RoundKey, Rounds};

use view::{OpenRound, RoundView};

/// Who looks after rounds that never ended.
const MAY_SEE: &[&str] = &["support", "risk", "compliance"];
/// A round that is open for longer is nobody's play any more.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// How many turns of one round are shown at most: more would not fit into an answer.
const TURNS_SHOWN: usize = 10_000;

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(RoundHistory {
        auth: stores.auth().await?,
        rounds: stores.rounds()?,
        context: settings.context().clone(),
    }))
}

struct RoundHistory {
    auth: Auth,
    rounds: Rounds,
    context: Context,
}

impl Handler for RoundHistory {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/rounds" => self.list(&request).await,
            "GET /v1/rounds/{id}" => self.show(&request).await,
            "GET /v1/ops/rounds" => self.unfinished(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl RoundHistory {
    async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let page = self.rounds.history(player, &request.page()?).await?;
        paged(page, |round| RoundView::of(&round))
    }

    async fn show(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let id: String = request.path_id("id")?;
        let (integration, round) = id.split_once(':').ok_or_else(Problem::not_found)?;
        let key = RoundKey { integration: integration.to_owned(), round: round.to_owned() };
        let round = self.rounds.round(player, &key).await?.ok_or_else(Problem::not_found)?;
        let turns = self.rounds.turns(&round, TURNS_SHOWN).await?;
        Ok(Reply::json(200, &RoundView::with(&round, &turns)?))
    }

    /// Rounds that began before a moment and are not over: of yesterday and before, if no moment is named.
    async fn unfinished(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let yesterday = self.context.now().saturating_sub(A_DAY).unwrap_or(Timestamp::UNIX_EPOCH);
        let before = request.query_time("before")?.unwrap_or(yesterday);
        let page = self.rounds.unfinished(before, &request.page()?).await?;
        tracing::info!(audit = "rounds.list", staff = %staff.id, items = page.items.len(), "staff looked");
        paged(page, |round| OpenRound::of(&round))
    }
}

fn paged<T, V: Serialize>(page: Page<T>, view: impl Fn(T) -> Result<V, Problem>) -> Result<Reply, Problem> {
    let items = page.items.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
    Ok(Reply::page(&items, page.next))
}
