//! Free rounds at Swipe Games: given to players, and taken back.

use domain::ids::{FreeRoundsId, PlayerId};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Swipe, signing};
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::{Gift, NoGift, Revoked, answers};

pub(super) const PATH: &str = "/free-rounds";

/// The most rounds, and the highest bet line.
const MOST: u8 = 99;

/// The longest that they may be played.
const LONGEST_SECONDS: i64 = 30 * 24 * 3600;

/// The signed call that gives free rounds to a player in a game.
pub(super) fn give(swipe: &Swipe, gift: &Gift) -> Result<OutboundCall, NoGift> {
    let body = Grant {
        cid: &swipe.client.cid,
        ext_cid: &swipe.client.ext_cid,
        ext_id: gift.id,
        game_ids: [&gift.game],
        user_ids: [gift.player],
        currency: gift.currency.code(),
        quantity: counted(gift.rounds).ok_or(NoGift::part("rounds", "must be from 1 to 99"))?,
        bet_line: counted(gift.bet_line).ok_or(NoGift::part("bet_line", "must be from 1 to 99"))?,
        valid_from: gift.starts_at.to_string(),
        valid_until: gift.ends_at.to_string(),
    };
    check(gift)?;
    Ok(signing::with_body(swipe, Method::POST, &swipe.endpoints.free_rounds, &body)?)
}

/// Swipe Games' id of what was given; none if that had been done before.
pub(super) fn given(answer: &InboundAnswer) -> Result<Option<String>, CallFailure> {
    if signing::is_conflict(answer) {
        return Ok(None);
    }
    answers::read(answer, signing::words).map(|Made { id }| Some(id))
}

/// The signed call that takes them back.
pub(super) fn cancel(swipe: &Swipe, id: &str) -> Result<OutboundCall, CallFailure> {
    let body = Cancel { cid: &swipe.client.cid, ext_cid: &swipe.client.ext_cid, ext_id: id };
    signing::with_body(swipe, Method::DELETE, &swipe.endpoints.free_rounds, &body)
}

/// Whether they were taken back.
pub(super) fn cancelled(answer: &InboundAnswer) -> Result<Revoked, CallFailure> {
    answers::taken_back(answer, signing::words)
}

#[derive(Serialize)]
struct Grant<'a> {
    #[serde(rename = "cID")]
    cid: &'a str,
    #[serde(rename = "extCID")]
    ext_cid: &'a str,
    #[serde(rename = "extID")]
    ext_id: FreeRoundsId,
    #[serde(rename = "gameIDs")]
    game_ids: [&'a String; 1],
    #[serde(rename = "userIDs")]
    user_ids: [PlayerId; 1],
    currency: &'static str,
    quantity: u8,
    #[serde(rename = "betLine")]
    bet_line: u8,
    #[serde(rename = "validFrom")]
    valid_from: String,
    #[serde(rename = "validUntil")]
    valid_until: String,
}

#[derive(Serialize)]
struct Cancel<'a> {
    #[serde(rename = "cID")]
    cid: &'a str,
    #[serde(rename = "extCID")]
    ext_cid: &'a str,
    #[serde(rename = "extID")]
    ext_id: &'a str,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// A count of rounds, or the number of a bet line.
fn counted(number: Option<impl TryInto<u8>>) -> Option<u8> {
    number?.try_into().ok().filter(|number| (1..=MOST).contains(number))
}

/// What Swipe Games would refuse anyway.
fn check(gift: &Gift) -> Result<(), NoGift> {
    if gift.template.is_some() {
        return Err(NoGift::part("template", "is unknown to the vendor"));
    }
    if gift.round_value.is_some() {
        return Err(NoGift::part("round_value", "is told by a bet line"));
    }
    let open = gift.ends_at.duration_since(gift.starts_at).as_secs();
    if (1..=LONGEST_SECONDS).contains(&open) {
        Ok(())
    } else {
        Err(NoGift::part("ends_at", "must be within 30 days of the beginning"))
    }
}
