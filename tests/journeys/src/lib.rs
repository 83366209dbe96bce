//! What the journeys share: the platform in this process, its staff, a clock that can be put forward, and players
//! as far along as a test wants them.

mod clock;
mod crm;
mod inbox;
mod pages;
mod platform;
mod players;
mod refunds;
mod vendors;

pub use clock::Clock;
pub use crm::customer;
pub use inbox::kept;
pub use pages::{pay_in, pay_page};
pub use pitboss_local::demo::{
    AdyenSide, Answer, Call, Client, Failure, GameSession, GameVendorSide, Heard, Home, Hub88Side, Player,
    Staff, SumsubSide, eventually, fresh_id, registration,
};
pub use pitboss_local::sandbox::games::protocol::{Round, Verdict, WalletCall};
pub use platform::{Platform, ROLES};
pub use players::{balances, funded, minor, opened, status, verified};
pub use refunds::{ask_refund, decide_refund, deposit_seen, refund_status, settle_quarantine, told_of};
pub use vendors::{Table, VENDORS};

/// What a test comes to: a failure says in one line what was not as it should be.
pub type Tested = Result<(), Failure>;

/// Makes a failure of any error.
pub fn failed(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
