//! Hub88's requests: JSON in, canonical requests out.

use domain::fact::Play;
use domain::play::{Credit, CreditReason, Debit};
use domain::{Command, Currency, EntryKey, Refusal};

use super::INTEGRATION;
use super::reading::{POLICY, canonical_uuid, money, required_uuid, token_hash_of, undoing, uuid};
use crate::call::RawCall;
use crate::games::fields::Fields;
use crate::games::{GameRequest, Rejection, RequestKind};

/// Reads a call. Types are checked before meanings, so that a malformed call is never called an unknown player's.
pub(super) fn request(call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    let fields = Fields::read(call.body)?;
    let correlation_id: String = fields.required("request_uuid")?;
    canonical_uuid(&correlation_id)?;
    let user: String = fields.required("user")?;
    let (kind, game, currency) = match call.path {
        "/user/info" => (RequestKind::Profile, None, None),
        "/user/balance" => balance(&fields)?,
        "/transaction/bet" => bet(&fields)?,
        "/transaction/win" => win(&fields)?,
        "/transaction/rollback" => rollback(&fields)?,
        _ => return Err(Rejection::UnknownCall),
    };
    let player = user.parse().map_err(|_| Refusal::PlayerUnknown)?;
    Ok(GameRequest { correlation_id, player, game, currency, kind })
}

type Kind = (RequestKind, Option<String>, Option<Currency>);

fn balance(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let game = fields.required_text("game_code")?;
    let token_hash = Some(token_hash_of(fields)?);
    Ok((RequestKind::Balance { token_hash, late: false }, Some(game), None))
}

fn bet(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play, token_hash) = (key(fields)?, play(fields)?, Some(token_hash_of(fields)?));
    let promotion = fields.flag("is_supplier_promo")?;
    let free = fields.flag("is_free")? || promotion;
    let amount = money(fields)?;
    let debit = Debit {
        key,
        token_hash,
        play: play.clone(),
        amount,
        free,
        promotion,
        max_stake: None,
        bet: None,
        policy: POLICY,
    };
    Ok(operation(Command::Debit(debit), play, Some(amount.currency())))
}

fn win(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play, token_hash) = (key(fields)?, play(fields)?, Some(token_hash_of(fields)?));
    let promotional = fields.flag("is_supplier_promo")?;
    let bet = uuid(fields, "reference_transaction_uuid")?;
    if bet.is_none() && !promotional {
        return Err(Rejection::Malformed);
    }
    let amount = money(fields)?;
    let reason = if promotional { CreditReason::SupplierPromotion } else { CreditReason::Win };
    let credit = Credit { key, token_hash, play: play.clone(), amount, bet, reason, policy: POLICY };
    Ok(operation(Command::Credit(credit), play, Some(amount.currency())))
}

/// A rollback's token is not looked at: what was ours to undo is undone, whatever became of the session.
fn rollback(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play) = (key(fields)?, play(fields)?);
    token_hash_of(fields)?;
    let target = required_uuid(fields, "reference_transaction_uuid")?;
    Ok(operation(undoing(key, play.clone(), target), play, None))
}

fn operation(command: Command, play: Play, currency: Option<Currency>) -> Kind {
    (RequestKind::Operation(Box::new(command)), Some(play.game), currency)
}

fn key(fields: &Fields<'_>) -> Result<EntryKey, Rejection> {
    Ok(EntryKey::new(INTEGRATION, required_uuid(fields, "transaction_uuid")?))
}

fn play(fields: &Fields<'_>) -> Result<Play, Rejection> {
    Ok(Play {
        game: fields.required_text("game_code")?,
        // An empty name would make one round of all that have none.
        round: fields.text("round")?.filter(|round| !round.is_empty()),
        round_closed: fields.flag("round_closed")?,
    })
}
