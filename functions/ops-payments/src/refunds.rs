//! Refunds: one of the staff asks, another one agrees where two have to, and the orders' worker does the rest.

use domain::cashier::RefundTerms;
use domain::deposit::{DepositEvent, DepositNotice, Refund, RefundReference, RefundStatus, RequestRefund};
use domain::entry::Fingerprint;
use domain::ids::{DepositId, PlayerId};
use domain::{Command, Entry, EntryKey, Fact, Outcome, Refusal};
use edge::auth::Staff;
use edge::http::decimal_field;
use edge::{Problem, Reply, Request};
use serde_json::{Value, json};

use crate::body::{self, RefundBody};
use crate::{Desk, MAY_DECIDE, MAY_SEE, PATIENCE, view};

/// How often a request is worked out anew because the account moved on meanwhile.
const MOST_PLANS: usize = 5;

/// A refund as the path names it, and whose it is.
struct Named {
    player: PlayerId,
    reference: RefundReference,
}

impl Desk {
    /// What waits for a colleague to agree.
    pub(crate) async fn waiting(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let page = self.ledger.refunds_waiting(&request.page()?).await?;
        let waiting = page.items.iter().flat_map(|(player, deposit)| {
            deposit.refunds_waiting().map(|(reference, it)| view::refund(*player, reference, it))
        });
        let items: Vec<Value> = waiting.collect();
        tracing::info!(audit = "refunds.list", staff = %staff.id, items = items.len(), "staff looked");
        Ok(Reply::page(&items, page.next))
    }

    /// Asks for a refund: the money is held at once.
    pub(crate) async fn ask(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        let id: DepositId = request.path_id("id")?;
        let key = key_of(&staff, request.idempotency_key()?);
        let body = RefundBody::read(request)?;
        let player = self.ledger.owner_of(&id.to_string()).await?.ok_or_else(Problem::not_found)?;
        let entry = self.requested(player, id, &key, &body, &staff).await?;
        let Fact::RefundRequested { deposit, refund, amount, approved } = entry.fact else {
            return Err(Problem::idempotency_mismatch());
        };
        let reference = RefundReference { deposit, refund };
        tracing::info!(
            audit = "refund.ask",
            staff = %staff.id,
            session = %staff.session,
            refund = %reference,
            %player,
            %amount,
            approved,
            reason = body.reason,
            "staff asked for a refund"
        );
        // The answer to the request, not the state of things: a repeat hears the same.
        let status = if approved { RefundStatus::Approved } else { RefundStatus::Requested };
        Ok(Reply::json(
            201,
            &json!({
                "refund_id": reference,
                "deposit_id": deposit,
                "status": status.as_str(),
                "amount": amount.to_text(),
                "currency": amount.currency().code(),
            }),
        ))
    }

    /// Requests the refund on the terms that hold for the account. If the account moved on meanwhile, they may no
    /// longer be right: they are worked out anew.
    async fn requested(
        &self,
        player: PlayerId,
        id: DepositId,
        key: &EntryKey,
        body: &RefundBody,
        staff: &Staff,
    ) -> Result<Entry, Problem> {
        for _ in 0..MOST_PLANS {
            let command = Command::RequestRefund(self.planned(player, id, key.clone(), body, staff).await?);
            match self.ledger.execute(player, &command, self.context.now(), PATIENCE).await? {
                Outcome::Refused { refusal: Refusal::Outdated, .. } => {}
                settled => return Ok(settled.done()?),
            }
        }
        Err(Problem::unavailable())
    }

