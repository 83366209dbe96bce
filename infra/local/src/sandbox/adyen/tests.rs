//! The sandbox against the platform's own Adyen module: what either sends, the other must take.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering::SeqCst},
};

use domain::cashier::InstrumentKind;
use tokio::net::TcpListener;
use tokio::time::{Duration, sleep};
use vendors::call::{CallFailure, InboundAnswer, OutboundCall, RawCall};
use vendors::conversation::Step;
use vendors::payments::adyen::Adyen;
use vendors::payments::{
    Destination, PayIn, PayOut, PaymentNotice, PaymentPage, PaymentRequest, PaymentWebhook, PayoutRequest,
    TakenPayout,
};

use super::*;

const DEPOSIT: &str = "dep_01KDVAN5G00000000000000001";
const WITHDRAWAL: &str = "wdr_01KDVAN5G00000000000000003";

/// A platform that remembers what it is told, after refusing the first so many calls.
struct Platform {
    adyen: Adyen,
    told: Mutex<Vec<PaymentNotice>>,
    outages: AtomicU32,
}

async fn webhook(State(platform): State<Arc<Platform>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let outage = platform.outages.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1)).is_ok();
    if outage {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let call = RawCall::post("", &headers, &body);
    let notices = platform.adyen.parse(&platform.adyen.verify(call, crate::clock::now()).unwrap()).unwrap();
    platform.told.lock().unwrap().extend(notices);
    StatusCode::OK
}

/// A platform and the sandbox on one port, and a browser in front of them.
struct World {
    url: String,
    platform: Arc<Platform>,
    http: reqwest::Client,
}

impl World {
    async fn new(outages: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut vendors: Value = serde_json::from_str(include_str!("../../../vendors.json")).unwrap();
        vendors["payments"]["adyen"]["base_url"] = json!(format!("{url}/sandbox/adyen"));
        let config = SandboxConfig::from_vendors(&vendors, &url).unwrap().unwrap();
        let platform = Arc::new(Platform {
            adyen: Adyen::new(&config.settings).unwrap(),
            told: Mutex::default(),
            outages: AtomicU32::new(outages),
        });
        let app = Router::new()
            .route("/webhooks/payments/adyen", post(webhook))
            .with_state(platform.clone())
            .nest("/sandbox", Router::new().nest("/adyen", router(config)));
        tokio::spawn(axum::serve(listener, app).into_future());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { url, platform, http }
    }

    async fn send(&self, call: OutboundCall) -> InboundAnswer {
        let mut request = self.http.request(call.method, call.url).body(call.body);
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.unwrap();
        InboundAnswer { status: answer.status().as_u16(), body: answer.bytes().await.unwrap().to_vec() }
    }

    async fn open(&self) -> PaymentPage {
        let answer = self.send(self.open_call(&payment())).await;
        self.page_of(answer).unwrap()
    }

    async fn press(&self, page: &PaymentPage, outcome: &str) -> reqwest::Response {
        let form = self.http.post(&page.redirect_url).body(format!("outcome={outcome}"));
        form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap()
    }

    async fn script(&self, page: &PaymentPage, body: &str) -> reqwest::Response {
        let url = format!("{}/sandbox/adyen/api/pay/{}", self.url, page.psp_reference);
        self.http.post(url).body(body.to_owned()).send().await.unwrap()
    }

    fn open_call(&self, request: &PaymentRequest) -> OutboundCall {
        match self.platform.adyen.open_payment(request, &[], crate::clock::now()).unwrap() {
            Step::Call(call) => call,
            Step::Done(page) => panic!("{page:?}"),
        }
    }

    fn page_of(&self, answer: InboundAnswer) -> Result<PaymentPage, CallFailure> {
        match self.platform.adyen.open_payment(&payment(), &[answer], crate::clock::now())? {
            Step::Done(page) => Ok(page),
            Step::Call(call) => panic!("{call:?}"),
        }
    }

    fn taken(&self, answer: InboundAnswer) -> Result<TakenPayout, CallFailure> {
        let request = payout("MT84MALT011000012345MTLCAST001S");
        match self.platform.adyen.pay_out(&request, &[answer], crate::clock::now())? {
            Step::Done(taken) => Ok(taken),
            Step::Call(call) => panic!("{call:?}"),
        }
    }

