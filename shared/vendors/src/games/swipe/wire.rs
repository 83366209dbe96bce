//! Swipe Games' requests: a query or JSON in, canonical requests out. Whose they are, only the session tells.

use domain::fact::Play;
use domain::play::{Bets, Credit, CreditReason, Debit, FreeRound, Rollback, Rounds, WalletPolicy};
use domain::{Command, Currency, EntryKey, Money, Refusal, parse_decimal};
use http::Method;
use uuid::Uuid;

use super::{INTEGRATION, signing};
use crate::call::RawCall;
use crate::games::fields::Fields;
use crate::games::{GameRequest, GameToken, Rejection, RequestKind, token_hash};

const POLICY: WalletPolicy = WalletPolicy {
    require_bet: false,
    bets: Bets::ByTransaction,
    one_credit_per_bet: false,
    rounds: Rounds::Named,
    undone_is_final: false,
};

/// Reads a call. Types are checked before meanings, so that a malformed call is never called an unknown session's.
pub(super) fn request(call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    let read = match (call.method, call.path) {
        (&Method::GET, "/balance") => return balance(call.query),
        (&Method::POST, "/bet") => bet,
        (&Method::POST, "/win") => win,
        (&Method::POST, "/refund") => refund,
        _ => return Err(Rejection::UnknownCall),
    };
    let fields = Fields::read(call.body)?;
    let session: String = fields.required("sessionID")?;
    let transaction = Transaction::read(&fields, &session)?;
    let command = read(&fields, transaction)?;
    of_session(&session, RequestKind::Operation(Box::new(command)))
}

/// The session is a token of ours, which names its player and currency.
fn of_session(session: &str, kind: RequestKind) -> Result<GameRequest, Rejection> {
    let token = GameToken::parse(session).ok_or(Refusal::SessionUnknown)?;
    let (player, currency) = (token.player, Some(token.currency));
    Ok(GameRequest { correlation_id: String::new(), player, game: None, currency, kind })
}

fn balance(query: &str) -> Result<GameRequest, Rejection> {
    let parameters = signing::parameters(query).ok_or(Rejection::Malformed)?;
    let session = parameters.get("sessionID").ok_or(Rejection::Malformed)?;
    of_session(session, RequestKind::Balance { token_hash: Some(token_hash(session)), late: false })
}

/// What every movement has.
struct Transaction {
    key: EntryKey,
    token_hash: String,
    /// An amount of the session's currency; none if there is no such session.
    amount: Option<Money>,
    round: Option<String>,
}

impl Transaction {
    fn read(fields: &Fields<'_>, session: &str) -> Result<Self, Rejection> {
        let amount = amount(&fields.required::<String>("amount")?)?;
        let of_currency = |currency: Currency| Money::from_decimal(amount, currency).map_err(Refusal::Amount);
        let currency = GameToken::parse(session).map(|token| token.currency);
        Ok(Self {
            key: EntryKey::new(INTEGRATION, required_uuid(fields, "txID")?),
            token_hash: token_hash(session),
            round: fields.optional::<String>("roundID")?.map(|id| uuid(&id)).transpose()?,
            amount: currency.map(of_currency).transpose()?,
        })
    }

    /// The session's game, which the core knows, and the round.
    fn play(&self) -> Play {
        Play { round: self.round.clone(), ..Play::default() }
    }

    fn money(&self) -> Result<Money, Rejection> {
        Ok(self.amount.ok_or(Refusal::SessionUnknown)?)
    }
}

fn bet(fields: &Fields<'_>, transaction: Transaction) -> Result<Command, Rejection> {
    required_uuid(fields, "roundID")?;
    let reward = fields.text("frID")?;
    if is_free(fields)? {
        return free(transaction, false, reward);
    }
    let (amount, play) = (transaction.money()?, transaction.play());
    let (key, token_hash) = (transaction.key, Some(transaction.token_hash));
    Ok(Command::Debit(Debit {
        key,
        token_hash,
        play,
        amount,
        free: false,
        promotion: false,
        max_stake: None,
        bet: None,
        policy: POLICY,
    }))
}

/// While free rounds last, nothing is paid; what they won in all comes as one win that names them.
fn win(fields: &Fields<'_>, transaction: Transaction) -> Result<Command, Rejection> {
    required_uuid(fields, "roundID")?;
    let reward = fields.text("frID")?;
    if is_free(fields)? {
        return free(transaction, true, reward);
    }
    let reason = if reward.is_some() { CreditReason::FreeRounds } else { CreditReason::Win };
    let (amount, play) = (transaction.money()?, transaction.play());
    let (key, token_hash) = (transaction.key, Some(transaction.token_hash));
    Ok(Command::Credit(Credit { key, token_hash, play, amount, bet: None, reason, policy: POLICY }))
}

/// A refund gives back what we have on record; its own amount is only ever the same.
fn refund(fields: &Fields<'_>, transaction: Transaction) -> Result<Command, Rejection> {
    let target = required_uuid(fields, "origTxID")?;
    let (play, currency) = (transaction.play(), transaction.amount.map(Money::currency));
    let (key, token_hash) = (transaction.key, Some(transaction.token_hash));
    let (placed_by, policy) = (None, POLICY);
    Ok(Command::Rollback(Rollback { key, token_hash, play, target, placed_by, currency, policy }))
}

fn free(transaction: Transaction, won: bool, reward: Option<String>) -> Result<Command, Rejection> {
    let (amount, play) = (transaction.money()?, transaction.play());
    let (key, token_hash) = (transaction.key, Some(transaction.token_hash));
    Ok(Command::FreeRound(FreeRound { key, token_hash, play, amount, won, reward }))
}

fn is_free(fields: &Fields<'_>) -> Result<bool, Rejection> {
    match fields.required::<String>("type")?.as_str() {
        "regular" => Ok(false),
        "free" => Ok(true),
        _ => Err(Rejection::WrongType),
    }
}

fn required_uuid(fields: &Fields<'_>, name: &str) -> Result<String, Rejection> {
    uuid(&fields.required::<String>(name)?)
}

/// One spelling for each UUID: a transaction must be found again however its id is written.
fn uuid(text: &str) -> Result<String, Rejection> {
    const HYPHENATED: usize = 36;
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == HYPHENATED);
    uuid.map(|uuid| uuid.to_string()).ok_or(Rejection::WrongType)
}

/// An amount in the protocol's form: no sign, and no zero in front of other digits.
fn amount(text: &str) -> Result<domain::Decimal, Rejection> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if text.starts_with('-') || (whole.starts_with('0') && whole != "0") {
        return Err(Rejection::WrongType);
    }
    parse_decimal(text).map_err(|_| Rejection::WrongType)
}
