//! The bet path under measurement: the real function on the embedded cloud, with a meter on its wire to the store.

pub mod bare;
pub mod meter;
pub mod table;
pub mod wallet;

/// Anything that stops a measurement.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