    async fn planned(
        &self,
        player: PlayerId,
        id: DepositId,
        key: EntryKey,
        body: &RefundBody,
        staff: &Staff,
    ) -> Result<RequestRefund, Problem> {
        let account = self.ledger.account(player).await?.ok_or(Refusal::PlayerUnknown)?;
        // Read after the account: whatever is newer than it is found out when the request is committed.
        let (deposits, withdrawals) = self.ledger.payments(player).await?;
        let deposit = deposits.iter().find(|it| it.id == id).ok_or_else(Problem::not_found)?;
        let currency = deposit.amount.currency();
        let amount = body.amount.as_ref().map(|text| decimal_field(text, currency, "/amount")).transpose()?;
        let now = self.context.now();
        let rule = self.cashier.pack(now)?.approval(&account.jurisdiction);
        let terms =
            RefundTerms::of(deposit, amount, (&deposits, &withdrawals), rule, now).map_err(Refusal::from)?;
        Ok(RequestRefund {
            key,
            deposit: id,
            amount,
            reason: body.reason.clone(),
            by: staff.id,
            at_most: terms.at_most,
            approvals: terms.approvals,
            planned_at: Some(account.version),
        })
    }

    /// Agrees to what a colleague asked for.
    pub(crate) async fn approve(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        let named = self.named(request).await?;
        let before = self.refund(&named).await?;
        let (asked, agreed) = before.approved_by.split_first().unzip();
        if asked == Some(&staff.id) {
            return Err(Problem::conflict("another one of the staff has to agree"));
        }
        if !agreed.unwrap_or_default().contains(&staff.id) {
            let place = format!("refund-approve:{}:{}", named.reference, before.approved_by.len());
            self.decide(&named, place, DepositEvent::RefundApproved { by: staff.id }).await?;
        }
        self.decided(&named, &staff, "refund.approve", None).await
    }

    /// Refuses a refund that waits: the money is the player's again.
    pub(crate) async fn reject(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        let reason = body::rejection(request)?;
        let named = self.named(request).await?;
        let place = format!("refund-reject:{}", named.reference);
        self.decide(&named, place, DepositEvent::RefundRejected { by: staff.id }).await?;
        self.decided(&named, &staff, "refund.reject", reason.as_deref()).await
    }

    /// Of two words in one place the ledger takes one.
    async fn decide(&self, named: &Named, place: String, event: DepositEvent) -> Result<(), Problem> {
        let RefundReference { deposit, refund } = named.reference;
        let notice = DepositNotice::new(EntryKey::new("ops", place), deposit, event);
        let command = Command::DepositNotice(DepositNotice { refund: Some(refund), ..notice });
        self.ledger.execute(named.player, &command, self.context.now(), PATIENCE).await?.done()?;
        Ok(())
    }

    /// Whoever asks again gets the same answer; whoever comes second is told.
    async fn decided(
        &self,
        named: &Named,
        staff: &Staff,
        action: &'static str,
        reason: Option<&str>,
    ) -> Result<Reply, Problem> {
        let refund = self.refund(named).await?;
        let spoke = match refund.rejected_by {
            Some(by) => by == staff.id && action == "refund.reject",
            None => refund.approved_by.contains(&staff.id),
        };
        if !spoke {
            return Err(Problem::conflict("a colleague was faster: look at it again"));
        }
        tracing::info!(
            audit = action,
            staff = %staff.id,
            session = %staff.session,
            refund = %named.reference,
            player = %named.player,
            reason,
            "staff decided on a refund"
        );
        Ok(Reply::json(200, &view::refund(named.player, named.reference, &refund)))
    }

    async fn named(&self, request: &Request) -> Result<Named, Problem> {
        let deposit: DepositId = request.path_id("id")?;
        let reference: RefundReference = request.path_id("refund_id")?;
        if reference.deposit != deposit {
            return Err(Problem::not_found());
        }
        let player = self.ledger.owner_of(&deposit.to_string()).await?.ok_or_else(Problem::not_found)?;
        Ok(Named { player, reference })
    }

    async fn refund(&self, named: &Named) -> Result<Refund, Problem> {
        let deposit = self.ledger.deposit(named.player, named.reference.deposit).await?;
        let refund = deposit.as_ref().and_then(|it| it.refund(named.reference.refund));
        refund.cloned().ok_or_else(Problem::not_found)
    }
}

/// Keys are the staff member's own. They may say anything, so that their hash stands for them.
fn key_of(staff: &Staff, key: &str) -> EntryKey {
    let name = Fingerprint::of([staff.id.to_string().as_str(), key]);
    EntryKey::new("ops", format!("refund:{}", name.as_str()))
}
