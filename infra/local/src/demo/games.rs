//! Any game vendor's calls to the wallet, as that vendor makes them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Answer, Call, Client, Failure};
use crate::sandbox::games::protocol::{Opening, Proof, Protocol, Session, Verdict, WalletCall};
use crate::sandbox::games::side;

/// A game vendor, as the platform sees it.
#[derive(Clone)]
pub struct GameVendorSide {
    client: Client,
    protocol: Arc<dyn Protocol>,
}

/// What a vendor makes of an answer.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The answer.
    pub answer: Answer,
    /// What it means.
    pub verdict: Verdict,
    /// The balance it tells, in hundred-thousandths.
    pub balance: Option<i64>,
}

impl GameVendorSide {
    /// A vendor with the keys that the settings hold for its sandbox.
    pub fn new(client: &Client, vendors: &Value, vendor: &str) -> Result<Self, Failure> {
        let protocol = side(vendor, vendors).map_err(|e| Failure(e.to_string()))?;
        Ok(Self { client: client.clone(), protocol: protocol.into() })
    }

    /// How it speaks.
    #[must_use]
    pub fn protocol(&self) -> &dyn Protocol {
        self.protocol.as_ref()
    }

    /// Opens the game's page in the sandbox and learns the session behind it.
    pub async fn open(&self, launch_url: &str) -> Result<Session, Failure> {
        let (sandbox, session) = launch_url
            .split_once("/play?session=")
            .ok_or_else(|| Failure(format!("no session in {launch_url}")))?;
        let open = Call::post(format!("{sandbox}/api/open")).json(&json!({"session": session}));
        let opened = self.client.clone().silent().send(open).await?.must(200)?;
        let text = |pointer: &str| opened.text(pointer).map(str::to_owned);
        let opening = Opening {
            player: text("/user")?,
            token: text("/token")?,
            game: text("/game_code")?,
            currency: text("/currency")?,
            lobby_url: None,
        };
        Ok(Session { opening, checked: true, last: None, purse: None })
    }

    /// Sends a call with its proof.
    pub async fn send(&self, call: &WalletCall) -> Result<Heard, Failure> {
        self.send_with(call, &self.protocol.prove(call, &call.bytes())).await
    }

    /// Sends a call with a proof of the same form that proves nothing.
    pub async fn send_forged(&self, call: &WalletCall) -> Result<Heard, Failure> {
        self.send_with(call, &self.protocol.prove(call, &call.bytes()).forged()).await
    }

    async fn send_with(&self, call: &WalletCall, proof: &Proof) -> Result<Heard, Failure> {
        let (path, headers, body) = call.proven(proof);
        let path = format!("/webhooks/games/{}{path}", self.protocol.vendor());
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let answer = self.client.send(Call { method: call.method.clone(), path, headers, body }).await?;
        let verdict = self.protocol.verdict(answer.status, &answer.body);
        let balance = self.protocol.told_balance(&answer.body);
        Ok(Heard { answer, verdict, balance })
    }
}
