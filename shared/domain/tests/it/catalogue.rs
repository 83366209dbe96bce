//! The catalogue: a vendor's list never touches our word, and what it takes away comes back as it was.

use std::collections::BTreeSet;

use domain::Decimal;
use domain::catalogue::{
    Audience, Certified, Device, Feature, Game, GameRules, Hindrance, Implausible, Listing, Standing, Terms,
    VendorList,
};
use proptest::prelude::*;

/// Nothing is forbidden.
static FREE: GameRules = GameRules { banned: BTreeSet::new(), min_rtp: None };

fn listing(name: &str) -> Listing {
    Listing {
        name: name.to_owned(),
        category: None,
        rtp: None,
        currencies: BTreeSet::new(),
        blocked_countries: BTreeSet::new(),
        devices: BTreeSet::new(),
        standing: Standing::Enabled,
    }
}

fn set<T: Ord + Clone>(of: &[T]) -> BTreeSet<T> {
    of.iter().cloned().collect()
}

fn list(games: &[(&str, Listing)]) -> VendorList {
    VendorList::new("acme", games.iter().map(|(code, listing)| ((*code).to_owned(), listing.clone())))
}

fn maltese() -> Audience<'static> {
    let currency = "EUR".parse().unwrap();
    Audience { jurisdiction: "MT", rules: &FREE, country: "MT", currency, device: None }
}

fn certified(places: &[&str]) -> Terms {
    let places = places.iter().map(|it| (*it).to_owned()).collect();
    Terms { certified: Some(Certified::In(places)), ..Terms::default() }
}

/// What the lists make of one game, one after the other.
fn after(mut game: Game, lists: &[VendorList]) -> Game {
    for list in lists {
        game = list.changed(&game).unwrap_or(game);
    }
    game
}

#[test]
fn a_new_game_is_stored_and_not_offered_until_it_is_certified() {
    let mut new = list(&[("comet", listing("Comet"))]).changes(&[]).pop().unwrap();
    assert_eq!((new.game_id.as_str(), new.name(), new.category()), ("acme-comet", "Comet", "other"));
    assert!(!new.takes_stakes());
    assert_eq!(new.open_to(&maltese()), Err(Hindrance::NotOffered));
    new.decided = certified(&["GB"]);
    assert_eq!(new.open_to(&maltese()), Err(Hindrance::NotOffered));
    new.decided = certified(&["GB", "MT"]);
    assert_eq!(new.open_to(&maltese()), Ok(()));
    new.decided.offered = Some(false);
    assert_eq!((new.open_to(&maltese()), new.takes_stakes()), (Err(Hindrance::NotOffered), false));
    new.decided = certified(&[]);
    assert!(!new.is_certified());
}

#[test]
fn our_word_goes_before_and_the_vendors_shows_once_ours_is_taken_back() {
    let mut game = Game::new("acme", "comet");
    game.agreed =
        Terms { rtp: "96.00".parse().ok(), certified: Some(Certified::Everywhere), ..Terms::default() };
    assert_eq!((game.name(), game.rtp()), ("comet", "96.00".parse().ok()));
    let told = Listing { category: Some("Video Slots".into()), rtp: "94.5".parse().ok(), ..listing("Comet") };
    let mut game = list(&[("comet", told)]).changed(&game).unwrap();
    assert_eq!((game.name(), game.category()), ("Comet", "Video Slots"));
    assert_eq!(game.rtp(), "94.5".parse().ok(), "what a game returns is its vendor's to say");
    game.agreed.category = Some("slots".into());
    game.decided.name = Some("Comet of Gozo".into());
    assert_eq!((game.name(), game.category()), ("Comet of Gozo", "slots"));
    let stake = |text: &str| text.parse().ok();
    game.agreed.min_stake = stake("0.10");
    game.agreed.max_stake = stake("50");
    game.decided.max_stake = stake("20");
    assert_eq!((game.min_stake(), game.max_stake()), (stake("0.10"), stake("20")));
    assert!(!game.decided.is_empty() && Terms::default().is_empty());
    let renamed = list(&[("comet", listing("Comet II"))]).changed(&game).unwrap();
    assert_eq!(renamed.name(), "Comet of Gozo");
    let free = Game { decided: Terms::default(), ..renamed };
    assert_eq!(free.name(), "Comet II");
    assert_eq!(free.open_to(&maltese()), Ok(()), "the settings' word still stands");
}

