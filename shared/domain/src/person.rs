//! The person behind the account: opening it, signing in, proving identity, changing the profile, leaving.

use jiff::civil::Date;

use crate::Timestamp;
use crate::account::{Account, AccountStatus, Verification, VerificationStatus, Wallet};
use crate::chain::Digest;
use crate::currency::Currency;
use crate::decide::Decision;
use crate::draft::Draft;
use crate::entry::{EntryKey, Fingerprint};
use crate::fact::Fact;
use crate::ids::{PlayerId, SessionId, StaffId, VerificationId};
use crate::refusal::Refusal;
use crate::rules::Rules;

/// A request to open an account, as far as the ledger may know it: no personal data.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The new player's id.
    pub player: PlayerId,
    /// The brand.
    pub brand: String,
    /// The rule pack.
    pub jurisdiction: String,
    /// ISO 3166-1 alpha-2 of the residence.
    pub country: String,
    /// The wallet's currency, for ever.
    pub currency: Currency,
    /// To check the age; not kept here.
    pub birth_date: Date,
}

/// Opens an account: the first decision of a player's life, and the only one without an account before it.
pub fn register(request: &Registration, rules: &Rules, now: Timestamp) -> Result<Decision, Refusal> {
    if !rules.old_enough(request.birth_date, now) {
        return Err(Refusal::UnderAge { min_age: rules.min_age });
    }
    let unopened = Account {
        player: request.player,
        brand: request.brand.clone(),
        jurisdiction: request.jurisdiction.clone(),
        country: Some(request.country.clone()),
        status: AccountStatus::Active,
        wallet: Wallet::empty(request.currency),
        verification: Verification::none(),
        deposits: 0,
        version: 0,
        head: Digest::default(),
        opened_at: now,
        updated_at: now,
    };
    let fact = Fact::PlayerRegistered { country: request.country.clone() };
    Draft::of(&unopened, fact).decided(first_key(), Fingerprint::of(["register"]), now)
}

/// The key of every player's first entry.
#[must_use]
pub fn first_key() -> EntryKey {
    EntryKey::new("api", "register")
}

/// A sign-in with the right password.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The session begun.
    pub session: SessionId,
}

/// The start of an identity verification at a vendor.
#[derive(Clone, Debug)]
pub struct StartVerification {
    /// The attempt.
    pub verification: VerificationId,
    /// The identity vendor.
    pub vendor: String,
}

/// What an identity vendor says of a player.
#[derive(Clone, Debug)]
pub struct VerificationNotice {
    /// The notification's entry: its deduplication key.
    pub key: EntryKey,
    /// The status it leads to.
    pub status: VerificationStatus,
    /// The vendor's own time of it.
    pub as_of: Timestamp,
    /// The last day of the document that an approval rests on, if it has one.
    pub expires_on: Option<Date>,
    /// Whether a person must look at what was found, such as a hit on a watchlist: until then an approval is suspended.
    pub alarming: bool,
    /// The account's version that an approval was judged for, if it holds for no other.
    pub judged_at: Option<u64>,
}

/// A change of the profile.
#[derive(Clone, Debug)]
pub struct ChangeProfile {
    /// What makes it happen once.
    pub key: EntryKey,
    /// The names of the changed fields.
    pub fields: Vec<String>,
    /// Whether the verified identity (name, birth date) is among them.
    pub identity: bool,
}

/// The player leaves for good.
#[derive(Clone, Debug)]
pub struct CloseAccount {
    /// Why, such as `erasure`.
    pub reason: String,
}

pub(crate) fn sign_in(account: &Account, command: &SignIn) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    Ok(Draft::of(account, Fact::SignedIn { session: command.session }))
}

/// An approval whose document has run out is renewed; until the days for it are over it goes on to stand.
pub(crate) fn start_verification(
    account: &Account,
    command: &StartVerification,
    rules: &Rules,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    let status = account.verification.status_at(rules, now);
    if is_settled(status) {
        return Err(Refusal::VerificationSettled(status));
    }
    let verification = Verification {
        status: VerificationStatus::Pending,
        current: Some(command.verification),
        agreed_by: None,
        ..account.verification.clone()
    };
    Ok(verification_changed(account, verification, &command.vendor, None))
}

