//! How a game looks to staff: as players see it, and who says what of it.

use domain::catalogue::{Certified, Game, Listing, Terms};
use serde_json::{Map, Value, json};

pub(crate) fn game(game: &Game) -> Value {
    json!({
        "game_id": game.game_id,
        "integration": game.integration,
        "code": game.code,
        "name": game.name(),
        "category": game.category(),
        "rtp": game.rtp(),
        "min_stake": game.min_stake(),
        "max_stake": game.max_stake(),
        "certified": game.certified().map(certified),
        "features": game.features(),
        "features_in": features_in(game),
        "offered": game.is_offered(),
        "listed": game.listed.as_ref().map(listing),
        "agreed": terms(&game.agreed),
        "decided": terms(&game.decided),
    })
}

/// What the builds let players do that are told apart.
fn features_in(game: &Game) -> Map<String, Value> {
    let places = game.agreed.features_in.keys().chain(game.decided.features_in.keys());
    places.map(|place| (place.clone(), json!(game.features_in(place)))).collect()
}

/// What we said of a game; null where we left it to others.
pub(crate) fn terms(terms: &Terms) -> Value {
    json!({
        "name": terms.name,
        "category": terms.category,
        "rtp": terms.rtp,
        "min_stake": terms.min_stake,
        "max_stake": terms.max_stake,
        "certified": terms.certified.as_ref().map(certified),
        "features": terms.features,
        "features_in": terms.features_in,
        "offered": terms.offered,
    })
}

fn certified(certified: &Certified) -> Value {
    match certified {
        Certified::Everywhere => json!({ "everywhere": true, "jurisdictions": [] }),
        Certified::In(places) => json!({ "everywhere": false, "jurisdictions": places }),
    }
}

fn listing(listing: &Listing) -> Value {
    json!({
        "name": listing.name,
        "category": listing.category,
        "rtp": listing.rtp,
        "currencies": listing.currencies,
        "blocked_countries": listing.blocked_countries,
        "devices": listing.devices,
        "standing": listing.standing,
    })
}
