//! Destinations: the bank accounts that players are paid out to, sealed like everything personal.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use domain::ids::PlayerId;
use serde::{Deserialize, Serialize};
use store::{Outage, People};

use crate::profiles::Profile;
use crate::{ConfigError, Settings, Stores, Vault};

/// A player's bank account. Never logged, never in an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// Whose it is.
    pub holder: String,
    /// The account, in electronic form.
    pub iban: String,
}

/// Seals and opens destinations with the players' own data keys.
#[derive(Clone)]
pub struct Destinations {
    people: People,
    vault: Vault,
}

impl Destinations {
    /// Destinations of the players in the settings' table, under the settings' key.
    pub fn new(stores: &Stores<'_>, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { people: stores.people()?, vault: Vault::new(settings)? })
    }

    /// Seals an account; none once the person was erased.
    ///
    /// The holder is the player, as the profile says now, and frozen with the account: what is sent to the provider
    /// must not differ from one attempt to the next. Players are never paid out to anybody else.
    pub async fn seal(&self, player: PlayerId, iban: &str) -> Result<Option<String>, Outage> {
        let Some(sealed) = self.people.profile(player).await? else { return Ok(None) };
        let plain = self.vault.open(player, &sealed.wrapped_key, &sealed.ciphertext).await?;
        let profile: Profile = read(&plain)?;
        let holder = format!("{} {}", profile.first_name.trim(), profile.last_name.trim());
        let account = serde_json::to_vec(&BankAccount { holder, iban: iban.to_owned() })
            .map_err(|_| Outage::new("seal a destination", "it does not encode"))?;
        let ciphertext = self.vault.seal(player, &sealed.wrapped_key, &account).await?;
        Ok(Some(BASE64_STANDARD_NO_PAD.encode(ciphertext)))
    }

    /// Opens a sealed account; none once the person was erased.
    pub async fn open(&self, player: PlayerId, sealed: &str) -> Result<Option<BankAccount>, Outage> {
        let Some(profile) = self.people.profile(player).await? else { return Ok(None) };
        let ciphertext = BASE64_STANDARD_NO_PAD
            .decode(sealed)
            .map_err(|_| Outage::new("open a destination", "it is not of the expected form"))?;
        let plain = self.vault.open(player, &profile.wrapped_key, &ciphertext).await?;
        Ok(Some(read(&plain)?))
    }
}

/// The parser's own message could quote the person.
fn read<'a, T: Deserialize<'a>>(plain: &'a [u8]) -> Result<T, Outage> {
    serde_json::from_slice(plain)
        .map_err(|_| Outage::new("read personal data", "it is not of the expected form"))
}
