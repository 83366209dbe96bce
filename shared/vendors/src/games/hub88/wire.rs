//! Hub88's requests: JSON in, canonical requests out.

use std::collections::BTreeMap;

use domain::fact::Play;
use domain::play::{Bets, Credit, CreditReason, Debit, Rollback, Rounds, WalletPolicy};
use domain::{Command, Currency, EntryKey, Money, Refusal};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::INTEGRATION;
use crate::call::RawCall;
use crate::games::{GameRequest, Rejection, RequestKind, token_hash};

/// Hub88 counts money in hundred-thousandths.
pub(super) const PLACES: u32 = 5;

/// Texts that end up in the ledger are bounded: a record has only so much room.
const LONGEST_TEXT: usize = 255;

const POLICY: WalletPolicy = WalletPolicy {
    require_bet: true,
    bets: Bets::ByTransaction,
    one_credit_per_bet: false,
    rounds: Rounds::Named,
};

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

/// The id of a call, for the answer to one that was not understood otherwise.
pub(super) fn correlation_id(body: &[u8]) -> Option<String> {
    Fields::read(body).ok()?.text("request_uuid").ok()?
}

type Kind = (RequestKind, Option<String>, Option<Currency>);

fn balance(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let game = fields.required_text("game_code")?;
    Ok((RequestKind::Balance { token_hash: Some(fields.token_hash()?) }, Some(game), None))
}

fn bet(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play, token_hash) = (fields.key()?, fields.play()?, Some(fields.token_hash()?));
    let free = fields.flag("is_free")? || fields.flag("is_supplier_promo")?;
    let amount = fields.money()?;
    let debit = Debit { key, token_hash, play: play.clone(), amount, free, bet: None, policy: POLICY };
    Ok(operation(Command::Debit(debit), play, Some(amount.currency())))
}

fn win(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play, token_hash) = (fields.key()?, fields.play()?, Some(fields.token_hash()?));
    let promotional = fields.flag("is_supplier_promo")?;
    let bet = fields.uuid("reference_transaction_uuid")?;
    if bet.is_none() && !promotional {
        return Err(Rejection::Malformed);
    }
    let amount = fields.money()?;
    let reason = if promotional { CreditReason::SupplierPromotion } else { CreditReason::Win };
    let credit = Credit { key, token_hash, play: play.clone(), amount, bet, reason, policy: POLICY };
    Ok(operation(Command::Credit(credit), play, Some(amount.currency())))
}

/// A rollback's token is not looked at: what was ours to undo is undone, whatever became of the session.
fn rollback(fields: &Fields<'_>) -> Result<Kind, Rejection> {
    let (key, play) = (fields.key()?, fields.play()?);
    fields.token_hash()?;
    let target = fields.required_uuid("reference_transaction_uuid")?;
    Ok(operation(Command::Rollback(Rollback { key, play: play.clone(), target, policy: POLICY }), play, None))
}

fn operation(command: Command, play: Play, currency: Option<Currency>) -> Kind {
    (RequestKind::Operation(Box::new(command)), Some(play.game), currency)
}

/// A request's fields, each still as written: numbers must not pass through floating point.
struct Fields<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Fields<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(body).map_err(|_| Rejection::Malformed)?;
        serde_json::from_str(text).map(Self).map_err(|_| Rejection::Malformed)
    }

    /// A field that may be absent or null.
    fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Rejection> {
        let Some(value) = self.0.get(name) else { return Ok(None) };
        serde_json::from_str(value.get()).map_err(|_| Rejection::WrongType)
    }

    fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, Rejection> {
        let value = self.0.get(name).ok_or(Rejection::Malformed)?;
        serde_json::from_str(value.get()).map_err(|_| Rejection::WrongType)
    }

    fn flag(&self, name: &str) -> Result<bool, Rejection> {
        Ok(self.optional(name)?.unwrap_or(false))
    }

    fn text(&self, name: &str) -> Result<Option<String>, Rejection> {
        self.optional(name)?.map(bounded).transpose()
    }

    fn required_text(&self, name: &str) -> Result<String, Rejection> {
        bounded(self.required(name)?)
    }

    fn uuid(&self, name: &str) -> Result<Option<String>, Rejection> {
        self.optional::<String>(name)?.map(|text| canonical_uuid(&text)).transpose()
    }

    fn required_uuid(&self, name: &str) -> Result<String, Rejection> {
        canonical_uuid(&self.required::<String>(name)?)
    }

    fn key(&self) -> Result<EntryKey, Rejection> {
        Ok(EntryKey::new(INTEGRATION, self.required_uuid("transaction_uuid")?))
    }

    /// The token's length needs no check: what we never issued is found under no hash.
    fn token_hash(&self) -> Result<String, Rejection> {
        Ok(token_hash(&self.required::<String>("token")?))
    }

    fn play(&self) -> Result<Play, Rejection> {
        Ok(Play {
            game: self.required_text("game_code")?,
            round: self.text("round")?,
            round_closed: self.flag("round_closed")?,
        })
    }

    fn money(&self) -> Result<Money, Rejection> {
        let amount: i64 = self.required("amount")?;
        let code: String = self.required("currency")?;
        if amount < 0 {
            return Err(Rejection::WrongType);
        }
        let currency = code.parse().map_err(|_| Refusal::WrongCurrency)?;
        Ok(Money::from_minor(amount, PLACES, currency).map_err(Refusal::Amount)?)
    }
}

fn bounded(text: String) -> Result<String, Rejection> {
    if text.len() <= LONGEST_TEXT { Ok(text) } else { Err(Rejection::WrongType) }
}

/// One spelling for each UUID: a transaction must be found again however its id is written.
fn canonical_uuid(text: &str) -> Result<String, Rejection> {
    const HYPHENATED: usize = 36;
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == HYPHENATED);
    uuid.map(|uuid| uuid.to_string()).ok_or(Rejection::WrongType)
}
