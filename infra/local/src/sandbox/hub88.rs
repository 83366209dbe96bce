//! Hub88's side of its protocol: opens a dice game in the browser, and calls the platform's wallet as Hub88 would.

mod dice;
mod rounds;
mod sessions;
mod wallet;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, StatusCode, header::CACHE_CONTROL};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use dice::Pick;
use rounds::Report;
use sessions::{Session, Sessions};
use wallet::Wallet;

const SIGNATURE_HEADER: &str = "x-hub88-signature";

/// What the sandbox needs to play Hub88.
pub struct SandboxConfig {
    /// Where browsers find this sandbox.
    pub base_url: String,
    /// Where the platform answers Hub88's calls.
    pub wallet_url: String,
    /// Hub88's key, which signs the calls to the wallet.
    pub private_key: RsaKeyPair,
    /// The operator's public key, PKCS#1 DER, which its calls to Hub88 must prove.
    pub operator_key: Vec<u8>,
    /// The operator's id at Hub88.
    pub operator_id: Value,
    /// The games on offer.
    pub games: Vec<Game>,
}

/// A game on offer.
#[derive(Clone, Debug, Deserialize)]
pub struct Game {
    /// Hub88's code for it.
    pub code: String,
    /// What players call it.
    pub name: String,
}

/// Why the sandbox cannot play Hub88.
#[derive(Debug, thiserror::Error)]
#[error("vendor settings for the Hub88 sandbox: {0}")]
pub struct SandboxError(String);

impl SandboxConfig {
    /// Reads the vendors' settings. None if they hold no key for a sandbox: then the real Hub88 is meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let Some(private_key) = vendors.pointer("/sandbox/hub88/private_key_pem") else { return Ok(None) };
        let operator = vendors.pointer("/games/hub88").cloned().unwrap_or_default();
        let operator: OperatorSettings =
            serde_json::from_value(operator).map_err(|e| SandboxError(e.to_string()))?;
        let operator_key = read_key("games.hub88.private_key_pem", &operator.private_key_pem)?;
        Ok(Some(Self {
            base_url: operator.base_url.trim_end_matches('/').to_owned(),
            wallet_url: format!("{platform_url}/webhooks/games/hub88"),
            private_key: read_key("sandbox.hub88.private_key_pem", private_key.as_str().unwrap_or_default())?,
            operator_key: operator_key.public_key().as_ref().to_vec(),
            operator_id: operator.operator_id,
            games: operator.catalogue,
        }))
    }
}

/// The operator's settings, as far as Hub88 has to know them.
#[derive(Deserialize)]
struct OperatorSettings {
    operator_id: Value,
    base_url: String,
    private_key_pem: String,
    #[serde(default)]
    catalogue: Vec<Game>,
}

fn read_key(name: &str, pem: &str) -> Result<RsaKeyPair, SandboxError> {
    let unusable = || SandboxError(format!("{name} must hold a PEM private key for RSA"));
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()) {
        Ok(PrivateKeyDer::Pkcs1(der)) => RsaKeyPair::from_der(der.secret_pkcs1_der()).map_err(|_| unusable()),
        Ok(PrivateKeyDer::Pkcs8(der)) => {
            RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| unusable())
        }
        _ => Err(unusable()),
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let sandbox = Sandbox {
        base_url: config.base_url,
        operator_key: config.operator_key,
        operator_id: config.operator_id,
        games: config.games,
        wallet: Wallet::new(config.wallet_url, config.private_key),
        sessions: Sessions::default(),
    };
    Router::new()
        .route("/operator/generic/v2/game/url", post(game_url))
        .route("/play", get(page))
        .route("/api/open", post(open))
        .route("/api/roll", post(roll))
        .route("/api/repeat", post(repeat))
        .route("/api/rollback", post(roll_back))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    base_url: String,
    operator_key: Vec<u8>,
    operator_id: Value,
    games: Vec<Game>,
    wallet: Wallet,
    sessions: Sessions,
}

/// What the operator asks for when a player opens a game.
#[derive(Deserialize)]
struct LaunchBody {
    operator_id: Value,
    user: String,
    token: String,
    game_code: String,
    currency: String,
    lobby_url: Option<String>,
}

async fn game_url(
    State(sandbox): State<Arc<Sandbox>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    sandbox.check_signature(&headers, &body)?;
    let launch: LaunchBody = read(&body)?;
    if launch.operator_id != sandbox.operator_id {
        return Err(Refusal(StatusCode::NOT_FOUND, "unknown operator_id".to_owned()));
    }
    let game = sandbox.games.iter().find(|game| game.code == launch.game_code);
    let game = game.ok_or_else(|| Refusal(StatusCode::NOT_FOUND, "unknown game_code".to_owned()))?;
    let session = sandbox.sessions.open(Session {
        user: launch.user,
        token: launch.token,
        game: game.clone(),
        currency: launch.currency,
        lobby_url: launch.lobby_url,
        last_bet: None,
    });
    Ok(Json(json!({"url": format!("{}/play?session={session}", sandbox.base_url)})))
}

async fn page() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], Html(include_str!("hub88/play.html")))
}

/// What the page names in each of its calls.
#[derive(Deserialize)]
struct Opened {
    session: String,
}

async fn open(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let Opened { session } = read(&body)?;
    let session = sandbox.session(&session)?;
    let report = rounds::open(&sandbox.wallet, &session).await;
    Ok(Json(json!({
        "game": session.game.name,
        "user": session.user,
        "currency": session.currency,
        "lobby_url": session.lobby_url,
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

async fn roll(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Report>, Refusal> {
    let Staked { session: id, stake, pick } = read(&body)?;
    if !dice::STAKES.contains(&stake) {
        return Err(Refusal(StatusCode::BAD_REQUEST, "the stake is out of range".to_owned()));
    }
    let session = sandbox.session(&id)?;
    let bet = rounds::bet(&session, stake);
    sandbox.sessions.remember_bet(&id, bet.clone());
    Ok(Json(rounds::play(&sandbox.wallet, &session, &bet, pick, dice::roll()).await))
}

async fn repeat(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Report>, Refusal> {
    let Opened { session } = read(&body)?;
    Ok(Json(rounds::repeat(&sandbox.wallet, &sandbox.last_bet(&session)?).await))
}

async fn roll_back(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Report>, Refusal> {
    let Opened { session } = read(&body)?;
    Ok(Json(rounds::roll_back(&sandbox.wallet, &sandbox.last_bet(&session)?).await))
}

impl Sandbox {
    fn check_signature(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.operator_key);
        let signature = headers.get(SIGNATURE_HEADER).and_then(|value| BASE64.decode(value).ok());
        match signature {
            Some(signature) if key.verify(body, &signature).is_ok() => Ok(()),
            _ => Err(Refusal(StatusCode::UNAUTHORIZED, "the signature is missing or wrong".to_owned())),
        }
    }

    fn session(&self, id: &str) -> Result<Session, Refusal> {
        let gone =
            || Refusal(StatusCode::NOT_FOUND, "this game is over; open it again in the lobby".to_owned());
        self.sessions.get(id).ok_or_else(gone)
    }

    fn last_bet(&self, id: &str) -> Result<Value, Refusal> {
        let none = || Refusal(StatusCode::CONFLICT, "there is no bet yet".to_owned());
        self.session(id)?.last_bet.ok_or_else(none)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|e| Refusal(StatusCode::BAD_REQUEST, e.to_string()))
}

/// How Hub88 refuses a call: a status and a text.
struct Refusal(StatusCode, String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}
