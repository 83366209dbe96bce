//! Outside parties, one folder each: they verify, parse, render and build calls. No I/O, no clock, no decisions.

pub mod call;
pub mod conversation;
pub mod games;
pub mod keys;
pub mod kyc;
pub mod payments;
mod proof;
pub mod redaction;
mod rsa;
pub mod settings;

pub use proof::Unauthentic;
