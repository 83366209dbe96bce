//! A platform and a payment provider's sandbox on one port, and a browser in front of them.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use domain::cashier::InstrumentKind;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{Duration, sleep};
use vendors::call::{CallFailure, InboundAnswer, OutboundCall, RawCall, Receipt};
use vendors::conversation::{Step, converse};
use vendors::payments::{
    self, Destination, Holder, Payer, PaymentNotice, PaymentPage, PaymentProvider, PaymentRequest,
    PayoutRequest, RefundRequest, Subject, TakenPayout, TakenRefund,
};

pub(in crate::sandbox) const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
pub(in crate::sandbox) const WITHDRAWAL: &str = "wdr_01KDVAN5G00000000000000003";
pub(in crate::sandbox) const PLAYER: &str = "ply_01KDVAN5G00000000000000002";
const RETURN_URL: &str = "http://127.0.0.1/cashier?from=psp";

/// A platform that remembers what it is told, after being down for the first so many calls.
struct Platform {
    provider: Arc<dyn PaymentProvider>,
    told: Mutex<Vec<PaymentNotice>>,
    forged: AtomicU32,
    outages: AtomicU32,
    http: reqwest::Client,
}

/// Both of them, and the browser.
pub(in crate::sandbox) struct World {
    pub(in crate::sandbox) url: String,
    pub(in crate::sandbox) provider: Arc<dyn PaymentProvider>,
    pub(in crate::sandbox) http: reqwest::Client,
    platform: Arc<Platform>,
}

async fn webhook(State(platform): State<Arc<Platform>>, headers: HeaderMap, body: Bytes) -> Response {
    let call = RawCall::post("", &headers, &body);
    let receipt = platform.hear(call).await;
    let reply = platform.provider.render(call, receipt);
    let status = StatusCode::from_u16(reply.status).unwrap();
    (status, [(CONTENT_TYPE, reply.content_type)], reply.body).into_response()
}

impl Platform {
    async fn hear(&self, call: RawCall<'_>) -> Receipt {
        if self.outages.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Receipt::Unavailable;
        }
        if let Some(question) = self.provider.missing_keys(call) {
            self.provider.learn_keys(&sent(&self.http, question).await).unwrap();
        }
        let Ok(call) = self.provider.verify(call, crate::clock::now()) else {
            self.forged.fetch_add(1, SeqCst);
            return Receipt::NotAuthentic;
        };
        self.told.lock().unwrap().extend(self.provider.parse(&call).unwrap());
        Receipt::Accepted
    }
}

