//! What a table's calls are about: a player, with a deposit or a withdrawal at the vendor, or an identity to verify.

use std::time::Duration;

use domain::account::VerificationStatus;
use domain::adjustment::{Adjust, Cause};
use domain::cashier::Review;
use domain::deposit::{DepositEvent, DepositNotice, RefundReference, RequestDeposit, RequestRefund};
use domain::ids::{DepositId, PlayerId, StaffId, VerificationId, WithdrawalId};
use domain::person::{self, Registration, StartVerification, VerificationNotice};
use domain::withdrawal::{PayTo, Payout, RequestWithdrawal, WithdrawalEvent, WithdrawalStep};
use domain::{Command, EntryKey, Money};
use edge::profiles::{Address, Consents, Profile};
use edge::{Profiles, Settings, Stores, rule_book};
use serde::Deserialize;
use store::{Inbox, InboxItem, Ledger, Page, PageRequest};

const PATIENCE: Duration = Duration::from_secs(5);
/// What is paid in or out.
const AMOUNT: &str = "50 EUR";
/// What a player has who is paid out.
const CASH: &str = "80 EUR";
/// What is sent back of what was paid in.
const REFUND: &str = "20 EUR";

/// What stands in the ledger at the beginning of a case.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Given {
    /// 50 euros are to be paid in, on a page of the vendor's.
    #[default]
    Deposit,
    /// 50 of 80 euros are being paid out by the vendor.
    Payout,
    /// 20 of 50 euros that were paid in are being sent back by the vendor, as staff ordered.
    Refund,
    /// The vendor is verifying who the player is.
    Verification,
}

/// The vendor's own ids of what a case begins with.
pub(crate) struct Ids {
    /// The page that was opened, or the payout that was sent.
    pub(crate) opened: String,
    /// The payment that was made.
    pub(crate) payment: String,
    /// The refund of it.
    pub(crate) refund: String,
}

/// A player, and what the vendor speaks of.
pub(crate) struct Subject {
    pub(crate) player: PlayerId,
    about: About,
    settings: Settings,
    vendor: String,
    /// The vendor's own id of it, where notices may tell no other.
    vendor_id: String,
}

enum About {
    Deposit(DepositId),
    Payout(WithdrawalId),
    Refund(RefundReference),
    Verification,
}

/// What can be seen of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) state: String,
    pub(crate) cash: String,
    pub(crate) held: String,
    pub(crate) entries: u64,
    pub(crate) kept: usize,
    pub(crate) alert: bool,
}

impl Subject {
    /// A player of the case's own.
    pub(crate) async fn open(settings: Settings, vendor: &str, given: Given, ids: &Ids) -> Self {
        let player = PlayerId::new(settings.context().ulid());
        register(&settings, player).await;
        let about = match given {
            Given::Deposit => About::Deposit(DepositId::new(settings.context().ulid())),
            Given::Payout => About::Payout(WithdrawalId::new(settings.context().ulid())),
            Given::Refund => {
                let deposit = DepositId::new(settings.context().ulid());
                About::Refund(RefundReference { deposit, refund: 1 })
            }
            Given::Verification => About::Verification,
        };
        let vendor_id = if matches!(given, Given::Verification) { ids.opened.clone() } else { String::new() };
        let subject = Self { player, about, settings, vendor: vendor.to_owned(), vendor_id };
        for command in subject.commands(ids) {
            subject.run(command).await;
        }
        subject
    }

    /// Our id of what the vendor speaks of.
    pub(crate) fn reference(&self) -> String {
        match self.about {
            About::Deposit(id) => id.to_string(),
            About::Payout(id) => id.to_string(),
            About::Refund(reference) => reference.to_string(),
            About::Verification => self.player.to_string(),
        }
    }

    /// The id of the deposit, the withdrawal or the player.
    pub(crate) fn id(&self) -> String {
        match self.about {
            About::Refund(RefundReference { deposit, .. }) => deposit.to_string(),
            About::Deposit(_) | About::Payout(_) | About::Verification => self.reference(),
        }
    }

    pub(crate) async fn seen(&self) -> Seen {
        let ledger = self.ledger();
        let account = ledger.account(self.player).await.unwrap().unwrap();
        let state = match self.about {
            About::Deposit(id) => {
                let deposit = ledger.deposit(self.player, id).await.unwrap().unwrap();
                serde_json::to_value(deposit.status).unwrap().as_str().unwrap().to_owned()
            }
            About::Payout(id) => {
                let withdrawal = ledger.withdrawal(self.player, id).await.unwrap().unwrap();
                withdrawal.payouts[0].status.as_str().to_owned()
            }
            About::Refund(RefundReference { deposit, refund }) => {
                let deposit = ledger.deposit(self.player, deposit).await.unwrap().unwrap();
                deposit.refund(refund).unwrap().status().as_str().to_owned()
            }
            About::Verification => account.verification.status.as_str().to_owned(),
        };
        Seen {
            state,
            cash: account.wallet.cash.to_text(),
            held: account.wallet.held.to_text(),
            entries: account.version,
            kept: self.kept().await,
            alert: self.inbox().is_alert_open(self.player).await.unwrap(),
        }
    }

    /// How many of the vendor's notices on the subject wait for staff.
    async fn kept(&self) -> usize {
        let (inbox, id) = (self.inbox(), self.id());
        let is_ours = |it: &InboxItem| {
            it.summary.contains(&id) || (!self.vendor_id.is_empty() && it.id.starts_with(&self.vendor_id))
        };
        let (mut kept, mut after) = (0, None);
        loop {
            let page = PageRequest { limit: 200, after };
            let Page { items, next } = inbox.page(false, Some(&self.vendor), &page).await.unwrap();
            kept += items.iter().filter(|it| is_ours(&it.item)).count();
            if next.is_none() {
                return kept;
            }
            after = next;
        }
    }

