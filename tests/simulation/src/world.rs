//! The world of a run: the platform behind its seam, everybody outside, and the oracle that watches.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use edge::auth::Auth;
use edge::{Secrets, Stores};
use serde_json::{Value, json};

use crate::Error;
use crate::clock::WallClock;
use crate::oracle::Oracle;
use crate::people::{Player, Staff};
use crate::plan::Plan;
use crate::processes::Processes;
use crate::schedule::{Schedule, Surroundings, TICK, TaskId};
use crate::seam::{Seam, Secrets as Documents};
use crate::seed::Dice;
use crate::streams::Streams;
use crate::trace::Trace;
use crate::vendors::psp;
use crate::vendors::{Memory, ToyRsa};

/// The settings of vendors in development, which the simulated vendors share but for their keys and addresses.
const VENDORS: &str = include_str!("../../../infra/local/vendors.json");

/// Everything there is.
pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) seam: Arc<Seam>,
    pub(crate) schedule: Rc<Schedule>,
    pub(crate) processes: Processes,
    pub(crate) wall: WallClock,
    pub(crate) oracle: RefCell<Oracle>,
    pub(crate) streams: RefCell<Streams>,
    pub(crate) players: Vec<Player>,
    pub(crate) staff: Staff,
    pub(crate) auth: Auth,
    pub(crate) hub88: Rc<ToyRsa>,
    pub(crate) memory: RefCell<Memory>,
    /// How many calls of vendors were answered.
    pub(crate) vendor_calls: Cell<u64>,
    /// How many steps are under way.
    pub(crate) under_way: Cell<usize>,
    /// Whether time passes for requests that nobody waits for any more.
    pub(crate) late_may_arrive: Cell<bool>,
    violation: RefCell<Option<String>>,
    whole: Weak<Self>,
}

thread_local! {
    /// Finding its primes takes longer than a short run does.
    static HUB88: Rc<ToyRsa> = Rc::new(ToyRsa::new());
}

impl World {
    /// A world at its beginning: players who are verified (most of them), with a game open and an empty wallet.
    pub(crate) async fn begin(plan: &Plan, trace: Trace) -> Result<Rc<Self>, Error> {
        // The SDK draws its retries' pauses from here.
        fastrand::seed(plan.seed);
        let dice = Dice::new(plan.seed).fork(2);
        let hub88 = HUB88.with(Rc::clone);
        let identity = identity(&mut dice.fork(1));
        let documents = Documents { vendors: vendors(&hub88, plan.pays_out)?, identity };
        let seam = Seam::new(plan.weather.clone(), trace, &dice.fork(2), documents)?;
        let wall = WallClock::new();
        let processes =
            Processes::new(Arc::clone(&seam), wall.clone(), environment(), plan.room, dice.fork(3));
        let settings = processes.settings(0);
        let stores = Stores::new(&settings)?;
        let identity = Secrets::new(&settings)?.identity().await?;
        let auth = Auth::new(&identity.jwt_private_key, stores.sessions()?, settings.context().clone())?;
        let mut oracle = Oracle::new(plan.pays_out);
        let mut players = Vec::new();
        for number in 0..plan.players {
            players.push(Player::join(number, &settings, &stores, &mut oracle).await?);
        }
        Player::load_games(&stores).await?;
        let staff = Staff::hire(&settings, &stores).await?;
        Ok(Rc::new_cyclic(|whole| Self {
            whole: whole.clone(),
            schedule: Schedule::new(dice.fork(4)),
            oracle: RefCell::new(oracle),
            streams: RefCell::default(),
            memory: RefCell::default(),
            vendor_calls: Cell::new(0),
            under_way: Cell::new(0),
            late_may_arrive: Cell::new(true),
            violation: RefCell::default(),
            plan: plan.clone(),
            seam,
            processes,
            wall,
            players,
            staff,
            auth,
            hub88,
        }))
    }

    /// The chances of a step.
    pub(crate) fn dice_of(&self, step: u64) -> Dice {
        Dice::new(self.plan.seed).fork(3).fork(step)
    }

    /// From now on nothing goes wrong; or anything may.
    pub(crate) fn set_calm(&self, calm: bool) {
        self.seam.set_calm(calm);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.seam.is_calm()
    }

