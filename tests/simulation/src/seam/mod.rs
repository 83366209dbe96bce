//! The seam: the functions' AWS clients send their requests here instead of over the network.
//!
//! Tables are kept by dynoxide in this process. Between a request and its answer others get their turn, and the
//! weather gets its chance.

mod answers;
mod callers;
mod images;
mod provider;
mod services;
mod tables;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use edge::WayToVendors;
use serde_json::Value;

use crate::Error;
use crate::faults::{Fault, Nature, Weather};
use crate::schedule::{TaskId, others_first};
use crate::seed::Dice;
use crate::trace::Trace;

use answers::Answer;
pub(crate) use callers::Callers;
pub(crate) use provider::{News, Provider, Verdict};
pub(crate) use services::{Secrets, Services, StreamRecord};
pub(crate) use tables::{INBOX, KPI, LEDGER, Tables};

/// Everything behind the seam.
pub(crate) struct Seam {
    pub(crate) callers: Callers,
    pub(crate) provider: Provider,
    pub(crate) services: Services,
    pub(crate) tables: Tables,
    pub(crate) trace: Trace,
    weather: Weather,
    calm: AtomicBool,
    calls: AtomicU64,
    late: Mutex<Vec<LateRequest>>,
    met: Mutex<BTreeSet<Fault>>,
}

/// A request that is still on its way when nobody waits for it any more.
struct LateRequest {
    ticks: u64,
    request: Request,
}

/// A request to a service.
pub(crate) struct Request {
    pub(crate) service: Service,
    pub(crate) operation: String,
    pub(crate) body: Vec<u8>,
    /// The body, read when somebody first asks what it says.
    json: OnceLock<Value>,
}

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    DynamoDb,
    Kinesis,
    Sqs,
    Kms,
    Secrets,
}

impl Seam {
    pub(crate) fn new(
        weather: Weather,
        trace: Trace,
        dice: &Dice,
        secrets: Secrets,
    ) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self {
            callers: Callers::new(&dice.fork(1)),
            provider: Provider::default(),
            services: Services::new(dice.fork(2), secrets),
            tables: Tables::new()?,
            trace,
            weather,
            calm: AtomicBool::new(true),
            calls: AtomicU64::new(0),
            late: Mutex::default(),
            met: Mutex::default(),
        }))
    }

    /// What the functions' AWS clients are given.
    pub(crate) fn http_client(self: &Arc<Self>) -> SharedHttpClient {
        SharedHttpClient::new(Wire(Arc::clone(self)))
    }

    /// What the functions' calls to vendors are given.
    pub(crate) fn way_to_vendors(self: &Arc<Self>) -> Arc<dyn WayToVendors> {
        Arc::new(provider::Door(Arc::clone(self)))
    }

    /// From now on nothing goes wrong; or anything may.
    pub(crate) fn set_calm(&self, calm: bool) {
        self.calm.store(calm, Ordering::Relaxed);
    }

    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// How many requests came in.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// The faults that calls met.
    pub(crate) fn faults_met(&self) -> BTreeSet<Fault> {
        lock(&self.met).clone()
    }

    /// Time moved: late requests come nearer, and some arrive.
    pub(crate) fn tick(&self) {
        let due: Vec<LateRequest> = {
            let mut late = lock(&self.late);
            for it in late.iter_mut() {
                it.ticks = it.ticks.saturating_sub(1);
            }
            let (due, waiting) = late.drain(..).partition(|it| it.ticks == 0);
            *late = waiting;
            due
        };
        for LateRequest { request, .. } in due {
            let answer = self.execute(&request, &mut Dice::new(0), None);
            self.trace.note(|| format!("  late: {} → {}", request.summary(), answer.status));
        }
    }

    /// Whether requests are still on their way that nobody waits for.
    pub(crate) fn has_late(&self) -> bool {
        !lock(&self.late).is_empty()
    }

    async fn carry(self: Arc<Self>, request: Request) -> Result<HttpResponse, ConnectorError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let nature = request.nature();
        let caller = self.callers.current();
        let (mut dice, label) = self.callers.begin(caller);
        let calm = self.is_calm();
        let fault = if calm { None } else { self.weather.befalling(nature, &mut dice) };
        if let Some(fault) = fault {
            self.callers.note_fault(caller);
            lock(&self.met).insert(fault);
            self.trace.note(|| format!("  {label}: {} meets {fault:?}", request.summary()));
        }
        others_first().await;
        match fault {
            Some(Fault::ErrorBefore) => return answers::internal_error().into_response(),
            Some(Fault::Throttled) => return answers::throttled(request.service).into_response(),
            Some(Fault::ThroughputExceeded) => return answers::exhausted(&request).into_response(),
            Some(Fault::Conflict) => return answers::conflict(&request, &mut dice).into_response(),
            Some(Fault::DroppedBefore) => return Err(answers::broken_connection()),
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::KilledBefore) => self.kill(caller).await,
            Some(Fault::Late) => {
                let late = LateRequest { ticks: dice.between(1, 60), request };
                lock(&self.late).push(late);
                return std::future::pending().await;
            }
            _ => {}
        }
        let answer = self.execute(&request, &mut dice, fault);
        if fault.is_none() && !calm && (nature.writes || answer.status != 200) {
            self.trace.note(|| format!("  {label}: {} → {}", request.summary(), answer.status));
        }
        others_first().await;
        match fault {
            Some(Fault::ErrorAfter) => answers::internal_error().into_response(),
            Some(Fault::Contended) => answers::beside_conflicts(answer, &mut dice).into_response(),
            Some(Fault::DroppedAfter) => Err(answers::broken_connection()),
            Some(Fault::HangAfter) => std::future::pending().await,
            Some(Fault::KilledAfter) => self.kill(caller).await,
            _ => answer.into_response(),
        }
    }

    /// The process of the caller dies: whoever waits here never gets another turn.
    async fn kill(&self, caller: Option<TaskId>) -> ! {
        self.callers.kill(caller);
        std::future::pending().await
    }

    fn execute(&self, request: &Request, dice: &mut Dice, fault: Option<Fault>) -> Answer {
        match request.service {
            Service::DynamoDb => self.tables.execute(request, dice, fault),
            _ => self.services.execute(request, dice, fault == Some(Fault::Partial)),
        }
    }
}

