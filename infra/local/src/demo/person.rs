//! A player: registers, signs in, pays, plays, and is paid.

use serde_json::{Value, json};

use super::{Answer, Call, Client, Failure, fresh_id};

/// Where a player lives, and so by which rules they play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Malta, playing in euros.
    Malta,
    /// Great Britain, playing in pounds.
    Britain,
}

impl Home {
    /// ISO 3166-1 alpha-2, and the jurisdiction's name.
    #[must_use]
    pub const fn country(self) -> &'static str {
        match self {
            Self::Malta => "MT",
            Self::Britain => "GB",
        }
    }

    /// ISO 4217.
    #[must_use]
    pub const fn currency(self) -> &'static str {
        match self {
            Self::Malta => "EUR",
            Self::Britain => "GBP",
        }
    }
}

/// A registration that nothing is wrong with.
#[must_use]
pub fn registration(home: Home) -> Value {
    json!({
        "email": format!("{}@players.example", fresh_id()),
        "password": "correct horse battery staple",
        "first_name": "Ada",
        "last_name": "Vella",
        "birth_date": "1990-05-04",
        "country": home.country(),
        "address": {"line1": "1 Harbour Street", "city": "Valletta", "postcode": "VLT 1110"},
        "currency": home.currency(),
        "terms_version": "2026-01",
        "consents": {"email": true, "sms": false, "phone": false, "post": false},
    })
}

/// A registered player who is signed in.
#[derive(Clone)]
pub struct Player {
    /// What the player calls through.
    pub client: Client,
    /// The player's id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The password.
    pub password: String,
    /// The wallet's currency.
    pub currency: String,
    /// Proves who is calling.
    pub access_token: String,
    /// Keeps the player signed in.
    pub refresh_token: String,
}

impl Player {
    /// Registers and signs in.
    pub async fn register(client: &Client, home: Home) -> Result<Self, Failure> {
        Self::register_as(client, &registration(home)).await
    }

    /// Registers with a form of the caller's, and signs in.
    pub async fn register_as(client: &Client, form: &Value) -> Result<Self, Failure> {
        let registered = client.send(Call::post("/v1/players").json(form)).await?.must(201)?;
        let field = |name: &str| form.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (email, password) = (field("email"), field("password"));
        let signed_in = sign_in(client, &email, &password).await?.must(201)?;
        Ok(Self {
            client: client.clone(),
            id: registered.text("/player_id")?.to_owned(),
            currency: registered.text("/currency")?.to_owned(),
            access_token: signed_in.text("/access_token")?.to_owned(),
            refresh_token: signed_in.text("/refresh_token")?.to_owned(),
            email,
            password,
        })
    }

    /// The same player after signing in anew.
    pub async fn sign_in(&self) -> Result<Self, Failure> {
        let signed_in = sign_in(&self.client, &self.email, &self.password).await?.must(201)?;
        Ok(Self {
            access_token: signed_in.text("/access_token")?.to_owned(),
            refresh_token: signed_in.text("/refresh_token")?.to_owned(),
            ..self.clone()
        })
    }

    /// Makes a call as this player.
    pub async fn send(&self, call: Call) -> Result<Answer, Failure> {
        self.client.send(call.bearer(&self.access_token)).await
    }

    /// Reads as this player.
    pub async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Call::get(path)).await
    }

    /// The balances.
    pub async fn wallet(&self) -> Result<Answer, Failure> {
        self.get("/v1/wallet").await?.must(200)
    }

    /// The real money, as the wallet shows it.
    pub async fn cash(&self) -> Result<String, Failure> {
        Ok(self.wallet().await?.text("/cash")?.to_owned())
    }

    /// How often anything changed.
    pub async fn version(&self) -> Result<i64, Failure> {
        self.wallet().await?.number("/version")
    }

    /// The whole statement, newest first, however many pages it takes.
    pub async fn statement(&self) -> Result<Vec<Value>, Failure> {
        let mut lines = Vec::new();
        let mut path = "/v1/wallet/transactions?limit=200".to_owned();
        loop {
            let page = self.get(&path).await?.must(200)?;
            lines.extend_from_slice(page.items()?);
            match page.body.get("next_cursor").and_then(Value::as_str) {
                Some(cursor) => path = format!("/v1/wallet/transactions?limit=200&cursor={cursor}"),
                None => return Ok(lines),
            }
        }
    }

    /// Starts an identity check.
    pub async fn start_verification(&self) -> Result<Answer, Failure> {
        self.send(Call::post("/v1/kyc/verifications").json(&json!({}))).await
    }

    /// Asks to pay in.
    pub async fn deposit(&self, amount: &str, key: &str) -> Result<Answer, Failure> {
        let return_url = format!("{}/", self.client.url());
        let body = json!({"amount": amount, "method": "card", "return_url": return_url});
        self.send(Call::post("/v1/deposits").once(key).json(&body)).await
    }

    /// Asks to be paid out.
    pub async fn withdraw(&self, amount: &str, key: &str) -> Result<Answer, Failure> {
        self.withdraw_to("MT84MALT011000012345MTLCAST001S", amount, key).await
    }

    /// Asks to be paid out to a certain bank account.
    pub async fn withdraw_to(&self, iban: &str, amount: &str, key: &str) -> Result<Answer, Failure> {
        let body = json!({"amount": amount, "method": "bank", "destination": {"iban": iban}});
        self.send(Call::post("/v1/withdrawals").once(key).json(&body)).await
    }

    /// Opens a game.
    pub async fn launch(&self, game_id: &str) -> Result<Answer, Failure> {
        let body = json!({"return_url": format!("{}/", self.client.url()), "device": "desktop"});
        self.send(Call::post(format!("/v1/games/{game_id}/launch")).json(&body)).await
    }
}

/// Signs a player in.
async fn sign_in(client: &Client, email: &str, password: &str) -> Result<Answer, Failure> {
    client.send(Call::post("/v1/sessions").json(&json!({"email": email, "password": password}))).await
}