#[test]
fn what_the_vendor_takes_away_comes_back_as_it_was() {
    let (here, other) = (("comet", listing("Comet")), ("fog", listing("Fog")));
    let mut game = list(std::slice::from_ref(&here)).changes(&[]).pop().unwrap();
    game.decided = Terms { name: Some("Our Comet".into()), ..certified(&["MT"]) };
    let gone = after(game.clone(), &[list(std::slice::from_ref(&other))]);
    assert_eq!(gone.open_to(&maltese()), Err(Hindrance::NotOffered));
    assert!(gone.takes_stakes(), "what is being played is played to its end");
    assert_eq!(list(std::slice::from_ref(&other)).changed(&gone), None, "it goes once");
    let disabled = ("comet", Listing { standing: Standing::Disabled, ..listing("Comet") });
    assert_eq!(after(game.clone(), &[list(&[disabled])]).open_to(&maltese()), Err(Hindrance::NotOffered));
    assert_eq!(after(gone, &[list(&[here, other])]), game);
}

#[test]
fn a_game_of_the_settings_is_missing_only_from_a_list_that_it_once_was_in() {
    let mut game = Game::new("acme", "dice");
    game.agreed.certified = Some(Certified::Everywhere);
    assert!(list(&[("comet", listing("Comet"))]).changed(&game).is_none());
    assert_eq!(game.open_to(&maltese()), Ok(()));
    let both = [("comet", listing("Comet")), ("dice", listing("Dice"))];
    let gone = after(game, &[list(&both), list(&both[..1])]);
    assert_eq!(gone.open_to(&maltese()), Err(Hindrance::NotOffered));
}

#[test]
fn countries_currencies_and_devices_that_the_vendor_excludes_are_told_apart() {
    let told = Listing {
        currencies: set(&["eur".to_owned(), "GBP".to_owned()]),
        blocked_countries: set(&["us".to_owned(), " DE".to_owned()]),
        devices: set(&[Device::Mobile]),
        ..listing("Comet")
    };
    let mut game = list(&[("comet", told)]).changes(&[]).pop().unwrap();
    game.decided = certified(&["MT"]);
    assert_eq!(game.open_to(&maltese()), Ok(()));
    assert_eq!(game.open_to(&Audience { country: "de", ..maltese() }), Err(Hindrance::Country));
    let dollars = "USD".parse().unwrap();
    assert_eq!(game.open_to(&Audience { currency: dollars, ..maltese() }), Err(Hindrance::Currency));
    let words = [Hindrance::NotOffered, Hindrance::Country, Hindrance::Currency, Hindrance::Device];
    assert_eq!(words.map(Hindrance::word), ["not_offered", "country", "currency", "device"]);
    let rules = [
        Hindrance::Feature(Feature::Turbo),
        Hindrance::FeaturesUnknown,
        Hindrance::Rtp(Decimal::ONE_HUNDRED),
    ];
    assert_eq!(rules.map(Hindrance::word), ["feature", "feature", "rtp"]);
    let on = |device| game.open_to(&Audience { device: Some(device), ..maltese() });
    assert_eq!((on(Device::Mobile), on(Device::Desktop)), (Ok(()), Err(Hindrance::Device)));
    let unheard = Audience { jurisdiction: "GB", country: "US", ..maltese() };
    assert_eq!(game.open_to(&unheard), Err(Hindrance::NotOffered), "nothing is said of what is not on offer");
}

#[test]
fn what_a_jurisdiction_forbids_is_named_and_what_nobody_said_does_not_pass() {
    let banned = BTreeSet::from([Feature::Autoplay, Feature::Turbo]);
    let rules = GameRules { banned, min_rtp: None };
    let strict = Audience { rules: &rules, ..maltese() };
    let mut game = Game { decided: certified(&["MT"]), ..Game::new("acme", "comet") };
    assert_eq!(game.open_to(&maltese()), Ok(()), "where nothing is forbidden nothing need be known");
    assert_eq!(game.open_to(&strict), Err(Hindrance::FeaturesUnknown));
    game.agreed.features = Some(set(&[Feature::Jackpot, Feature::Turbo]));
    let refused = game.open_to(&strict).unwrap_err();
    assert_eq!(refused, Hindrance::Feature(Feature::Turbo));
    assert!(refused.to_string().ends_with(": turbo"), "{refused}");
    game.decided.features = Some(set(&[Feature::Jackpot]));
    assert_eq!(game.open_to(&strict), Ok(()), "staff's word goes before the settings'");
    game.decided.features = Some(set(&[]));
    assert_eq!(game.open_to(&strict), Ok(()), "having none is an answer");
    game.decided.certified = None;
    assert_eq!(game.open_to(&strict), Err(Hindrance::NotOffered), "nothing is said of what is not on offer");
}

