//! Logs: one JSON line an event, to standard output, where Lambda picks them up.

use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::Settings;

/// Starts logging at the level that `LOG_LEVEL` names (default `info`). Starting twice does no harm.
pub(crate) fn start(settings: &Settings) {
    let level = settings.find("LOG_LEVEL").and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let _ = lines(level, std::io::stdout).try_init();
}

fn lines<W>(level: LevelFilter, to: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter_fn(move |metadata| is_kept(metadata, level));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(LevelFilter::TRACE)
        .with_current_span(false)
        .with_span_list(false)
        .without_time()
        .with_writer(to)
        .finish()
        .with(filter.with_max_level_hint(level.max(LevelFilter::INFO)))
}

/// The audit trail is written at every level: it is no matter of taste.
fn is_kept(metadata: &Metadata<'_>, level: LevelFilter) -> bool {
    *metadata.level() <= level || metadata.is_event() && metadata.fields().field("audit").is_some()
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn messages(level: LevelFilter) -> Vec<String> {
        let paper = Paper::default();
        let to = paper.clone();
        tracing::subscriber::with_default(lines(level, move || to.clone()), || {
            tracing::error!("an error");
            tracing::info!("a remark");
            tracing::info!(audit = "games.list", "staff looked");
        });
        let written = paper.0.lock().unwrap().clone();
        let lines = serde_json::Deserializer::from_slice(&written).into_iter::<serde_json::Value>();
        lines.map(|line| line.unwrap()["message"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn the_level_leaves_the_audit_trail_alone() {
        assert_eq!(messages(LevelFilter::INFO), ["an error", "a remark", "staff looked"]);
        assert_eq!(messages(LevelFilter::ERROR), ["an error", "staff looked"]);
    }
}
