//! What the provider was told to send, and what became of it in its own books: ours must say the same.

use super::Micros;
use super::book::Book;
use super::payment::Payment;
use super::refunds::deposit_of;

/// An order as the provider heard it for the first time.
pub(crate) struct Order {
    /// Our reference of it.
    pub(crate) reference: String,
    pub(crate) amount: Micros,
    /// The payment it goes back by, if it is a refund.
    pub(crate) payment: Option<String>,
    /// Whether the provider takes it on.
    pub(crate) is_taken: bool,
}

/// What the provider makes of an order.
pub(crate) struct Sending {
    is_taken: bool,
    /// Its last word.
    ends: &'static str,
}

impl Book {
    /// The provider was told to send something of this player's: how much that is, if it is this player's at all.
    pub(super) fn ordered(&mut self, order: &Order) -> Result<Option<Micros>, String> {
        let Order { reference, amount, payment, is_taken } = order;
        let known = match payment {
            Some(_) => self.refunds.get(reference),
            None => self.withdrawals.get(reference),
        };
        let Some(known) = known else { return Ok(None) };
        let brought_by = self.deposits.get(deposit_of(reference)).and_then(Payment::brought_by);
        let by_the_same = payment.is_none() || payment.as_deref() == brought_by;
        if known.status() != "approved" || known.amount != *amount || !by_the_same {
            let (status, asked) = (known.status(), known.amount);
            return Err(format!("{amount} is sent of {reference}, by {payment:?}: {asked} is {status}"));
        }
        let sending = Sending { is_taken: *is_taken, ends: if *is_taken { "paying" } else { "failed" } };
        self.orders.insert(reference.clone(), sending);
        Ok(Some(*amount))
    }

    /// The provider's last word on an order.
    pub(super) fn ends(&mut self, reference: &str, status: &'static str) {
        if let Some(sending) = self.orders.get_mut(reference) {
            sending.ends = status;
        }
    }

    /// Whether the provider took an order on.
    pub(super) fn was_taken(&self, reference: &str) -> bool {
        self.orders.get(reference).is_some_and(|it| it.is_taken)
    }

    /// Whether the provider refused an order; or is never told of payouts, for want of an account to pay them from.
    pub(super) fn was_refused(&self, reference: &str) -> bool {
        let never_told = || !self.pays_out && self.withdrawals.contains_key(reference);
        self.orders.get(reference).map_or_else(never_told, |it| !it.is_taken)
    }

    /// At the end nothing that was approved is still to be sent, and all that was sent ended as the provider says.
    pub(super) fn agrees_with_provider(&self) -> Result<(), String> {
        for (reference, payment) in self.withdrawals.iter().chain(&self.refunds) {
            let ours = payment.status();
            let agreed = match self.orders.get(reference) {
                Some(theirs) => ours == theirs.ends,
                None => !matches!(ours, "approved" | "paying" | "sent" | "paid" | "completed"),
            };
            if !agreed {
                let theirs = self.orders.get(reference).map(|it| it.ends);
                return Err(format!("{}: {reference} is {ours}; to the provider {theirs:?}", self.player));
            }
        }
        Ok(())
    }
}
