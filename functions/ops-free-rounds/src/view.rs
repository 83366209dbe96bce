//! How free rounds and their templates look.

use domain::Money;
use domain::catalogue::Game;
use domain::play::{Gift, GiftRecord, GiftState};
use serde_json::{Value, json};
use vendors::games::Template;

pub(crate) fn template(integration: &str, template: &Template) -> Value {
    json!({
        "template_id": template.id,
        "integration": integration,
        "game_id": template.game.as_ref().map(|code| Game::id_of(integration, code)),
        "rounds": template.rounds,
        "round_value": template.round_value.map(Money::to_text),
        "currency": template.currency,
    })
}

pub(crate) fn gift(record: &GiftRecord) -> Value {
    let GiftRecord { gift, by, reason, at, state, .. } = record;
    let (reference, refusal) = match state {
        GiftState::Given { reference } => (reference.as_ref(), None),
        GiftState::Refused { why } => (None, Some(why)),
        GiftState::Asked | GiftState::Revoked => (None, None),
    };
    let Gift { id, player, integration, game, currency, template, rounds, round_value, bet_line, .. } = gift;
    json!({
        "free_rounds_id": id,
        "player_id": player,
        "status": state.as_str(),
        "integration": integration,
        "game_id": Game::id_of(integration, game),
        "template_id": template,
        "rounds": rounds,
        "round_value": round_value.map(Money::to_text),
        "currency": currency.code(),
        "bet_line": bet_line,
        "starts_at": gift.starts_at,
        "ends_at": gift.ends_at,
        "reference": reference,
        "refusal": refusal,
        "reason": reason,
        "asked_by": by,
        "asked_at": at,
    })
}
