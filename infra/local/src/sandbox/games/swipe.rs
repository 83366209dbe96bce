//! Swipe Games' side of its protocol.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::{
    Game, SandboxError,
    protocol::{
        Asked, DeskCall, LaunchCall, ListCall, Opening, Proof, Protocol, Refused, Round, Session, Shown,
        Told, Verdict, WalletCall, Wanted, fresh_id, text, with,
    },
    read,
    signing::{check_mac, mac},
};

const SIGNATURE: &str = "x-request-sign";
const FREE_ROUNDS: &str = "/free-rounds";
/// What a bet line adds to the stake.
const BET_LINE: i64 = 10_000;

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
    let kind = if round.reward.is_some() { "free" } else { "regular" };
    let mut body = json!({
        "type": kind, "sessionID": session.opening.token, "amount": text(amount), "txID": tx,
        "roundID": round.id,
    });
    if let Some(reward) = &round.reward {
        body = with(body, json!({ "frID": reward }));
    }
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
            demo: bool,
            #[serde(rename = "sessionID", default)]
            session: String,
            currency: String,
            #[serde(default)]
            user: User,
            #[serde(rename = "returnURL")]
            lobby_url: Option<String>,
        }
        #[derive(Default, Deserialize)]
        struct User {
            id: String,
        }
        check_mac(&self.api_key, SIGNATURE, call.headers, call.body)?;
        let Body { cid, game, demo, session, currency, user, lobby_url } = read(call.body)?;
        if cid != self.cid {
            return Err(Refused(400, "unknown cID"));
        }
        if demo != (user.id.is_empty() && session.is_empty()) {
            return Err(Refused(400, "a demo names nobody"));
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

    fn desk_routes(&self) -> &'static [&'static str] {
        &[FREE_ROUNDS]
    }

    fn asked(&self, call: &DeskCall<'_>) -> Result<Asked, Refused> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            #[serde(rename = "cID")]
            cid: String,
            #[serde(rename = "extID")]
            ext_id: String,
            #[serde(rename = "userIDs", default)]
            users: Vec<String>,
            #[serde(rename = "gameIDs", default)]
            games: Vec<String>,
            quantity: Option<u32>,
            bet_line: Option<i64>,
        }
        check_mac(&self.api_key, SIGNATURE, call.headers, call.body)?;
        let body: Body = read(call.body)?;
        if body.cid != self.cid {
            return Err(Refused(400, "unknown cID"));
        }
        if call.method == Method::DELETE {
            return Ok(Asked::Revoke(body.ext_id));
        }
        let player = body.users.into_iter().next().ok_or(Refused(400, "this sandbox wants a player"))?;
        Ok(Asked::Give(Wanted {
            operators_id: Some(body.ext_id),
            template: None,
            player,
            game: body.games.into_iter().next(),
            rounds: body.quantity,
            stake: body.bet_line.map(|line| line * BET_LINE),
        }))
    }

    fn told(&self, told: Told<'_>) -> Shown {
        Shown::Json(match told {
            Told::Given(id) => json!({ "id": id }),
            Told::Round { .. } | Told::Templates(_) | Told::Revoked => Value::Null,
        })
    }

    /// Free rounds are only told of; what they won is paid at the end, under their name.
    fn free_rounds_won(&self, session: &Session, reward: &str, amount: i64) -> Option<WalletCall> {
        let end = movement("/win", session, &Round::new(0), &fresh_id(), amount);
        Some(WalletCall { body: with(end.body.clone(), json!({ "frID": reward })), ..end })
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
