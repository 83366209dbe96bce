//! Hub88's side of its protocol, and Caleta's dialect of it.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Game, SandboxError,
    protocol::{
        Asked, DeskCall, LaunchCall, ListCall, Opening, Proof, Protocol, Refused, Round, Session, Shown,
        Template, Told, Verdict, WalletCall, Wanted, fresh_id, with,
    },
    read,
    signing::Rsa,
};

/// Hub88, or Caleta.
pub(super) struct Hub88 {
    dialect: Dialect,
    operator_id: Value,
    rsa: Rsa,
}

/// What they do not have in common.
struct Dialect {
    vendor: &'static str,
    launch_route: &'static str,
    list_route: &'static str,
    /// The back office's calls: a round's page, the templates of free bets, free bets, and their end if there is one.
    desk_routes: &'static [&'static str],
    /// The currency of games that are only tried out.
    demo_currency: &'static str,
    signature: &'static str,
    /// The calls: balance, bet, win, rollback.
    paths: [&'static str; 4],
    /// How the player is named: in most calls, and in rollbacks.
    user: [&'static str; 2],
    /// The call that exchanges the token of a launch.
    check: Option<&'static str>,
    /// Whether a refusal means that nothing has to be undone.
    is_final: fn(&str) -> bool,
}

const HUB88: Dialect = Dialect {
    vendor: "hub88",
    launch_route: "/operator/generic/v2/game/url",
    list_route: "/operator/generic/v2/game/list",
    desk_routes: &[
        "/operator/generic/v2/game/round",
        "/operator/generic/v2/freebet/prepaids/list",
        "/operator/generic/v2/freebet/rewards/create",
    ],
    demo_currency: "XXX",
    signature: "x-hub88-signature",
    paths: ["/user/balance", "/transaction/bet", "/transaction/win", "/transaction/rollback"],
    user: ["user", "user"],
    check: None,
    is_final: |status| matches!(status, "RS_ERROR_NOT_ENOUGH_MONEY" | "RS_ERROR_LIMIT_REACHED"),
};

const CALETA: Dialect = Dialect {
    vendor: "caleta",
    launch_route: "/api/game/url",
    list_route: "/api/game/list",
    desk_routes: &[
        "/api/game/round",
        "/api/freebet/prepaids/list",
        "/api/freebet/rewards/create",
        "/api/freebet/rewards/cancel",
    ],
    demo_currency: "FUN",
    signature: "x-auth-signature",
    paths: ["/wallet/balance", "/wallet/bet", "/wallet/win", "/wallet/rollback"],
    user: ["supplier_user", "user"],
    check: Some("/wallet/check"),
    is_final: |status| !matches!(status, "RS_ERROR_UNKNOWN" | "RS_ERROR_TIMEOUT"),
};

/// The platform's settings, as far as they have to know them.
#[derive(Deserialize)]
struct Settings {
    operator_id: Value,
    private_key_pem: String,
}

pub(super) fn hub88(settings: &Value, sandbox: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    Ok(Box::new(Hub88::new(HUB88, settings, sandbox)?))
}

pub(super) fn caleta(settings: &Value, sandbox: &Value) -> Result<Box<dyn Protocol>, SandboxError> {
    Ok(Box::new(Hub88::new(CALETA, settings, sandbox)?))
}

impl Hub88 {
    fn new(dialect: Dialect, settings: &Value, sandbox: &Value) -> Result<Self, SandboxError> {
        let Settings { operator_id, private_key_pem } = super::settings(settings)?;
        let ours = sandbox.get("private_key_pem").and_then(Value::as_str).unwrap_or_default();
        Ok(Self { rsa: Rsa::new(dialect.signature, ours, &private_key_pem)?, dialect, operator_id })
    }

    fn movement(&self, session: &Session, round: &Round, amount: i64) -> Value {
        let mut moved = json!({
            "currency": session.opening.currency, "amount": amount, "is_free": round.reward.is_some(),
        });
        if let Some(reward) = &round.reward {
            moved = with(moved, json!({ "reward_uuid": reward }));
        }
        let [user, _] = self.dialect.user;
        with(transaction(session, user, round), moved)
    }
}

fn transaction(session: &Session, user: &str, round: &Round) -> Value {
    let Opening { player, token, game, .. } = &session.opening;
    json!({
        user: player,
        "token": token,
        "request_uuid": fresh_id(),
        "transaction_uuid": fresh_id(),
        "round": round.id,
        "round_closed": true,
        "game_code": game,
    })
}

fn prepaid(template: &Template) -> Value {
    let (count, value) = template.common.unzip();
    json!({
        "prepaid_uuid": template.id, "game_code": template.game, "bet_count": count, "bet_value": value,
        "currency": template.common.map(|_| "EUR"),
    })
}

impl Protocol for Hub88 {
    fn vendor(&self) -> &'static str {
        self.dialect.vendor
    }

    fn launch_route(&self) -> &'static str {
        self.dialect.launch_route
    }

    fn launch(&self, call: &LaunchCall<'_>) -> Result<Opening, Refused> {
        #[derive(Deserialize)]
        struct Body {
            operator_id: Value,
            #[serde(default)]
            user: String,
            #[serde(default)]
            token: String,
            game_code: String,
            currency: String,
            lobby_url: Option<String>,
        }
        self.rsa.check(call.headers, call.body)?;
        let body: Body = read(call.body)?;
        if body.operator_id != self.operator_id {
            return Err(Refused(404, "unknown operator_id"));
        }
        // A demo has this currency, and names nobody.
        if body.user.is_empty() != (body.currency == self.dialect.demo_currency) {
            return Err(Refused(400, "a user and money, or neither"));
        }
        Ok(Opening {
            player: body.user,
            token: body.token,
            game: body.game_code,
            currency: body.currency,
            lobby_url: body.lobby_url,
        })
    }

    fn launched(&self, base_url: &str, path: &str) -> Value {
        json!({ "url": format!("{base_url}{path}") })
    }

    fn list_route(&self) -> Option<(Method, &'static str)> {
        Some((Method::POST, self.dialect.list_route))
    }

    fn list(&self, call: &ListCall<'_>, games: &[&Game]) -> Result<Value, Refused> {
        #[derive(Deserialize)]
        struct Body {
            operator_id: Value,
        }
        self.rsa.check(call.headers, call.body)?;
        let body: Body = read(call.body)?;
        if body.operator_id != self.operator_id {
            return Err(Refused(404, "unknown operator_id"));
        }
        let listed = games.iter().map(|game| {
            let platforms = game.devices().into_iter().map(|it| format!("GPL_{}", it.to_uppercase()));
            json!({
                "game_code": game.code,
                "name": game.name,
                "category": game.category,
                "blocked_countries": game.blocked_countries,
                "platforms": platforms.collect::<Vec<_>>(),
                "enabled": !game.disabled,
            })
        });
        Ok(listed.collect())
    }

    fn desk_routes(&self) -> &'static [&'static str] {
        self.dialect.desk_routes
    }

    fn asked(&self, call: &DeskCall<'_>) -> Result<Asked, Refused> {
        #[derive(Deserialize)]
        struct RoundOf {
            round: String,
        }
        #[derive(Deserialize)]
        struct Reward {
            user: String,
            prepaid_uuid: String,
            bet_count: Option<u32>,
            bet_value: Option<i64>,
            game_code: Option<String>,
        }
        #[derive(Deserialize)]
        struct Cancelled {
            reward_uuid: String,
        }
        self.rsa.check(call.headers, call.body)?;
        match call.path {
            path if path.ends_with("/game/round") => {
                read(call.body).map(|RoundOf { round }| Asked::Round(round))
            }
            path if path.ends_with("/prepaids/list") => Ok(Asked::Templates),
            path if path.ends_with("/rewards/cancel") => {
                read(call.body).map(|Cancelled { reward_uuid }| Asked::Revoke(reward_uuid))
            }
            path if path.ends_with("/rewards/create") => {
                let reward: Reward = read(call.body)?;
                Ok(Asked::Give(Wanted {
                    operators_id: None,
                    template: Some(reward.prepaid_uuid),
                    player: reward.user,
                    game: reward.game_code,
                    rounds: reward.bet_count,
                    stake: reward.bet_value,
                }))
            }
            _ => Err(Refused(404, "there is no such call")),
        }
    }

    fn told(&self, told: Told<'_>) -> Shown {
        Shown::Json(match told {
            Told::Round { url, .. } => json!({ "url": url }),
            Told::Templates(templates) => templates.iter().map(prepaid).collect(),
            Told::Given(id) => json!({ "reward_uuid": id }),
            Told::Revoked => Value::Null,
        })
    }

    fn check(&self, session: &Session) -> Option<WalletCall> {
        self.dialect.check.map(|path| WalletCall::post(path, json!({ "token": session.opening.token })))
    }

    fn exchanged(&self, answer: &Value) -> Option<String> {
        answer.get("token").and_then(Value::as_str).map(str::to_owned)
    }

    fn balance(&self, session: &Session) -> WalletCall {
        let Opening { player, token, game, .. } = &session.opening;
        let [user, _] = self.dialect.user;
        let [path, ..] = self.dialect.paths;
        let body = json!({ user: player, "token": token, "request_uuid": fresh_id(), "game_code": game });
        WalletCall::post(path, body)
    }

    fn bet(&self, session: &Session, round: &Round) -> WalletCall {
        let begun = json!({ "transaction_uuid": round.bet, "round_closed": false });
        let [_, path, ..] = self.dialect.paths;
        WalletCall::post(path, with(self.movement(session, round, round.stake), begun))
    }

    fn win(&self, session: &Session, round: &Round, amount: i64) -> WalletCall {
        let of = json!({ "reference_transaction_uuid": round.bet });
        let [_, _, path, _] = self.dialect.paths;
        WalletCall::post(path, with(self.movement(session, round, amount), of))
    }

    fn rollback(&self, session: &Session, round: &Round) -> WalletCall {
        let of = json!({ "reference_transaction_uuid": round.bet });
        let ([.., path], [_, user]) = (self.dialect.paths, self.dialect.user);
        WalletCall::post(path, with(transaction(session, user, round), of))
    }

    fn renew(&self, call: &mut WalletCall) {
        if let Some(id) = call.body.get_mut("request_uuid") {
            *id = json!(fresh_id());
        }
    }

    fn prove(&self, _call: &WalletCall, body: &[u8]) -> Proof {
        Proof::Header(self.rsa.header(), self.rsa.sign(body))
    }

    fn verdict(&self, status: u16, answer: &Value) -> Verdict {
        match answer.get("status").and_then(Value::as_str).filter(|_| status == 200) {
            Some("RS_OK") => Verdict::Done,
            // The exchange of a token is answered with a token alone.
            None if answer.get("token").is_some() => Verdict::Done,
            Some(code) if (self.dialect.is_final)(code) => Verdict::Refused(code.to_owned()),
            _ => Verdict::unclear(answer.get("status")),
        }
    }

    /// They count as this sandbox does.
    fn told_balance(&self, answer: &Value) -> Option<i64> {
        answer.get("balance")?.as_i64()
    }
}
