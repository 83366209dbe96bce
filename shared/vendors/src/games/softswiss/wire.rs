//! `SoftSwiss`' requests: JSON in, canonical requests out.

use domain::fact::Play;
use domain::ids::PlayerId;
use domain::play::{Bets, Credit, CreditReason, Debit, EndRound, Rollback, Rounds, WalletPolicy};
use domain::{Command, Currency, EntryKey, Money, Refusal, parse_decimal};
use http::Method;

use super::INTEGRATION;
use crate::call::RawCall;
use crate::games::fields::Fields;
use crate::games::{GameRequest, Rejection, RequestKind};

/// The largest body that the protocol allows.
const LARGEST_BODY: usize = 64 * 1024;

/// What no transaction's id of theirs may start with: our own keys do.
const OURS: char = '#';

const POLICY: WalletPolicy = WalletPolicy {
    require_bet: false,
    bets: Bets::ByTransaction,
    one_credit_per_bet: false,
    rounds: Rounds::Named,
    undone_is_final: true,
};

/// Reads a call. Types are checked before meanings, so that a malformed call is never called an unknown player's.
///
/// Each URL is configured on its own at `SoftSwiss`' side: only the end of the path says what is asked for.
pub(super) fn request(call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    let read = match call.path.rsplit('/').next() {
        Some("balance") => balance,
        Some("betwin") => bets_and_wins,
        Some("rollback") => rollbacks,
        Some("finish") => finish,
        _ => return Err(Rejection::UnknownCall),
    };
    if call.method != Method::POST {
        return Err(Rejection::UnknownCall);
    }
    if call.body.len() > LARGEST_BODY {
        return Err(Rejection::Malformed);
    }
    let fields = Fields::read(call.body)?;
    let (account_id, code) = (required(&fields, "account_id")?, currency_code(&fields)?);
    let asked = Asked { player: account_id.parse().ok(), currency: code.parse().ok() };
    let (kind, game) = read(&fields, asked)?;
    let player = asked.player.ok_or(Refusal::PlayerUnknown)?;
    let currency = Some(asked.currency.ok_or(Refusal::WrongCurrency)?);
    Ok(GameRequest { correlation_id: String::new(), player, game, currency, kind })
}

/// Whose wallet is meant, as far as we know them.
#[derive(Clone, Copy)]
struct Asked {
    player: Option<PlayerId>,
    currency: Option<Currency>,
}

type Kind = (RequestKind, Option<String>);

fn balance(fields: &Fields<'_>, _: Asked) -> Result<Kind, Rejection> {
    Ok((RequestKind::Balance { token_hash: None, late: false }, Some(required(fields, "game_id")?)))
}

fn bets_and_wins(fields: &Fields<'_>, asked: Asked) -> Result<Kind, Rejection> {
    let play = Play {
        game: required(fields, "game_id")?,
        round: Some(required(fields, "round_id")?),
        round_closed: false,
    };
    let finished = fields.flag("finished")?;
    let movements = transactions(fields)?.iter().map(Movement::read).collect::<Result<Vec<_>, _>>()?;
    if asked.player.is_none() {
        return Err(Refusal::PlayerUnknown.into());
    }
    let currency = asked.currency.ok_or(Refusal::WrongCurrency)?;
    let last = movements.len();
    let commands = movements.into_iter().zip(1..).map(|(movement, number)| {
        // What comes before the last still belongs to an open round.
        let round_closed = finished && number == last;
        movement.command(Play { round_closed, ..play.clone() }, currency)
    });
    Ok((RequestKind::Batch(commands.collect::<Result<_, _>>()?), Some(play.game)))
}

fn rollbacks(fields: &Fields<'_>, asked: Asked) -> Result<Kind, Rejection> {
    // What is undone tells its game itself.
    let game = fields.text("game_id")?.filter(|game| !game.is_empty());
    let play = Play {
        game: game.clone().unwrap_or_default(),
        round: Some(required(fields, "round_id_provider")?),
        round_closed: fields.flag("finished")?,
    };
    let rollback = |transaction: &Fields<'_>| {
        let key = key(transaction)?;
        let kind: String = transaction.required("type")?;
        let target = transaction_id(transaction, "original_id_provider")?;
        if kind != "rollback" {
            return Err(Rejection::WrongType);
        }
        Ok(Command::Rollback(Rollback {
            key,
            token_hash: None,
            play: play.clone(),
            target,
            placed_by: None,
            currency: asked.currency,
            policy: POLICY,
        }))
    };
    let commands = transactions(fields)?.iter().map(rollback).collect::<Result<_, _>>()?;
    Ok((RequestKind::Batch(commands), game))
}

