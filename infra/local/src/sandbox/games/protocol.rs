//! What differs between game vendors: how each opens a game, asks the wallet, proves who it is, and reads an answer.
//!
//! Written from the vendors' documents, without a line of the platform's own adapters: one is the test of the other.

use domain::Decimal;
use http::{HeaderMap, Method};
use serde_json::Value;
use uuid::Uuid;

use super::Game;

/// Amounts here are integers: hundred-thousandths of the currency's main unit.
const PLACES: u32 = 5;

/// A vendor's side of its protocol.
pub trait Protocol: Send + Sync {
    /// The vendor, as the platform's routes name it.
    fn vendor(&self) -> &'static str;

    /// Where the platform asks for games, below the vendor's address.
    fn launch_route(&self) -> &'static str;

    /// Where it asks for games to be tried out, if not there.
    fn demo_route(&self) -> Option<&'static str> {
        None
    }

    /// Reads the platform's call for a game, if it proves that it is the platform's.
    fn launch(&self, call: &LaunchCall<'_>) -> Result<Opening, Refused>;

    /// Answers it: a session's page stands at a path below the vendor's address.
    fn launched(&self, base_url: &str, path: &str) -> Value;

    /// How and where the platform asks for the list of games, below the vendor's address; none if there is none.
    fn list_route(&self) -> Option<(Method, &'static str)> {
        None
    }

    /// The list, if the call for it proves that it is the platform's.
    fn list(&self, _call: &ListCall<'_>, _games: &[&Game]) -> Result<Value, Refused> {
        Err(Refused(404, "there is no list"))
    }

    /// Where else the platform's back office asks, below the vendor's address.
    fn desk_routes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Reads what it asks, if the call proves that it is the platform's.
    fn asked(&self, _call: &DeskCall<'_>) -> Result<Asked, Refused> {
        Err(Refused(404, "there is no such call"))
    }

    /// Answers it.
    fn told(&self, _told: Told<'_>) -> Shown {
        Shown::Json(Value::Null)
    }

    /// What pays at the end for all of some free rounds, where their rounds pay nothing.
    fn free_rounds_won(&self, _session: &Session, _reward: &str, _amount: i64) -> Option<WalletCall> {
        None
    }

    /// The call that exchanges the token of a launch for another, where there is one.
    fn check(&self, _session: &Session) -> Option<WalletCall> {
        None
    }

    /// The token in the answer to that call.
    fn exchanged(&self, _answer: &Value) -> Option<String> {
        None
    }

    /// Asks for the balance.
    fn balance(&self, session: &Session) -> WalletCall;

    /// Takes a stake.
    fn bet(&self, session: &Session, round: &Round) -> WalletCall;

    /// Pays winnings; nothing, if the round is lost. The round is over.
    fn win(&self, session: &Session, round: &Round, amount: i64) -> WalletCall;

    /// Undoes the stake.
    fn rollback(&self, session: &Session, round: &Round) -> WalletCall;

    /// Gives a call that is sent again what each sending has of its own.
    fn renew(&self, _call: &mut WalletCall) {}

    /// What proves a call to be the vendor's.
    fn prove(&self, call: &WalletCall, body: &[u8]) -> Proof;

    /// What an answer means.
    fn verdict(&self, status: u16, answer: &Value) -> Verdict;

    /// The balance that an answer tells.
    fn told_balance(&self, answer: &Value) -> Option<i64> {
        units(answer.get("balance")?)
    }
}

/// The platform's call for a game, as it came.
pub struct LaunchCall<'a> {
    /// Below the vendor's address.
    pub path: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// The platform's call for the list of games, as it came.
pub struct ListCall<'a> {
    /// The query.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// A call of the platform's back office, as it came.
pub struct DeskCall<'a> {
    /// The method.
    pub method: &'a Method,
    /// Below the vendor's address.
    pub path: &'a str,
    /// The query.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body's bytes.
    pub body: &'a [u8],
}

/// What the back office asks.
#[derive(Clone, Debug)]
pub enum Asked {
    /// How a round went.
    Round(String),
    /// What free rounds can be like.
    Templates,
    /// Free rounds for a player.
    Give(Wanted),
    /// That they be taken back, by the operator's id of them or the vendor's.
    Revoke(String),
}

/// Free rounds as the platform wants them.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The operator's id of them, where the protocol has one.
    pub operators_id: Option<String>,
    /// The template.
    pub template: Option<String>,
    /// The player.
    pub player: String,
    /// The game.
    pub game: Option<String>,
    /// How many.
    pub rounds: Option<u32>,
    /// The stake of each.
    pub stake: Option<i64>,
}

/// A template for free rounds.
#[derive(Clone, Debug)]
pub struct Template {
    /// Its id.
    pub id: String,
    /// The game.
    pub game: Option<String>,
    /// How many, and the stake of each; none if the operator says.
    pub common: Option<(u32, i64)>,
}

/// What the back office is told.
pub enum Told<'a> {
    /// The page of a round, and where it stands.
    Round {
        /// The page.
        page: String,
        /// Its address.
        url: String,
    },
    /// What free rounds can be like.
    Templates(&'a [Template]),
    /// The id of free rounds that were given.
    Given(String),
    /// They are taken back.
    Revoked,
}

/// An answer to the back office.
pub enum Shown {
    /// To be read.
    Json(Value),
    /// To be looked at.
    Html(String),
}

/// What the platform wants opened.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The player's id; empty where a game is only tried out.
    pub player: String,
    /// What proves that the player opened it; empty where the protocol has no tokens.
    pub token: String,
    /// The vendor's code of the game.
    pub game: String,
    /// The wallet's currency.
    pub currency: String,
    /// Where the player goes afterwards.
    pub lobby_url: Option<String>,
}

