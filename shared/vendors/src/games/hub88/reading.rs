//! What Hub88 and its relatives write in the same way: ids, tokens and money.

use domain::fact::Play;
use domain::play::{Bets, Rollback, Rounds, WalletPolicy};
use domain::{Command, EntryKey, Money, Refusal};
use uuid::Uuid;

use crate::games::fields::Fields;
use crate::games::{Rejection, token_hash};

/// Money is counted in hundred-thousandths.
pub(super) const PLACES: u32 = 5;

pub(super) const POLICY: WalletPolicy = WalletPolicy {
    require_bet: true,
    bets: Bets::ByTransaction,
    one_credit_per_bet: false,
    rounds: Rounds::Named,
    undone_is_final: false,
};

/// The id of a call, for the answer to one that was not understood otherwise.
pub(super) fn correlation_id(body: &[u8]) -> Option<String> {
    Fields::read(body).ok()?.text("request_uuid").ok()?
}

/// The token's length needs no check: what we never issued is found under no hash.
pub(super) fn token_hash_of(fields: &Fields<'_>) -> Result<String, Rejection> {
    Ok(token_hash(&fields.required::<String>("token")?))
}

pub(super) fn money(fields: &Fields<'_>) -> Result<Money, Rejection> {
    let amount: i64 = fields.required("amount")?;
    let code: String = fields.required("currency")?;
    if amount < 0 {
        return Err(Rejection::WrongType);
    }
    let currency = code.parse().map_err(|_| Refusal::WrongCurrency)?;
    Ok(Money::from_minor(amount, PLACES, currency).map_err(Refusal::Amount)?)
}

pub(super) fn uuid(fields: &Fields<'_>, name: &str) -> Result<Option<String>, Rejection> {
    fields.optional::<String>(name)?.map(|text| canonical_uuid(&text)).transpose()
}

pub(super) fn required_uuid(fields: &Fields<'_>, name: &str) -> Result<String, Rejection> {
    canonical_uuid(&fields.required::<String>(name)?)
}

/// One spelling for each UUID: a transaction must be found again however its id is written.
pub(super) fn canonical_uuid(text: &str) -> Result<String, Rejection> {
    const HYPHENATED: usize = 36;
    let uuid = Uuid::try_parse(text).ok().filter(|_| text.len() == HYPHENATED);
    uuid.map(|uuid| uuid.to_string()).ok_or(Rejection::WrongType)
}

/// The undoing of a transaction. No token is looked at: what was ours to undo is undone, whatever became of the
/// session.
pub(super) fn undoing(key: EntryKey, play: Play, target: String) -> Command {
    let (token_hash, placed_by, currency, policy) = (None, None, None, POLICY);
    Command::Rollback(Rollback { key, token_hash, play, target, placed_by, currency, policy })
}
