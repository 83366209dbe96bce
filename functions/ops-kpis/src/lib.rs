//! The operator's figures, day by day, as analytics counted them.

mod question;
mod view;

use std::sync::Arc;

use edge::auth::Auth;
use edge::{BoxError, Brands, Context, Function, Handler, Problem, Reply, Request, Settings, Stores, http};
use store::Kpis;

use question::Question;
use view::Answer;

/// Figures are nobody's secret within the house.
const ROLES: &[&str] = &["support", "payments", "compliance", "risk", "marketing"];

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(OpsKpis {
        auth: stores.auth().await?,
        kpis: stores.kpis()?,
        brands: Brands::of(&settings)?,
        context: settings.context().clone(),
    }))
}

struct OpsKpis {
    auth: Auth,
    kpis: Kpis,
    brands: Brands,
    context: Context,
}

impl Handler for OpsKpis {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "GET /v1/ops/kpis" => self.read(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl OpsKpis {
    async fn read(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, ROLES).await?;
        let asked = Question::read(request, &self.brands, self.context.now())?;
        let Question { brand, currency, from, to } = asked;
        let days = match currency {
            Some(currency) => self.kpis.days(&brand, currency, from, to).await?,
            None => self.kpis.report(&brand, from, to).await?,
        };
        tracing::info!(audit = "kpis.read", staff = %staff.id, brand, %from, %to, "staff looked");
        Ok(Reply::json(200, &Answer::of(&days)))
    }
}
