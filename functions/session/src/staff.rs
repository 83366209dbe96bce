//! Staff sign in with the same care, and get a token with their roles that cannot be refreshed.

use std::time::Duration;

use domain::ids::SessionId;
use edge::auth::ACCESS_TOKEN_LIFE;
use edge::{Problem, Reply, Request};
use serde_json::json;
use store::Family;

use crate::{Login, Session, WINDOW, after, matches};

/// A member of staff signs in anew after this.
const STAFF_SESSION_LIFE: Duration = ACCESS_TOKEN_LIFE;

impl Session {
    pub(crate) async fn sign_in_staff(&self, request: &Request) -> Result<Reply, Problem> {
        let login: Login = request.json()?;
        let email_hash = self.emails.hash(&login.email);
        let counted_as = format!("staff#{email_hash}");
        self.count_attempt(request, &counted_as)
            .await
            .inspect_err(|_| turned_away(request, None, "too many attempts"))?;
        let member = self.people.staff(&email_hash).await?;
        let known = member.as_ref().map(|it| it.id.to_string());
        let hash = member.as_ref().map(|it| it.password_hash.clone());
        let (Some(member), true) = (member, matches(login.password, hash).await) else {
            turned_away(request, known.as_deref(), "wrong credentials");
            return Err(self.failed(request).await?);
        };
        let now = self.context.now();
        self.throttle.forgive(&counted_as, WINDOW, now).await?;
        let id = SessionId::new(self.context.ulid());
        let family = Family { id, subject: member.id.to_string(), ends_at: after(now, STAFF_SESSION_LIFE) };
        // No refresh token hashes to nothing: it ends with its access token.
        self.sessions.begin(&family, "").await?;
        let access_token = self.auth.issue(&family.subject, id, &member.roles)?;
        tracing::info!(audit = "staff.sign_in", staff = %member.id, session = %id, "a member of staff signed in");
        Ok(Reply::json(
            201,
            &json!({
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": ACCESS_TOKEN_LIFE.as_secs(),
                "staff_id": member.id,
                "roles": member.roles,
            }),
        ))
    }
}

/// Notes an attempt that failed: whose it would have been, if the address is that of a member of staff.
fn turned_away(request: &Request, staff: Option<&str>, reason: &str) {
    let request_id = request.id();
    tracing::warn!(audit = "staff.sign_in_failed", staff, reason, request_id, "nobody was signed in");
}