/// Notices may come twice, late and out of order: the newest by the vendor's own clock is what counts.
pub(crate) fn verification_notice(
    account: &Account,
    notice: &VerificationNotice,
    rules: &Rules,
    now: Timestamp,
) -> Result<Draft, Refusal> {
    let known = &account.verification;
    let is_late = known.as_of.is_some_and(|newest| notice.as_of < newest);
    let is_overtaken = notice.judged_at.is_some_and(|version| account.version != version);
    if is_late || is_overtaken || !tells_more(notice, known) {
        return Err(Refusal::Outdated);
    }
    let is_standing = known.status_at(rules, now) == VerificationStatus::Approved;
    let verification = Verification {
        status: notice.status,
        as_of: Some(notice.as_of),
        expires_on: expiry_after(notice, known, is_standing),
        agreed_by: None,
        ..known.clone()
    };
    Ok(verification_changed(account, verification, &notice.key.integration, None))
}

/// What a notice leaves of the document's last day. Steps of a renewal leave the approval that is renewed standing, even
/// if the vendor tells of them before we noted its beginning; what speaks against the approval does not.
fn expiry_after(notice: &VerificationNotice, known: &Verification, is_standing: bool) -> Option<Date> {
    match notice.status {
        VerificationStatus::Approved => notice.expires_on,
        VerificationStatus::Rejected => None,
        VerificationStatus::None
        | VerificationStatus::Pending
        | VerificationStatus::InReview
        | VerificationStatus::Resubmit
        | VerificationStatus::Expired => known.expires_on.filter(|_| !is_standing && !notice.alarming),
    }
}

/// Whether a notice leads anywhere. "Submitted" or "created" is not a step back from a verdict or from a review, nor is
/// another attempt that ran out. What is said again at a later time is news: something older may still come.
fn tells_more(notice: &VerificationNotice, known: &Verification) -> bool {
    let is_repeat = known.status == notice.status && known.as_of == Some(notice.as_of);
    let leads_on = match notice.status {
        VerificationStatus::InReview => match known.status {
            VerificationStatus::Approved => notice.alarming,
            status => !is_settled(status),
        },
        VerificationStatus::None | VerificationStatus::Pending => {
            known.status != notice.status && !is_under_judgement(known.status)
        }
        VerificationStatus::Expired => !is_under_judgement(known.status),
        VerificationStatus::Resubmit | VerificationStatus::Approved | VerificationStatus::Rejected => true,
    };
    leads_on && !is_repeat
}

pub(crate) fn change_profile(account: &Account, command: &ChangeProfile) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    let is_void = command.identity && account.verification.status == VerificationStatus::Approved;
    let verification = is_void.then_some(VerificationStatus::Resubmit);
    let mut draft = Draft::of(account, Fact::ProfileChanged { fields: command.fields.clone(), verification });
    draft.account.verification.status = verification.unwrap_or(account.verification.status);
    draft.account.verification.expires_on = account.verification.expires_on.filter(|_| !command.identity);
    draft.account.verification.agreed_by = account.verification.agreed_by.filter(|_| !command.identity);
    Ok(draft)
}

pub(crate) fn close(account: &Account, command: &CloseAccount) -> Result<Draft, Refusal> {
    refuse_closed(account)?;
    let wallet = &account.wallet;
    let empty = wallet.cash.is_zero() && wallet.held.is_zero() && wallet.receivable.is_zero();
    if !empty {
        return Err(Refusal::NotEmpty);
    }
    let mut draft = Draft::of(account, Fact::AccountClosed { reason: command.reason.clone() });
    draft.account.status = AccountStatus::Closed;
    Ok(draft)
}

/// Refuses what an account that is closed for good no longer does.
pub fn refuse_closed(account: &Account) -> Result<(), Refusal> {
    match account.status {
        AccountStatus::Active => Ok(()),
        AccountStatus::Closed => Err(Refusal::AccountClosed),
    }
}

const fn is_settled(status: VerificationStatus) -> bool {
    matches!(status, VerificationStatus::Approved | VerificationStatus::Rejected)
}

const fn is_under_judgement(status: VerificationStatus) -> bool {
    is_settled(status) || matches!(status, VerificationStatus::InReview)
}

pub(crate) fn verification_changed(
    account: &Account,
    verification: Verification,
    vendor: &str,
    by: Option<StaffId>,
) -> Draft {
    let Verification { status, current, expires_on, .. } = verification;
    let vendor = vendor.to_owned();
    let fact = Fact::VerificationChanged { verification: current, status, vendor, expires_on, by };
    let mut draft = Draft::of(account, fact);
    draft.account.verification = verification;
    draft
}