    async fn pay_out(&self, iban: &str) -> InboundAnswer {
        match self.platform.adyen.pay_out(&payout(iban), &[], crate::clock::now()).unwrap() {
            Step::Call(call) => self.send(call).await,
            Step::Done(taken) => panic!("{taken:?}"),
        }
    }

    fn told(&self) -> Vec<PaymentNotice> {
        self.platform.told.lock().unwrap().clone()
    }

    async fn told_at_least(&self, count: usize) -> Vec<PaymentNotice> {
        for _ in 0..200 {
            if self.told().len() >= count {
                break;
            }
            sleep(Duration::from_millis(25)).await;
        }
        self.told()
    }
}

fn payout(iban: &str) -> PayoutRequest {
    PayoutRequest {
        reference: WITHDRAWAL.parse().unwrap(),
        player: "ply_01KDVAN5G00000000000000002".parse().unwrap(),
        amount: "12.34 EUR".parse().unwrap(),
        destination: Destination::BankAccount { holder: "Ada Example".into(), iban: iban.into() },
    }
}

fn payment() -> PaymentRequest {
    PaymentRequest {
        deposit: DEPOSIT.parse().unwrap(),
        player: "ply_01KDVAN5G00000000000000002".parse().unwrap(),
        kind: InstrumentKind::Card,
        payer: None,
        amount: "25.00 EUR".parse().unwrap(),
        return_url: "http://127.0.0.1/cashier?from=psp".into(),
        expires_at: crate::clock::now() + jiff::SignedDuration::from_hours(1),
    }
}

fn words(notice: &PaymentNotice) -> String {
    format!("{:?}", notice.kind).split([' ', '{']).next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_player_pays() {
    let world = World::new(0).await;
    let page = world.open().await;
    let shown = world.http.get(&page.redirect_url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("25.00 EUR") && shown.contains(DEPOSIT) && !shown.contains("{{"), "{shown}");

    let answer = world.press(&page, "pay").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1/cashier?from=psp");
    let [notice] = world.told().try_into().unwrap();
    assert_eq!(notice.reference, DEPOSIT);
    assert_eq!(words(&notice), "Deposit(Captured");

    assert_eq!(world.press(&page, "pay").await.status(), 200, "the page says that it is closed");
    let shown = world.http.get(&page.redirect_url).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("made already"));
    assert_eq!(world.told().len(), 1);
}

