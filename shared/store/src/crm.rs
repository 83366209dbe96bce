//! Customer profiles: what the CRM knows of each player without asking for personal data.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::ids::PlayerId;
use domain::{Currency, Money, Timestamp};
use events::VerificationStatus;
use serde::{Deserialize, Serialize};

use crate::ledger::rows::{from_item, to_item};
use crate::progress::Progress;
use crate::{Outage, key, string};

const PROFILE: &str = "PROFILE";

/// The table of customer profiles.
#[derive(Clone)]
pub struct Crm {
    db: Client,
    table: String,
}

/// A player as the CRM sees them. Built so that the order in which facts arrive does not matter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerProfile {
    /// Who.
    pub player: PlayerId,
    /// The brand.
    pub brand: String,
    /// The jurisdiction.
    pub jurisdiction: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// The country of residence, once the registration is known.
    pub country: Option<String>,
    /// When the account was opened.
    pub registered_at: Option<Timestamp>,
    /// When the account was closed.
    pub closed_at: Option<Timestamp>,
    /// Where identity verification stands, and which fact said so.
    pub verification: Option<(u64, VerificationStatus)>,
    /// Deposits credited.
    pub deposits: Sum,
    /// The first of them.
    pub first_deposit_at: Option<Timestamp>,
    /// The last of them.
    pub last_deposit_at: Option<Timestamp>,
    /// Withdrawals paid.
    pub withdrawals: Sum,
    /// Bets less those undone, with their real-money stakes.
    pub bets: Sum,
    /// Winnings paid less those undone; rounds lost are not counted.
    pub wins: Sum,
    /// The last time the player did something.
    pub last_seen_at: Option<Timestamp>,
    /// The newest fact: its number and its type.
    pub last_event: Option<(u64, String)>,
}

/// How many, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub count: i64,
    /// How much.
    pub amount: Money,
}

/// How far a player has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleStage {
    /// Has an account.
    Registered,
    /// Has proved who they are.
    Verified,
    /// Has paid in.
    Depositor,
    /// Plays.
    Active,
    /// Has left for good.
    Closed,
}

impl Sum {
    const fn zero(currency: Currency) -> Self {
        Self { count: 0, amount: Money::zero(currency) }
    }
}

impl CustomerProfile {
    /// A profile of whom nothing is known yet.
    #[must_use]
    pub const fn new(player: PlayerId, brand: String, jurisdiction: String, currency: Currency) -> Self {
        let none = Sum::zero(currency);
        Self {
            player,
            brand,
            jurisdiction,
            currency,
            country: None,
            registered_at: None,
            closed_at: None,
            verification: None,
            deposits: none,
            first_deposit_at: None,
            last_deposit_at: None,
            withdrawals: none,
            bets: none,
            wins: none,
            last_seen_at: None,
            last_event: None,
        }
    }

    /// How far the player has come.
    #[must_use]
    pub fn stage(&self) -> LifecycleStage {
        let is_verified = self.verification.is_some_and(|(_, status)| status == VerificationStatus::Approved);
        if self.closed_at.is_some() {
            LifecycleStage::Closed
        } else if self.bets.count > 0 {
            LifecycleStage::Active
        } else if self.deposits.count > 0 {
            LifecycleStage::Depositor
        } else if is_verified {
            LifecycleStage::Verified
        } else {
            LifecycleStage::Registered
        }
    }
}

/// The stage stands beside the profile so that people and exports can select by it.
#[derive(Serialize, Deserialize)]
struct ProfileRow {
    pk: PlayerId,
    sk: String,
    applied: Progress,
    stage: LifecycleStage,
    profile: CustomerProfile,
}

impl Crm {
    /// The profiles in a table.
    #[must_use]
    pub fn new(db: Client, table: impl Into<String>) -> Self {
        Self { db, table: table.into() }
    }

    /// A player's profile, with the facts it is made of.
    pub async fn profile(&self, player: PlayerId) -> Result<Option<(CustomerProfile, Progress)>, Outage> {
        let key = key(player.to_string(), PROFILE);
        let get = self.db.get_item().table_name(&self.table).set_key(Some(key)).consistent_read(true);
        let answer = get.send().await.map_err(Outage::sdk("read a profile"))?;
        let row = answer.item.map(from_item::<ProfileRow>).transpose()?;
        Ok(row.map(|row| (row.profile, row.applied)))
    }

    /// Writes a profile and the facts it is now made of, unless somebody else did since it was read.
    /// False if somebody did.
    pub async fn record(
        &self,
        profile: &CustomerProfile,
        applied: &Progress,
        read: Option<&Progress>,
    ) -> Result<bool, Outage> {
        let row = ProfileRow {
            pk: profile.player,
            sk: PROFILE.to_owned(),
            applied: applied.clone(),
            stage: profile.stage(),
            profile: profile.clone(),
        };
        let put = self.db.put_item().table_name(&self.table).set_item(Some(to_item(row)?));
        let put = match read {
            Some(read) => put
                .condition_expression("applied = :read")
                .expression_attribute_values(":read", string(read.to_string())),
            None => put.condition_expression("attribute_not_exists(pk)"),
        };
        match put.send().await {
            Ok(_) => Ok(true),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
                _ => Err(Outage::sdk("write a profile")(error)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> CustomerProfile {
        let player = PlayerId::new(ulid::Ulid::from_parts(1, 2));
        CustomerProfile::new(player, "demo".to_owned(), "MT".to_owned(), "EUR".parse().unwrap())
    }

    #[test]
    fn the_stage_is_the_furthest_reached() {
        let mut profile = profile();
        assert_eq!(profile.stage(), LifecycleStage::Registered);
        profile.verification = Some((2, VerificationStatus::Approved));
        assert_eq!(profile.stage(), LifecycleStage::Verified);
        profile.deposits.count = 1;
        assert_eq!(profile.stage(), LifecycleStage::Depositor);
        profile.bets.count = 1;
        profile.verification = Some((9, VerificationStatus::Expired));
        assert_eq!(profile.stage(), LifecycleStage::Active);
        profile.closed_at = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(profile.stage(), LifecycleStage::Closed);
    }

    #[test]
    fn a_row_reads_back() {
        let mut full = profile();
        full.country = Some("MT".to_owned());
        full.registered_at = Some("2026-01-01T00:00:00.123Z".parse().unwrap());
        full.verification = Some((3, VerificationStatus::InReview));
        full.bets = Sum { count: -1, amount: "-0.00001 EUR".parse().unwrap() };
        full.last_event = Some((4, "pitboss.player.registered.v1".to_owned()));
        for profile in [profile(), full] {
            let row = ProfileRow {
                pk: profile.player,
                sk: PROFILE.to_owned(),
                applied: "1-3,5-6".parse().unwrap(),
                stage: profile.stage(),
                profile: profile.clone(),
            };
            let read: ProfileRow = from_item(to_item(row).unwrap()).unwrap();
            assert_eq!((read.profile, read.applied.to_string()), (profile, "1-3,5-6".to_owned()));
        }
    }
}