    pub(crate) fn note(&self, line: impl FnOnce() -> String) {
        self.seam.trace.note(line);
    }

    /// Something is wrong with the platform: the run is over.
    pub(crate) fn violated(&self, what: String) {
        self.violation.borrow_mut().get_or_insert(what);
    }

    pub(crate) fn violation(&self) -> Option<String> {
        self.violation.borrow().clone()
    }

    /// Notes what went wrong, if it did.
    pub(crate) fn demand(&self, checked: Result<(), String>) {
        if let Err(what) = checked {
            self.violated(what);
        }
    }
}

impl Surroundings for World {
    fn turn_of(&self, task: Option<TaskId>) {
        self.seam.callers.set_current(task);
        if task.is_none() && self.seam.provider.has_news() {
            self.whole.upgrade().iter().for_each(psp::go_on);
        }
    }

    fn dead(&self) -> Vec<TaskId> {
        self.seam.callers.take_killed().into_iter().flat_map(|task| self.processes.kill(task)).collect()
    }

    fn tick(&self) {
        self.wall.pass(i64::try_from(TICK.as_millis()).unwrap_or_default());
        if self.late_may_arrive.get() {
            self.seam.tick();
        }
    }

    fn is_over(&self) -> bool {
        self.violation.borrow().is_some()
    }
}

/// The vendors' settings: the game vendor signs with its toy key, and the payment provider is out of reach.
fn vendors(hub88: &ToyRsa, pays_out: bool) -> Result<String, Error> {
    let mut document: Value = serde_json::from_str(VENDORS)?;
    if let Some(games) = document.pointer_mut("/games/hub88").and_then(Value::as_object_mut) {
        games.insert("public_key_pem".to_owned(), json!(hub88.public_pem()));
    }
    // One provider alone: a route to another one would not be its own.
    if let Some(payments) = document.pointer_mut("/payments").and_then(Value::as_object_mut) {
        payments.retain(|name, _| name == "adyen");
    }
    if let Some(adyen) = document.pointer_mut("/payments/adyen").and_then(Value::as_object_mut) {
        adyen.insert("base_url".to_owned(), json!("http://127.0.0.1:1"));
        if !pays_out {
            adyen.remove("balance_account");
        }
    }
    Ok(document.to_string())
}

/// An identity that follows from the seed.
fn identity(dice: &mut Dice) -> String {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    // An Ed25519 private key in PKCS#8 is these bytes and 32 of its own.
    let mut key = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let mut secret = [0; 32];
    dice.fill(&mut secret);
    key.extend(secret);
    json!({"jwt_private_key_pkcs8_b64": BASE64_STANDARD.encode(key), "email_pepper_hex": "00".repeat(32)})
        .to_string()
}

/// The environment of every process. Each run has a region of its own: the SDK's retry quotas are kept by region, for
/// the whole process, and must not be carried over from one run to the next.
fn environment() -> BTreeMap<String, String> {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    let region = format!("simulated-{}", RUNS.fetch_add(1, Ordering::Relaxed));
    let text = |value: &str| value.to_owned();
    BTreeMap::from([
        (text("AWS_REGION"), region),
        (text("AWS_ACCESS_KEY_ID"), text("simulated")),
        (text("AWS_SECRET_ACCESS_KEY"), text("simulated")),
        (text("AWS_ENDPOINT_URL"), text("http://aws.simulated")),
        (text("METRICS"), text("off")),
        (text("LEDGER_TABLE"), text("Ledger")),
        (text("PLAYERS_TABLE"), text("Players")),
        (text("SESSIONS_TABLE"), text("Sessions")),
        (text("CATALOGUE_TABLE"), text("Catalogue")),
        (text("KPI_TABLE"), text("Kpi")),
        (text("INBOX_TABLE"), text("Inbox")),
        (text("EVENTS_STREAM"), text("events")),
        (text("PAYOUT_QUEUE_URL"), text("http://aws.simulated/payouts")),
        (text("VENDORS_SECRET"), text("vendors")),
        (text("IDENTITY_SECRET"), text("identity")),
        (text("DATA_KEY_ID"), text("key")),
        (text("INSTRUMENT_KEY_ID"), text("instruments")),
        (text("STAGE"), text("simulation")),
    ])
}
