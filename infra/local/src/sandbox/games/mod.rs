//! Game vendors: each opens a dice game in the browser, and calls the platform's wallet by its own protocol.
//!
//! The game, its rounds and its misbehaviour are the same for all; a vendor is what [`protocol::Protocol`] says.

mod desk;
mod dice;
mod evolution;
mod hub88;
mod mischief;
pub mod protocol;
mod rounds;
mod sessions;
mod shelf;
mod signing;
mod softswiss;
mod swipe;
#[cfg(test)]
mod tests;
mod valkyrie;
mod wallet;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, State},
    response::{Html, IntoResponse, Response},
    routing::{any, get, post},
};
use http::{HeaderMap, Method, StatusCode, Uri, header::CACHE_CONTROL};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::place::Place;
pub use super::place::SandboxError;
use desk::{Desk, Gift};
use dice::Pick;
pub use mischief::Mischief;
use protocol::{
    Asked, DeskCall, LaunchCall, ListCall, Opening, Protocol, Refused, Round, Session, Shown, Told,
};
use rounds::Report;
use sessions::Sessions;
use shelf::Shelf;
pub use shelf::{Game, Stock};
use wallet::Wallet;

/// Every vendor, and how its side is made of the platform's settings for it and of the sandbox's own.
const VENDORS: [(&str, Make); 6] = [
    ("caleta", hub88::caleta),
    ("evolution", evolution::evolution),
    ("hub88", hub88::hub88),
    ("softswiss", softswiss::softswiss),
    ("swipe", swipe::swipe),
    ("valkyrie", valkyrie::valkyrie),
];

/// How a vendor answers that is down.
const DOWN: Refused = Refused(503, "down for maintenance");

/// What a game that is only tried out begins with.
const PLAY_MONEY: i64 = 100_000_000;

type Make = fn(&Value, &Value) -> Result<Box<dyn Protocol>, SandboxError>;

/// What a sandbox needs.
pub struct SandboxConfig {
    /// Where browsers find it.
    base_url: String,
    /// Where the platform answers the vendor's calls.
    wallet_url: String,
    protocol: Arc<dyn Protocol>,
    games: Vec<Game>,
}

impl SandboxConfig {
    /// Reads the vendors' settings. None if they do not send the platform's calls to a sandbox: then the real
    /// vendor is meant.
    pub fn from_vendors(
        vendor: &str,
        vendors: &Value,
        platform_url: &str,
    ) -> Result<Option<Self>, SandboxError> {
        #[derive(Deserialize)]
        struct Offer {
            #[serde(default)]
            catalogue: Vec<Game>,
        }
        let Some(place) = Place::<Offer>::find(vendors, "games", vendor, platform_url)? else {
            return Ok(None);
        };
        let more = vendors.pointer(&format!("/sandbox/{vendor}/games")).cloned();
        let more: Vec<Game> = settings(&more.unwrap_or_else(|| json!([])))?;
        Ok(Some(Self {
            base_url: place.base_url,
            wallet_url: place.webhook_url,
            protocol: side(vendor, vendors)?.into(),
            games: place.settings.catalogue.into_iter().chain(more).collect(),
        }))
    }
}

/// A vendor's side of its protocol, with the keys that the settings hold.
pub fn side(vendor: &str, vendors: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    let unknown = || SandboxError(format!("{vendor} is no game vendor"));
    let (_, make) = VENDORS.iter().find(|(name, _)| *name == vendor).ok_or_else(unknown)?;
    let section = |name: &str| vendors.pointer(&format!("/{name}/{vendor}")).cloned().unwrap_or_default();
    make(&section("games"), &section("sandbox"))
}

/// The names of all game vendors that can be played.
pub fn names() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().map(|(name, _)| *name)
}

fn settings<T: DeserializeOwned>(entry: &Value) -> Result<T, SandboxError> {
    serde_json::from_value(entry.clone()).map_err(|e| SandboxError(e.to_string()))
}

