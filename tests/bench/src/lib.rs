//! The bet path under measurement: the real function on the embedded cloud, with a meter on its wire to the store.

pub mod bare;
pub mod cold;
pub mod cost;
pub mod facts;
pub mod growth;
pub mod load;
pub mod machine;
pub mod meter;
pub mod operations;
pub mod overhead;
pub mod pace;
pub mod platform;
pub mod plot;
pub mod prices;
pub mod runtime_api;
pub mod table;
pub mod throughput;
pub mod wallet;

/// Anything that stops a measurement.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
