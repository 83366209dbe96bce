//! A player's journey, and the calls it is made of: the platform's API as its clients use it, and the vendors' calls
//! as the vendors make them. The demo tells it to a person; the tests look at every corner of it.

mod adyen;
mod client;
mod games;
mod hub88;
mod journey;
mod person;
mod print;
mod staff;
mod sumsub;
mod wait;

pub use adyen::AdyenSide;
pub use client::{Answer, Call, Client, Failure};
pub use games::{GameVendorSide, Heard};
pub use hub88::{GameSession, Hub88Side};
pub use journey::tell;
pub use person::{Home, Player, registration};
pub use print::exchange;
pub use staff::Staff;
pub use sumsub::SumsubSide;
pub use wait::eventually;

/// An id that was never used, for e-mail addresses, idempotency keys and vendors' transactions.
#[must_use]
pub fn fresh_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