/// The sandbox's routes, to be nested where its base URL says.
pub fn router(config: SandboxConfig) -> Router {
    let (launch_route, list_route) = (config.protocol.launch_route(), config.protocol.list_route());
    let (demo_route, desk_routes) = (config.protocol.demo_route(), config.protocol.desk_routes());
    let sandbox = Sandbox {
        base_url: config.base_url,
        shelf: Shelf::new(config.games),
        wallet: Wallet::new(config.wallet_url, config.protocol),
        sessions: Sessions::default(),
        desk: Desk::default(),
    };
    let router = match list_route {
        Some((Method::GET, path)) => Router::new().route(path, get(list)),
        Some((_, path)) => Router::new().route(path, post(list)),
        None => Router::new(),
    };
    let router = desk_routes.iter().fold(router, |router, path| router.route(path, any(back_office)));
    let router = demo_route.into_iter().fold(router, |router, path| router.route(path, post(launch)));
    router
        .route(launch_route, post(launch))
        .route("/rounds/{round}", get(round_page))
        .route("/free-rounds-given", get(gifts))
        .route("/play", get(page))
        .route("/api/open", post(open))
        .route("/api/roll", post(roll))
        .route("/api/repeat", post(repeat))
        .route("/api/rollback", post(roll_back))
        .route("/mischief", get(mischief).post(misbehave))
        .route("/stock", get(stock).post(restock))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    base_url: String,
    shelf: Shelf,
    wallet: Wallet,
    sessions: Sessions,
    desk: Desk,
}

async fn launch(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let protocol = sandbox.wallet.protocol();
    let opening =
        protocol.launch(&LaunchCall { path: below(protocol, &uri), headers: &headers, body: &body })?;
    let games = sandbox.shelf.listed().ok_or(DOWN)?;
    if !games.iter().any(|game| game.code == opening.game && !game.disabled) {
        return Err(Refused(404, "unknown game"));
    }
    let purse = opening.player.is_empty().then_some(PLAY_MONEY);
    let session = sandbox.sessions.open(Session { opening, checked: false, last: None, purse });
    Ok(Json(protocol.launched(&sandbox.base_url, &format!("/play?session={session}"))))
}

async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refused> {
    let games = sandbox.shelf.listed().ok_or(DOWN)?;
    let call = ListCall { query: uri.query().unwrap_or_default(), headers: &headers, body: &body };
    Ok(Json(sandbox.wallet.protocol().list(&call, &games)?))
}

/// What the platform's back office asks.
async fn back_office(
    State(sandbox): State<Arc<Sandbox>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refused> {
    let protocol = sandbox.wallet.protocol();
    let games = sandbox.shelf.listed().ok_or(DOWN)?;
    let call = DeskCall {
        method: &method,
        path: below(protocol, &uri),
        query: uri.query().unwrap_or_default(),
        headers: &headers,
        body: &body,
    };
    let templates;
    let told = match protocol.asked(&call)? {
        Asked::Round(round) => {
            let page = sandbox.desk.page(&round)?;
            Told::Round { page, url: format!("{}/rounds/{round}", sandbox.base_url) }
        }
        Asked::Templates => {
            templates = sandbox.desk.templates(&games);
            Told::Templates(&templates)
        }
        Asked::Give(wanted) => Told::Given(sandbox.desk.give(wanted, &games)?),
        Asked::Revoke(id) => sandbox.desk.revoke(&id).map(|()| Told::Revoked)?,
    };
    Ok(match protocol.told(told) {
        Shown::Json(answer) => Json(answer).into_response(),
        Shown::Html(page) => Html(page).into_response(),
    })
}

/// The path of a call below the vendor's address.
fn below<'a>(protocol: &dyn Protocol, uri: &'a Uri) -> &'a str {
    let above = format!("/sandbox/{}", protocol.vendor());
    uri.path().split_once(&above).map_or("", |(_, path)| path)
}

async fn round_page(
    State(sandbox): State<Arc<Sandbox>>,
    Path(round): Path<String>,
) -> Result<Html<String>, Refused> {
    sandbox.desk.page(&round).map(Html)
}

