//! The platform on an emulated AWS: template.yaml deployed unchanged by `CloudFormation`, its functions running as their own
//! `bootstrap` processes under the roles the template gives them, with every policy enforced.
//!
//! ```no_run
//! # async fn journey() -> Result<(), stack::Error> {
//! let stack = stack::Stack::deploy(&stack::Secrets::default())?;
//! let answer = stack.call("GET", "/openapi.json", stack::Request::default()).await?;
//! assert_eq!(answer.status, 200, "{answer:?}");
//! # Ok(())
//! # }
//! ```

mod call;
mod emulator;
mod tools;
mod wait;

use std::{collections::BTreeMap, path::Path, process::Command};

pub use call::{Answer, Request};
use emulator::Emulator;
use serde_json::Value;
pub use wait::wait_for;

const STACK: &str = "pitboss";

/// What went wrong, in words for the person reading the test's output.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// A deployed stack. It and its emulator are gone when this is dropped.
#[derive(Debug)]
pub struct Stack {
    emulator: Emulator,
    client: reqwest::Client,
    url: String,
    outputs: BTreeMap<String, String>,
}

/// The secrets an account holds before the stack is deployed.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// `pitboss/vendors`: keys and addresses of the vendors.
    pub vendors: Value,
    /// `pitboss/identity`: the token signing key and the e-mail pepper. A fresh one when null.
    pub identity: Value,
}

impl Stack {
    /// Builds every function, starts an emulator and deploys the template to it.
    pub fn deploy(secrets: &Secrets) -> Result<Self, Error> {
        tools::install()?;
        let binaries = tools::build_functions()?;
        let emulator = Emulator::start()?;
        let deployed = deploy(&emulator, secrets, &binaries).map_err(|error| {
            Error(format!("{error}\nthe emulator's last words:\n{}", emulator.log_tail()))
        })?;
        Ok(Self {
            url: text(&deployed, "/url")?.to_owned(),
            outputs: outputs(&deployed),
            client: reqwest::Client::new(),
            emulator,
        })
    }

    /// Base URL of the deployed API.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the emulator answers AWS calls; any credentials will do.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.emulator.endpoint()
    }

    /// An output of the template, such as `LedgerTable`.
    pub fn output(&self, name: &str) -> Result<&str, Error> {
        self.outputs.get(name).map(String::as_str).ok_or_else(|| Error(format!("no output is called {name}")))
    }

    /// Calls the API.
    pub async fn call(&self, method: &str, path: &str, request: Request) -> Result<Answer, Error> {
        call::send(&self.client, method, &format!("{}{path}", self.url), request).await
    }

    /// What a function has logged; its name as in the template, without `Function`.
    pub fn logs(&self, function: &str) -> Result<String, Error> {
        let script = tools::root().join("infra/tools/read_logs.py");
        let mut command = Command::new(tools::python());
        tools::output(command.arg(script).args(["--endpoint", self.endpoint(), "--stack", STACK, function]))
    }

    /// The end of what the emulator has written: what it refused, which batches failed.
    #[must_use]
    pub fn log_tail(&self) -> String {
        self.emulator.log_tail()
    }
}

fn deploy(emulator: &Emulator, secrets: &Secrets, binaries: &Path) -> Result<Value, Error> {
    let root = tools::root();
    let vendors = emulator.file("vendors.json", &secrets.vendors.to_string())?;
    let identity = match &secrets.identity {
        Value::Null => tools::new_identity()?,
        given => given.to_string(),
    };
    let identity = emulator.file("identity.json", &identity)?;
    let printed = tools::output(
        Command::new(tools::python())
            .arg(root.join("infra/tools/deploy_local.py"))
            .args(["--endpoint", emulator.endpoint(), "--stack", STACK])
            .arg("--template")
            .arg(root.join("template.yaml"))
            .arg("--binaries")
            .arg(binaries)
            .args(["--secret", &format!("pitboss/vendors={}", vendors.display())])
            .args(["--secret", &format!("pitboss/identity={}", identity.display())]),
    )?;
    serde_json::from_str(&printed)
        .map_err(|error| Error(format!("deploy_local.py printed {printed}: {error}")))
}

fn outputs(deployed: &Value) -> BTreeMap<String, String> {
    let outputs = deployed.pointer("/outputs").and_then(Value::as_object).into_iter().flatten();
    outputs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn text<'a>(document: &'a Value, pointer: &str) -> Result<&'a str, Error> {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| Error(format!("{pointer} is not in {document}")))
}
