//! The embedded cloud: reads `template.yaml` and plays what it declares in one process — routes, tables, streams,
//! queues, keys, secrets and schedules — so that every function runs as it would on AWS, with its SDK unchanged.

mod clock;
mod cloud;
mod data;
pub mod demo;
mod fleet;
mod functions;
mod gateway;
mod pollers;
pub mod sandbox;
mod secrets;
pub mod seed;
mod tasks;
mod template;

use std::{collections::BTreeMap, net::Ipv4Addr, path::PathBuf, sync::Arc};

use axum::Router;
use edge::BoxError;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use cloud::{AwsError, Cloud};
pub use data::Data;
pub use fleet::InvokeError;
pub use functions::{Env, Functions};
pub use secrets::Vendors;
pub use template::TemplateError;

use data::DataFolder;
use fleet::Fleet;
use tasks::Tasks;
use template::{Scope, Template};

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ACCOUNT: &str = "000000000000";

const VENDORS_SECRET: &str = "pitboss/vendors";
const IDENTITY_SECRET: &str = "pitboss/identity";

/// Fills the resources with what a fresh installation needs, once they exist and before anything is served.
/// Answers with what a person should know then, line by line: demo credentials, for one.
pub type Seed = Box<dyn FnOnce(Context) -> BoxFuture<'static, Result<Vec<String>, BoxError>> + Send>;

/// Makes further routes for the same port, served under `/sandbox`: the vendors' stand-ins.
pub type Sandboxes = Box<dyn FnOnce(Context) -> Router + Send>;

/// What to run, and where.
pub struct Options {
    /// The template that says what exists.
    pub template: PathBuf,
    /// Where data is kept.
    pub data: Data,
    /// The HTTP port; 0 takes any that is free.
    pub port: u16,
    /// The vendors' settings.
    pub vendors: Vendors,
    /// Values for the template's parameters; the others keep their defaults.
    pub parameters: BTreeMap<String, String>,
    /// Runs once the resources exist.
    pub seed: Option<Seed>,
    /// Served beside the API.
    pub sandboxes: Option<Sandboxes>,
}

impl Options {
    /// Runs a template on any free port and keeps nothing: what tests want.
    #[must_use]
    pub fn in_memory(template: impl Into<PathBuf>, vendors: Value) -> Self {
        Self {
            template: template.into(),
            data: Data::Memory,
            port: 0,
            vendors: Vendors::Document(vendors),
            parameters: BTreeMap::new(),
            seed: None,
            sandboxes: None,
        }
    }
}

/// What a seed or a sandbox may need to know.
#[derive(Clone)]
pub struct Context {
    /// Where this process answers HTTP.
    pub url: String,
    /// All the functions' environments in one: table names, queue URLs, the AWS endpoint.
    pub env: Env,
    /// The vendors' settings.
    pub vendors: Value,
    /// The AWS services.
    pub cloud: Cloud,
}

/// Why the cloud did not start, in one line.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The template cannot be read or played.
    #[error("template: {0}")]
    Template(#[from] TemplateError),
    /// The data folder, or a file in it, cannot be used.
    #[error("data in {path}: {1}", path = .0.display())]
    Data(PathBuf, String),
    /// Another process runs on the same data folder.
    #[error("data folder {path} is in use by another pitboss", path = .0.display())]
    Locked(PathBuf),
    /// A kept table has other keys or indexes than the template says.
    #[error(
        "table {0} was made by another version of the template; move the data folder away and start again"
    )]
    OtherShape(String),
    /// The port cannot be listened on.
    #[error("port {0}: {1}")]
    Port(u16, String),
    /// The vendors' settings cannot be read.
    #[error("vendor settings {path}: {1}", path = .0.display())]
    Vendors(PathBuf, String),
    /// The machine gives no random numbers.
    #[error("no randomness is to be had")]
    Randomness,
    /// A service refused what the template asks for.
    #[error("{0}")]
    Cloud(String),
    /// A function did not start, or cannot be wired as the template says.
    #[error("function {0}: {1}")]
    Function(String, String),
    /// The seed failed.
    #[error("seed: {0}")]
    Seed(BoxError),
}

