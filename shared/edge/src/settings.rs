//! Settings: what the environment says, read once.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::{Context, WayToVendors};

/// A function's settings, and the clock and randomness it lives by.
#[derive(Clone)]
pub struct Settings {
    values: BTreeMap<String, String>,
    context: Context,
    http_client: Option<SharedHttpClient>,
    vendors: Option<Arc<dyn WayToVendors>>,
}

/// A setting is missing or makes no sense: the function does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the setting {name} {problem}")]
pub struct ConfigError {
    name: String,
    problem: String,
}

impl ConfigError {
    /// A complaint about a setting.
    pub fn new(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { name: name.into(), problem: problem.into() }
    }
}

impl Settings {
    /// Settings given by hand, with a clock and randomness of the caller's choice.
    #[must_use]
    pub const fn new(values: BTreeMap<String, String>, context: Context) -> Self {
        Self { values, context, http_client: None, vendors: None }
    }

    /// The same settings with another way to AWS. A simulation puts its own here.
    #[must_use]
    pub fn with_http_client(mut self, client: SharedHttpClient) -> Self {
        self.http_client = Some(client);
        self
    }

    /// The same settings with another way to vendors. A simulation puts its own here.
    #[must_use]
    pub fn with_vendors(mut self, vendors: Arc<dyn WayToVendors>) -> Self {
        self.vendors = Some(vendors);
        self
    }

    /// The same settings with one of them set.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Settings from the process's environment.
    #[must_use]
    pub fn from_environment() -> Self {
        let values = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self::new(values, Context::default())
    }

    /// A setting that must be there.
    pub fn get(&self, name: &str) -> Result<&str, ConfigError> {
        self.find(name).ok_or_else(|| ConfigError::new(name, "is missing"))
    }

    /// A setting that may be left out; empty counts as left out.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The clock and the randomness.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.context
    }

    /// The way to AWS, if it is not the ordinary one.
    #[must_use]
    pub const fn http_client(&self) -> Option<&SharedHttpClient> {
        self.http_client.as_ref()
    }

    /// The way to vendors, if it is not the ordinary one.
    #[must_use]
    pub(crate) const fn vendors(&self) -> Option<&Arc<dyn WayToVendors>> {
        self.vendors.as_ref()
    }
}
