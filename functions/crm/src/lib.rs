//! Placeholder.
use std::sync::Arc;
use edge::batch::{Consumer, Failure, Kinesis, Record, batch};
use edge::{BoxError, Function, Settings};
/// Starts the function.
pub async fn start(_settings: Settings) -> Result<Arc<dyn Function>, BoxError> { Ok(batch(Nothing)) }
struct Nothing;
impl Consumer for Nothing {
    type Source = Kinesis;
    type Content = ();
    fn read(&self, _record: <Kinesis as edge::batch::Source>::Record) -> Result<(), BoxError> { Ok(()) }
    async fn handle(&self, _records: Vec<Record<()>>) -> Vec<Failure> { Vec::new() }
}
