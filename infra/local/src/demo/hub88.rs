//! Hub88's calls to the wallet, signed as Hub88 signs them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, Call, Client, Failure, fresh_id};
use crate::sandbox::games::protocol::{Proof, Protocol, WalletCall};
use crate::sandbox::games::side;

const SIGNATURE_HEADER: &str = "x-hub88-signature";

/// Hub88, as the platform sees it.
pub struct Hub88Side {
    client: Client,
    protocol: Arc<dyn Protocol>,
}

/// A game that a player opened, as Hub88 knows it.
#[derive(Clone, Debug)]
pub struct GameSession {
    /// The player's id.
    pub user: String,
    /// What proves that the player opened it.
    pub token: String,
    /// Hub88's code of the game.
    pub game_code: String,
    /// The wallet's currency.
    pub currency: String,
}

impl Hub88Side {
    /// Hub88 with the key that the vendors' settings hold for its sandbox.
    pub fn new(client: &Client, vendors: &Value) -> Result<Self, Failure> {
        let protocol = side("hub88", vendors).map_err(|e| Failure(e.to_string()))?;
        Ok(Self { client: client.clone(), protocol: protocol.into() })
    }

    /// Opens the game's page in the sandbox and learns the session behind it.
    pub async fn open(&self, launch_url: &str) -> Result<GameSession, Failure> {
        let (sandbox, session) = launch_url
            .split_once("/play?session=")
            .ok_or_else(|| Failure(format!("no session in {launch_url}")))?;
        let open = Call::post(format!("{sandbox}/api/open")).json(&json!({"session": session}));
        let opened = self.client.clone().silent().send(open).await?.must(200)?;
        Ok(GameSession {
            user: opened.text("/user")?.to_owned(),
            token: opened.text("/token")?.to_owned(),
            game_code: opened.text("/game_code")?.to_owned(),
            currency: opened.text("/currency")?.to_owned(),
        })
    }

    /// Sends a signed call.
    pub async fn call(&self, path: &str, body: &Value) -> Result<Answer, Failure> {
        self.send(path, body.to_string().into_bytes()).await
    }

    /// Signs bytes as they are and sends them.
    pub async fn send(&self, path: &str, body: Vec<u8>) -> Result<Answer, Failure> {
        let signature = self.sign(&body)?;
        self.client.send(Self::unsigned(path, body).header(SIGNATURE_HEADER, &signature)).await
    }

    /// A call without its signature.
    #[must_use]
    pub fn unsigned(path: &str, body: Vec<u8>) -> Call {
        Call::post(format!("/webhooks/games/hub88{path}")).bytes("application/json", body)
    }

    /// The signature of a body.
    pub fn sign(&self, body: &[u8]) -> Result<String, Failure> {
        match self.protocol.prove(&WalletCall::post("", Value::Null), body) {
            Proof::Header(_, signature) => Ok(signature),
            Proof::Query(..) => Err(Failure("the body cannot be signed".to_owned())),
        }
    }

    /// Asks for the balance.
    pub async fn balance(&self, game: &GameSession) -> Result<Answer, Failure> {
        self.call("/user/balance", &game.balance()).await
    }

    /// Asks who the player is.
    pub async fn info(&self, user: &str) -> Result<Answer, Failure> {
        self.call("/user/info", &json!({"request_uuid": fresh_id(), "user": user})).await
    }

    /// Takes a stake.
    pub async fn bet(&self, bet: &Value) -> Result<Answer, Failure> {
        self.call("/transaction/bet", bet).await
    }

    /// Pays winnings.
    pub async fn win(&self, win: &Value) -> Result<Answer, Failure> {
        self.call("/transaction/win", win).await
    }

    /// Undoes a transaction.
    pub async fn rollback(&self, rollback: &Value) -> Result<Answer, Failure> {
        self.call("/transaction/rollback", rollback).await
    }
}

impl GameSession {
    /// The body of a question for the balance.
    #[must_use]
    pub fn balance(&self) -> Value {
        json!({
            "request_uuid": fresh_id(), "user": self.user, "token": self.token, "game_code": self.game_code,
        })
    }

    /// The body of a new stake, in Hub88's hundred-thousandths.
    #[must_use]
    pub fn bet(&self, amount: i64) -> Value {
        json!({
            "request_uuid": fresh_id(),
            "transaction_uuid": fresh_id(),
            "user": self.user,
            "token": self.token,
            "game_code": self.game_code,
            "currency": self.currency,
            "round": fresh_id(),
            "round_closed": false,
            "amount": amount,
        })
    }

    /// The body of winnings of a bet; the win closes the round.
    #[must_use]
    pub fn win(&self, bet: &Value, amount: i64) -> Value {
        json!({
            "request_uuid": fresh_id(),
            "transaction_uuid": fresh_id(),
            "reference_transaction_uuid": bet.get("transaction_uuid"),
            "user": self.user,
            "token": self.token,
            "game_code": self.game_code,
            "currency": self.currency,
            "round": bet.get("round"),
            "round_closed": true,
            "amount": amount,
        })
    }

    /// The body of the undoing of a transaction.
    #[must_use]
    pub fn rollback(&self, undone: &Value) -> Value {
        json!({
            "request_uuid": fresh_id(),
            "transaction_uuid": fresh_id(),
            "reference_transaction_uuid": undone.get("transaction_uuid"),
            "user": self.user,
            "token": self.token,
            "game_code": self.game_code,
            "round": undone.get("round"),
            "round_closed": true,
        })
    }
}
