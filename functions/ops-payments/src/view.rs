//! How payments look to staff.

use domain::Money;
use domain::deposit::{Deposit, Refund, RefundReference};
use domain::ids::PlayerId;
use serde_json::{Value, json};
use store::Kept;

/// A deposit with its refunds; what was paid with is told as far as it says nothing of the person.
pub(crate) fn deposit(player: PlayerId, deposit: &Deposit) -> Value {
    let refunds: Vec<Value> = deposit.refund_references().map(|(id, it)| refund(player, id, it)).collect();
    let instrument = deposit.instrument.as_ref().map(|it| {
        json!({
            "kind": it.kind,
            "last_digits": it.last_digits,
            "funding": it.funding,
            "holder": it.holder,
            "proven": it.proven,
        })
    });
    json!({
        "deposit_id": deposit.id,
        "player_id": player,
        "status": deposit.status.as_staff_str(),
        "amount": deposit.amount.to_text(),
        "currency": deposit.amount.currency().code(),
        "received": deposit.received.map(Money::to_text),
        "received_currency": deposit.received.map(|it| it.currency().code()),
        "gone_back": deposit.gone_back.map(Money::to_text),
        "charged_back": deposit.charged_back.map(Money::to_text),
        "refundable": deposit.refundable().ok().map(Money::to_text),
        "method": deposit.method,
        "provider": deposit.vendor,
        "psp_reference": deposit.psp_reference,
        "instrument": instrument,
        "refunds": refunds,
        "requested_at": deposit.requested_at,
        "expires_at": deposit.expires_at,
    })
}

pub(crate) fn refund(player: PlayerId, id: RefundReference, refund: &Refund) -> Value {
    json!({
        "refund_id": id,
        "deposit_id": id.deposit,
        "player_id": player,
        "status": refund.status().as_str(),
        "amount": refund.payout.amount.to_text(),
        "currency": refund.payout.amount.currency().code(),
        "reason": refund.reason,
        "approvals_needed": refund.approvals,
        "approved_by": refund.approved_by,
        "rejected_by": refund.rejected_by,
        "psp_reference": refund.payout.psp_reference,
        "requested_at": refund.requested_at,
    })
}

/// An item of the inbox.
pub(crate) fn kept(kept: &Kept) -> Value {
    let resolution = kept.resolution.as_ref().map(|it| json!({"by": it.by, "at": it.at, "note": it.note}));
    json!({
        "vendor": kept.item.vendor,
        "kind": kept.item.kind,
        "id": kept.item.id,
        "why": kept.item.why,
        "summary": kept.item.summary,
        "at": kept.at,
        "resolution": resolution,
    })
}
