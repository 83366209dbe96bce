//! The platform under measurement: the embedded cloud, with the outbox and its followers running or at rest.

use std::io::Write;
use std::path::PathBuf;

use pitboss_local::{Data, EmbeddedCloud, Functions, Options, Vendors, sandbox, seed};
use serde_json::{Value, json};

use crate::Error;

/// The checkout.
pub const ROOT: &str = env!("PITBOSS_ROOT");

/// What happens to facts once they are committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relay {
    /// They are published and counted, as they are in production.
    Runs,
    /// They stay in the table's stream, and nobody fetches them.
    Rests,
    /// There is no stream. DynamoDB's costs a writer nothing; the embedded one searches all its records at each write.
    Absent,
}

/// Starts the platform from the real template.
pub async fn start(data: Data, relay: Relay) -> Result<EmbeddedCloud, Error> {
    let template = format!("{ROOT}/template.yaml");
    let mut scratch = tempfile::NamedTempFile::new()?;
    let path = match relay {
        Relay::Runs => PathBuf::from(template),
        Relay::Rests | Relay::Absent => {
            let mut text = without_sources(&std::fs::read_to_string(template)?);
            if relay == Relay::Absent {
                text = without_streams(&text);
            }
            scratch.write_all(text.as_bytes())?;
            scratch.path().to_owned()
        }
    };
    let mut options = Options::in_memory(path, json!({}));
    options.data = data;
    options.vendors = Vendors::File(format!("{ROOT}/infra/local/vendors.json").into());
    options.seed = Some(Box::new(|context| Box::pin(seed::plant(context))));
    options.sandboxes = Some(Box::new(sandbox::routers));
    Ok(EmbeddedCloud::start(options, Functions::all()).await?)
}

/// The vendors' settings, as the platform at this address has them.
pub fn vendors(url: &str) -> Result<Value, Error> {
    let text = std::fs::read_to_string(format!("{ROOT}/infra/local/vendors.json"))?;
    Ok(serde_json::from_str(&text.replace("http://127.0.0.1:8080", url))?)
}

/// A template without its event source mappings.
fn without_sources(template: &str) -> String {
    let is_heading = |line: &str| line.starts_with("  ") && !line.starts_with("   ");
    let mut kept: Vec<Vec<&str>> = vec![Vec::new()];
    for line in template.lines() {
        if is_heading(line) || !line.starts_with(' ') {
            kept.push(Vec::new());
        }
        if let Some(block) = kept.last_mut() {
            block.push(line);
        }
    }
    kept.retain(|block| !block.iter().any(|line| line.trim() == "Type: AWS::Lambda::EventSourceMapping"));
    kept.concat().join("\n")
}

/// A template whose tables have no streams.
fn without_streams(template: &str) -> String {
    let is_stream = |line: &&str| line.trim_start().starts_with("StreamSpecification:");
    template.lines().filter(|line| !is_stream(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_event_sources_are_left_out() {
        let template = "Resources:\n  A:\n    Type: AWS::SQS::Queue\n  B:\n    Type: AWS::Lambda::EventSourceMapping\n    \
                        Properties: {}\n  C:\n    Type: AWS::SQS::Queue\nOutputs:\n  D: {Value: 1}";
        let rest = "Resources:\n  A:\n    Type: AWS::SQS::Queue\n  C:\n    Type: AWS::SQS::Queue\nOutputs:\n  D: {Value: 1}";
        assert_eq!(without_sources(template), rest);
    }
}
