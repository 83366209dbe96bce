//! `SoftSwiss`' side of its protocol.

use http::Method;
use serde::Deserialize;
use serde_json::{Number, Value, json};

use super::{
    Game, SandboxError,
    protocol::{
        LaunchCall, ListCall, Opening, Proof, Protocol, Refused, Round, Session, Verdict, WalletCall,
        fresh_id, text, units, with,
    },
    read,
    signing::{check_mac, mac},
};

const SIGNATURE: &str = "x-request-sign";

/// `SoftSwiss`, with what the platform's settings say of it.
#[derive(Deserialize)]
struct SoftSwiss {
    casino_id: String,
    secret: String,
}

pub(super) fn softswiss(settings: &Value, _: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    Ok(Box::new(super::settings::<SoftSwiss>(settings)?))
}

/// What every call about a game names.
fn named(session: &Session) -> Value {
    let Opening { player, game, currency, .. } = &session.opening;
    json!({ "account_id": player, "currency": currency, "game_id": game })
}

fn movements(session: &Session, round: &Round, finished: bool, transaction: &Value) -> WalletCall {
    let moved = json!({ "round_id": round.id, "finished": finished, "transactions": [transaction] });
    WalletCall::post("/betwin", with(named(session), moved))
}

impl Protocol for SoftSwiss {
    fn vendor(&self) -> &'static str {
        "softswiss"
    }

    fn launch_route(&self) -> &'static str {
        "/api/v1/softswiss/launcher/real"
    }

    fn demo_route(&self) -> Option<&'static str> {
        Some("/api/v1/softswiss/launcher/demo")
    }

    fn launch(&self, call: &LaunchCall<'_>) -> Result<Opening, Refused> {
        #[derive(Deserialize)]
        struct Body {
            casino_id: String,
            game: String,
            account: Option<Account>,
            currency: Option<String>,
            urls: Urls,
        }
        #[derive(Default, Deserialize)]
        struct Account {
            id: String,
            currency: String,
        }
        #[derive(Deserialize)]
        struct Urls {
            return_url: Option<String>,
        }
        check_mac(&self.secret, SIGNATURE, call.headers, call.body)?;
        let Body { casino_id, game, account, currency, urls } = read(call.body)?;
        if casino_id != self.casino_id {
            return Err(Refused(400, "unknown casino_id"));
        }
        // A demo has an address of its own, and names nobody.
        let is_demo = Some(call.path) == self.demo_route();
        let Account { id: player, currency } = match (account, currency) {
            (Some(account), None) if !is_demo => account,
            (None, Some(currency)) if is_demo => Account { currency, ..Account::default() },
            _ => return Err(Refused(400, "a player, or a demo")),
        };
        Ok(Opening { player, token: String::new(), game, currency, lobby_url: urls.return_url })
    }

    fn launched(&self, base_url: &str, path: &str) -> Value {
        json!({ "launch_url": format!("{base_url}{path}") })
    }

    fn list_route(&self) -> Option<(Method, &'static str)> {
        Some((Method::GET, "/api/v1/operator/games"))
    }

    /// It is public, and holds only what can be played now.
    fn list(&self, call: &ListCall<'_>, games: &[&Game]) -> Result<Value, Refused> {
        let mut parameters = form_urlencoded::parse(call.query.as_bytes());
        if !parameters.any(|(name, value)| name == "operator" && value == self.casino_id.as_str()) {
            return Err(Refused(400, "unknown operator"));
        }
        let listed = games.iter().filter(|game| !game.disabled).map(|game| {
            json!({
                "identifier": game.code,
                "title": game.name,
                "category": game.category,
                "payout": game.rtp.as_deref().and_then(|it| it.parse::<Number>().ok()),
                "currencies": game.currencies,
                "restrictions": { "default": { "blacklist": game.blocked_countries } },
            })
        });
        Ok(json!({ "games": listed.collect::<Vec<_>>() }))
    }

    fn balance(&self, session: &Session) -> WalletCall {
        WalletCall::post("/balance", named(session))
    }

    fn bet(&self, session: &Session, round: &Round) -> WalletCall {
        let bet = json!({ "id_provider": round.bet, "type": "bet", "amount": text(round.stake) });
        movements(session, round, false, &bet)
    }

    /// A lost round has no win: it is only finished.
    fn win(&self, session: &Session, round: &Round, amount: i64) -> WalletCall {
        if amount > 0 {
            let win = json!({ "id_provider": fresh_id(), "type": "win", "amount": text(amount) });
            return movements(session, round, true, &win);
        }
        let Opening { player, currency, .. } = &session.opening;
        let body = json!({ "account_id": player, "currency": currency, "round_id": round.id });
        WalletCall::post("/finish", body)
    }

    fn rollback(&self, session: &Session, round: &Round) -> WalletCall {
        let undone =
            json!({ "id_provider": fresh_id(), "type": "rollback", "original_id_provider": round.bet });
        let asked = json!({ "round_id_provider": round.id, "finished": true, "transactions": [undone] });
        WalletCall::post("/rollback", with(named(session), asked))
    }

    fn prove(&self, _call: &WalletCall, body: &[u8]) -> Proof {
        Proof::Header(SIGNATURE, mac(&self.secret, body))
    }

    fn verdict(&self, status: u16, answer: &Value) -> Verdict {
        let code = answer.pointer("/meta/api_code");
        match status {
            200 => Verdict::Done,
            400 => Verdict::refused(code),
            _ => Verdict::unclear(code),
        }
    }

    fn told_balance(&self, answer: &Value) -> Option<i64> {
        units(answer.get("balance").or_else(|| answer.pointer("/meta/balance"))?)
    }
}
