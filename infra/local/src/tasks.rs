//! The background work of a running cloud, and how it ends.

use std::{future::Future, time::Duration};

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long the last requests may take when everything stops.
const GRACE: Duration = Duration::from_secs(3);

#[derive(Clone, Default)]
pub(crate) struct Tasks {
    stop: CancellationToken,
    running: TaskTracker,
}

impl Tasks {
    /// Runs a task that may be dropped at any await point.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.running.spawn(async move { stop.run_until_cancelled_owned(task).await });
    }

    /// Runs a task that ends by itself once everything stops.
    pub(crate) fn finish(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(task);
    }

    /// Resolves when everything stops.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        self.stop.clone().cancelled_owned()
    }

    /// Serves HTTP until everything stops.
    pub(crate) fn serve(&self, listener: TcpListener, router: Router) {
        let stopped = self.stopped();
        self.finish(async move {
            let listener = axum::serve::ListenerExt::tap_io(listener, |stream| {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "answers may be delayed");
                }
            });
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "a server stopped");
            }
        });
    }

    pub(crate) async fn stop(&self) {
        self.stop.cancel();
        self.running.close();
        if tokio::time::timeout(GRACE, self.running.wait()).await.is_err() {
            tracing::warn!("some requests were cut off");
        }
    }
}
