//! Identity verification: the player's way to the vendor that checks it, and where the check stands.

mod vendor;
mod view;

use std::sync::Arc;
use std::time::Duration;

use domain::account::{Verification, VerificationStatus};
use domain::ids::{PlayerId, VerificationId};
use domain::person::{StartVerification, refuse_closed};
use domain::{Account, Command, Fact, Refusal};
use edge::auth::Auth;
use edge::{
    BoxError, Context, Function, Handler, Outbound, Problem, Profiles, Reply, Request, Rotating, Settings,
    Stores, http, rule_book,
};
use serde::Deserialize;
use serde_json::json;
use store::{Ledger, RuleBook};
use vendors::kyc::{Entrance, VerificationRequest};

use vendor::Checkers;

/// How long a commit may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    let outbound = Outbound::of(&settings)?;
    Ok(http(Verifications {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        profiles: Profiles::new(&stores, &settings)?,
        checkers: Rotating::start(&settings, move |all| Checkers::new(&all.kyc, outbound.clone())).await?,
        rules: rule_book()?,
        context: settings.context().clone(),
    }))
}

struct Verifications {
    auth: Auth,
    ledger: Ledger,
    profiles: Profiles,
    checkers: Rotating<Checkers>,
    rules: RuleBook,
    context: Context,
}

impl Handler for Verifications {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "POST /v1/kyc/verifications" => self.begin(&request).await,
            "GET /v1/kyc/verifications/current" => self.current(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

/// Nothing is asked but to begin; yet what is sent must be JSON.
#[derive(Deserialize)]
struct Body {}

impl Verifications {
    /// The vendor is asked before anything is noted: if it is down, nothing has happened. Its links cost nothing,
    /// so one that is never used does no harm.
    async fn begin(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        if !request.body().is_empty() {
            let Body {} = request.json()?;
        }
        let (account, now) = (self.account(player).await?, self.context.now());
        refuse_closed(&account)?;
        let status = account.verification.status_at(self.rules.rules(&account.jurisdiction, now)?, now);
        if matches!(status, VerificationStatus::Approved | VerificationStatus::Rejected) {
            return Err(Refusal::VerificationSettled(status).into());
        }
        let checkers = self.checkers.current().await;
        let checker = checkers.of(&account.jurisdiction).ok_or_else(Problem::unavailable)?;
        let request = self.request(&account, status).await?;
        let entrance = checker.enter(&request, now).await?;
        let (verification, status) = match under_way(&account.verification) {
            Some(attempt) => (attempt, account.verification.status),
            None => (self.note_start(player, checker.provider).await?, VerificationStatus::Pending),
        };
        let (name, value) = match entrance {
            Entrance::RedirectUrl(url) => ("redirect_url", url),
            Entrance::SdkToken(token) => ("sdk_token", token),
        };
        Ok(Reply::json(
            201,
            &json!({
                "verification_id": verification,
                "provider": checker.provider,
                "status": status.as_str(),
                name: value,
            }),
        ))
    }

    /// What the vendor is told of the player, so that it can compare the document with it.
    async fn request(
        &self,
        account: &Account,
        status: VerificationStatus,
    ) -> Result<VerificationRequest, Problem> {
        let profile = self.profiles.read(account.player).await?.ok_or(Refusal::AccountClosed)?.profile;
        Ok(VerificationRequest {
            player: account.player,
            jurisdiction: account.jurisdiction.clone(),
            first_name: profile.first_name,
            last_name: profile.last_name,
            birth_date: profile.birth_date,
            anew: is_void(status),
            return_url: None,
        })
    }

    async fn note_start(&self, player: PlayerId, vendor: &str) -> Result<VerificationId, Problem> {
        let verification = VerificationId::new(self.context.ulid());
        let vendor = vendor.to_owned();
        let command = Command::StartVerification(StartVerification { verification, vendor });
        let outcome = self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?;
        match outcome.done()?.fact {
            Fact::VerificationChanged { verification: Some(noted), .. } => Ok(noted),
            _ => Err(Problem::unavailable()),
        }
    }

    async fn current(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let (account, now) = (self.account(player).await?, self.context.now());
        let checkers = self.checkers.current().await;
        let checker = checkers.of(&account.jurisdiction);
        let level = checker.and_then(|checker| checker.level(&account.jurisdiction));
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        Ok(Reply::json(200, &view::verification(&account.verification, level, rules, now)))
    }

    async fn account(&self, player: PlayerId) -> Result<Account, Problem> {
        Ok(self.ledger.account(player).await?.ok_or(Refusal::PlayerUnknown)?)
    }
}

/// Whether what was found before is void. What is under way is not, nor what is for staff to decide.
const fn is_void(status: VerificationStatus) -> bool {
    matches!(status, VerificationStatus::Resubmit | VerificationStatus::Expired)
}

/// The attempt that a second click goes on with.
fn under_way(verification: &Verification) -> Option<VerificationId> {
    let going_on = matches!(verification.status, VerificationStatus::Pending | VerificationStatus::InReview);
    verification.current.filter(|_| going_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_goes_on_with_the_attempt_under_way() {
        let attempt: VerificationId = "ver_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
        let verification = |status, current| Verification { status, current, ..Verification::none() };
        assert_eq!(under_way(&verification(VerificationStatus::Pending, Some(attempt))), Some(attempt));
        assert_eq!(under_way(&verification(VerificationStatus::InReview, Some(attempt))), Some(attempt));
        assert_eq!(under_way(&verification(VerificationStatus::Resubmit, Some(attempt))), None);
        assert_eq!(under_way(&verification(VerificationStatus::Expired, Some(attempt))), None);
        assert_eq!(
            under_way(&verification(VerificationStatus::Pending, None)),
            None,
            "the vendor began on its own"
        );
    }
}
