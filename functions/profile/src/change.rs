//! Corrections of the profile. A changed name or birth date has to be verified again.

use domain::account::VerificationStatus;
use domain::ids::PlayerId;
use domain::person::ChangeProfile;
use domain::{Command, Date, EntryKey, Refusal};
use edge::profiles::{Address, Consents, Profile};
use edge::{Checks, Problem, Reply, Request};
use serde::Deserialize;

use crate::{PATIENCE, PlayerProfile};

/// What identity vendors verify.
const IDENTITY: &[&str] = &["first_name", "last_name", "birth_date"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    first_name: Option<String>,
    last_name: Option<String>,
    birth_date: Option<Date>,
    address: Option<Address>,
    phone: Option<String>,
    consents: Option<Consents>,
}

impl PlayerProfile {
    pub(crate) async fn change(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let change: Change = request.json()?;
        change.check()?;
        let now = self.context.now();
        let open = self.profiles.read(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let changed = change.applied_to(&open.profile);
        let fields = changed.changed_fields(&open.profile);
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        if fields.is_empty() {
            return Ok(Reply::json(200, &self.shown(&account, &open.profile)?));
        }
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        if !rules.old_enough(changed.birth_date, now) {
            return Err(Refusal::UnderAge { min_age: rules.min_age }.into());
        }
        // First the ledger: a crash in between leaves an identity unverified, never a new one verified.
        let identity = fields.iter().any(|field| IDENTITY.contains(&field.as_str()));
        self.note(player.id, &fields, identity).await?;
        if !self.profiles.replace(player.id, &open, &changed).await? {
            return Err(Problem::conflict("the profile was changed from elsewhere; read it again"));
        }
        let mut account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        if identity && account.verification.status == VerificationStatus::Approved {
            // Approved in between, by the profile as it was.
            self.note(player.id, &fields, identity).await?;
            account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        }
        Ok(Reply::json(200, &self.shown(&account, &changed)?))
    }

    /// Notes in the ledger which fields change; with the identity an approval goes.
    async fn note(&self, player: PlayerId, fields: &[String], identity: bool) -> Result<(), Problem> {
        let key = EntryKey::new("profile", self.context.ulid().to_string());
        let command = Command::ChangeProfile(ChangeProfile { key, fields: fields.to_vec(), identity });
        self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?.done()?;
        Ok(())
    }
}

impl Change {
    fn check(&self) -> Result<(), Problem> {
        let mut checks = Checks::default();
        if let Some(name) = &self.first_name {
            checks.line(name, 100, "/first_name");
        }
        if let Some(name) = &self.last_name {
            checks.line(name, 100, "/last_name");
        }
        if let Some(address) = &self.address {
            checks.address(address);
        }
        if let Some(phone) = &self.phone {
            checks.phone(phone);
        }
        checks.done()
    }

    fn applied_to(self, profile: &Profile) -> Profile {
        let mut changed = profile.clone();
        if let Some(name) = self.first_name {
            changed.first_name = name;
        }
        if let Some(name) = self.last_name {
            changed.last_name = name;
        }
        if let Some(birth_date) = self.birth_date {
            changed.birth_date = birth_date;
        }
        if let Some(address) = self.address {
            changed.address = address;
        }
        if self.phone.is_some() {
            changed.phone = self.phone;
        }
        if let Some(consents) = self.consents {
            changed.consents = consents;
        }
        changed
    }
}
