//! Valkyrie's side of its protocol: it passes on what the providers behind it ask.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    SandboxError,
    protocol::{
        LaunchCall, Opening, Proof, Protocol, Refused, Round, Session, Verdict, WalletCall, fresh_id, number,
        units,
    },
    read,
    signing::check_shown,
};

/// Valkyrie, with what the platform's settings say of it.
#[derive(Deserialize)]
struct Valkyrie {
    api_token: String,
    operator_api_key: String,
    providers: Vec<String>,
}

pub(super) fn valkyrie(settings: &Value, _: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    Ok(Box::new(super::settings::<Valkyrie>(settings)?))
}

/// A call about a session; the provider is the first part of the game's code.
fn called(method: Method, path: &str, session: &Session, body: Value) -> WalletCall {
    let (provider, _) = of_provider(session);
    WalletCall {
        method,
        query: vec![("provider", provider.to_owned())],
        headers: vec![("x-player-token", session.opening.token.clone()), ("x-correlation-id", fresh_id())],
        ..WalletCall::post(path, body)
    }
}

fn of_provider(session: &Session) -> (&str, &str) {
    session.opening.game.split_once(':').unwrap_or(("", &session.opening.game))
}

/// One of a round's transactions, each with an id of its own, all about the same bet.
fn transaction(session: &Session, round: &Round, kind: &str, id: &str, amount: i64) -> WalletCall {
    let (provider, game) = of_provider(session);
    let body = json!({
        "currency": session.opening.currency,
        "provider": provider,
        "transactionType": kind,
        "cashAmount": number(amount),
        "bonusAmount": 0,
        "promoAmount": 0,
        "transactionDateTime": crate::clock::now().to_string(),
        "providerTransactionId": id,
        "providerBetRef": round.id,
        "providerGameId": game,
        "providerRoundId": round.id,
        "isGameOver": kind != "WITHDRAW",
    });
    called(Method::POST, &format!("/players/{}/transactions", session.opening.player), session, body)
}

impl Protocol for Valkyrie {
    fn vendor(&self) -> &'static str {
        "valkyrie"
    }

    fn launch_route(&self) -> &'static str {
        "/{provider}/gamelaunch"
    }

    fn launch(&self, call: &LaunchCall<'_>) -> Result<Opening, Refused> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            player_id: String,
            provider_game_id: String,
            currency: String,
            #[serde(default)]
            launch_config: Value,
        }
        let header = |name: &str| call.headers.get(name).and_then(|value| value.to_str().ok());
        let shown = header("authorization").and_then(|it| it.strip_prefix("Bearer "));
        check_shown(shown, &self.operator_api_key)?;
        let provider = call.path.trim_start_matches('/').split('/').next().unwrap_or_default();
        if !self.providers.iter().any(|known| known == provider) {
            return Err(Refused(400, "unknown provider"));
        }
        let Body { player_id, provider_game_id, currency, launch_config } = read(call.body)?;
        let told = |name: &str| launch_config.get(name).and_then(Value::as_str);
        if provider == "redtiger" && told("playMode") != Some("real") {
            return Err(Refused(400, "launchConfig must say the playMode"));
        }
        Ok(Opening {
            player: player_id,
            token: header("x-player-token").unwrap_or_default().to_owned(),
            game: format!("{provider}:{provider_game_id}"),
            currency,
            lobby_url: told("lobbyUrl").map(str::to_owned),
        })
    }

    fn launched(&self, base_url: &str, path: &str) -> Value {
        json!({ "gameUrl": format!("{base_url}{path}") })
    }

    fn check(&self, session: &Session) -> Option<WalletCall> {
        Some(called(Method::PUT, "/players/session", session, Value::Null))
    }

    fn exchanged(&self, answer: &Value) -> Option<String> {
        answer.pointer("/session/token").and_then(Value::as_str).map(str::to_owned)
    }

    fn balance(&self, session: &Session) -> WalletCall {
        let path = format!("/players/{}/balance", session.opening.player);
        called(Method::GET, &path, session, Value::Null)
    }

    fn bet(&self, session: &Session, round: &Round) -> WalletCall {
        transaction(session, round, "WITHDRAW", &round.bet, round.stake)
    }

    fn win(&self, session: &Session, round: &Round, amount: i64) -> WalletCall {
        transaction(session, round, "DEPOSIT", &fresh_id(), amount)
    }

    fn rollback(&self, session: &Session, round: &Round) -> WalletCall {
        transaction(session, round, "CANCEL", &fresh_id(), round.stake)
    }

    fn prove(&self, _call: &WalletCall, _body: &[u8]) -> Proof {
        Proof::Header("authorization", format!("Bearer {}", self.api_token))
    }

    fn verdict(&self, _status: u16, answer: &Value) -> Verdict {
        let code = answer.pointer("/error/code");
        match (answer.get("status").and_then(Value::as_str), code.and_then(Value::as_str)) {
            (Some("OK"), _) => Verdict::Done,
            (_, None | Some("PAM_ERR_TIMEOUT" | "PAM_ERR_UNDEFINED")) => Verdict::unclear(code),
            _ => Verdict::refused(code),
        }
    }

    fn told_balance(&self, answer: &Value) -> Option<i64> {
        let told = answer.get("balance").or_else(|| answer.pointer("/transactionResult/balance"));
        units(told?.get("cashAmount")?)
    }
}
