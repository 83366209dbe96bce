//! The template, deployed.

use std::{collections::BTreeMap, path::Path, process::Command};

use edge::Settings;
use serde_json::Value;

use crate::{Failure, emulator::Emulator, failed, tools};

const STACK: &str = "pitboss";
const VENDORS_SECRET: &str = "pitboss/vendors";
const IDENTITY_SECRET: &str = "pitboss/identity";

/// A deployed stack. It and its emulator are gone when this is dropped.
#[derive(Debug)]
pub struct Stack {
    emulator: Emulator,
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
    pub fn deploy(secrets: &Secrets) -> Result<Self, Failure> {
        tools::install()?;
        let binaries = tools::build_functions()?;
        let emulator = Emulator::start()?;
        let deployed = deploy(&emulator, secrets, &binaries).map_err(|error| {
            Failure(format!("{error}\nthe emulator's last words:\n{}", emulator.log_tail()))
        })?;
        Ok(Self { url: text(&deployed, "/url")?.to_owned(), outputs: outputs(&deployed), emulator })
    }

    /// Base URL of the deployed API.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An output of the template, such as `LedgerTable`.
    pub fn output(&self, name: &str) -> Result<&str, Failure> {
        self.outputs
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| Failure(format!("no output is called {name}")))
    }

    /// What somebody who may do everything in the account needs to use its tables and secrets.
    pub fn settings(&self) -> Result<Settings, Failure> {
        let env = [
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL", self.emulator.endpoint()),
            ("CATALOGUE_TABLE", self.output("CatalogueTable")?),
            ("CRM_TABLE", self.output("CrmTable")?),
            ("PLAYERS_TABLE", self.output("PlayersTable")?),
            ("IDENTITY_SECRET", IDENTITY_SECRET),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Settings::new(env.into(), edge::Context::default()))
    }

    /// What the functions have logged, each line after its function's name.
    pub fn logs(&self) -> Result<String, Failure> {
        let script = tools::root().join("infra/tools/read_logs.py");
        let mut command = Command::new(tools::python());
        tools::output(command.arg(script).args(["--endpoint", self.emulator.endpoint(), "--stack", STACK]))
    }

    /// The end of what the emulator has written: what it refused, which batches failed.
    #[must_use]
    pub fn log_tail(&self) -> String {
        self.emulator.log_tail()
    }
}

fn deploy(emulator: &Emulator, secrets: &Secrets, binaries: &Path) -> Result<Value, Failure> {
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
            .args(["--secret", &format!("{VENDORS_SECRET}={}", vendors.display())])
            .args(["--secret", &format!("{IDENTITY_SECRET}={}", identity.display())]),
    )?;
    serde_json::from_str(&printed)
        .map_err(|error| failed(format!("deploy_local.py printed {printed}: {error}")))
}

fn outputs(deployed: &Value) -> BTreeMap<String, String> {
    let outputs = deployed.pointer("/outputs").and_then(Value::as_object).into_iter().flatten();
    outputs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn text<'a>(document: &'a Value, pointer: &str) -> Result<&'a str, Failure> {
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .ok_or_else(|| Failure(format!("{pointer} is not in {document}")))
}