#[tokio::test]
async fn a_player_is_declined_and_then_pays() {
    let world = World::new(0).await;
    let page = world.open().await;
    assert_eq!(world.press(&page, "decline").await.status(), 303);
    assert_eq!(world.script(&page, r#"{"outcome":"pay"}"#).await.status(), 200);
    let told: Vec<_> = world.told().iter().map(words).collect();
    assert_eq!(told, ["Deposit(Declined)", "Deposit(Captured"]);
}

#[tokio::test]
async fn a_link_closes_once() {
    for (outcome, event) in [("cancel", "Deposit(Cancelled)"), ("expire", "Deposit(Expired)")] {
        let world = World::new(0).await;
        let page = world.open().await;
        assert_eq!(world.press(&page, outcome).await.status(), 303);
        assert_eq!(world.script(&page, r#"{"outcome":"pay"}"#).await.status(), 409);
        assert_eq!(world.told().iter().map(words).collect::<Vec<_>>(), [event]);
    }
}

#[tokio::test]
async fn time_closes_a_link() {
    let world = World::new(0).await;
    let call = world.open_call(&PaymentRequest { expires_at: crate::clock::now(), ..payment() });
    world.send(call).await;
    assert_eq!(world.told_at_least(1).await.iter().map(words).collect::<Vec<_>>(), ["Deposit(Expired)"]);
}

#[tokio::test]
async fn a_notification_can_come_twice() {
    let world = World::new(0).await;
    let page = world.open().await;
    world.press(&page, "pay_twice").await;
    let [first, second] = world.told().try_into().unwrap();
    assert_eq!(first, second);
}

#[tokio::test]
async fn a_notification_is_sent_until_it_is_taken() {
    let world = World::new(2).await;
    let page = world.open().await;
    let chosen: Value = world.script(&page, r#"{"outcome":"pay"}"#).await.json().await.unwrap();
    assert_eq!((&chosen["delivered"], &chosen["status"]), (&json!(false), &json!("completed")));
    assert_eq!(world.told_at_least(1).await.len(), 1);
}

#[tokio::test]
async fn the_same_deposit_opens_one_link() {
    let world = World::new(0).await;
    assert_eq!(world.open().await, world.open().await);
}

#[tokio::test]
async fn a_player_is_paid_once() {
    let world = World::new(0).await;
    let first = world.taken(world.pay_out("MT84MALT011000012345MTLCAST001S").await);
    let again = world.taken(world.pay_out("MT84MALT011000012345MTLCAST001S").await);
    assert_eq!(first, again);
    world.told_at_least(1).await;
    sleep(Duration::from_millis(300)).await;
    let [notice] = world.told().try_into().unwrap();
    assert_eq!((notice.reference.as_str(), words(&notice).as_str()), (WITHDRAWAL, "Withdrawal(Paid"));
    assert!(notice.key.tx.starts_with(&format!("transfer:{}:", first.unwrap().psp_reference.unwrap())));
}

#[tokio::test]
async fn a_bank_can_refuse() {
    let world = World::new(0).await;
    assert_eq!(world.pay_out("MT84MALT0110000123450000").await.status, 202);
    assert_eq!(world.told_at_least(1).await.iter().map(words).collect::<Vec<_>>(), ["Withdrawal(Failed)"]);
}

#[tokio::test]
async fn bad_calls_are_refused() {
    let world = World::new(0).await;
    let good = || world.open_call(&payment());
    let changed = |pointer: &str, value: Value| {
        let mut call = good();
        let mut body: Value = serde_json::from_slice(&call.body).unwrap();
        *body.pointer_mut(pointer).unwrap() = value;
        call.body = body.to_string().into_bytes();
        call
    };
    let mut wrong_key = good();
    wrong_key.headers.insert("x-api-key", "guessed".into());
    let mut no_key = good();
    no_key.headers.remove("x-api-key");
    for (call, status) in [
        (wrong_key, 401),
        (no_key, 401),
        (changed("/merchantAccount", json!("Other")), 403),
        (changed("/amount/value", json!(0)), 422),
        (changed("/amount/value", json!(-1)), 422),
        (changed("/amount/value", json!("1")), 422),
        (changed("/amount/currency", json!("ZZZ")), 422),
        (changed("/returnUrl", json!("javascript:alert(1)")), 422),
        (changed("/reference", json!(null)), 422),
    ] {
        assert_eq!(world.send(call).await.status, status);
    }
    let refused = world.send(changed("/reference", json!(null))).await;
    assert!(matches!(world.page_of(refused), Err(CallFailure::Refused(_))));

    let page = world.open().await;
    for body in ["", "{}", r#"{"outcome":"steal"}"#] {
        assert_eq!(world.script(&page, body).await.status(), 422, "{body}");
    }
    let unknown = PaymentPage { psp_reference: "PL0".into(), ..page };
    assert_eq!(world.script(&unknown, r#"{"outcome":"pay"}"#).await.status(), 409);
    assert_eq!(world.told(), []);
}

#[test]
fn there_is_no_sandbox_for_the_real_one() {
    let vendors = json!({"payments": {"adyen": {"base_url": "https://checkout-test.adyen.com"}}});
    assert!(SandboxConfig::from_vendors(&vendors, "http://127.0.0.1:1").unwrap().is_none());
    assert!(SandboxConfig::from_vendors(&json!({}), "http://127.0.0.1:1").unwrap().is_none());
    let broken = json!({"payments": {"adyen": {"base_url": "http://127.0.0.1:8080/sandbox/adyen"}}});
    assert!(SandboxConfig::from_vendors(&broken, "http://127.0.0.1:1").is_err());
}
