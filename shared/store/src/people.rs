//! People: credentials, sealed personal data, and the claim that makes an e-mail address unique in its brand.
//!
//! E-mail addresses never appear here, only keyed hashes of them; profiles only as ciphertext.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::Decision;
use domain::ids::{PlayerId, StaffId};

use crate::ledger::Ledger;
use crate::{Item, Outage, key, number, string};

/// The players table.
#[derive(Clone)]
pub struct People {
    db: Client,
    table: String,
}

/// What a login is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Whose they are.
    pub player: PlayerId,
    /// The password's hash in PHC form.
    pub password_hash: String,
}

/// A profile as stored: nobody reads it without the key service.
#[derive(Clone)]
pub struct SealedProfile {
    /// The profile, encrypted with the player's data key.
    pub ciphertext: Vec<u8>,
    /// The data key, encrypted by the key service. Without it the person is erased.
    pub wrapped_key: Vec<u8>,
    /// Raised by every change, so that two changes do not overwrite each other.
    pub revision: u64,
}

/// A member of the operator's staff.
#[derive(Clone)]
pub struct StaffMember {
    /// Their id.
    pub id: StaffId,
    /// The password's hash in PHC form.
    pub password_hash: String,
    /// What they may do: support, payments, compliance, risk, marketing, admin.
    pub roles: Vec<String>,
}

/// The e-mail address belongs to another player of the brand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailTaken;

const PROFILE: &str = "PROFILE";
const DATA_KEY: &str = "DATA_KEY";
const CREDENTIALS: &str = "CREDENTIALS";

impl People {
    /// People in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// Writes a whole new player in one transaction: account, first entry, e-mail claim, profile.
    ///
    /// Of two registrations with one address at once, the database lets exactly one through.
    pub async fn register(
        &self,
        ledger: &Ledger,
        decision: &Decision,
        email_hash: &str,
        password_hash: &str,
        profile: &SealedProfile,
    ) -> Result<Result<(), EmailTaken>, Outage> {
        let player = decision.account.player.to_string();
        let mut claim = key(email_pk(&decision.account.brand, email_hash), CREDENTIALS);
        claim.insert("player".to_owned(), string(&player));
        claim.insert("password".to_owned(), string(password_hash));
        let mut data_key = key(&player, DATA_KEY);
        data_key.insert("wrapped".to_owned(), blob(&profile.wrapped_key));
        let with = vec![
            self.put_new(claim)?,
            self.put_new(profile_item(&player, profile, email_hash, &decision.account.brand))?,
            self.put_new(data_key)?,
        ];
        let written = ledger.open(decision, with).await?;
        Ok(written.map_err(|_| EmailTaken))
    }

    /// The credentials behind an e-mail address.
    pub async fn credentials(&self, brand: &str, email_hash: &str) -> Result<Option<Credentials>, Outage> {
        let Some(item) = self.item(&email_pk(brand, email_hash), CREDENTIALS).await? else {
            return Ok(None);
        };
        let player = text(&item, "player")?.parse().map_err(Outage::unreadable)?;
        Ok(Some(Credentials { player, password_hash: text(&item, "password")?.to_owned() }))
    }

    /// A player's sealed profile; none once the person was erased.
    pub async fn profile(&self, player: PlayerId) -> Result<Option<SealedProfile>, Outage> {
        let pk = player.to_string();
        let (profile, data_key) = tokio::try_join!(self.item(&pk, PROFILE), self.item(&pk, DATA_KEY))?;
        let (Some(profile), Some(data_key)) = (profile, data_key) else { return Ok(None) };
        Ok(Some(SealedProfile {
            ciphertext: bytes(&profile, "sealed")?,
            wrapped_key: bytes(&data_key, "wrapped")?,
            revision: numeral(&profile, "revision")?,
        }))
    }

