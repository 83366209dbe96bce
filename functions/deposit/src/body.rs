//! What a deposit request says.

use edge::{Checks, Problem, Request};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Body {
    /// How much, as a decimal in the wallet's currency.
    pub(crate) amount: String,
    /// How the player pays.
    pub(crate) method: String,
    /// Where the player goes after paying.
    pub(crate) return_url: String,
}

impl Body {
    pub(crate) fn read(request: &Request) -> Result<Self, Problem> {
        let body: Self = request.json()?;
        let mut checks = Checks::default();
        checks.web_url(&body.return_url, "/return_url");
        checks.done()?;
        Ok(body)
    }
}
