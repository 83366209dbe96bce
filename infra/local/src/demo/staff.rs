//! A member of staff: decides on withdrawals, looks at the figures.

use serde_json::{Value, json};

use super::{Answer, Call, Client, Failure};

/// A member of staff who is signed in.
#[derive(Clone)]
pub struct Staff {
    /// What they call through.
    pub client: Client,
    /// Proves who is calling.
    pub access_token: String,
}

impl Staff {
    /// Signs in.
    pub async fn sign_in(client: &Client, email: &str, password: &str) -> Result<Self, Failure> {
        let body = json!({"email": email, "password": password});
        let signed_in = client.send(Call::post("/v1/ops/sessions").json(&body)).await?.must(201)?;
        Ok(Self { client: client.clone(), access_token: signed_in.text("/access_token")?.to_owned() })
    }

    /// Makes a call as this member of staff.
    pub async fn send(&self, call: Call) -> Result<Answer, Failure> {
        self.client.send(call.bearer(&self.access_token)).await
    }

    /// Reads as this member of staff.
    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Call::get(path)).await
    }

    /// Agrees to a withdrawal.
    pub async fn approve(&self, withdrawal: &str) -> Result<Answer, Failure> {
        self.decide(withdrawal, "approve", &json!({})).await
    }

    /// Refuses a withdrawal.
    pub async fn reject(&self, withdrawal: &str, reason: &str) -> Result<Answer, Failure> {
        self.decide(withdrawal, "reject", &json!({"reason": reason})).await
    }

    async fn decide(&self, withdrawal: &str, decision: &str, body: &Value) -> Result<Answer, Failure> {
        let path = format!("/v1/ops/withdrawals/{withdrawal}/{decision}");
        self.send(Call::post(path).json(body)).await
    }

    /// The figures.
    pub async fn kpis(&self, query: &str) -> Result<Answer, Failure> {
        self.get(&format!("/v1/ops/kpis{query}")).await
    }
}
