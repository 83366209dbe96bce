//! What is made of the vendors' secret, and made anew when the secret changes: no deployment is needed to change a
//! key, and none of the calls that are under way meanwhile is lost.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;

use crate::secrets::VendorsDocument;
use crate::{BoxError, Context, Secrets, Settings};

/// How long, in seconds, what was read counts as fresh.
const LIFE_SETTING: &str = "SECRETS_LIFE_SECONDS";
const LIFE_DEFAULT: u64 = 300;
/// How often a signature that does not hold may make us read again: a flood of forgeries must not become one of
/// questions.
const SECONDS_BETWEEN: u64 = 3;
/// How long a call waits for the secret at most. What we had is as good as before.
const PATIENCE: Duration = Duration::from_millis(400);

/// Something made of the vendors' secret.
pub struct Rotating<T> {
    secrets: Secrets,
    context: Context,
    life_seconds: u64,
    make: Box<Make<T>>,
    state: Mutex<State<T>>,
    /// One call reads; the others go on with what is there.
    reading: tokio::sync::Mutex<()>,
}

type Make<T> = dyn Fn(&vendors::settings::Settings) -> Result<T, BoxError> + Send + Sync;

struct State<T> {
    made: Arc<T>,
    /// The hash of the document that it was made of.
    document: [u8; 32],
    /// When the document was last asked for, for its age.
    read_at: Timestamp,
    /// When it was last asked for because of a signature.
    doubted_at: Option<Timestamp>,
}

impl<T> Rotating<T> {
    /// Reads the secret and makes something of it. Without that, a function does not start.
    pub async fn start<E: Into<BoxError>>(
        settings: &Settings,
        make: impl Fn(&vendors::settings::Settings) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, BoxError> {
        let life_seconds = match settings.find(LIFE_SETTING) {
            Some(text) => text.parse()?,
            None => LIFE_DEFAULT,
        };
        let secrets = Secrets::new(settings)?;
        let context = settings.context().clone();
        let VendorsDocument { vendors, digest } = secrets.vendors_document().await?;
        let state = State {
            made: Arc::new(make(&vendors).map_err(Into::into)?),
            document: digest,
            read_at: context.now(),
            doubted_at: None,
        };
        Ok(Self {
            secrets,
            context,
            life_seconds,
            make: Box::new(move |vendors| make(vendors).map_err(Into::into)),
            state: Mutex::new(state),
            reading: tokio::sync::Mutex::default(),
        })
    }

    /// What is made of the secret as we know it, which is read again first if that is long ago.
    pub async fn current(&self) -> Arc<T> {
        if self.is_old()
            && let Ok(_reader) = self.reading.try_lock()
        {
            self.read_again().await;
        }
        self.with_state(|state| Arc::clone(&state.made))
    }

    /// Another than the one that a call could not be proven genuine with, if the secret has changed since. Asks for
    /// the secret itself at most every few seconds.
    pub async fn newer(&self, than: &Arc<T>) -> Option<Arc<T>> {
        let _reader = self.reading.lock().await;
        if self.is(than) && self.may_doubt() {
            self.read_again().await;
        }
        let made = self.with_state(|state| Arc::clone(&state.made));
        (!Arc::ptr_eq(&made, than)).then_some(made)
    }

    /// What cannot be had or is of no use now leaves everything as it was, until the next time.
    async fn read_again(&self) {
        let now = self.context.now();
        self.with_state(|state| state.read_at = now);
        let read = tokio::time::timeout(PATIENCE, self.secrets.vendors_document()).await;
        let VendorsDocument { vendors, digest } = match read {
            Ok(Ok(document)) => document,
            Ok(Err(error)) => return tracing::error!(%error, "the vendors' secret cannot be read again"),
            Err(_) => return tracing::error!("the vendors' secret did not come in time"),
        };
        if self.with_state(|state| state.document == digest) {
            return;
        }
        match (self.make)(&vendors) {
            Ok(made) => {
                self.with_state(|state| (state.made, state.document) = (Arc::new(made), digest));
                tracing::info!("the vendors' secret has changed");
            }
            Err(error) => tracing::error!(%error, "the vendors' secret has changed and is of no use"),
        }
    }

    fn is(&self, other: &Arc<T>) -> bool {
        self.with_state(|state| Arc::ptr_eq(&state.made, other))
    }

    fn is_old(&self) -> bool {
        let now = self.context.now();
        self.with_state(|state| seconds_between(now, state.read_at) >= self.life_seconds)
    }

    /// Whether a signature may make us read again; if so, it is noted that it did.
    fn may_doubt(&self) -> bool {
        let now = self.context.now();
        self.with_state(|state| {
            let due = state.doubted_at.is_none_or(|last| seconds_between(now, last) >= SECONDS_BETWEEN);
            if due {
                state.doubted_at = Some(now);
            }
            due
        })
    }

    fn with_state<R>(&self, look: impl FnOnce(&mut State<T>) -> R) -> R {
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Clocks may be set back: then it counts as long ago, too.
fn seconds_between(now: Timestamp, then: Timestamp) -> u64 {
    now.as_second().abs_diff(then.as_second())
}

#[cfg(test)]
mod tests;
