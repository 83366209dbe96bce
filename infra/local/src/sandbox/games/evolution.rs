//! Evolution's side of its protocol.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    SandboxError,
    protocol::{
        LaunchCall, Opening, Proof, Protocol, Refused, Round, Session, Verdict, WalletCall, fresh_id, number,
        with,
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
