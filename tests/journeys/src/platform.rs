//! The platform in this process: the real template, the real functions, the sandboxes, and nothing kept.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use domain::ids::StaffId;
use edge::{BoxError, EmailHasher, Secrets, Settings, Stores, SystemRandom, hash_password};
use pitboss_local::{Data, EmbeddedCloud, Functions, Options, Vendors, sandbox, seed};
use serde_json::Value;
use store::StaffMember;
use tokio::runtime::Runtime;

use crate::{AdyenSide, Client, Clock, Failure, Hub88Side, Staff, SumsubSide, failed};

/// The roles that have a member of staff here, besides the admin of every installation.
pub const ROLES: &[&str] = &["support", "payments", "risk", "compliance", "marketing"];
const STAFF_PASSWORD: &str = "a password for all of them";

/// A running platform. It lives on threads of its own, so that many tests can share it.
pub struct Platform {
    cloud: Arc<EmbeddedCloud>,
    vendors: Value,
    clock: Clock,
    runtime: Option<Runtime>,
}

impl Platform {
    /// The platform that tests share which leave the clock alone. Whoever counts takes a brand of their own.
    pub fn shared() -> Result<&'static Self, Failure> {
        static SHARED: LazyLock<Result<Platform, Failure>> = LazyLock::new(Platform::start);
        SHARED.as_ref().map_err(Clone::clone)
    }

    /// A platform of the test's own.
    pub fn start() -> Result<Self, Failure> {
        // A runtime must not be entered from within another: its own thread starts it.
        let started = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = runtime.map_err(failed)?;
            let clock = Clock::default();
            let cloud = runtime.block_on(EmbeddedCloud::start(options(), functions(&clock)));
            Ok((runtime, clock, cloud.map_err(failed)?))
        });
        let (runtime, clock, cloud) =
            started.join().map_err(|_| Failure("the start panicked".to_owned()))??;
        let vendors = vendors().load(cloud.url()).map_err(failed)?;
        Ok(Self { cloud: Arc::new(cloud), vendors, clock, runtime: Some(runtime) })
    }

    /// Calls the API as players of the brand `demo`.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.cloud.url())
    }

    /// The cloud beneath.
    #[must_use]
    pub fn cloud(&self) -> &EmbeddedCloud {
        &self.cloud
    }

    /// The functions' clock.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
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

    /// The member of staff with a role, signed in: one of [`ROLES`], or `admin`.
    pub async fn staff(&self, role: &str) -> Result<Staff, Failure> {
        if role == "admin" {
            return Staff::sign_in(&self.client(), seed::ADMIN_EMAIL, seed::ADMIN_PASSWORD).await;
        }
        Staff::sign_in(&self.client(), &staff_email(role), STAFF_PASSWORD).await
    }

    /// Invokes a function as its trigger would.
    pub async fn invoke(&self, logical_id: &str, event: Value) -> Result<Value, Failure> {
        let Some(runtime) = &self.runtime else { return Err(Failure("the platform has ended".to_owned())) };
        // Connections live on the runtime that opened them: the platform's, not the test's.
        let (cloud, id) = (self.cloud.clone(), logical_id.to_owned());
        let invoked = runtime.spawn(async move { cloud.invoke(&id, event).await });
        invoked.await.map_err(failed)?.map_err(|e| Failure(format!("{logical_id}: {e}")))
    }

    /// Where the project's files are.
    #[must_use]
    pub fn root() -> PathBuf {
        PathBuf::from(env!("PITBOSS_ROOT"))
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn vendors() -> Vendors {
    Vendors::File(Platform::root().join("infra/local/vendors.json"))
}

fn functions(clock: &Clock) -> Functions {
    Functions::all_in(&edge::Context::new(Arc::new(clock.clone()), Arc::new(SystemRandom)))
}

fn options() -> Options {
    Options {
        template: Platform::root().join("template.yaml"),
        data: Data::Memory,
        port: 0,
        vendors: vendors(),
        parameters: std::collections::BTreeMap::new(),
        seed: Some(Box::new(|context| Box::pin(plant(context)))),
        sandboxes: Some(Box::new(sandbox::routers)),
    }
}

/// What every installation has, and a member of staff for each role.
async fn plant(context: pitboss_local::Context) -> Result<Vec<String>, BoxError> {
    let settings = Settings::new(context.env.clone(), edge::Context::default());
    let notes = seed::plant(context).await?;
    let identity = Secrets::new(&settings)?.identity().await?;
    let emails = EmailHasher::new(&identity.email_pepper)?;
    let people = Stores::new(&settings)?.people()?;
    let password_hash = hash_password(STAFF_PASSWORD, settings.context())
        .map_err(|_| "the password of staff cannot be hashed")?;
    for role in ROLES {
        let member = StaffMember {
            id: StaffId::new(settings.context().ulid()),
            password_hash: password_hash.clone(),
            roles: vec![(*role).to_owned()],
        };
        people.put_staff(&emails.hash(&staff_email(role)), &member).await?;
    }
    Ok(notes)
}

fn staff_email(role: &str) -> String {
    format!("{role}@pitboss.local")
}