async fn gifts(State(sandbox): State<Arc<Sandbox>>) -> Json<Vec<Gift>> {
    Json(sandbox.desk.gifts())
}

async fn page() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], Html(include_str!("play.html")))
}

/// What the page names in each of its calls.
#[derive(Deserialize)]
struct Opened {
    session: String,
}

async fn open(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Refused> {
    let Opened { session: id } = read(&body)?;
    let mut session = sandbox.session(&id)?;
    let report = rounds::open(&sandbox.wallet, &mut session).await;
    sandbox.sessions.put(&id, session.clone());
    let game = sandbox.shelf.game(&session.opening.game);
    Ok(Json(json!({
        "vendor": sandbox.wallet.protocol().vendor(),
        "game": game.map(|game| &game.name),
        "game_code": session.opening.game,
        "user": session.opening.player,
        "token": session.opening.token,
        "currency": session.opening.currency,
        "lobby_url": session.opening.lobby_url,
        "report": report,
    })))
}

/// A stake on a pick.
#[derive(Deserialize)]
struct Staked {
    session: String,
    stake: i64,
    pick: Pick,
}

async fn roll(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Report>, Refused> {
    let Staked { session: id, stake, pick } = read(&body)?;
    if !dice::STAKES.contains(&stake) {
        return Err(Refused(400, "the stake is out of range"));
    }
    let session = sandbox.session(&id)?;
    if let Some(purse) = session.purse {
        let report = rounds::try_out(purse, stake, pick, dice::roll());
        sandbox.sessions.put(&id, Session { purse: report.balance, ..session });
        return Ok(Json(report));
    }
    let Opening { player, game, .. } = &session.opening;
    let round = sandbox.desk.next(player, game).unwrap_or_else(|| Round::new(stake));
    sandbox.sessions.put(&id, Session { last: Some(round.clone()), ..session.clone() });
    let mut report = rounds::play(&sandbox.wallet, &session, &round, pick, dice::roll()).await;
    if let Some(reward) = &round.reward
        && let Some(total) = report.won.and_then(|won| sandbox.desk.played(reward, won))
    {
        rounds::settle_free(&sandbox.wallet, &session, reward, total, &mut report).await;
    }
    sandbox.desk.remember(player, game, &round, &report);
    Ok(Json(report))
}

async fn repeat(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Report>, Refused> {
    let Opened { session } = read(&body)?;
    let (session, round) = sandbox.last(&session)?;
    Ok(Json(rounds::repeat(&sandbox.wallet, &session, &round).await))
}

async fn roll_back(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Report>, Refused> {
    let Opened { session } = read(&body)?;
    let (session, round) = sandbox.last(&session)?;
    Ok(Json(rounds::roll_back(&sandbox.wallet, &session, &round).await))
}

async fn mischief(State(sandbox): State<Arc<Sandbox>>) -> Json<Mischief> {
    Json(sandbox.wallet.mischief())
}

async fn misbehave(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Mischief>, Refused> {
    sandbox.wallet.misbehave(read(&body)?);
    Ok(Json(sandbox.wallet.mischief()))
}

async fn stock(State(sandbox): State<Arc<Sandbox>>) -> Json<Stock> {
    Json(sandbox.shelf.stock().clone())
}

async fn restock(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Stock>, Refused> {
    let told: Stock = read(&body)?;
    sandbox.shelf.stock().clone_from(&told);
    Ok(Json(told))
}

impl Sandbox {
    fn session(&self, id: &str) -> Result<Session, Refused> {
        self.sessions.get(id).ok_or(Refused(404, "this game is over; open it again in the lobby"))
    }

    fn last(&self, id: &str) -> Result<(Session, Round), Refused> {
        let session = self.session(id)?;
        let round = session.last.clone().ok_or(Refused(409, "there is no bet yet"))?;
        Ok((session, round))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| Refused(400, "the body is not what the protocol says"))
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(json!({"error": self.1}))).into_response()
    }
}