#[test]
fn the_build_of_a_jurisdiction_goes_before_the_games_others_by_whoever_spoke_last() {
    let mut game = Game::new("acme", "comet");
    assert_eq!((game.features(), game.features_in("GB")), (None, None));
    game.agreed.features = Some(set(&[Feature::Autoplay]));
    game.agreed.features_in = [("GB".to_owned(), BTreeSet::new())].into();
    let said = |game: &Game, place: &str| game.features_in(place).cloned();
    assert_eq!((said(&game, "GB"), said(&game, "MT")), (Some(set(&[])), Some(set(&[Feature::Autoplay]))));
    game.decided.features_in = [("MT".to_owned(), BTreeSet::from([Feature::Turbo]))].into();
    assert_eq!((said(&game, "GB"), said(&game, "MT")), (Some(set(&[])), Some(set(&[Feature::Turbo]))));
    game.decided.features = Some(set(&[Feature::Jackpot]));
    assert_eq!(
        (said(&game, "GB"), said(&game, "MT")),
        (Some(set(&[Feature::Jackpot])), Some(set(&[Feature::Turbo])))
    );
    assert_eq!(game.features().cloned(), Some(set(&[Feature::Jackpot])));
}

#[test]
fn a_game_must_be_known_to_return_what_a_jurisdiction_asks_for() {
    let rules = GameRules { min_rtp: "85".parse().ok(), ..GameRules::default() };
    let audience = Audience { rules: &rules, ..maltese() };
    let least = Err(Hindrance::Rtp("85".parse().unwrap()));
    let mut game = Game { decided: certified(&["MT"]), ..Game::new("acme", "comet") };
    assert_eq!((game.open_to(&maltese()), game.open_to(&audience)), (Ok(()), least));
    game.decided.rtp = "85.00".parse().ok();
    assert_eq!(game.open_to(&audience), Ok(()));
    game.decided.rtp = "84.99".parse().ok();
    assert_eq!(game.open_to(&audience), least);
    game.decided.rtp = "96".parse().ok();
    let told = Listing { rtp: "84".parse().ok(), ..listing("Comet") };
    let told = list(&[("comet", told)]).changed(&game).unwrap();
    assert_eq!(told.open_to(&audience), least, "what a game returns is its vendor's to say");
}

#[test]
fn features_have_one_word_each() {
    for feature in Feature::ALL {
        assert_eq!(serde_json::to_value(feature).unwrap(), feature.word());
        assert_eq!(Feature::of_word(feature.word()), Some(feature));
    }
    assert_eq!(Feature::of_word("Autoplay"), None);
}

#[test]
fn a_list_that_can_hardly_be_meant_is_refused() {
    let codes = ["a", "b", "c", "d", "e"];
    let of = |count: usize| codes.iter().take(count).map(|it| (*it, listing(it))).collect::<Vec<_>>();
    let known = list(&of(5)).changes(&[]);
    assert_eq!(list(&of(3)).check(&known), Ok(()));
    assert_eq!(list(&of(2)).check(&known), Err(Implausible { before: 5, kept: 2, new: 0 }));
    assert_eq!(list(&[]).check(&known), Err(Implausible { before: 5, kept: 0, new: 0 }));
    assert_eq!(list(&[]).check(&[]), Err(Implausible { before: 0, kept: 0, new: 0 }));
    let others = [("x", listing("X")), ("y", listing("Y")), ("z", listing("Z"))];
    let exchanged = [&of(2)[..], &others].concat();
    assert_eq!(
        list(&exchanged).check(&known),
        Err(Implausible { before: 5, kept: 2, new: 3 }),
        "as many, but others"
    );
    assert_eq!(list(&of(1)).check(&[]), Ok(()));
    let shrunken: Vec<Game> =
        known.iter().map(|game| list(&of(3)).changed(game).unwrap_or_else(|| game.clone())).collect();
    assert_eq!(list(&of(2)).check(&shrunken), Ok(()), "what is gone is not missed again");
}

#[test]
fn what_cannot_be_named_or_shown_is_skipped() {
    let long = "x".repeat(129);
    let list = list(&[
        ("", listing("No code")),
        ("two words", listing("Blank")),
        (&long, listing("Long")),
        ("nameless", listing(" ")),
        ("bell", listing("a\u{7}")),
        ("odd", Listing { category: Some(String::new()), ..listing("Odd") }),
        ("dice", listing("First")),
        ("dice", listing("Second")),
    ]);
    assert_eq!((list.len(), list.skipped()), (1, 7));
    assert_eq!(list.changes(&[]).first().map(|it| it.name().to_owned()).as_deref(), Some("First"));
}

fn any_listing() -> impl Strategy<Value = Listing> {
    let standing = prop_oneof![Just(Standing::Enabled), Just(Standing::Disabled)];
    let countries = prop::collection::btree_set(prop_oneof![Just("MT"), Just("de"), Just("GB")], 0..3);
    ("[a-c]{1,2}", prop::option::of("[a-b]"), prop::option::of(9000_i64..9003), countries, standing).prop_map(
        |(name, category, rtp, countries, standing)| Listing {
            category,
            rtp: rtp.map(|it| Decimal::new(it, 2)),
            blocked_countries: countries.into_iter().map(str::to_owned).collect(),
            standing,
            ..listing(&name)
        },
    )
}