/// How a vendor refuses a call for a game: an HTTP status and a text.
#[derive(Debug)]
pub struct Refused(pub u16, pub &'static str);

/// A game that a player opened.
#[derive(Clone, Debug)]
pub struct Session {
    /// What was asked for; the token is the one that is good now.
    pub opening: Opening,
    /// Whether the token of the launch was exchanged.
    pub checked: bool,
    /// The newest round, for the buttons that send its bet again or undo it.
    pub last: Option<Round>,
    /// The play money of a game that is only tried out: no wallet is asked.
    pub purse: Option<i64>,
}

/// A round of a game: one stake.
#[derive(Clone, Debug)]
pub struct Round {
    /// The vendor's name of the round.
    pub id: String,
    /// The bet's transaction.
    pub bet: String,
    /// The stake.
    pub stake: i64,
    /// The free rounds that it is one of.
    pub reward: Option<String>,
}

/// A call to the wallet, before it is proven.
#[derive(Clone, Debug)]
pub struct WalletCall {
    /// The method.
    pub method: Method,
    /// The path below the vendor's prefix.
    pub path: String,
    /// The query's parameters.
    pub query: Vec<(&'static str, String)>,
    /// The headers, but for the proof.
    pub headers: Vec<(&'static str, String)>,
    /// The body; none if it is null.
    pub body: Value,
}

/// What proves a call to be the vendor's, and where it stands.
#[derive(Clone, Debug)]
pub enum Proof {
    /// In a header.
    Header(&'static str, String),
    /// In the query.
    Query(&'static str, String),
}

/// What an answer means to the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is done.
    Done,
    /// It is refused: nothing moved, and nothing has to be undone.
    Refused(String),
    /// It may or may not be done: a stake has to be undone.
    Unclear(String),
}

impl Round {
    /// A round that nobody has heard of.
    #[must_use]
    pub fn new(stake: i64) -> Self {
        Self { id: fresh_id(), bet: fresh_id(), stake, reward: None }
    }
}

impl WalletCall {
    /// A call with a body.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::POST, path: path.into(), query: Vec::new(), headers: Vec::new(), body }
    }

    /// A question.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, ..Self::post(path, Value::Null) }
    }

    /// The body's bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        if self.body.is_null() { Vec::new() } else { self.body.to_string().into_bytes() }
    }

    /// The call as it goes over the wire, with its proof: path and query, headers, body.
    #[must_use]
    pub fn proven(&self, proof: &Proof) -> (String, Vec<(&'static str, String)>, Vec<u8>) {
        let (mut query, mut headers) = (self.query.clone(), self.headers.clone());
        match proof.clone() {
            Proof::Header(name, value) => headers.push((name, value)),
            Proof::Query(name, value) => query.push((name, value)),
        }
        if !self.body.is_null() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let path = if query.is_empty() { self.path.clone() } else { format!("{}?{query}", self.path) };
        (path, headers, self.bytes())
    }
}

impl Proof {
    /// One of the same form that proves nothing.
    #[must_use]
    pub fn forged(self) -> Self {
        let turned = |text: String| text.chars().rev().collect();
        match self {
            Self::Header(name, value) => Self::Header(name, turned(value)),
            Self::Query(name, value) => Self::Query(name, turned(value)),
        }
    }
}

impl Verdict {
    /// A refusal, told by a code in the answer.
    pub(super) fn refused(code: Option<&Value>) -> Self {
        Self::Refused(words(code))
    }

    /// An outcome that is not clear, told by a code in the answer.
    pub(super) fn unclear(code: Option<&Value>) -> Self {
        Self::Unclear(words(code))
    }

    /// The word for it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Done => "done",
            Self::Refused(code) | Self::Unclear(code) => code,
        }
    }
}

fn words(code: Option<&Value>) -> String {
    code.and_then(Value::as_str).unwrap_or("an answer that says nothing").to_owned()
}

/// An object with further fields, or with others in the place of its own.
pub(super) fn with(object: Value, fields: Value) -> Value {
    match (object, fields) {
        (Value::Object(object), Value::Object(fields)) => {
            Value::Object(object.into_iter().chain(fields).collect())
        }
        (object, _) => object,
    }
}

/// An amount in main units, as text.
pub(super) fn text(amount: i64) -> String {
    Decimal::new(amount, PLACES).normalize().to_string()
}

/// An amount in main units, as a JSON number.
pub(super) fn number(amount: i64) -> Value {
    serde_json::from_str(&text(amount)).unwrap_or_default()
}

/// An amount of main units, however it is written, in hundred-thousandths.
pub(super) fn units(written: &Value) -> Option<i64> {
    let text = written.as_str().map_or_else(|| written.to_string(), str::to_owned);
    let amount = domain::parse_decimal(&text).ok()?;
    i64::try_from(amount.checked_mul(Decimal::from(100_000))?.trunc()).ok()
}

/// An id that was never used.
#[must_use]
pub fn fresh_id() -> String {
    Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_written_in_main_units_and_read_however_they_are_written() {
        assert_eq!(
            (text(150_000).as_str(), text(1).as_str(), number(1_000_000)),
            ("1.5", "0.00001", json!(10))
        );
        assert_eq!(
            (units(&json!("98.50")), units(&json!(1.5)), units(&json!(null))),
            (Some(9_850_000), Some(150_000), None)
        );
    }

    #[test]
    fn a_forged_proof_has_the_form_of_a_true_one() {
        let Proof::Header(name, value) = Proof::Header("x", "abc".to_owned()).forged() else { panic!() };
        assert_eq!((name, value.as_str()), ("x", "cba"));
    }
}
