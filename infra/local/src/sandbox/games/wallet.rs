//! A vendor's calls to the operator's wallet: proven, sent as often as the vendor would, and kept for the player to
//! look at.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::Value;

use super::{
    mischief::{Lost, Mischief},
    protocol::{Protocol, Verdict, WalletCall},
};

/// How long a vendor waits for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The operator's wallet, as the vendor sees it.
pub(super) struct Wallet {
    url: String,
    protocol: Arc<dyn Protocol>,
    mischief: Mutex<Mischief>,
    http: reqwest::Client,
}

/// One call, and what came back.
#[derive(Debug, Serialize)]
pub(super) struct Call {
    method: String,
    path: String,
    request: Value,
    /// The HTTP status; none if there was no answer.
    http_status: Option<u16>,
    answer: Option<Value>,
    /// What the answer means, in a word.
    outcome: String,
    good: bool,
    millis: u128,
    #[serde(skip)]
    verdict: Option<Verdict>,
    #[serde(skip)]
    balance: Option<i64>,
}

impl Wallet {
    pub(super) fn new(url: String, protocol: Arc<dyn Protocol>) -> Self {
        Self { url, protocol, mischief: Mutex::default(), http: reqwest::Client::new() }
    }

    pub(super) fn protocol(&self) -> &dyn Protocol {
        self.protocol.as_ref()
    }

    pub(super) fn mischief(&self) -> Mischief {
        *self.mischief.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn misbehave(&self, mischief: Mischief) {
        *self.mischief.lock().unwrap_or_else(PoisonError::into_inner) = mischief;
    }

    /// Asks something that moves nothing: vendors behave.
    pub(super) async fn ask(&self, call: &WalletCall, calls: &mut Vec<Call>) {
        calls.push(self.send(call, Mischief::default()).await);
    }

    /// Calls until there is an answer, at most so many times, and misbehaves as it was told to.
    pub(super) async fn call(&self, mut call: WalletCall, tries: u32, calls: &mut Vec<Call>) {
        let mischief = self.mischief();
        for attempt in 0..tries {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
                self.protocol.renew(&mut call);
            }
            tokio::time::sleep(mischief.delay()).await;
            let sent = self.send(&call, mischief).await;
            let answered = sent.http_status.is_some();
            calls.push(sent);
            for _ in 0..mischief.duplicate {
                calls.push(self.send(&call, mischief).await);
            }
            if answered {
                break;
            }
        }
    }

    async fn send(&self, call: &WalletCall, mischief: Mischief) -> Call {
        let started = Instant::now();
        let answer = match mischief.drop {
            Lost::Calls => None,
            Lost::Nothing | Lost::Answers => self.exchange(call, mischief.wrong_signature).await,
        };
        let answer = answer.filter(|_| mischief.drop != Lost::Answers);
        let millis = started.elapsed().as_millis();
        let verdict = answer.as_ref().map(|(status, body)| self.protocol.verdict(*status, body));
        let balance = answer.as_ref().and_then(|(_, body)| self.protocol.told_balance(body));
        let (http_status, answer) = answer.unzip();
        Call {
            method: call.method.to_string(),
            path: call.path.clone(),
            request: call.body.clone(),
            http_status,
            answer,
            outcome: verdict.as_ref().map_or("no answer", Verdict::word).to_owned(),
            good: verdict == Some(Verdict::Done),
            millis,
            verdict,
            balance,
        }
    }

    async fn exchange(&self, call: &WalletCall, forged: bool) -> Option<(u16, Value)> {
        let proof = self.protocol.prove(call, &call.bytes());
        let (path, headers, body) = call.proven(&if forged { proof.forged() } else { proof });
        let request = self.http.request(call.method.clone(), format!("{}{path}", self.url)).timeout(PATIENCE);
        let request = headers.into_iter().fold(request, |it, (name, value)| it.header(name, value));
        let answer = request.body(body).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.unwrap_or_default()))
    }
}

impl Call {
    /// What the answer means, if there is one.
    pub(super) const fn verdict(&self) -> Option<&Verdict> {
        self.verdict.as_ref()
    }

    /// The answer.
    pub(super) const fn answer(&self) -> Option<&Value> {
        self.answer.as_ref()
    }

    /// The balance, if the wallet told one.
    pub(super) const fn balance(&self) -> Option<i64> {
        self.balance
    }
}
