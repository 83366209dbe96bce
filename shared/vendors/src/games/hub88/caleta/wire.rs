//! Caleta's requests: JSON in, canonical requests out.

use domain::fact::Play;
use domain::ids::PlayerId;
use domain::play::{Credit, CreditReason, Debit};
use domain::{Command, Currency, EntryKey, Refusal};

use super::INTEGRATION;
use crate::call::RawCall;
use crate::games::fields::Fields;
use crate::games::hub88::reading::{POLICY, canonical_uuid, money, required_uuid, token_hash_of, undoing};
use crate::games::rotation::Rotation;
use crate::games::{GameRequest, GameToken, Rejection, RequestKind};

/// What stands before the names of changed tokens among the transactions, whose own names are UUIDs.
const CHECKS: &str = "check:";

/// Reads a call. Types are checked before meanings, so that a malformed call is never called an unknown player's.
pub(super) fn request(call: RawCall<'_>, rotation: &Rotation) -> Result<GameRequest, Rejection> {
    let fields = Fields::read(call.body)?;
    let read: Reader = match call.path {
        "/wallet/check" => return check(&fields, rotation),
        "/wallet/balance" => balance,
        "/wallet/bet" => bet,
        "/wallet/win" => win,
        "/wallet/rollback" => rollback,
        _ => return Err(Rejection::UnknownCall),
    };
    let correlation_id: String = fields.required("request_uuid")?;
    canonical_uuid(&correlation_id)?;
    let (token, user): (String, _) = (fields.required("token")?, user(&fields, call.path)?);
    let (kind, game, currency) = read(&fields)?;
    let player = player(&token, user.as_deref())?;
    Ok(GameRequest { correlation_id, player, game: Some(game), currency, kind })
}

/// The player's name, as far as the call must have one.
fn user(fields: &Fields<'_>, path: &str) -> Result<Option<String>, Rejection> {
    if path == "/wallet/rollback" { fields.optional("user") } else { fields.required("supplier_user") }
}

/// Whose wallet: the token tells. A name beside it may be Caleta's own; only one of ours can contradict.
fn player(token: &str, user: Option<&str>) -> Result<PlayerId, Refusal> {
    let named = user.and_then(|user| user.parse().ok());
    match (GameToken::parse(token), named) {
        (Some(token), Some(named)) if named != token.player => Err(Refusal::SessionUnknown),
        (Some(token), _) => Ok(token.player),
        (None, Some(named)) => Ok(named),
        (None, None) => Err(Refusal::PlayerUnknown),
    }
}

type Kind = (RequestKind, String, Option<Currency>);
type Reader = fn(&Fields<'_>) -> Result<Kind, Rejection>;

/// The token of the launch is changed for another; its repeat gets the same one.
fn check(fields: &Fields<'_>, rotation: &Rotation) -> Result<GameRequest, Rejection> {
    let token: String = fields.required("token")?;
    let token = GameToken::parse(&token).ok_or(Refusal::SessionUnknown)?;
    Ok(GameRequest {
        correlation_id: String::new(),
        player: token.player,
        game: None,
        currency: Some(token.currency),
        kind: rotation.of(INTEGRATION, CHECKS, &token),
    })
}

/// Only bets need a session that is not over.
fn balance(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let game = fields.required_text("game_code")?;
    Ok((RequestKind::Balance { token_hash: Some(token_hash_of(fields)?), late: true }, game, None))
}

fn bet(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play, token_hash) = (key(fields)?, play(fields)?, Some(token_hash_of(fields)?));
    let (free, amount) = (fields.required("is_free")?, money(fields)?);
    let debit = Debit {
        key,
        token_hash,
        play: play.clone(),
        amount,
        free,
        promotion: false,
        max_stake: None,
        bet: None,
        policy: POLICY,
    };
    Ok(operation(Command::Debit(debit), play, Some(amount.currency())))
}

fn win(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play, token_hash) = (key(fields)?, play(fields)?, Some(token_hash_of(fields)?));
    let bet = Some(required_uuid(fields, "reference_transaction_uuid")?);
    fields.required::<bool>("is_free")?;
    let jackpot: i64 = fields.optional("jackpot_win")?.unwrap_or_default();
    let minor: i64 = fields.required("amount")?;
    let amount = money(fields)?;
    if !(0..=minor).contains(&jackpot) {
        return Err(Rejection::WrongType);
    }
    // One transaction is paid for one thing: a jackpot with winnings beside it counts as winnings.
    let reason = if jackpot > 0 && jackpot == minor { CreditReason::Jackpot } else { CreditReason::Win };
    let credit = Credit { key, token_hash, play: play.clone(), amount, bet, reason, policy: POLICY };
    Ok(operation(Command::Credit(credit), play, Some(amount.currency())))
}

/// A rollback's token only tells whose it is: what was ours to undo is undone, whatever became of the session.
fn rollback(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play) = (key(fields)?, play(fields)?);
    let target = required_uuid(fields, "reference_transaction_uuid")?;
    Ok(operation(undoing(key, play.clone(), target), play, None))
}

fn operation(command: Command, play: Play, currency: Option<Currency>) -> Kind {
    (RequestKind::Operation(Box::new(command)), play.game, currency)
}

fn key(fields: &Fields<'_>) -> Result<EntryKey, Rejection> {
    Ok(EntryKey::new(INTEGRATION, required_uuid(fields, "transaction_uuid")?))
}

fn play(fields: &Fields<'_>) -> Result<Play, Rejection> {
    Ok(Play {
        game: fields.required_text("game_code")?,
        // An empty name would make one round of all that have none.
        round: Some(fields.required_text("round")?).filter(|round| !round.is_empty()),
        round_closed: fields.required("round_closed")?,
    })
}
