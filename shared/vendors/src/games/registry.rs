//! All game vendors by their names. A new vendor is a folder, and a line here.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{GameLauncher, GameWallet, caleta, evolution, hub88, softswiss, swipe, valkyrie};
use crate::settings::Games;

/// Every vendor, and how it is made of its settings.
const VENDORS: [(&str, Make); 6] = [
    (caleta::INTEGRATION, |it| made(it, caleta::Caleta::new)),
    (evolution::INTEGRATION, |it| made(it, evolution::Evolution::new)),
    (hub88::INTEGRATION, |it| made(it, hub88::Hub88::new)),
    (softswiss::INTEGRATION, |it| made(it, softswiss::SoftSwiss::new)),
    (swipe::INTEGRATION, |it| made(it, swipe::Swipe::new)),
    (valkyrie::INTEGRATION, |it| made(it, valkyrie::Valkyrie::new)),
];

type Make = fn(&Value) -> Result<Box<dyn GameVendor>, Why>;

/// A vendor with all that it does for games: calls our wallet, and opens games when we call it.
pub trait GameVendor: GameWallet + GameLauncher {}

impl<V: GameWallet + GameLauncher> GameVendor for V {}

/// Why a vendor cannot be worked with. Says nothing of what the settings hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("game vendor {name}: {why}")]
pub struct NoVendor {
    name: String,
    why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Why {
    #[error("is unknown")]
    Unknown,
    #[error("has no settings")]
    Unconfigured,
    #[error("has settings that cannot be read")]
    Unreadable,
    #[error("{0}")]
    Unusable(String),
}

/// The vendor of a name, as configured.
pub fn vendor(name: &str, settings: &Games) -> Result<Box<dyn GameVendor>, NoVendor> {
    let (_, make) = VENDORS.iter().find(|(known, _)| *known == name).ok_or(Why::Unknown).map_err(of(name))?;
    let entry = settings.entry(name).ok_or(Why::Unconfigured).map_err(of(name))?;
    make(entry).map_err(of(name))
}

/// All vendors that have settings: those that can be worked with by their names, and why not the others. One
/// vendor's trouble stays its own.
#[must_use]
pub fn configured(settings: &Games) -> (BTreeMap<&'static str, Box<dyn GameVendor>>, Vec<NoVendor>) {
    let (mut ready, mut broken) = (BTreeMap::new(), Vec::new());
    for (name, make) in VENDORS {
        match settings.entry(name).map(make) {
            Some(Ok(vendor)) => drop(ready.insert(name, vendor)),
            Some(Err(why)) => broken.push(of(name)(why)),
            None => {}
        }
    }
    (ready, broken)
}

/// The names of all vendors.
pub fn names() -> impl Iterator<Item = &'static str> {
    VENDORS.iter().map(|(name, _)| *name)
}

fn made<S, V, E>(entry: &Value, new: fn(&S) -> Result<V, E>) -> Result<Box<dyn GameVendor>, Why>
where
    S: DeserializeOwned,
    V: GameVendor + 'static,
    E: std::fmt::Display,
{
    // The parser's own message could quote a secret.
    let settings = serde_json::from_value(entry.clone()).map_err(|_| Why::Unreadable)?;
    Ok(Box::new(new(&settings).map_err(|why| Why::Unusable(why.to_string()))?))
}

fn of(name: &str) -> impl FnOnce(Why) -> NoVendor {
    move |why| NoVendor { name: name.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    const DEMO: &str = include_str!("../../../../infra/local/vendors.json");

    fn games(document: &str) -> Games {
        serde_json::from_str::<Settings>(document).unwrap().games
    }

    #[test]
    fn every_vendor_of_the_demo_is_ready_and_goes_by_its_own_name() {
        let (ready, broken) = configured(&games(DEMO));
        assert_eq!(broken, []);
        assert_eq!(ready.keys().copied().collect::<Vec<_>>(), names().collect::<Vec<_>>());
        for (name, vendor) in ready {
            assert_eq!(vendor.integration(), name);
            assert_eq!(super::vendor(name, &games(DEMO)).map(|it| it.integration()).unwrap(), name);
        }
    }

    #[test]
    fn one_vendors_trouble_stays_its_own() {
        let mut document: Value = serde_json::from_str(DEMO).unwrap();
        document["games"]["hub88"] = serde_json::json!({"operator_id": []});
        document["games"]["swipe"]["cid"] = "none".into();
        let games = games(&document.to_string());
        let (ready, broken) = configured(&games);
        assert_eq!((ready.len(), broken.len()), (names().count() - 2, 2));
        let told = |name| vendor(name, &games).err().map(|it| it.to_string()).unwrap();
        assert_eq!(told("hub88"), "game vendor hub88: has settings that cannot be read");
        assert_eq!(told("swipe"), "game vendor swipe: games.swipe.cid must be a UUID");
        assert_eq!(told("acme"), "game vendor acme: is unknown");
        let none = vendor("hub88", &Games::default()).err().unwrap();
        assert_eq!(none.to_string(), "game vendor hub88: has no settings");
    }
}
