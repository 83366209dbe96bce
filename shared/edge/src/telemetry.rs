//! Logs: one JSON line an event, to standard output, where Lambda picks them up.

use tracing::level_filters::LevelFilter;

use crate::Settings;

/// Starts logging at the level that `LOG_LEVEL` names (default `info`). Starting twice does no harm.
pub(crate) fn start(settings: &Settings) {
    let level = settings.find("LOG_LEVEL").and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(level)
        .with_current_span(false)
        .with_span_list(false)
        .without_time()
        .try_init();
}
