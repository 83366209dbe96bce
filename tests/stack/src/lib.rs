//! The platform on an emulated AWS: template.yaml deployed unchanged by `CloudFormation`, its functions running as their own
//! `bootstrap` processes under the roles the template gives them, with every policy enforced.
//!
//! ```no_run
//! # async fn journey() -> Result<(), stack::Failure> {
//! let platform = stack::Platform::deploy().await?;
//! platform.client().send(stack::Call::get("/openapi.json")).await?.must(200)?;
//! # Ok(())
//! # }
//! ```

mod emulator;
mod platform;
mod stack;
mod tools;

pub use pitboss_local::demo::{
    AdyenSide, Call, Client, Failure, GameSession, Home, Hub88Side, Player, Staff, SumsubSide, eventually,
    fresh_id, tell,
};
pub use platform::Platform;
pub use stack::{Secrets, Stack};

/// Makes a failure of any error.
pub(crate) fn failed(error: impl std::fmt::Display) -> Failure {
    Failure(error.to_string())
}