    fn commands(&self, ids: &Ids) -> Vec<Command> {
        match self.about {
            About::Deposit(id) => self.deposit(id, ids),
            About::Payout(id) => self.payout(id, ids),
            About::Refund(reference) => self.refund(reference, ids),
            About::Verification => {
                let verification = VerificationId::new(self.settings.context().ulid());
                let vendor = self.vendor.clone();
                vec![Command::StartVerification(StartVerification { verification, vendor })]
            }
        }
    }

    fn deposit(&self, deposit: DepositId, ids: &Ids) -> Vec<Command> {
        let opened = DepositEvent::Opened {
            vendor: self.vendor.clone(),
            redirect_url: "https://vendor.example/".to_owned(),
            psp_reference: ids.opened.clone(),
        };
        vec![
            Command::RequestDeposit(RequestDeposit {
                key: key("deposit"),
                deposit,
                amount: money(AMOUNT),
                method: "card".to_owned(),
                attested: false,
                vendor: self.vendor.clone(),
                return_url: "https://casino.example/".to_owned(),
            }),
            Command::DepositNotice(DepositNotice::new(key("opened"), deposit, opened)),
        ]
    }

    fn payout(&self, withdrawal: WithdrawalId, ids: &Ids) -> Vec<Command> {
        let to = PayTo::BankAccount { sealed: "sealed".to_owned(), fingerprint: None };
        let submitted = EntryKey::new(&self.vendor, "submitted");
        let step = WithdrawalStep::new(submitted, withdrawal, WithdrawalEvent::Submitted);
        vec![
            Command::VerificationNotice(VerificationNotice {
                expires_on: None,
                key: key("verified"),
                status: VerificationStatus::Approved,
                as_of: self.settings.context().now(),
                alarming: false,
                judged_at: None,
            }),
            Command::Adjust(Adjust {
                key: key("cash"),
                amount: money(CASH),
                cause: Cause::Goodwill,
                by: None,
            }),
            Command::RequestWithdrawal(RequestWithdrawal {
                key: key("withdrawal"),
                withdrawal,
                amount: money(AMOUNT),
                method: "bank".to_owned(),
                payouts: vec![Payout::new(money(AMOUNT), &self.vendor, to)],
                review: Review::default(),
                planned_at: None,
                destination_fingerprint: String::new(),
            }),
            Command::WithdrawalStep(WithdrawalStep { psp_reference: Some(ids.opened.clone()), ..step }),
        ]
    }

    fn refund(&self, RefundReference { deposit, refund }: RefundReference, ids: &Ids) -> Vec<Command> {
        let (amount, psp_reference) = (money(AMOUNT), ids.payment.clone());
        let captured = DepositEvent::Captured { amount, psp_reference };
        let told = |tx: &str, event| DepositNotice::new(EntryKey::new(&self.vendor, tx), deposit, event);
        let mut commands = self.deposit(deposit, ids);
        commands.extend([
            Command::DepositNotice(told("captured", captured)),
            Command::RequestRefund(RequestRefund {
                key: key("refund"),
                deposit,
                amount: Some(money(REFUND)),
                reason: "the player changed her mind".to_owned(),
                by: StaffId::new(self.settings.context().ulid()),
                at_most: amount,
                approvals: 1,
                planned_at: None,
            }),
            Command::DepositNotice(DepositNotice {
                refund: Some(refund),
                refund_psp_reference: Some(ids.refund.clone()),
                ..told("submitted", DepositEvent::RefundSubmitted)
            }),
        ]);
        commands
    }

    async fn run(&self, command: Command) {
        let now = self.settings.context().now();
        self.ledger().execute(self.player, &command, now, PATIENCE).await.unwrap().done().unwrap();
    }

    fn inbox(&self) -> Inbox {
        Stores::new(&self.settings).unwrap().inbox().unwrap()
    }

    fn ledger(&self) -> Ledger {
        Stores::new(&self.settings).unwrap().ledger().unwrap()
    }
}

fn key(tx: &str) -> EntryKey {
    EntryKey::new("table", tx)
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

async fn register(settings: &Settings, player: PlayerId) {
    let (stores, now) = (Stores::new(settings).unwrap(), settings.context().now());
    let registration = Registration {
        player,
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        country: "MT".to_owned(),
        currency: "EUR".parse().unwrap(),
        birth_date: "1990-01-01".parse().unwrap(),
    };
    let rules = rule_book().unwrap();
    let opened = person::register(&registration, rules.rules("MT", now).unwrap(), now).unwrap();
    let profiles = Profiles::new(&stores, settings).unwrap();
    let sealed = profiles.seal(player, &profile()).await.unwrap();
    let (ledger, address) = (stores.ledger().unwrap(), player.to_string());
    profiles.people().register(&ledger, &opened, &address, "", &sealed).await.unwrap().unwrap();
}

/// Who every player is.
fn profile() -> Profile {
    Profile {
        email: "maria@casino.example".to_owned(),
        first_name: "Maria".to_owned(),
        last_name: "Borg".to_owned(),
        birth_date: "1990-01-01".parse().unwrap(),
        country: "MT".to_owned(),
        region: None,
        address: Address {
            line1: "1 Harbour Street".to_owned(),
            line2: None,
            city: "Valletta".to_owned(),
            postcode: "VLT 1110".to_owned(),
        },
        phone: None,
        terms_version: "1".to_owned(),
        consents: Consents { email: false, sms: false, phone: false, post: false },
    }
}
