//! Profiles: who a player is, readable only through the vault.

use std::collections::BTreeMap;

use domain::Date;
use domain::ids::PlayerId;
use serde::{Deserialize, Serialize};
use store::{Outage, People, SealedProfile};

use crate::{ConfigError, Settings, Stores, Vault};

/// Who a player is. Never logged, never in an event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// As typed; compares without case.
    pub email: String,
    /// Given names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
    /// Day of birth.
    pub birth_date: Date,
    /// Residence, ISO 3166-1 alpha-2.
    pub country: String,
    /// Region of the residence, where the jurisdiction depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Where the player lives.
    pub address: Address,
    /// Telephone number, E.164.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The terms the player agreed to.
    pub terms_version: String,
    /// Which channels may carry marketing.
    pub consents: Consents,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    pub line1: String,
    /// Anything more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Town.
    pub city: String,
    /// Postal code.
    pub postcode: String,
}

/// Consent to marketing, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each channel is a question of its own")]
pub struct Consents {
    /// By e-mail.
    pub email: bool,
    /// By text message.
    pub sms: bool,
    /// By telephone.
    pub phone: bool,
    /// By post.
    pub post: bool,
}

/// A profile as read, with what is needed to write it back.
pub struct OpenProfile {
    /// The profile.
    pub profile: Profile,
    wrapped_key: Vec<u8>,
    revision: u64,
}

/// Reads and writes profiles.
#[derive(Clone)]
pub struct Profiles {
    people: People,
    vault: Vault,
}

impl Profiles {
    /// The profiles of the settings' table and key.
    pub fn new(stores: &Stores<'_>, settings: &Settings) -> Result<Self, ConfigError> {
        Ok(Self { people: stores.people()?, vault: Vault::new(settings)? })
    }

    /// Where the profiles are kept.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.people
    }

    /// Seals the first profile of a new player.
    pub async fn seal(&self, player: PlayerId, profile: &Profile) -> Result<SealedProfile, Outage> {
        let sealed = self.vault.seal_new(player, &encode(profile)?).await?;
        Ok(SealedProfile { ciphertext: sealed.ciphertext, wrapped_key: sealed.wrapped_key, revision: 1 })
    }

    /// A player's profile; none once the person was erased.
    pub async fn read(&self, player: PlayerId) -> Result<Option<OpenProfile>, Outage> {
        let Some(sealed) = self.people.profile(player).await? else { return Ok(None) };
        let plain = self.vault.open(player, &sealed.wrapped_key, &sealed.ciphertext).await?;
        // The parser's own message could quote the person.
        let profile = serde_json::from_slice(&plain)
            .map_err(|_| Outage::new("read a profile", "it is not of the expected form"))?;
        Ok(Some(OpenProfile { profile, wrapped_key: sealed.wrapped_key, revision: sealed.revision }))
    }

    /// Writes a changed profile back. False if somebody else changed it since it was read.
    pub async fn replace(
        &self,
        player: PlayerId,
        read: &OpenProfile,
        changed: &Profile,
    ) -> Result<bool, Outage> {
        let ciphertext = self.vault.seal(player, &read.wrapped_key, &encode(changed)?).await?;
        self.people.replace_profile(player, &ciphertext, read.revision).await
    }
}

impl Profile {
    /// The names of the fields that differ from another profile.
    #[must_use]
    pub fn changed_fields(&self, other: &Self) -> Vec<String> {
        let fields = |profile: &Self| -> BTreeMap<String, serde_json::Value> {
            serde_json::to_value(profile)
                .ok()
                .and_then(|it| serde_json::from_value(it).ok())
                .unwrap_or_default()
        };
        let (mine, theirs) = (fields(self), fields(other));
        let names: std::collections::BTreeSet<&String> = mine.keys().chain(theirs.keys()).collect();
        names.into_iter().filter(|name| mine.get(*name) != theirs.get(*name)).cloned().collect()
    }
}

fn encode(profile: &Profile) -> Result<Vec<u8>, Outage> {
    serde_json::to_vec(profile).map_err(|_| Outage::new("write a profile", "it does not encode"))
}
