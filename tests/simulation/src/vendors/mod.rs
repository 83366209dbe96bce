//! The world outside: vendors, players and staff, each as patient and as forgetful as the real ones.

pub(crate) mod hub88;
pub(crate) mod psp;
mod toy_rsa;

pub(crate) use toy_rsa::ToyRsa;
