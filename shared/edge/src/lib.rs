//! What every function stands on: the runtime seam, HTTP and batch wrappers, auth, problems, settings, clients.

mod function;

pub use function::{BoxError, Function};