impl From<AwsError> for StartError {
    fn from(error: AwsError) -> Self {
        Self::Cloud(error.to_string())
    }
}

/// A running cloud. Call [`EmbeddedCloud::stop`] to end it in good order.
pub struct EmbeddedCloud {
    context: Context,
    notes: Vec<String>,
    scope: Scope,
    fleet: Arc<Fleet>,
    front: Tasks,
    services: Tasks,
    _folder: DataFolder,
}

impl EmbeddedCloud {
    /// Starts everything the template declares; returns once requests are answered.
    pub async fn start(options: Options, functions: Functions) -> Result<Self, StartError> {
        let folder = DataFolder::open(&options.data)?;
        let template = Template::load(&options.template)
            .map_err(|e| TemplateError(format!("{}: {e}", options.template.display())))?;
        let listener = listen(options.port).await?;
        let port = listener.local_addr().map_err(|e| StartError::Port(options.port, e.to_string()))?.port();
        let url = format!("http://127.0.0.1:{port}");
        let vendors = options.vendors.load(&url)?;
        let identity = json!(secrets::Identity::load(&folder)?);

        let (front, services) = (Tasks::default(), Tasks::default());
        let cloud = Cloud::start(&folder, &services).await?;
        let mut scope = Scope::new(&template, &options.parameters);
        let documents = [(VENDORS_SECRET, vendors.clone()), (IDENTITY_SECRET, identity)];
        cloud::provision(&cloud, &template, &mut scope, &folder, &documents).await?;

        let mut specs = template.functions(&scope)?;
        for spec in &mut specs {
            spec.env.extend(aws_env(&spec.id, cloud.endpoint()));
        }
        let env = specs.iter().flat_map(|spec| spec.env.clone()).collect();
        let context = Context { url, env, vendors, cloud };
        let notes = match options.seed {
            Some(seed) => seed(context.clone()).await.map_err(StartError::Seed)?,
            None => Vec::new(),
        };
        let fleet = Arc::new(Fleet::start(&specs, &functions).await?);
        pollers::start(&context.cloud, &specs, &fleet, &front).await?;
        let sandboxes = options.sandboxes.map(|make| make(context.clone()));
        front.serve(listener, gateway::router(&specs, fleet.clone(), sandboxes)?);
        Ok(Self { context, notes, scope, fleet, front, services, _folder: folder })
    }

    /// Where the API answers.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.context.url
    }

    /// The AWS services, and where an SDK finds them.
    #[must_use]
    pub fn cloud(&self) -> &Cloud {
        &self.context.cloud
    }

    /// All the functions' environments in one.
    #[must_use]
    pub fn env(&self) -> &Env {
        &self.context.env
    }

    /// What a resource of the template is called here: a table's name, a queue's URL, a key's id.
    #[must_use]
    pub fn reference(&self, logical_id: &str) -> Option<&str> {
        self.scope.reference(logical_id)
    }

    /// What the seed had to say.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Invokes a function, named by its logical id, as its trigger would.
    pub async fn invoke(&self, logical_id: &str, event: Value) -> Result<Value, InvokeError> {
        self.fleet.invoke(logical_id, event).await
    }

    /// Ends everything: first what takes requests and events, then the services they use.
    pub async fn stop(self) {
        self.front.stop().await;
        self.services.stop().await;
    }
}

/// What Lambda itself puts into an environment, and where the services are. One host is every brand's here.
fn aws_env(id: &str, endpoint: &str) -> Env {
    [
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_LAMBDA_FUNCTION_NAME", id),
        ("AWS_REGION", REGION),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("BRANDS", ""),
        ("METRICS", "off"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

/// Listens on the loopback interface only.
pub(crate) async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|e| match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            StartError::Port(port, "something else answers there; set PITBOSS_PORT to a free one".to_owned())
        }
        _ => StartError::Port(port, e.to_string()),
    })
}