/// The call names no game and no transaction: a round ends once.
fn finish(fields: &Fields<'_>, asked: Asked) -> Result<Kind, Rejection> {
    let round = required(fields, "round_id")?;
    let key = EntryKey::new(INTEGRATION, format!("{OURS}end/{round}"));
    let play = Play { round: Some(round), round_closed: true, ..Play::default() };
    Ok((
        RequestKind::Operation(Box::new(Command::EndRound(EndRound { key, play, currency: asked.currency }))),
        None,
    ))
}

/// A bet or a win, before its currency is known to be one.
struct Movement {
    key: EntryKey,
    is_bet: bool,
    amount: domain::Decimal,
}

impl Movement {
    fn read(fields: &Fields<'_>) -> Result<Self, Rejection> {
        let key = key(fields)?;
        let is_bet = match fields.required::<String>("type")?.as_str() {
            "bet" => true,
            "win" => false,
            _ => return Err(Rejection::WrongType),
        };
        Ok(Self { key, is_bet, amount: amount(&fields.required::<String>("amount")?)? })
    }

    fn command(self, play: Play, currency: Currency) -> Result<Command, Rejection> {
        let amount = Money::from_decimal(self.amount, currency).map_err(Refusal::Amount)?;
        let (key, token_hash, bet, policy) = (self.key, None, None, POLICY);
        Ok(if self.is_bet {
            let (free, promotion, max_stake) = (false, false, None);
            Command::Debit(Debit { key, token_hash, play, amount, free, promotion, max_stake, bet, policy })
        } else {
            let reason = CreditReason::Win;
            Command::Credit(Credit { key, token_hash, play, amount, bet, reason, policy })
        })
    }
}

fn transactions<'a>(fields: &Fields<'a>) -> Result<Vec<Fields<'a>>, Rejection> {
    let transactions = fields.objects("transactions")?;
    if transactions.is_empty() { Err(Rejection::Malformed) } else { Ok(transactions) }
}

fn key(transaction: &Fields<'_>) -> Result<EntryKey, Rejection> {
    Ok(EntryKey::new(INTEGRATION, transaction_id(transaction, "id_provider")?))
}

fn transaction_id(fields: &Fields<'_>, name: &str) -> Result<String, Rejection> {
    let id = required(fields, name)?;
    if id.starts_with(OURS) || id.chars().any(char::is_control) { Err(Rejection::WrongType) } else { Ok(id) }
}

/// A text that must say something.
fn required(fields: &Fields<'_>, name: &str) -> Result<String, Rejection> {
    let text = fields.required_text(name)?;
    if text.is_empty() { Err(Rejection::WrongType) } else { Ok(text) }
}

/// A code in the protocol's form, which need not be a currency of ours. Never made to fit.
fn currency_code(fields: &Fields<'_>) -> Result<String, Rejection> {
    let code: String = fields.required("currency")?;
    let follows = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let in_form = (3..=32).contains(&code.len())
        && code.starts_with(|first: char| first.is_ascii_uppercase())
        && code.bytes().all(follows);
    if in_form { Ok(code) } else { Err(Rejection::WrongType) }
}

/// An amount above zero, in the protocol's form: digits, and at most 16 after a point.
fn amount(text: &str) -> Result<domain::Decimal, Rejection> {
    const LONGEST: usize = 40;
    const MOST_PLACES: usize = 16;
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    if text.len() > LONGEST || places > MOST_PLACES || text.starts_with('-') {
        return Err(Rejection::WrongType);
    }
    let amount = parse_decimal(text).map_err(|_| Rejection::WrongType)?;
    if amount.is_zero() { Err(Refusal::NotPositive.into()) } else { Ok(amount) }
}