impl Request {
    /// Reads whom a request is for and what it wants, from the header that all JSON protocols of AWS carry.
    fn of(request: &HttpRequest) -> Option<Self> {
        let (service, operation) = request.headers().get("x-amz-target")?.split_once('.')?;
        let service = match service {
            "DynamoDB_20120810" => Service::DynamoDb,
            "Kinesis_20131202" => Service::Kinesis,
            "AmazonSQS" => Service::Sqs,
            "TrentService" => Service::Kms,
            "secretsmanager" => Service::Secrets,
            _ => return None,
        };
        let body = request.body().bytes()?.to_vec();
        Some(Self { service, operation: operation.to_owned(), body, json: OnceLock::new() })
    }

    /// What the body says; nothing, if it is no JSON.
    pub(crate) fn json(&self) -> &Value {
        self.json.get_or_init(|| serde_json::from_slice(&self.body).unwrap_or_default())
    }

    fn nature(&self) -> Nature {
        match self.service {
            Service::DynamoDb => tables::nature(self),
            Service::Kinesis => Nature { writes: true, in_parts: true, ..Nature::default() },
            Service::Sqs => Nature { writes: true, ..Nature::default() },
            Service::Kms | Service::Secrets => Nature::default(),
        }
    }

    fn summary(&self) -> String {
        match self.service {
            Service::DynamoDb => tables::summary(self),
            service => format!("{service:?}.{}", self.operation),
        }
    }
}

/// The seam as the SDK sees it.
struct Wire(Arc<Seam>);

impl fmt::Debug for Wire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(request) = Request::of(&request) {
            return HttpConnectorFuture::new(Arc::clone(&self.0).carry(request));
        }
        let error = format!("no service of the simulation answers {}", request.uri());
        HttpConnectorFuture::ready(Err(ConnectorError::user(error.into())))
    }
}

impl HttpClient for Wire {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self(Arc::clone(&self.0)))
    }
}

/// What several parties share is never left half-changed: nobody panics while holding it.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
