//! The deployed platform with what surrounds it: vendors within its reach, games to play, staff to ask.

use axum::Router;
use domain::Timestamp;
use edge::{Settings, Stores};
use pitboss_local::{Vendors, sandbox, seed};
use serde_json::Value;
use store::{Crm, CustomerProfile};
use tokio::{net::TcpListener, task::AbortHandle};

use crate::{AdyenSide, Client, Failure, Hub88Side, Secrets, Stack, Staff, SumsubSide, failed, tools};

/// Signs of what must never happen: a permission that the template lacks, and a bug.
const FAULTS: &[&str] = &["AccessDenied", "panicked"];
/// Signs of what may happen on a busy machine, and is worth knowing when a test fails.
const COMPLAINTS: &[&str] = &["\"ERROR\"", "\"WARN\""];
const READABLE: usize = 600;

/// A deployed platform. The vendors' sandboxes run in this process: outside the emulator, as vendors are outside AWS.
pub struct Platform {
    stack: Stack,
    vendors: Value,
    settings: Settings,
    sandboxes: AbortHandle,
}

impl Platform {
    /// Deploys the template and gives it all it needs to be played on.
    pub async fn deploy() -> Result<Self, Failure> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let sandboxes = format!("http://{}", listener.local_addr().map_err(failed)?);
        let vendors = Vendors::File(tools::root().join("infra/local/vendors.json"));
        let vendors = vendors.load(&sandboxes).map_err(failed)?;
        let secrets = Secrets { vendors: vendors.clone(), ..Secrets::default() };
        let stack = tokio::task::spawn_blocking(move || Stack::deploy(&secrets)).await.map_err(failed)??;

        let settings = stack.settings()?;
        seed::plant_with(&settings, &vendors).await.map_err(failed)?;
        let router = Router::new().nest("/sandbox", sandbox::routers_for(&vendors, stack.url()));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { stack, vendors, settings, sandboxes: serving.abort_handle() })
    }

    /// Calls the API as players of the brand `demo`.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.stack.url())
    }

    /// The time, as the functions know it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.settings.context().now()
    }

    /// The vendors' settings.
    #[must_use]
    pub const fn vendors(&self) -> &Value {
        &self.vendors
    }

    /// Hub88, calling the wallet.
    pub fn hub88(&self) -> Result<Hub88Side, Failure> {
        Hub88Side::new(&self.client(), &self.vendors)
    }

    /// Adyen, notifying.
    pub fn adyen(&self) -> Result<AdyenSide, Failure> {
        AdyenSide::new(&self.client(), &self.vendors)
    }

    /// Sumsub, notifying.
    pub fn sumsub(&self) -> Result<SumsubSide, Failure> {
        SumsubSide::new(&self.client(), &self.vendors)
    }

    /// The admin, signed in.
    pub async fn admin(&self) -> Result<Staff, Failure> {
        Staff::sign_in(&self.client(), seed::ADMIN_EMAIL, seed::ADMIN_PASSWORD).await
    }

    /// What the CRM knows of a player: its table, since nothing serves it yet.
    pub async fn customer(&self, player: &str) -> Result<Option<CustomerProfile>, Failure> {
        let db = Stores::new(&self.settings).map_err(failed)?.client();
        let crm = Crm::new(db, self.settings.get("CRM_TABLE").map_err(failed)?);
        let found = crm.profile(player.parse().map_err(failed)?).await.map_err(failed)?;
        Ok(found.map(|(profile, _)| profile))
    }

    /// What functions have logged of missing permissions and bugs, even if a retry hid them.
    pub fn faults(&self) -> Result<Vec<String>, Failure> {
        self.logged(FAULTS)
    }

    /// A failure with what the functions and the emulator have to say about it.
    #[must_use]
    pub fn explained(&self, failure: &Failure) -> Failure {
        let signs = [FAULTS, COMPLAINTS].concat();
        let complaints = self.logged(&signs).unwrap_or_else(|error| vec![error.to_string()]).join("\n");
        let emulator = self.stack.log_tail().lines().map(readable).collect::<Vec<_>>().join("\n");
        Failure(format!("{failure}\nthe functions:\n{complaints}\nthe emulator:\n{emulator}"))
    }

    fn logged(&self, signs: &[&str]) -> Result<Vec<String>, Failure> {
        let logs = self.stack.logs()?;
        let lines = logs.lines().filter(|line| signs.iter().any(|sign| line.contains(sign)));
        Ok(lines.map(readable).collect())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.sandboxes.abort();
    }
}

/// A line without the response that a failed AWS call drags along.
fn readable(line: &str) -> String {
    line.chars().take(READABLE).collect()
}
