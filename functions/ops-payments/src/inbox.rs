//! The inbox: what vendors told us that matched nothing, until staff has seen to it.

use edge::{Problem, Reply, Request};
use serde_json::Value;
use store::Resolution;

use crate::{Desk, body, view};

/// Who looks into it: money is for payments, persons are for compliance.
const MAY_SEE: &[&str] = &["payments", "risk", "compliance"];

impl Desk {
    /// What is to be seen to, or with `state=resolved` what was.
    pub(crate) async fn list(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let resolved = match request.query("state").as_deref() {
            None | Some("open") => false,
            Some("resolved") => true,
            Some(_) => return Err(Problem::invalid_field("/state", "must be open or resolved")),
        };
        let vendor = request.query("vendor");
        let page = self.inbox.page(resolved, vendor.as_deref(), &request.page()?).await?;
        let items: Vec<Value> = page.items.iter().map(view::kept).collect();
        tracing::info!(audit = "inbox.list", staff = %staff.id, items = items.len(), "staff looked");
        Ok(Reply::page(&items, page.next))
    }

    /// Notes that somebody saw to an item.
    pub(crate) async fn resolve(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_SEE).await?;
        let note = body::note(request)?;
        let (vendor, id) = (request.path_parameter("vendor"), request.path_parameter("id"));
        let said = Resolution { by: Some(staff.id), at: self.context.now(), note };
        let kept = self.inbox.resolve(&vendor, &id, &said).await?.ok_or_else(Problem::not_found)?;
        // The first word stands. Whoever says the same again gets the same answer.
        let same = |it: &Resolution| it.by == said.by && it.note == said.note;
        if !kept.resolution.as_ref().is_some_and(same) {
            return Err(Problem::conflict("it has been seen to already"));
        }
        tracing::info!(
            audit = "inbox.resolve",
            staff = %staff.id,
            session = %staff.session,
            vendor,
            item = id,
            note = said.note,
            "staff saw to an item of the inbox"
        );
        Ok(Reply::json(200, &view::kept(&kept)))
    }
}