fn any_list() -> impl Strategy<Value = VendorList> {
    prop::collection::vec(("[a-f]", any_listing()), 0..8).prop_map(|games| VendorList::new("acme", games))
}

fn any_features() -> impl Strategy<Value = BTreeSet<Feature>> {
    prop::collection::btree_set(prop::sample::select(&Feature::ALL[..]), 0..4)
}

fn any_terms() -> impl Strategy<Value = Terms> {
    let places = prop::collection::btree_set(prop_oneof![Just("MT".to_owned()), Just("GB".to_owned())], 0..3);
    let certified =
        prop::option::of(prop_oneof![Just(Certified::Everywhere), places.prop_map(Certified::In)]);
    let features = prop::option::of(any_features());
    let features_in = prop::collection::btree_map(prop_oneof!["MT", "GB"], any_features(), 0..2);
    (prop::option::of("[x-z]"), certified, features, features_in, prop::option::of(any::<bool>())).prop_map(
        |(name, certified, features, features_in, offered)| Terms {
            name,
            certified,
            features,
            features_in,
            offered,
            ..Terms::default()
        },
    )
}

fn any_known() -> impl Strategy<Value = Vec<Game>> {
    prop::collection::btree_map("[a-f]", (any_terms(), any_terms(), prop::option::of(any_listing())), 0..6)
        .prop_map(|games| {
            let known = games.into_iter().map(|(code, (agreed, decided, listed))| {
                let listed = listed.map(|it| (code.clone(), it));
                let heard = listed.and_then(|it| VendorList::new("acme", [it]).changes(&[]).pop());
                Game { agreed, decided, ..heard.unwrap_or_else(|| Game::new("acme", &code)) }
            });
            known.collect()
        })
}

/// What is known after a list was taken over.
fn merged(known: &[Game], list: &VendorList) -> Vec<Game> {
    let mut games: std::collections::BTreeMap<String, Game> =
        known.iter().map(|game| (game.code.clone(), game.clone())).collect();
    for game in list.changes(known) {
        games.insert(game.code.clone(), game);
    }
    games.into_values().collect()
}

proptest! {
    #[test]
    fn a_list_changes_nothing_but_the_vendors_word(known in any_known(), list in any_list()) {
        let after = merged(&known, &list);
        for game in &known {
            let now = after.iter().find(|it| it.code == game.code).unwrap();
            prop_assert_eq!(&Game { listed: game.listed.clone(), ..now.clone() }, game);
        }
        for new in after.iter().filter(|game| known.iter().all(|it| it.code != game.code)) {
            prop_assert!(!new.takes_stakes() && new.open_to(&maltese()).is_err());
        }
        prop_assert!(after.len() >= known.len(), "nothing is forgotten");
    }

    #[test]
    fn a_list_taken_over_twice_changes_nothing_the_second_time(known in any_known(), list in any_list()) {
        let once = merged(&known, &list);
        prop_assert_eq!(list.changes(&once), vec![]);
    }

    #[test]
    fn the_newest_list_is_all_that_counts(known in any_known(), older in any_list(), newer in any_list()) {
        let playable = |games: &[Game]| -> BTreeSet<String> {
            games.iter().filter(|it| it.listed.is_some() && it.is_run()).map(|it| it.code.clone()).collect()
        };
        let both = merged(&merged(&known, &older), &newer);
        prop_assert_eq!(playable(&both), playable(&merged(&known, &newer)));
    }

    #[test]
    fn no_game_is_open_with_a_forbidden_feature_and_a_shorter_ban_opens_no_fewer(
        known in any_known(), banned in any_features(), more in any_features(), least in prop::option::of(9000_i64..9003)
    ) {
        let min_rtp = least.map(|it| Decimal::new(it, 2));
        let both = GameRules { banned: &banned | &more, min_rtp };
        let fewer = GameRules { banned, min_rtp: None };
        for game in known {
            let open = |rules| game.open_to(&Audience { rules, ..maltese() });
            if open(&both).is_ok() {
                let features = game.features_in("MT").cloned();
                prop_assert!(both.banned.is_empty() || features.is_some_and(|it| it.is_disjoint(&both.banned)));
                prop_assert!(min_rtp.is_none_or(|least| game.rtp().is_some_and(|rtp| rtp >= least)));
                prop_assert_eq!((open(&fewer), open(&FREE)), (Ok(()), Ok(())));
            }
        }
    }

    #[test]
    fn games_are_kept_as_they_are(known in any_known()) {
        for game in known {
            let written = serde_json::to_string(&game).unwrap();
            prop_assert_eq!(serde_json::from_str::<Game>(&written).unwrap(), game);
        }
    }
}
