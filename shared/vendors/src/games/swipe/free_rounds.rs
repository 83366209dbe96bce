//! Free rounds at Swipe Games: given to players, and taken back.

use domain::ids::PlayerId;
use domain::{Currency, Timestamp};
use http::Method;
use serde::{Deserialize, Serialize};

use super::{Swipe, signing};
use crate::call::{CallFailure, InboundAnswer, OutboundCall};
use crate::games::answers;

pub(super) const PATH: &str = "/free-rounds";

/// The most rounds of a campaign, and the highest bet line.
const MOST: u8 = 99;

/// The longest that a campaign may be open.
const LONGEST_SECONDS: i64 = 30 * 24 * 3600;

/// Free rounds to give.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Our id: a second campaign of the same id is none.
    pub id: String,
    /// To whom; to nobody in particular means to every player.
    pub players: Vec<PlayerId>,
    /// In which games, by their codes; none named means in any.
    pub games: Vec<String>,
    /// The currency of what they are worth.
    pub currency: Currency,
    /// How many rounds, 1 to 99.
    pub quantity: u8,
    /// What a round is worth: the number of a bet line of the game, 1 to 99.
    pub bet_line: u8,
    /// From when on.
    pub valid_from: Timestamp,
    /// Until when: at most 30 days.
    pub valid_until: Option<Timestamp>,
}

/// What became of a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Granted {
    /// It was made now; Swipe Games' id of it.
    New(String),
    /// There was one of this id already.
    Before,
}

/// The signed call that makes a campaign.
pub(super) fn grant(swipe: &Swipe, campaign: &Campaign) -> Result<OutboundCall, CallFailure> {
    check(campaign)?;
    let body = Grant {
        cid: &swipe.client.cid,
        ext_cid: &swipe.client.ext_cid,
        ext_id: &campaign.id,
        game_ids: &campaign.games,
        user_ids: campaign.players.iter().map(PlayerId::to_string).collect(),
        currency: campaign.currency.code(),
        quantity: campaign.quantity,
        bet_line: campaign.bet_line,
        valid_from: campaign.valid_from.to_string(),
        valid_until: campaign.valid_until.map(|until| until.to_string()),
    };
    signing::with_body(swipe, Method::POST, &swipe.endpoints.free_rounds, &body)
}

/// What became of it.
pub(super) fn granted(answer: &InboundAnswer) -> Result<Granted, CallFailure> {
    if signing::is_conflict(answer) {
        return Ok(Granted::Before);
    }
    answers::read(answer, signing::words).map(|Made { id }| Granted::New(id))
}

/// The signed call that takes a campaign back.
pub(super) fn cancel(swipe: &Swipe, id: &str) -> Result<OutboundCall, CallFailure> {
    let body = Cancel { cid: &swipe.client.cid, ext_cid: &swipe.client.ext_cid, ext_id: id };
    signing::with_body(swipe, Method::DELETE, &swipe.endpoints.free_rounds, &body)
}

/// Whether it was taken back. The answer says nothing but that.
pub(super) fn cancelled(answer: &InboundAnswer) -> Result<(), CallFailure> {
    if (200..=299).contains(&answer.status) {
        return Ok(());
    }
    answers::read::<serde::de::IgnoredAny>(answer, signing::words).map(drop)
}

#[derive(Serialize)]
struct Grant<'a> {
    #[serde(rename = "cID")]
    cid: &'a str,
    #[serde(rename = "extCID")]
    ext_cid: &'a str,
    #[serde(rename = "extID")]
    ext_id: &'a str,
    #[serde(rename = "gameIDs", skip_serializing_if = "<[String]>::is_empty")]
    game_ids: &'a [String],
    #[serde(rename = "userIDs", skip_serializing_if = "Vec::is_empty")]
    user_ids: Vec<String>,
    currency: &'static str,
    quantity: u8,
    #[serde(rename = "betLine")]
    bet_line: u8,
    #[serde(rename = "validFrom")]
    valid_from: String,
    #[serde(rename = "validUntil", skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
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

/// What Swipe Games would refuse anyway.
fn check(campaign: &Campaign) -> Result<(), CallFailure> {
    let refuse = |why: &str| Err(CallFailure::Refused(why.to_owned()));
    if campaign.id.is_empty() {
        return refuse("a campaign needs an id");
    }
    if !(1..=MOST).contains(&campaign.quantity) || !(1..=MOST).contains(&campaign.bet_line) {
        return refuse("rounds and bet lines are counted from 1 to 99");
    }
    let in_order = campaign.valid_until.is_none_or(|until| {
        let open = until.duration_since(campaign.valid_from).as_secs();
        (1..=LONGEST_SECONDS).contains(&open)
    });
    if in_order { Ok(()) } else { refuse("a campaign is open for up to 30 days") }
}
