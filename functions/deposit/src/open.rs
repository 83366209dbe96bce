//! Opening a deposit: noted in the ledger first, then at the provider, then the provider's page is noted.
//!
//! Whoever asks again with the same key goes on where the first attempt ended, whatever it died of.

use domain::cashier::Direction;
use domain::deposit::{Deposit, DepositEvent, DepositNotice, DepositStatus, RequestDeposit};
use domain::ids::{DepositId, PlayerId};
use domain::play::Slot;
use domain::{Command, Entry, EntryKey, Fact, Money, Outcome, Refusal};
use edge::http::decimal_field;
use edge::payments::Providers;
use edge::{Problem, Reply, Request};
use serde_json::json;
use vendors::payments::{PayIn, Payer};

use crate::body::Body;
use crate::route::Opening;
use crate::{Deposits, PATIENCE};

impl Deposits {
    pub(crate) async fn open(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let key = EntryKey::new("api", format!("deposit:{}", request.idempotency_key()?));
        let body = Body::read(request)?;
        let deposit = self.noted(player, key, body).await?;
        let deposit = self.with_page(player, deposit).await?;
        let redirect_url = deposit.redirect_url.ok_or_else(no_page)?;
        // The answer to the request, not the state of things: a repeat hears the same.
        let status = DepositStatus::Pending.as_str();
        Ok(Reply::json(
            201,
            &json!({
                "deposit_id": deposit.id,
                "status": status,
                "redirect_url": redirect_url,
                "expires_at": deposit.expires_at,
            }),
        ))
    }

    /// The deposit that the key stands for, noted now or before. What was noted before stands, whatever the cashier
    /// offers by now.
    async fn noted(&self, player: PlayerId, key: EntryKey, body: Body) -> Result<Deposit, Problem> {
        let deposit = match self.requested(player, key.clone(), &body).await {
            Ok(command) => {
                let command = Command::RequestDeposit(command);
                let outcome = self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?;
                requested_by(&outcome.done()?)?.0
            }
            Err(problem) => self.requested_before(player, &key, &body).await?.ok_or(problem)?,
        };
        self.ledger.deposit(player, deposit).await?.ok_or_else(Problem::unavailable)
    }

    async fn requested_before(
        &self,
        player: PlayerId,
        key: &EntryKey,
        body: &Body,
    ) -> Result<Option<DepositId>, Problem> {
        let Slot::Taken(entry) = self.ledger.slot(player, key).await? else { return Ok(None) };
        let (deposit, noted) = requested_by(&entry)?;
        let amount = decimal_field(&body.amount, noted.currency(), "/amount")?;
        let asked = RequestDeposit::fingerprint_of(amount, &body.method, &body.return_url);
        if asked == entry.fingerprint { Ok(Some(deposit)) } else { Err(Problem::idempotency_mismatch()) }
    }

    async fn requested(
        &self,
        player: PlayerId,
        key: EntryKey,
        body: &Body,
    ) -> Result<RequestDeposit, Problem> {
        let account = self.ledger.account(player).await?.ok_or(Refusal::PlayerUnknown)?;
        let now = self.context.now();
        let amount = decimal_field(&body.amount, account.wallet.currency(), "/amount")?;
        let offer = self.cashier.offer(&account, Direction::Deposit, &body.method, amount, now)?;
        let vendor = self
            .route(&*self.providers.current().await, offer.routes)
            .into_iter()
            .next()
            .ok_or_else(Problem::unavailable)?;
        Ok(RequestDeposit {
            key,
            deposit: DepositId::new(self.context.ulid()),
            amount,
            method: body.method.clone(),
            attested: offer.method.attested,
            vendor,
            return_url: body.return_url.clone(),
        })
    }

    /// The deposit with its payment page, opened now if it was not before.
    async fn with_page(&self, player: PlayerId, deposit: Deposit) -> Result<Deposit, Problem> {
        let waiting = deposit.status == DepositStatus::Created && self.context.now() < deposit.expires_at;
        if !waiting {
            return Ok(deposit);
        }
        let account = self.ledger.account(player).await?.ok_or(Refusal::PlayerUnknown)?;
        let event = match self.open_page(player, &account, &deposit).await? {
            Opening::Open { vendor, page } => DepositEvent::Opened {
                vendor,
                redirect_url: page.redirect_url,
                psp_reference: page.psp_reference,
            },
            Opening::Declined => DepositEvent::Declined,
            Opening::Unclear => return Err(Problem::unavailable()),
        };
        self.note_answer(player, &deposit, event).await?;
        self.ledger.deposit(player, deposit.id).await?.ok_or_else(Problem::unavailable)
    }

    /// The person who pays, if the provider must be told: only then the profile is opened.
    pub(crate) async fn payer(
        &self,
        player: PlayerId,
        providers: &Providers,
        vendor: &str,
    ) -> Result<Option<Payer>, Problem> {
        if !providers.get(vendor).is_some_and(PayIn::wants_payer) {
            return Ok(None);
        }
        let profile = self.profiles.read(player).await?.ok_or(Refusal::AccountClosed)?.profile;
        Ok(Some(Payer {
            first_name: profile.first_name,
            last_name: profile.last_name,
            email: profile.email,
            country: profile.country,
        }))
    }

    /// Of two attempts at once the first one's answer stands; the ledger shows which.
    async fn note_answer(
        &self,
        player: PlayerId,
        deposit: &Deposit,
        event: DepositEvent,
    ) -> Result<(), Problem> {
        let key = EntryKey::new(&deposit.vendor, format!("open:{}", deposit.id));
        let command = Command::DepositNotice(DepositNotice::new(key, deposit.id, event));
        let outcome = self.ledger.execute(player, &command, self.context.now(), PATIENCE).await?;
        if let Outcome::Refused { refusal, .. } = outcome {
            tracing::warn!(deposit = %deposit.id, %refusal, "the provider's answer came too late");
        }
        Ok(())
    }
}

/// The deposit that an entry noted, and its amount.
fn requested_by(entry: &Entry) -> Result<(DepositId, Money), Problem> {
    match entry.fact {
        Fact::DepositRequested { deposit, amount, .. } => Ok((deposit, amount)),
        _ => Err(Problem::idempotency_mismatch()),
    }
}

fn no_page() -> Problem {
    Problem::conflict(
        "this deposit cannot be paid: the provider declined it or its time ran out; \
         start another one with a new Idempotency-Key",
    )
}
