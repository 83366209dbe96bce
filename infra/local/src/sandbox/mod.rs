//! Stand-ins for the vendors: they speak the vendors' own protocols with real signatures, so that a person can walk
//! through whole journeys on one machine.

pub mod adyen;
mod delivery;
pub mod hub88;
mod page;
pub mod sumsub;
