//! How a withdrawal is paid, and what it needs before: worked out for the account as it is, and good for no other.

use domain::cashier::{Case, Direction, OwnAccount, Review, Source, Split, instruments, sources, split};
use domain::deposit::Deposit;
use domain::ids::{PlayerId, WithdrawalId};
use domain::withdrawal::{RequestWithdrawal, Withdrawal};
use domain::{Account, EntryKey, Money, Refusal};
use edge::Problem;
use edge::http::decimal_field;
use futures::future::try_join_all;

use crate::Withdrawals;
use crate::body::{self, Body, Iban};

/// What became of the player's money so far.
struct History {
    deposits: Vec<Deposit>,
    withdrawals: Vec<Withdrawal>,
}

impl Withdrawals {
    /// The request that a body stands for, with its payouts.
    pub(crate) async fn planned(
        &self,
        player: PlayerId,
        key: EntryKey,
        body: &Body,
    ) -> Result<RequestWithdrawal, Problem> {
        let account = self.ledger.account(player).await?.ok_or(Refusal::PlayerUnknown)?;
        let now = self.context.now();
        let amount = decimal_field(&body.amount, account.wallet.currency(), "/amount")?;
        let offer = self.cashier.offer(&account, Direction::Withdrawal, &body.method, amount, now)?;
        let own = self.own_account(player, offer.routes, body.iban.as_ref()).await?;
        // Read after the account: whatever is newer than it is found out when the request is committed.
        let (deposits, withdrawals) = self.ledger.payments(player).await?;
        let history = History { deposits, withdrawals };
        let (payable, split) = self.divided(&account, amount, &history, own.as_ref())?;
        let others = self.others(player, &history, &split).await?;
        let case = Case {
            account: &account,
            deposits: &history.deposits,
            withdrawals: &history.withdrawals,
            sources: &payable,
            split: &split,
            others: &others,
            is_alert_open: self.inbox.is_alert_open(player).await?,
            amount,
            now,
        };
        let rule = self.cashier.pack(now)?.approval(&account.jurisdiction);
        let review = Review::of(&case, rule).map_err(Refusal::from)?;
        Ok(RequestWithdrawal {
            key,
            withdrawal: WithdrawalId::new(self.context.ulid()),
            amount,
            method: body.method.clone(),
            payouts: split.payouts,
            review,
            planned_at: Some(account.version),
            destination_fingerprint: body::fingerprint(player, body.iban.as_ref()),
        })
    }

    fn divided(
        &self,
        account: &Account,
        amount: Money,
        history: &History,
        own: Option<&OwnAccount>,
    ) -> Result<(Vec<Source>, Split), Problem> {
        let now = self.context.now();
        let pack = self.cashier.pack(now)?;
        let known = if self.cashier.law(account, now)?.closed_loop {
            sources(&history.deposits, &history.withdrawals, pack.loop_order()).map_err(Refusal::from)?
        } else {
            Vec::new()
        };
        let split = split(amount, &known, own, pack)?;
        Ok((known, split))
    }

    /// Who else uses the player's instruments, one by one.
    async fn others(
        &self,
        player: PlayerId,
        history: &History,
        split: &Split,
    ) -> Result<Vec<Vec<PlayerId>>, Problem> {
        const SIDE_BY_SIDE: usize = 8;
        let used: Vec<_> = instruments(&history.deposits, &history.withdrawals, split).into_iter().collect();
        let mut others = Vec::with_capacity(used.len());
        for few in used.chunks(SIDE_BY_SIDE) {
            let asked = few.iter().map(|fingerprint| self.ledger.others_using(fingerprint, player));
            others.extend(try_join_all(asked).await?);
        }
        Ok(others)
    }

    /// The account that the player named, and the first provider that pays there.
    async fn own_account(
        &self,
        player: PlayerId,
        routes: &[String],
        iban: Option<&Iban>,
    ) -> Result<Option<OwnAccount>, Problem> {
        let Some(iban) = iban else { return Ok(None) };
        let providers = self.providers.current().await;
        let vendor = routes.iter().find(|vendor| providers.get(vendor).is_some());
        let vendor = vendor.ok_or_else(Problem::unavailable)?.clone();
        let sealed = self.destinations.seal(player, iban.as_str()).await?;
        let fingerprint = match iban.identity() {
            Some(identity) => Some(self.fingerprints.of(&identity).await?),
            None => None,
        };
        // Who was erased has no name that an account could be in.
        Ok(Some(OwnAccount { vendor, sealed: sealed.ok_or(Refusal::AccountClosed)?, fingerprint }))
    }
}
