//! The audit trail: what staff did and what it was refused stands in the log.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};

use journeys::{Call, Failure, Platform, Tested, failed};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

type Line = BTreeMap<&'static str, String>;

static TRAIL: LazyLock<Mutex<Vec<Line>>> = LazyLock::new(Mutex::default);

/// Keeps the audit lines of this process.
struct Trail;

struct Fields(Line);

impl<S: Subscriber> Layer<S> for Trail {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if event.metadata().fields().field("audit").is_none() {
            return;
        }
        let mut fields = Fields(Line::new());
        event.record(&mut fields);
        if let Ok(mut trail) = TRAIL.lock() {
            trail.push(fields.0);
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

fn lines(audit: &str) -> Vec<Line> {
    let trail = TRAIL.lock().map(|trail| trail.clone()).unwrap_or_default();
    trail.into_iter().filter(|line| line["audit"] == audit).collect()
}

#[tokio::test]
async fn sign_ins_of_staff_and_looks_at_the_figures_are_audited() -> Tested {
    tracing_subscriber::registry().with(Trail).try_init().map_err(failed)?;
    let platform = Platform::start()?;
    let client = platform.client();
    let knock = |email: &'static str| {
        let body = json!({"email": email, "password": "a guess"});
        let call = Call::post("/v1/ops/sessions").json(&body);
        let client = client.clone();
        async move { client.send(call).await }
    };
    knock("support@pitboss.local").await?.must_be(401, "unauthenticated")?;
    knock("nobody@pitboss.local").await?.must_be(401, "unauthenticated")?;
    let refused = lines("staff.sign_in_failed");
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0]["staff"].starts_with("stf_") && !refused[1].contains_key("staff"), "{refused:?}");
    assert!(!format!("{refused:?}").contains('@'), "whose address it was is nobody's to read");
    while knock("support@pitboss.local").await?.status != 429 {}
    assert!(lines("staff.sign_in_failed").iter().any(|line| line["reason"] == "too many attempts"));

    let staff = platform.staff("risk").await?;
    staff.get("/v1/ops/kpis?brand=acme").await?.must(200)?;
    let signed_in = lines("staff.sign_in").pop().ok_or_else(|| Failure("no sign-in".to_owned()))?;
    let looked = lines("kpis.read").pop().ok_or_else(|| Failure("no look".to_owned()))?;
    assert_eq!((&looked["staff"], looked["brand"].as_str()), (&signed_in["staff"], "acme"));
    Ok(())
}
