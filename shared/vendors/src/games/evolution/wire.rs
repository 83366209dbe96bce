//! Evolution's requests: JSON in, canonical requests out.

use domain::fact::Play;
use domain::ids::PlayerId;
use domain::play::{Bets, Credit, CreditReason, Debit, Rollback, Rounds, WalletPolicy};
use domain::{Command, Currency, EntryKey, Money, Refusal};
use http::Method;
use serde::Deserialize;

use super::INTEGRATION;
use crate::call::{RawCall, is_plain_id};
use crate::games::fields::LONGEST_TEXT;
use crate::games::number::Number;
use crate::games::rotation::Rotation;
use crate::games::{GameRequest, GameToken, Rejection, RequestKind, token_hash};

/// The call that exchanges the token of a launch for another, and is answered in a form of its own.
pub(super) const CHECK: &str = "/check";

/// What stands before the names of debits among the transactions.
const DEBIT: &str = "debit:";

const POLICY: WalletPolicy = WalletPolicy {
    require_bet: true,
    bets: Bets::ByReference,
    one_credit_per_bet: true,
    rounds: Rounds::Named,
    undone_is_final: true,
};

/// Promotions are paid for no bet.
const PROMOTIONS: WalletPolicy = WalletPolicy { require_bet: false, ..POLICY };

/// Reads a call. Who it is about comes first: whatever else is wrong, an unknown player's call is that.
pub(super) fn request(call: RawCall<'_>, rotation: &Rotation) -> Result<GameRequest, Rejection> {
    if call.method != Method::POST {
        return Err(Rejection::UnknownCall);
    }
    let text = std::str::from_utf8(call.body).map_err(|_| Rejection::Malformed)?;
    let caller = Caller::read(text)?;
    let (kind, game, currency) = match call.path {
        CHECK => (check(&caller, rotation)?, None, None),
        "/balance" => (caller.balance(), None, Some(read::<Asked>(text)?.currency()?)),
        "/debit" => debit(&caller, read(text)?)?,
        "/credit" => credit(&caller, read(text)?)?,
        "/cancel" => cancel(read(text)?)?,
        "/promo_payout" => promotion(&caller, read(text)?)?,
        _ => return Err(Rejection::UnknownCall),
    };
    Ok(GameRequest { correlation_id: caller.uuid, player: caller.player, game, currency, kind })
}

/// The id of a call, for the answer to one that was not understood otherwise.
pub(super) fn correlation_id(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Identified {
        uuid: String,
    }
    let text = std::str::from_utf8(body).ok()?;
    serde_json::from_str(text).ok().and_then(|Identified { uuid }| bounded(uuid).ok())
}

type Kind = (RequestKind, Option<String>, Option<Currency>);

/// The token of a launch has been seen in a browser's address; from here on another is good.
fn check(caller: &Caller, rotation: &Rotation) -> Result<RequestKind, Rejection> {
    let token = caller.token.as_ref().ok_or(Refusal::SessionUnknown)?;
    Ok(rotation.of(INTEGRATION, "check:", token))
}

fn debit(caller: &Caller, call: Transacted) -> Result<Kind, Rejection> {
    let amount = call.money()?;
    let (key, bet) = (call.transaction.key(DEBIT)?, call.transaction.reference()?);
    let play = call.game.play()?;
    let game = Some(play.game.clone());
    let debit = Debit {
        key,
        token_hash: Some(caller.token_hash()),
        play,
        amount,
        free: false,
        promotion: false,
        max_stake: None,
        bet: Some(bet),
        policy: POLICY,
    };
    Ok((operation(Command::Debit(debit)), game, Some(amount.currency())))
}

fn credit(caller: &Caller, call: Transacted) -> Result<Kind, Rejection> {
    let amount = call.money()?;
    let (key, bet) = (call.transaction.key("credit:")?, call.transaction.reference()?);
    let play = call.game.play()?;
    let game = Some(play.game.clone());
    let credit = Credit {
        key,
        token_hash: Some(caller.token_hash()),
        play,
        amount,
        bet: Some(bet),
        reason: CreditReason::Win,
        policy: POLICY,
    };
    Ok((operation(Command::Credit(credit)), game, Some(amount.currency())))
}

/// A cancel carries its debit's id, so it is kept under its bet's reference and a name of its own. Its token is
/// not looked at: what was ours to undo is undone, whatever became of the session.
fn cancel(call: Transacted) -> Result<Kind, Rejection> {
    let placed_by = Some(call.transaction.key(DEBIT)?.tx);
    let (target, currency) = (call.transaction.reference()?, Some(currency(&call.currency)?));
    let key = EntryKey::new(INTEGRATION, format!("cancel:{target}"));
    let play = call.game.play()?;
    let game = Some(play.game.clone());
    let rollback = Rollback { key, token_hash: None, play, target, placed_by, currency, policy: POLICY };
    Ok((operation(Command::Rollback(rollback)), game, currency))
}

