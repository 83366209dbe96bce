//! The reviewer's desk: the page of a case, and what becomes of the choice, by hand or by script.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router, body::Bytes};
use http::StatusCode;

use super::{Choice, Holder, Told, gone, note, page, read};

/// A vendor's cases, as its desk has them.
pub(in crate::sandbox) trait Desk: Send + Sync + 'static {
    /// A player's way through a check.
    type Case: Send;

    /// What stands above the page.
    const VENDOR: &'static str;

    /// The case behind a link.
    fn find(&self, link: &str) -> Option<Self::Case>;

    /// What the page says of it.
    fn shown(&self, case: &Self::Case) -> Shown;

    /// Why the case is not open to a choice, if it is not.
    fn closed(&self, _case: &Self::Case, _choice: &Choice) -> Option<&'static str> {
        None
    }

    /// Tells the platform what was chosen.
    fn tell(&self, case: Self::Case, choice: &Choice) -> impl Future<Output = Told> + Send;
}

/// What a case's page says.
pub(in crate::sandbox) struct Shown {
    /// The platform's id of the player.
    pub(in crate::sandbox) user: String,
    /// What is checked.
    pub(in crate::sandbox) level: String,
    /// The vendor's id of the case.
    pub(in crate::sandbox) case: String,
    /// Where the player goes afterwards.
    pub(in crate::sandbox) return_url: Option<String>,
    /// Who stands on the document.
    pub(in crate::sandbox) holder: Holder,
}

/// The routes of a desk: pages at `/<place>/<link>`, and the same for scripts under `/api`.
pub(in crate::sandbox) fn routes<D: Desk>(place: &str) -> Router<Arc<D>> {
    Router::new()
        .route(&format!("/{place}/{{link}}"), get(show::<D>).post(choose::<D>))
        .route(&format!("/api/{place}/{{link}}"), post(choose_by_script::<D>))
}

/// Whether somebody can be sent to an address.
pub(in crate::sandbox) fn is_web_address(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

async fn show<D: Desk>(State(desk): State<Arc<D>>, Path(link): Path<String>) -> Response {
    let Some(case) = desk.find(&link) else { return gone() };
    let Shown { user, level, case, holder, .. } = desk.shown(&case);
    page(
        include_str!("check.html"),
        &[
            ("vendor", D::VENDOR),
            ("user", &user),
            ("level", &level),
            ("case", &case),
            ("first_name", &holder.first_name),
            ("last_name", &holder.last_name),
            ("birth_date", &holder.birth_date),
        ],
    )
}

async fn choose<D: Desk>(
    State(desk): State<Arc<D>>,
    Path(link): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(case) = desk.find(&link) else { return gone() };
    if let Some(why) = desk.closed(&case, &choice) {
        return note(why);
    }
    let return_url = desk.shown(&case).return_url;
    desk.tell(case, &choice).await;
    match return_url {
        Some(url) => Redirect::to(&url).into_response(),
        None => note("Thank you. The platform has been told; you can close this page."),
    }
}

async fn choose_by_script<D: Desk>(
    State(desk): State<Arc<D>>,
    Path(link): Path<String>,
    body: Bytes,
) -> Result<Json<Told>, (StatusCode, &'static str)> {
    let choice: Choice = read(&body)?;
    let case = desk.find(&link).ok_or((StatusCode::NOT_FOUND, "there is no such link"))?;
    if let Some(why) = desk.closed(&case, &choice) {
        return Err((StatusCode::CONFLICT, why));
    }
    Ok(Json(desk.tell(case, &choice).await))
}