    /// Replaces a profile, if nobody else changed it since it was read. False if somebody did.
    pub async fn replace_profile(
        &self,
        player: PlayerId,
        ciphertext: &[u8],
        read_revision: u64,
    ) -> Result<bool, Outage> {
        let answer = self
            .db
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(player.to_string(), PROFILE)))
            .update_expression("SET sealed = :sealed, revision = :next")
            .condition_expression("revision = :read")
            .expression_attribute_values(":sealed", blob(ciphertext))
            .expression_attribute_values(":next", number(read_revision.saturating_add(1)))
            .expression_attribute_values(":read", number(read_revision))
            .send()
            .await;
        match answer {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(Outage::sdk("change a profile")(error)),
        }
    }

    /// Erases a person: the data key goes first, and with it every copy of the profile, backups included
    /// once they age out; then the profile and the e-mail claim.
    pub async fn erase(&self, player: PlayerId) -> Result<(), Outage> {
        let pk = player.to_string();
        let profile = self.item(&pk, PROFILE).await?;
        self.delete(&pk, DATA_KEY).await?;
        if let Some(claim) = profile.as_ref().and_then(|item| item.get("claim")).and_then(|it| it.as_s().ok())
        {
            self.delete(claim, CREDENTIALS).await?;
        }
        self.delete(&pk, PROFILE).await
    }

    /// The staff member behind an e-mail address.
    pub async fn staff(&self, email_hash: &str) -> Result<Option<StaffMember>, Outage> {
        let Some(item) = self.item(&staff_pk(email_hash), CREDENTIALS).await? else { return Ok(None) };
        let roles = item.get("roles").and_then(|it| it.as_ss().ok()).cloned().unwrap_or_default();
        Ok(Some(StaffMember {
            id: text(&item, "staff")?.parse().map_err(Outage::unreadable)?,
            password_hash: text(&item, "password")?.to_owned(),
            roles,
        }))
    }

    /// Writes a staff member, replacing what stood under the address.
    pub async fn put_staff(&self, email_hash: &str, member: &StaffMember) -> Result<(), Outage> {
        let mut item = key(staff_pk(email_hash), CREDENTIALS);
        item.insert("staff".to_owned(), string(member.id.to_string()));
        item.insert("password".to_owned(), string(&member.password_hash));
        item.insert("roles".to_owned(), AttributeValue::Ss(member.roles.clone()));
        let put = self.db.put_item().table_name(&self.table).set_item(Some(item));
        put.send().await.map_err(Outage::sdk("write a staff member"))?;
        Ok(())
    }

    async fn item(&self, pk: &str, sk: &str) -> Result<Option<Item>, Outage> {
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key(pk, sk)));
        let answer = get.consistent_read(true).send().await.map_err(Outage::sdk("read a person"))?;
        Ok(answer.item)
    }

    async fn delete(&self, pk: &str, sk: &str) -> Result<(), Outage> {
        let delete = self.db.delete_item().table_name(&self.table).set_key(Some(key(pk, sk)));
        delete.send().await.map_err(Outage::sdk("erase a person"))?;
        Ok(())
    }

    fn put_new(&self, item: Item) -> Result<TransactWriteItem, Outage> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(|error| Outage::new("register", error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn email_pk(brand: &str, email_hash: &str) -> String {
    format!("EMAIL#{brand}#{email_hash}")
}

fn staff_pk(email_hash: &str) -> String {
    format!("STAFF#{email_hash}")
}

fn profile_item(player: &str, profile: &SealedProfile, email_hash: &str, brand: &str) -> Item {
    let mut item = key(player, PROFILE);
    item.insert("sealed".to_owned(), blob(&profile.ciphertext));
    item.insert("revision".to_owned(), number(profile.revision));
    item.insert("claim".to_owned(), string(email_pk(brand, email_hash)));
    item
}

fn blob(bytes: &[u8]) -> AttributeValue {
    AttributeValue::B(Blob::new(bytes))
}

fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, Outage> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| Outage::unreadable(format!("no {name}")))
}

fn bytes(item: &Item, name: &str) -> Result<Vec<u8>, Outage> {
    item.get(name)
        .and_then(|value| value.as_b().ok())
        .map(|blob| blob.as_ref().to_vec())
        .ok_or_else(|| Outage::unreadable(format!("no {name}")))
}

fn numeral(item: &Item, name: &str) -> Result<u64, Outage> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| Outage::unreadable(format!("no {name}")))
}