fn promotion(caller: &Caller, call: Promoted) -> Result<Kind, Rejection> {
    let Promoted { currency, game, promo_transaction: PromoTransaction { kind, id, amount } } = call;
    let amount = money(amount, &currency)?;
    let play = game.map_or(Ok(Play::default()), Game::play)?;
    let game = Some(play.game.clone()).filter(|game| !game.is_empty());
    let credit = Credit {
        key: key("promo:", &id)?,
        token_hash: Some(caller.token_hash()),
        play,
        amount,
        bet: None,
        reason: reason(kind.as_deref().unwrap_or_default()),
        policy: PROMOTIONS,
    };
    Ok((operation(Command::Credit(credit)), game, Some(amount.currency())))
}

/// There are more types, and there will be others: whatever they are called, they are promotions.
fn reason(kind: &str) -> CreditReason {
    match kind {
        "FreeRoundPlayableSpent" => CreditReason::FreeRounds,
        "JackpotWin" => CreditReason::Jackpot,
        _ => CreditReason::Promotion,
    }
}

fn operation(command: Command) -> RequestKind {
    RequestKind::Operation(Box::new(command))
}

/// Whom a call is about, and what shows it.
struct Caller {
    uuid: String,
    player: PlayerId,
    sid: String,
    token: Option<GameToken>,
}

impl Caller {
    /// A token of another player's is none of this player's. One that we cannot read is for the ledger to judge:
    /// winnings and cancels of known bets need no session.
    fn read(text: &str) -> Result<Self, Rejection> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Named {
            sid: String,
            user_id: String,
            uuid: Option<String>,
        }
        let Named { sid, user_id, uuid } = read(text)?;
        let uuid = bounded(uuid.unwrap_or_default())?;
        let player = user_id.parse().map_err(|_| Refusal::PlayerUnknown)?;
        let token = GameToken::parse(&sid);
        if token.as_ref().is_some_and(|token| token.player != player) {
            return Err(Refusal::SessionUnknown.into());
        }
        Ok(Self { uuid, player, sid, token })
    }

    fn token_hash(&self) -> String {
        token_hash(&self.sid)
    }

    fn balance(&self) -> RequestKind {
        RequestKind::Balance { token_hash: Some(self.token_hash()), late: false }
    }
}

#[derive(Deserialize)]
struct Asked {
    currency: String,
}

#[derive(Deserialize)]
struct Transacted {
    currency: String,
    game: Game,
    transaction: Transaction,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transaction {
    id: String,
    ref_id: String,
    amount: Number,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Promoted {
    currency: String,
    game: Option<Game>,
    promo_transaction: PromoTransaction,
}

#[derive(Deserialize)]
struct PromoTransaction {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: String,
    amount: Number,
}

/// What is played: the id is the round's, the table is the game.
#[derive(Deserialize)]
struct Game {
    id: String,
    details: Details,
}

#[derive(Deserialize)]
struct Details {
    table: Table,
}

#[derive(Deserialize)]
struct Table {
    id: String,
}

impl Asked {
    fn currency(&self) -> Result<Currency, Rejection> {
        currency(&self.currency)
    }
}

impl Transacted {
    fn money(&self) -> Result<Money, Rejection> {
        money(self.transaction.amount, &self.currency)
    }
}

impl Transaction {
    /// The protocol does not say that ids differ from one kind of transaction to another.
    fn key(&self, kind: &str) -> Result<EntryKey, Rejection> {
        key(kind, &self.id)
    }

    fn reference(&self) -> Result<String, Rejection> {
        plain(&self.ref_id).map(str::to_owned)
    }
}

impl Game {
    fn play(self) -> Result<Play, Rejection> {
        let round = Some(bounded(self.id)?).filter(|round| !round.is_empty());
        Ok(Play { game: bounded(self.details.table.id)?, round, round_closed: false })
    }
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, Rejection> {
    serde_json::from_str(text).map_err(|_| Rejection::Malformed)
}

fn key(kind: &str, id: &str) -> Result<EntryKey, Rejection> {
    Ok(EntryKey::new(INTEGRATION, format!("{kind}{}", plain(id)?)))
}

fn plain(id: &str) -> Result<&str, Rejection> {
    if is_plain_id(id) { Ok(id) } else { Err(Rejection::WrongType) }
}

fn bounded(text: String) -> Result<String, Rejection> {
    if text.len() <= LONGEST_TEXT { Ok(text) } else { Err(Rejection::WrongType) }
}

fn currency(code: &str) -> Result<Currency, Rejection> {
    Ok(code.parse().map_err(|_| Refusal::WrongCurrency)?)
}

fn money(amount: Number, code: &str) -> Result<Money, Rejection> {
    let money = amount.in_currency(currency(code)?).map_err(Refusal::Amount)?;
    if money.is_negative() { Err(Refusal::NotPositive.into()) } else { Ok(money) }
}