async fn sent(http: &reqwest::Client, call: OutboundCall) -> InboundAnswer {
    let mut request = http.request(call.method, call.url).body(call.body);
    for (name, value) in call.headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap();
    InboundAnswer { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
}

impl World {
    /// A platform with the provider of a name, whose router the settings and the platform's address lead to.
    pub(in crate::sandbox) async fn new(name: &str, router: impl FnOnce(&Value, &str) -> Router) -> Self {
        Self::with_outages(name, 0, router).await
    }

    /// The same, on a platform that is down for the first so many calls.
    pub(in crate::sandbox) async fn with_outages(
        name: &str,
        outages: u32,
        router: impl FnOnce(&Value, &str) -> Router,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let written = include_str!("../../vendors.json").replace("http://127.0.0.1:8080", &url);
        let vendors: Value = serde_json::from_str(&written).unwrap();
        let settings: vendors::settings::Settings = serde_json::from_value(vendors.clone()).unwrap();
        let provider: Arc<dyn PaymentProvider> =
            payments::named(name, &settings.payments).unwrap().unwrap().into();
        let no_redirects = reqwest::redirect::Policy::none();
        let http = reqwest::Client::builder().no_proxy().redirect(no_redirects).build().unwrap();
        let platform = Arc::new(Platform {
            provider: Arc::clone(&provider),
            told: Mutex::default(),
            forged: AtomicU32::default(),
            outages: AtomicU32::new(outages),
            http: http.clone(),
        });
        let app = Router::new()
            .route(&format!("/webhooks/payments/{name}"), post(webhook))
            .with_state(Arc::clone(&platform))
            .nest("/sandbox", Router::new().nest(&format!("/{name}"), router(&vendors, &url)));
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, provider, http, platform }
    }

    /// Makes a call of the platform's, as it is.
    pub(in crate::sandbox) async fn send(&self, call: OutboundCall) -> InboundAnswer {
        sent(&self.http, call).await
    }

    async fn goes<T>(
        &self,
        step: impl Fn(&[InboundAnswer]) -> Result<Step<T>, CallFailure>,
    ) -> Result<T, CallFailure> {
        converse(async |call| Ok(self.send(call).await), step).await
    }

    /// Has a payment page opened, and answers with the address a browser ends up at.
    pub(in crate::sandbox) async fn open(&self) -> PaymentPage {
        let (request, now) = (payment(), crate::clock::now());
        let page = self.goes(|answers| self.provider.open_payment(&request, answers, now)).await.unwrap();
        // What stands behind the fragment mark is for the page's script, which goes on to the payment's own page.
        let redirect_url = match page.redirect_url.split_once('#') {
            Some((before, fragment)) => {
                let payment = fragment.split('&').find_map(|part| part.strip_prefix("payment_id="));
                format!("{before}/{}?{fragment}", payment.unwrap())
            }
            None => page.redirect_url,
        };
        PaymentPage { redirect_url, ..page }
    }

    pub(in crate::sandbox) async fn read(&self, page: &PaymentPage) -> String {
        self.http.get(&page.redirect_url).send().await.unwrap().text().await.unwrap()
    }

    pub(in crate::sandbox) async fn press(&self, page: &PaymentPage, outcome: &str) -> reqwest::Response {
        let form = self.http.post(&page.redirect_url).body(format!("outcome={outcome}"));
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    /// Opens a page and comes to an outcome on it.
    pub(in crate::sandbox) async fn pays(&self, outcome: &str) -> PaymentPage {
        let page = self.open().await;
        let answer = self.press(&page, outcome).await;
        assert_eq!(answer.status(), 303);
        assert_eq!(answer.headers()["location"], RETURN_URL);
        page
    }

    pub(in crate::sandbox) async fn pay_out(&self, token: &str) -> Result<TakenPayout, CallFailure> {
        let (request, now) = (payout(token), crate::clock::now());
        self.goes(|answers| self.provider.pay_out(&request, answers, now)).await
    }

    pub(in crate::sandbox) async fn refund(&self, payment: &str) -> Result<TakenRefund, CallFailure> {
        let request = RefundRequest {
            reference: format!("{DEPOSIT}-1").parse().unwrap(),
            psp_reference: payment.to_owned(),
            amount: "10.00 EUR".parse().unwrap(),
        };
        let now = crate::clock::now();
        self.goes(|answers| self.provider.refund(&request, answers, now)).await
    }

    pub(in crate::sandbox) async fn look_up(
        &self,
        subject: &Subject,
    ) -> Result<Vec<PaymentNotice>, CallFailure> {
        let now = crate::clock::now();
        self.goes(|answers| self.provider.look_up(subject, answers, now)).await
    }

    /// The platform's first call of a conversation.
    pub(in crate::sandbox) fn first_call<T: std::fmt::Debug>(
        step: Result<Step<T>, CallFailure>,
    ) -> OutboundCall {
        match step.unwrap() {
            Step::Call(call) => call,
            Step::Done(done) => panic!("{done:?}"),
        }
    }

    /// All that the platform was told, oldest first.
    pub(in crate::sandbox) fn told(&self) -> Vec<PaymentNotice> {
        self.platform.told.lock().unwrap().clone()
    }

    /// The same in short.
    pub(in crate::sandbox) fn words(&self) -> Vec<String> {
        self.told().iter().map(words).collect()
    }

    /// How often somebody spoke who does not know the key.
    pub(in crate::sandbox) fn forged(&self) -> u32 {
        self.platform.forged.load(SeqCst)
    }

    pub(in crate::sandbox) async fn words_at_least(&self, count: usize) -> Vec<String> {
        for _ in 0..400 {
            if self.told().len() >= count {
                break;
            }
            sleep(Duration::from_millis(25)).await;
        }
        self.words()
    }

    /// What every sandbox of a provider does on the way of a notice; `straight` is told where nothing goes wrong.
    pub(in crate::sandbox) async fn bears_mischief(new: impl AsyncFn() -> Self, straight: &[&str]) {
        let world = new().await;
        world.pays("pay").await;
        assert_eq!(world.words(), straight);

        let world = new().await;
        world.pays("pay_twice").await;
        let (told, twice) = (world.told(), straight.iter().flat_map(|word| [*word, *word]));
        assert_eq!(world.words(), twice.collect::<Vec<_>>());
        for pair in told.chunks(2) {
            assert_eq!(pair[0], pair[1], "the same call, and no other");
        }

        let world = new().await;
        world.pays("pay_late").await;
        assert_eq!(world.words(), [""; 0], "the player is back first");
        assert_eq!(world.words_at_least(straight.len()).await, straight);

        for (outcome, forged) in [("pay_lost", 0), ("pay_forged", u32::try_from(straight.len()).unwrap())] {
            let world = new().await;
            world.pays(outcome).await;
            sleep(Duration::from_millis(800)).await;
            assert_eq!((world.words(), world.forged()), (Vec::new(), forged), "{outcome}");
        }
    }
}

pub(in crate::sandbox) fn payment() -> PaymentRequest {
    PaymentRequest {
        deposit: DEPOSIT.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: Some(Payer {
            first_name: "Ada".into(),
            last_name: "Example".into(),
            email: "ada@players.example".into(),
            country: "MT".into(),
        }),
        amount: "25.00 EUR".parse().unwrap(),
        return_url: RETURN_URL.into(),
        expires_at: crate::clock::now() + jiff::SignedDuration::from_hours(1),
    }
}

pub(in crate::sandbox) fn payout(token: &str) -> PayoutRequest {
    PayoutRequest {
        reference: WITHDRAWAL.parse().unwrap(),
        player: PLAYER.parse().unwrap(),
        amount: "12.34 EUR".parse().unwrap(),
        destination: Destination::Instrument {
            token: token.into(),
            holder: Some(Holder { first_name: "Ada".into(), last_name: "Example".into() }),
        },
    }
}

/// What a notice tells, in short.
fn words(notice: &PaymentNotice) -> String {
    let words = format!("{:?}", notice.kind);
    words.split([' ', '{']).next().unwrap_or_default().trim_end_matches(')').to_owned()
}

/// A sandbox plays only for settings that lead to it, and only if they are whole.
pub(in crate::sandbox) fn there_is_none_for_the_real_one(
    name: &str,
    find: impl Fn(&Value) -> Result<bool, String>,
) {
    let settings = |url: &str| json!({"payments": {name: {"base_url": url}}});
    assert_eq!(find(&settings(&format!("https://api.{name}.com"))), Ok(false));
    assert_eq!(find(&json!({})), Ok(false));
    assert!(find(&settings(&format!("http://127.0.0.1:8080/sandbox/{name}"))).is_err());
}
