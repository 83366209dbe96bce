//! List prices and the assumptions that a bill rests on, from `prices.toml`.

use rust_decimal::Decimal;
use serde::Deserialize;

use crate::Error;

/// What AWS charges.
#[derive(Debug, Deserialize)]
pub struct Prices {
    /// When the prices were looked up.
    pub as_of: String,
    /// Where they hold.
    pub region: String,
    /// HTTP APIs.
    pub api_gateway: ApiGateway,
    /// Functions.
    pub lambda: Lambda,
    /// Tables.
    pub dynamodb: DynamoDb,
    /// Streams.
    pub kinesis: Kinesis,
    /// Queues.
    pub sqs: Sqs,
    /// Logs.
    pub logs: Logs,
    /// What cannot be measured here.
    pub assumptions: Assumptions,
}

/// HTTP APIs.
#[derive(Debug, Deserialize)]
pub struct ApiGateway {
    /// A million calls.
    pub http_api_per_million: Decimal,
}

/// Functions.
#[derive(Debug, Deserialize)]
pub struct Lambda {
    /// A million calls.
    pub requests_per_million: Decimal,
    /// A gigabyte for a second, on arm64.
    pub arm64_gb_second: Decimal,
}

/// Tables.
#[derive(Debug, Deserialize)]
pub struct DynamoDb {
    /// A million write units.
    pub on_demand_writes_per_million: Decimal,
    /// A million read units.
    pub on_demand_reads_per_million: Decimal,
    /// A write unit a second, for an hour.
    pub provisioned_write_unit_hour: Decimal,
    /// A read unit a second, for an hour.
    pub provisioned_read_unit_hour: Decimal,
    /// A gigabyte kept for a month.
    pub storage_gb_month: Decimal,
    /// The same, for going back in time.
    pub point_in_time_recovery_gb_month: Decimal,
}

/// Streams, on demand.
#[derive(Debug, Deserialize)]
pub struct Kinesis {
    /// A gigabyte written.
    pub in_gb: Decimal,
    /// A gigabyte read.
    pub out_gb: Decimal,
}

/// Queues.
#[derive(Debug, Deserialize)]
pub struct Sqs {
    /// A million calls.
    pub requests_per_million: Decimal,
}

/// Logs.
#[derive(Debug, Deserialize)]
pub struct Logs {
    /// A gigabyte written.
    pub ingested_gb: Decimal,
}

/// What cannot be measured on one machine. `prices.toml` says why each is what it is.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "explained beside their values")]
pub struct Assumptions {
    pub provisioned_utilisation: Decimal,
    pub mb_of_one_vcpu: Decimal,
    pub read_ms: Decimal,
    pub transaction_ms: Decimal,
    pub facts_per_batch: Decimal,
    pub batch_ms: Decimal,
    pub key_bytes: Decimal,
    pub months_kept: Decimal,
    pub access_log_bytes: Decimal,
    pub log_event_bytes: Decimal,
    pub item_overhead_bytes: Decimal,
    pub peer_sportsbook_placing: Decimal,
    pub peer_sportsbook_readme: Decimal,
}

impl Prices {
    /// The prices of this repository.
    pub fn read() -> Result<Self, Error> {
        Ok(toml::from_str(include_str!("../prices.toml"))?)
    }
}

impl DynamoDb {
    /// A million write units and a million read units, on demand.
    #[must_use]
    pub const fn on_demand(&self) -> Units {
        Units { writes: self.on_demand_writes_per_million, reads: self.on_demand_reads_per_million }
    }

    /// The same, bought by the hour and used to a part.
    #[must_use]
    pub fn provisioned(&self, utilisation: Decimal) -> Units {
        let used_in_an_hour = Decimal::from(3_600) * utilisation;
        let million = |hour: Decimal| {
            (hour * Decimal::from(1_000_000)).checked_div(used_in_an_hour).unwrap_or_default()
        };
        Units {
            writes: million(self.provisioned_write_unit_hour),
            reads: million(self.provisioned_read_unit_hour),
        }
    }
}

/// What a million units cost.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    /// Write units.
    pub writes: Decimal,
    /// Read units.
    pub reads: Decimal,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provisioned_units_cost_half_of_those_on_demand() {
        let prices = Prices::read().unwrap();
        let units = prices.dynamodb.provisioned(prices.assumptions.provisioned_utilisation);
        assert_eq!(units.writes.round_dp(3), Decimal::new(301, 3));
        assert_eq!(prices.dynamodb.on_demand().writes, Decimal::new(625, 3));
    }
}
