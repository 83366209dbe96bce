//! The payment provider's door: it takes orders to pay out and to refund, or refuses them, once for each reference;
//! and like any other service it fails, is slow, or is not heard.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use edge::WayToVendors;
use serde_json::{Value, json};
use vendors::call::{CallFailure, InboundAnswer, OutboundCall};

use super::{Seam, lock};
use crate::schedule::others_first;
use crate::seed::Dice;

/// Of a thousand orders, how many meet trouble at the provider's, beside the network's.
const TROUBLE: u64 = 400;
/// Of a thousand orders, how many the provider refuses.
const REFUSED: u64 = 250;

/// What the provider keeps of orders.
#[derive(Default)]
pub(crate) struct Provider {
    state: Mutex<State>,
    has_news: AtomicBool,
    is_well: AtomicBool,
}

#[derive(Default)]
struct State {
    /// What it made of each order, by our reference: the same for ever.
    known: BTreeMap<String, (Verdict, String)>,
    news: Vec<News>,
}

/// An order that came for the first time.
#[derive(Clone)]
pub(crate) struct News {
    pub(crate) reference: String,
    /// In cents.
    pub(crate) amount: i128,
    /// The payment it goes back by, if it is a refund.
    pub(crate) payment: Option<String>,
    /// The provider's own id.
    pub(crate) id: String,
    pub(crate) verdict: Verdict,
    /// From which all further chances follow.
    pub(crate) dice: Dice,
}

/// What the provider makes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Taken,
    /// Something is wrong with the request.
    Invalid,
    /// It made a record of it, and turned it down at once.
    TurnedDown,
}

/// What becomes of a call on its way, or at the provider's.
enum Mood {
    Fine,
    Lost,
    AnswerLost,
    FailsBefore,
    FailsAfter,
    /// It says, in the words of a refusal, that it is still at work on the very same request.
    AtWork,
}

impl Provider {
    pub(crate) fn has_news(&self) -> bool {
        self.has_news.swap(false, Ordering::Relaxed)
    }

    /// From now on nothing is wrong at the provider's: it may be, long after the weather cleared up.
    pub(crate) fn get_well(&self) {
        self.is_well.store(true, Ordering::Relaxed);
    }

    pub(crate) fn take_news(&self) -> Vec<News> {
        std::mem::take(&mut lock(&self.state).news)
    }

    /// What it makes of an order: the same as the first time, if it came before.
    fn take(&self, order: &OutboundCall, dice: &mut Dice) -> Option<InboundAnswer> {
        let body: Value = serde_json::from_slice(&order.body).ok()?;
        let reference = body.get("reference")?.as_str()?.to_owned();
        let amount = body.pointer("/amount/value")?.as_i64()?.into();
        let payment = order.url.strip_suffix("/refunds").and_then(|it| it.rsplit('/').next());
        let mut state = lock(&self.state);
        if let Some((verdict, id)) = state.known.get(&reference) {
            return Some(verdict.answer(payment.is_some(), id));
        }
        let verdict = match dice.chance(REFUSED) {
            true if payment.is_none() && dice.chance(500) => Verdict::TurnedDown,
            true => Verdict::Invalid,
            false => Verdict::Taken,
        };
        let id = dice.uuid().replace('-', "").to_uppercase();
        let answer = verdict.answer(payment.is_some(), &id);
        state.known.insert(reference.clone(), (verdict, id.clone()));
        let payment = payment.map(str::to_owned);
        state.news.push(News { reference, amount, payment, id, verdict, dice: dice.branch() });
        self.has_news.store(true, Ordering::Relaxed);
        Some(answer)
    }
}

impl Verdict {
    fn answer(self, is_refund: bool, id: &str) -> InboundAnswer {
        let (status, body) = match (self, is_refund) {
            (Self::Invalid, _) => (422, json!({"status": 422, "errorCode": "30_112"})),
            (Self::TurnedDown, _) => (200, json!({"id": id, "status": "refused"})),
            (Self::Taken, true) => (201, json!({"pspReference": id, "status": "received"})),
            (Self::Taken, false) => (202, json!({"id": id, "status": "received"})),
        };
        InboundAnswer { status, body: body.to_string().into_bytes() }
    }
}

/// The way there.
pub(super) struct Door(pub(super) Arc<Seam>);

type Answered = Result<InboundAnswer, CallFailure>;

impl WayToVendors for Door {
    fn send(&self, call: OutboundCall) -> std::pin::Pin<Box<dyn Future<Output = Answered> + Send + '_>> {
        Box::pin(self.carry(call))
    }
}

impl Door {
    /// Of payments the provider tells by itself: whoever asks it for a page is never answered.
    async fn carry(&self, call: OutboundCall) -> Answered {
        let seam = &self.0;
        let (mut dice, label) = seam.callers.begin(seam.callers.current());
        others_first().await;
        let is_order = call.url.ends_with("/transfers") || call.url.ends_with("/refunds");
        if !is_order {
            return Err(unheard());
        }
        let mood = self.mood(&mut dice);
        let taken = match mood {
            Mood::Lost | Mood::FailsBefore => None,
            _ => seam.provider.take(&call, &mut dice),
        };
        let status = taken.as_ref().map(|it| it.status);
        seam.trace.note(|| format!("  {label}: {} → {status:?}, {}", call.url, mood.said()));
        others_first().await;
        match mood {
            Mood::Fine => taken.ok_or_else(unheard),
            Mood::Lost | Mood::AnswerLost if dice.chance(500) => Err(unheard()),
            Mood::Lost | Mood::AnswerLost => std::future::pending().await,
            Mood::FailsBefore | Mood::FailsAfter => Ok(failed(dice.pick(&[500, 502, 503, 429, 401]))),
            Mood::AtWork => {
                let body = json!({"status": 422, "errorCode": "704"}).to_string().into_bytes();
                Ok(InboundAnswer { status: 422, body })
            }
        }
    }

    fn mood(&self, dice: &mut Dice) -> Mood {
        let seam = &self.0;
        let is_troubled = !seam.provider.is_well.load(Ordering::Relaxed) && dice.chance(TROUBLE);
        if !is_troubled && (seam.is_calm() || !dice.chance(seam.weather.store)) {
            return Mood::Fine;
        }
        match dice.below(5) {
            0 => Mood::Lost,
            1 => Mood::AnswerLost,
            2 => Mood::FailsBefore,
            3 => Mood::FailsAfter,
            _ => Mood::AtWork,
        }
    }
}

impl Mood {
    const fn said(&self) -> &'static str {
        match self {
            Self::Fine => "heard",
            Self::Lost => "lost",
            Self::AnswerLost => "not heard",
            Self::FailsBefore => "fails",
            Self::FailsAfter => "fails to say so",
            Self::AtWork => "still at work",
        }
    }
}

fn failed(status: Option<&u16>) -> InboundAnswer {
    InboundAnswer { status: status.copied().unwrap_or(500), body: b"{}".to_vec() }
}

fn unheard() -> CallFailure {
    CallFailure::Unclear("nobody answered".to_owned())
}
