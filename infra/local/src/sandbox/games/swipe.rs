//! Swipe Games' side of its protocol.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::{
    Game, SandboxError,
    protocol::{
        LaunchCall, ListCall, Opening, Proof, Protocol, Refused, Round, Session, Verdict, WalletCall,
        fresh_id, text,
    },
    read,
    signing::{check_mac, mac},
};

const SIGNATURE: &str = "x-request-sign";

/// Swipe Games, with what the platform's settings say of it.
#[derive(Deserialize)]
struct Swipe {
    cid: String,
    api_key: String,
    integration_api_key: String,
}

pub(super) fn swipe(settings: &Value, _: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    Ok(Box::new(super::settings::<Swipe>(settings)?))
}

fn movement(path: &str, session: &Session, round: &Round, tx: &str, amount: i64) -> WalletCall {
    let body = json!({
        "type": "regular", "sessionID": session.opening.token, "amount": text(amount), "txID": tx,
        "roundID": round.id,
    });
    WalletCall::post(path, body)
}

impl Protocol for Swipe {
    fn vendor(&self) -> &'static str {
        "swipe"
    }

    fn launch_route(&self) -> &'static str {
        "/create-new-game"
    }

    fn launch(&self, call: &LaunchCall<'_>) -> Result<Opening, Refused> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(rename = "cID")]
            cid: String,
            #[serde(rename = "gameID")]
            game: String,
            #[serde(rename = "sessionID")]
            session: String,
            currency: String,
            user: User,
            #[serde(rename = "returnURL")]
            lobby_url: Option<String>,
        }
        #[derive(Deserialize)]
        struct User {
            id: String,
        }
        check_mac(&self.api_key, SIGNATURE, call.headers, call.body)?;
        let Body { cid, game, session, currency, user, lobby_url } = read(call.body)?;
        if cid != self.cid {
            return Err(Refused(400, "unknown cID"));
        }
        Ok(Opening { player: user.id, token: session, game, currency, lobby_url })
    }

    fn launched(&self, base_url: &str, path: &str) -> Value {
        json!({ "gameURL": format!("{base_url}{path}"), "gsID": fresh_id() })
    }

    fn list_route(&self) -> Option<(Method, &'static str)> {
        Some((Method::GET, "/games"))
    }

    /// What is signed are the parameters, as canonical JSON.
    fn list(&self, call: &ListCall<'_>, games: &[&Game]) -> Result<Value, Refused> {
        let parameters: BTreeMap<_, _> = form_urlencoded::parse(call.query.as_bytes()).collect();
        check_mac(&self.api_key, SIGNATURE, call.headers, json!(parameters).to_string().as_bytes())?;
        if parameters.get("cID").map(AsRef::as_ref) != Some(self.cid.as_str()) {
            return Err(Refused(400, "unknown cID"));
        }
        let listed = games.iter().filter(|game| !game.disabled).map(|game| {
            json!({
                "id": game.code,
                "title": game.name,
                "rtp": game.rtp.as_deref().and_then(|it| it.parse::<Number>().ok()),
                "currencies": game.currencies,
                "platforms": game.devices(),
            })
        });
        Ok(listed.collect())
    }

    fn balance(&self, session: &Session) -> WalletCall {
        let query = vec![("sessionID", session.opening.token.clone())];
        WalletCall { query, ..WalletCall::get("/balance") }
    }

    fn bet(&self, session: &Session, round: &Round) -> WalletCall {
        movement("/bet", session, round, &round.bet, round.stake)
    }

    fn win(&self, session: &Session, round: &Round, amount: i64) -> WalletCall {
        movement("/win", session, round, &fresh_id(), amount)
    }

    fn rollback(&self, session: &Session, round: &Round) -> WalletCall {
        let body = json!({
            "sessionID": session.opening.token, "amount": text(round.stake), "txID": fresh_id(),
            "origTxID": round.bet, "roundID": round.id,
        });
        WalletCall::post("/refund", body)
    }

    /// Sorted names and texts for values are canonical JSON already.
    fn prove(&self, call: &WalletCall, body: &[u8]) -> Proof {
        let parameters: BTreeMap<_, _> = call.query.iter().cloned().collect();
        let query = json!(parameters).to_string();
        let message = if call.method == Method::GET { query.as_bytes() } else { body };
        Proof::Header(SIGNATURE, mac(&self.integration_api_key, message))
    }

    fn verdict(&self, status: u16, answer: &Value) -> Verdict {
        let code = answer.get("code").or_else(|| answer.get("message"));
        match status {
            200 => Verdict::Done,
            400..=499 => Verdict::refused(code),
            _ => Verdict::unclear(code),
        }
    }
}
