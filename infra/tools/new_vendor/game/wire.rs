//! __Name__'s requests: JSON in, canonical requests out.

use domain::fact::Play;
use domain::ids::PlayerId;
use domain::play::{Bets, Credit, CreditReason, Debit, Rollback, Rounds, WalletPolicy};
use domain::{Command, Currency, EntryKey, Money, Refusal, parse_decimal};
use http::Method;

use super::INTEGRATION;
use crate::call::{RawCall, is_plain_id};
use crate::games::fields::Fields;
use crate::games::{GameRequest, Rejection, RequestKind};

/// What __Name__'s documents say of winnings, rollbacks and rounds.
const POLICY: WalletPolicy = WalletPolicy {
    require_bet: false,
    bets: Bets::ByTransaction,
    one_credit_per_bet: false,
    rounds: Rounds::Named,
    undone_is_final: true,
};

/// Reads a call.
pub(super) fn request(call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    let read = match call.path {
        "/balance" => balance,
        "/bet" => bet,
        "/win" => win,
        "/rollback" => rollback,
        _ => return Err(Rejection::UnknownCall),
    };
    if call.method != Method::POST {
        return Err(Rejection::UnknownCall);
    }
    let fields = Fields::read(call.body)?;
    let player: PlayerId =
        fields.required_text("player")?.parse().map_err(|_| Rejection::Refused(Refusal::PlayerUnknown))?;
    let currency: Currency =
        fields.required_text("currency")?.parse().map_err(|_| Rejection::Refused(Refusal::WrongCurrency))?;
    let (kind, game) = read(&fields, currency)?;
    Ok(GameRequest { correlation_id: String::new(), player, game, currency: Some(currency), kind })
}

type Kind = (RequestKind, Option<String>);

fn balance(fields: &Fields<'_>, _: Currency) -> Result<Kind, Rejection> {
    Ok((RequestKind::Balance { token_hash: None, late: false }, Some(id(fields, "game")?)))
}

fn bet(fields: &Fields<'_>, currency: Currency) -> Result<Kind, Rejection> {
    let (key, play) = (key(fields)?, play(fields)?);
    let amount = amount(fields, currency)?;
    let game = Some(play.game.clone());
    let debit = Debit {
        key,
        token_hash: None,
        play,
        amount,
        free: false,
        promotion: false,
        max_stake: None,
        bet: None,
        policy: POLICY,
    };
    Ok((RequestKind::Operation(Box::new(Command::Debit(debit))), game))
}

fn win(fields: &Fields<'_>, currency: Currency) -> Result<Kind, Rejection> {
    let (key, play) = (key(fields)?, play(fields)?);
    let amount = amount(fields, currency)?;
    let (game, reason) = (Some(play.game.clone()), CreditReason::Win);
    let credit = Credit { key, token_hash: None, play, amount, bet: None, reason, policy: POLICY };
    Ok((RequestKind::Operation(Box::new(Command::Credit(credit))), game))
}

fn rollback(fields: &Fields<'_>, currency: Currency) -> Result<Kind, Rejection> {
    let (key, play, target) = (key(fields)?, play(fields)?, id(fields, "target")?);
    let game = Some(play.game.clone());
    let rollback = Rollback {
        key,
        token_hash: None,
        play,
        target,
        placed_by: None,
        currency: Some(currency),
        policy: POLICY,
    };
    Ok((RequestKind::Operation(Box::new(Command::Rollback(rollback))), game))
}

fn play(fields: &Fields<'_>) -> Result<Play, Rejection> {
    let (game, round) = (id(fields, "game")?, Some(id(fields, "round")?));
    Ok(Play { game, round, round_closed: fields.flag("round_closed")? })
}

fn key(fields: &Fields<'_>) -> Result<EntryKey, Rejection> {
    Ok(EntryKey::new(INTEGRATION, id(fields, "transaction")?))
}

fn id(fields: &Fields<'_>, name: &str) -> Result<String, Rejection> {
    let id = fields.required_text(name)?;
    if is_plain_id(&id) { Ok(id) } else { Err(Rejection::WrongType) }
}

/// An amount as decimal text in main units: it must not pass through floating point.
fn amount(fields: &Fields<'_>, currency: Currency) -> Result<Money, Rejection> {
    let amount = parse_decimal(&fields.required_text("amount")?).map_err(|_| Rejection::WrongType)?;
    Money::from_decimal(amount, currency).map_err(|error| Refusal::Amount(error).into())
}
