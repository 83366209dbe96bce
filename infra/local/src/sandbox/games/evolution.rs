//! Evolution's side of its protocol.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::header::AUTHORIZATION;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    SandboxError,
    protocol::{
        Asked, DeskCall, LaunchCall, Opening, Proof, Protocol, Refused, Round, Session, Shown, Told, Verdict,
        WalletCall, fresh_id, number, with,
    },
    read,
    signing::check_shown,
};

/// Evolution, with what the platform's settings say of it.
#[derive(Deserialize)]
struct Evolution {
    casino_key: String,
    casino_token: String,
    auth_token: String,
}

pub(super) fn evolution(settings: &Value, _: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    Ok(Box::new(super::settings::<Evolution>(settings)?))
}

fn named(session: &Session) -> Value {
    let Opening { player, token, .. } = &session.opening;
    json!({ "sid": token, "userId": player, "uuid": fresh_id() })
}

/// A debit, credit or cancel. The bet goes by its transaction.
fn movement(path: &str, session: &Session, round: &Round, id: &str, amount: i64) -> WalletCall {
    let moved = json!({
        "currency": session.opening.currency,
        "game": {
            "id": round.id, "type": "dice", "details": { "table": { "id": session.opening.game, "vid": "" } },
        },
        "transaction": { "id": id, "refId": format!("ref-{}", round.bet), "amount": number(amount) },
    });
    WalletCall::post(path, with(named(session), moved))
}

impl Protocol for Evolution {
    fn vendor(&self) -> &'static str {
        "evolution"
    }

    fn launch_route(&self) -> &'static str {
        "/ua/v1/{casino_key}/{casino_token}"
    }

    fn launch(&self, call: &LaunchCall<'_>) -> Result<Opening, Refused> {
        #[derive(Deserialize)]
        struct Body {
            player: Player,
            config: Config,
        }
        #[derive(Deserialize)]
        struct Player {
            id: String,
            currency: String,
            session: Named,
        }
        #[derive(Deserialize)]
        struct Config {
            game: Game,
            urls: Urls,
        }
        #[derive(Deserialize)]
        struct Game {
            table: Named,
        }
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        #[derive(Deserialize)]
        struct Urls {
            lobby: Option<String>,
        }
        let shown = call.path.strip_prefix("/ua/v1/");
        check_shown(shown, &format!("{}/{}", self.casino_key, self.casino_token))?;
        let Body { player, config } = read(call.body)?;
        Ok(Opening {
            player: player.id,
            token: player.session.id,
            game: config.game.table.id,
            currency: player.currency,
            lobby_url: config.urls.lobby,
        })
    }

    fn launched(&self, _base_url: &str, path: &str) -> Value {
        json!({ "entry": path, "entryEmbedded": path })
    }

    fn desk_routes(&self) -> &'static [&'static str] {
        &["/api/render/v1/details"]
    }

    fn asked(&self, call: &DeskCall<'_>) -> Result<Asked, Refused> {
        let credentials = STANDARD.encode(format!("{}:{}", self.casino_key, self.casino_token));
        let shown = call.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        check_shown(shown.and_then(|it| it.strip_prefix("Basic ")), &credentials)?;
        let mut parameters = form_urlencoded::parse(call.query.as_bytes());
        let round = parameters.find(|(name, _)| name == "gameId");
        round.map(|(_, id)| Asked::Round(id.into_owned())).ok_or(Refused(400, "which round?"))
    }

    fn told(&self, told: Told<'_>) -> Shown {
        match told {
            Told::Round { page, .. } => Shown::Html(page),
            Told::Templates(_) | Told::Given(_) | Told::Revoked => Shown::Json(Value::Null),
        }
    }

    fn check(&self, session: &Session) -> Option<WalletCall> {
        let body = with(named(session), json!({ "channel": { "type": "P" } }));
        Some(WalletCall::post("/check", body))
    }

    fn exchanged(&self, answer: &Value) -> Option<String> {
        answer.get("sid").and_then(Value::as_str).map(str::to_owned)
    }

    fn balance(&self, session: &Session) -> WalletCall {
        let asked = json!({ "currency": session.opening.currency, "game": null });
        WalletCall::post("/balance", with(named(session), asked))
    }

    fn bet(&self, session: &Session, round: &Round) -> WalletCall {
        movement("/debit", session, round, &round.bet, round.stake)
    }

    fn win(&self, session: &Session, round: &Round, amount: i64) -> WalletCall {
        movement("/credit", session, round, &fresh_id(), amount)
    }

    fn rollback(&self, session: &Session, round: &Round) -> WalletCall {
        movement("/cancel", session, round, &round.bet, round.stake)
    }

    fn prove(&self, _call: &WalletCall, _body: &[u8]) -> Proof {
        Proof::Query("authToken", self.auth_token.clone())
    }

    fn verdict(&self, status: u16, answer: &Value) -> Verdict {
        match answer.get("status").and_then(Value::as_str).filter(|_| matches!(status, 200 | 401)) {
            Some("OK" | "BET_ALREADY_EXIST" | "BET_ALREADY_SETTLED") => Verdict::Done,
            None | Some("TEMPORARY_ERROR" | "OPERATION_IN_PROCESS") => Verdict::unclear(answer.get("status")),
            Some(code) => Verdict::Refused(code.to_owned()),
        }
    }
}
