//! What every function stands on: the runtime seam, HTTP and batch wrappers, auth, problems, settings, clients.

pub mod auth;
pub mod aws;
pub mod batch;
mod brands;
mod checks;
mod context;
mod destinations;
mod exchanges;
mod fortunes;
mod function;
mod game_vendors;
pub mod http;
pub mod metrics;
mod outbound;
mod passwords;
pub mod payments;
mod problem;
pub mod profiles;
mod rotating;
mod rules;
mod secrets;
mod settings;
mod stores;
mod telemetry;
mod vault;

pub use brands::{Brands, is_brand};
pub use checks::Checks;
pub use context::{Clock, Context, Random, SystemClock, SystemRandom};
pub use destinations::{BankAccount, Destinations};
pub use exchanges::{Exchanges, KeptExchange};
pub use fortunes::Fortunes;
pub use function::{BoxError, Function, run};
pub use game_vendors::{GameVendors, Leave, NotNow, WayToGames};
pub use http::{Handler, Reply, Request, http};
pub use outbound::{Outbound, WayToVendors};
pub use passwords::{EmailHasher, hash_password, verify_password, waste_time};
pub use problem::{FieldError, Problem};
pub use profiles::Profiles;
pub use rotating::Rotating;
pub use rules::{cashier_book, rule_book};
pub use secrets::{IdentitySecret, Secrets};
pub use settings::{ConfigError, Settings};
pub use stores::Stores;
pub use vault::{Sealed, Vault};

/// For all programs: a call to AWS is many small allocations. What it brings and costs: `docs/decisions/013-built-for-size.md`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
