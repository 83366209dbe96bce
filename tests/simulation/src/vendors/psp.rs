//! The payment provider: tells of payments and payouts, more than once, in any order, until it is heard.
//!
//! Of payouts and refunds it tells as soon as it was told to send them, heard or not; of payments by itself, for whoever
//! asks it for a page is never answered.

use std::rc::Rc;

use serde_json::{Value, json};
use vendors::payments::adyen::Amount;
use vendors::payments::adyen::notification::{Item, signed_notification};
use vendors::payments::adyen::transfer::{PROTOCOL, PROTOCOL_HEADER, SIGNATURE_HEADER, sign_body};

use crate::network::{Call, Caller};
use crate::oracle::{Asked, Micros, Notice, NoticeKind, Order, Sent};
use crate::processes::Name;
use crate::schedule::ticks;
use crate::seam::{News, Verdict};
use crate::seed::Dice;
use crate::world::World;

/// The provider waits ten seconds for an answer.
const PATIENCE: u64 = 77;
const PAUSE_MAX: u64 = 32;
const MERCHANT: &str = "PitbossDemoECOM";
/// The key that the development settings share with the sandbox.
const KEY_HEX: &str = "8D1F6B3A5E0C4972B6A8F1D3E5C7094B2A6D8F0E1C3B5A7968574636251403F2";

/// What a player does on the payment page, as far as the provider tells of it.
pub(crate) fn payment(
    world: &Rc<World>,
    player: usize,
    step: u64,
    deposit: &str,
    amount: Micros,
    dice: &mut Dice,
) {
    let psp = dice.uuid().replace('-', "").to_uppercase();
    let told = |event: &str, success: bool, psp: &str, amount: Micros, kind: NoticeKind| {
        Told::new((event, success), psp, deposit, amount, kind)
    };
    let paid = told("AUTHORISATION", true, &psp, amount, NoticeKind::Captured(amount));
    let mut story = match dice.below(13) {
        // The player leaves, and nobody ever tells of it.
        12 => return,
        0 => vec![told("AUTHORISATION", false, &psp, amount, NoticeKind::Declined)],
        1 => vec![told("OFFER_CLOSED", true, &psp, amount, NoticeKind::Expired), paid],
        2 => vec![told("CANCELLATION", true, &format!("{psp}X"), amount, NoticeKind::Cancelled), paid],
        // Other money than was asked for, then perhaps the right one.
        3 => {
            let other = if dice.chance(500) { amount - 1_000_000 } else { amount + 1_000_000 };
            let odd = told("AUTHORISATION", true, &format!("{psp}O"), other, NoticeKind::Captured(other));
            if dice.chance(500) { vec![odd, paid] } else { vec![odd] }
        }
        // Paid twice: the second payment is another one.
        4 => {
            vec![paid, told("AUTHORISATION", true, &format!("{psp}T"), amount, NoticeKind::Captured(amount))]
        }
        5..8 => {
            // Where money is taken at once the authorisation counts: this repeats it.
            let capture = told("CAPTURE", true, &format!("{psp}C"), amount, NoticeKind::Noted);
            vec![paid, capture.of(&psp)]
        }
        _ => vec![paid],
    };
    if story.iter().any(|it| matches!(it.notice.kind, NoticeKind::Captured(_))) {
        let part = amount / 2;
        let gone = match dice.below(12) {
            0 => vec![("REFUND", "R", NoticeKind::Refunded(amount))],
            1 => vec![
                ("REFUND", "R", NoticeKind::Refunded(part)),
                ("REFUND", "S", NoticeKind::Refunded(amount - part)),
            ],
            2 => vec![("CHARGEBACK", "B", NoticeKind::ChargedBack(amount))],
            3 => vec![
                ("CHARGEBACK", "B", NoticeKind::ChargedBack(part)),
                ("CHARGEBACK_REVERSED", "W", NoticeKind::WonBack(part)),
            ],
            _ => Vec::new(),
        };
        for (event, mark, kind) in gone {
            let (NoticeKind::Refunded(amount)
            | NoticeKind::ChargedBack(amount)
            | NoticeKind::WonBack(amount)) = kind
            else {
                continue;
            };
            story.push(told(event, true, &format!("{psp}{mark}"), amount, kind).of(&psp));
        }
    }
    if dice.chance(300) {
        let twice = dice.pick(&story).cloned();
        story.extend(twice);
    }
    dice.shuffle(&mut story);
    for told in story {
        tell(world, player, told.call(world, player, Some(step)), dice.branch(), told.notice);
    }
}

/// Goes on with what the provider was told to send: whether or not its answer is heard, it tells by itself.
pub(crate) fn go_on(world: &Rc<World>) {
    let players: Vec<String> = world.players.iter().map(|it| it.id.clone()).collect();
    for news in world.seam.provider.take_news() {
        let order = Order {
            reference: news.reference.clone(),
            amount: news.amount * 10_000,
            payment: news.payment.clone(),
            is_taken: news.verdict == Verdict::Taken,
        };
        let sent = world.oracle.borrow_mut().ordered(&world.seam.tables, &players, &order);
        match sent {
            Err(what) => world.violated(what),
            Ok(sent) if news.payment.is_some() => send_back(world, &sent, news),
            Ok(sent) => pay_out(world, &sent, news),
        }
    }
}

/// A payout: what the provider says last counts. A bank may send back what was booked, and what seemed to have failed
/// may go through after all.
fn pay_out(world: &Rc<World>, sent: &Sent, news: News) {
    let News { reference, id, verdict, mut dice, .. } = news;
    let (booked, failed) = (("booked", NoticeKind::Paid(sent.amount)), ("failed", NoticeKind::Failed));
    let returned = ("returned", NoticeKind::Failed);
    let ends = match verdict {
        Verdict::Invalid => return,
        Verdict::TurnedDown => vec![("refused", NoticeKind::Failed)],
        Verdict::Taken => match dice.below(10) {
            0..5 => vec![booked],
            5..7 => vec![failed],
            7..9 => vec![booked, returned],
            _ => vec![failed, booked],
        },
    };
    let is_paid = matches!(ends.last(), Some((_, NoticeKind::Paid(_))));
    let last = if is_paid { "paid" } else { "failed" };
    world.oracle.borrow_mut().provider_says(&world.player_id(sent.player), &reference, last);
    let mut story = vec![(1, ("received", NoticeKind::Noted)), (2, ("authorised", NoticeKind::Noted))];
    story.extend((3..).zip(ends));
    if dice.chance(400) {
        let twice = dice.pick(&story).copied();
        story.extend(twice);
    }
    dice.shuffle(&mut story);
    for (number, (status, kind)) in story {
        let notice = Notice {
            key: format!("adyen#transfer:{id}:{number}"),
            reference: reference.clone(),
            payment: id.clone(),
            kind,
        };
        let body = json!({
            "data": {
                "id": id,
                "reference": reference,
                "status": status,
                "direction": "outgoing",
                "amount": {"value": minor(sent.amount), "currency": currency(world, sent.player)},
                "sequenceNumber": number,
            },
            "environment": "test",
            "type": "balancePlatform.transfer.updated",
        });
        let body = body.to_string();
        let headers = vec![
            (SIGNATURE_HEADER, sign_body(body.as_bytes(), &key())),
            (PROTOCOL_HEADER, PROTOCOL.to_owned()),
        ];
        let label = format!("transfer {status} {number}");
        let call = webhook(sent.player, headers, body, label, &notice);
        tell(world, sent.player, call, dice.branch(), notice);
    }
}

/// A refund. It may also fail after it had left; then that is told as well, before or after.
fn send_back(world: &Rc<World>, sent: &Sent, news: News) {
    let News { reference, payment, id, verdict, mut dice, .. } = news;
    if verdict != Verdict::Taken {
        return;
    }
    let told = |event: &str, success: bool, kind: NoticeKind| {
        let told = Told::new((event, success), &id, &reference, sent.amount, kind);
        told.of(payment.as_deref().unwrap_or_default())
    };
    let left = told("REFUND", true, NoticeKind::Refunded(sent.amount));
    let (mut story, last) = match dice.below(10) {
        0..6 => (vec![left], "completed"),
        6..8 => (vec![told("REFUND", false, NoticeKind::Failed)], "failed"),
        _ => (vec![left, told("REFUND_FAILED", true, NoticeKind::Failed)], "failed"),
    };
    world.oracle.borrow_mut().provider_says(&world.player_id(sent.player), &reference, last);
    if dice.chance(400) {
        let twice = dice.pick(&story).cloned();
        story.extend(twice);
    }
    dice.shuffle(&mut story);
    for told in story {
        tell(world, sent.player, told.call(world, sent.player, None), dice.branch(), told.notice);
    }
}

/// Something the provider tells of a payment.
#[derive(Clone)]
struct Told {
    psp: String,
    event: String,
    success: bool,
    original: Option<String>,
    amount: Micros,
    notice: Notice,
}

impl Told {
    fn new(
        (event, success): (&str, bool),
        psp: &str,
        reference: &str,
        amount: Micros,
        kind: NoticeKind,
    ) -> Self {
        Self {
            psp: psp.to_owned(),
            event: event.to_owned(),
            success,
            original: None,
            amount,
            notice: Notice {
                key: format!("adyen#{psp}:{event}:{success}"),
                reference: reference.to_owned(),
                payment: psp.to_owned(),
                kind,
            },
        }
    }

    /// It happened to a payment that has an id of its own.
    fn of(mut self, payment: &str) -> Self {
        self.original = Some(payment.to_owned());
        payment.clone_into(&mut self.notice.payment);
        self
    }

    fn call(&self, world: &World, player: usize, step: Option<u64>) -> Call {
        let item = Item {
            psp_reference: Some(self.psp.clone()),
            original_reference: self.original.clone(),
            merchant_account_code: Some(MERCHANT.to_owned()),
            merchant_reference: Some(self.notice.reference.clone()),
            amount: Some(Amount { value: minor(self.amount), currency: currency(world, player) }),
            event_code: Some(self.event.clone()),
            event_date: Some(world.wall.now().to_string()),
            success: Some(self.success.to_string()),
            ..Item::default()
        };
        let body: Value = json!(signed_notification(vec![item], false, &key()));
        let step = step.map(|it| format!("#{it} ")).unwrap_or_default();
        let label = format!("{step}notice {} {}", self.event, self.success);
        webhook(player, Vec::new(), body.to_string(), label, &self.notice)
    }
}

fn webhook(
    player: usize,
    headers: Vec<(&'static str, String)>,
    body: String,
    label: String,
    notice: &Notice,
) -> Call {
    Call {
        name: Name::PaymentWebhook,
        route: "POST /webhooks/payments/adyen",
        id: String::new(),
        query: String::new(),
        headers,
        body,
        caller: Caller::Vendor,
        player,
        asked: Asked::Notice(notice.clone()),
        label,
    }
}

/// Tells until it is heard, beside all else that is told.
fn tell(world: &Rc<World>, player: usize, call: Call, mut dice: Dice, notice: Notice) {
    let id = world.player_id(player);
    world.oracle.borrow_mut().expect(&id, notice.key, call.asked.clone());
    let teller = Rc::clone(world);
    world.schedule.spawn(format!("{} (telling)", call.label), |_| {
        Box::pin(async move {
            let mut pause = dice.below(10);
            loop {
                ticks(pause).await;
                let reply = teller.call(&call, &mut dice, PATIENCE).await;
                if reply.is_some_and(|reply| reply.status == 200) {
                    return;
                }
                pause = (pause * 2 + 1).min(PAUSE_MAX);
            }
        })
    });
}

fn currency(world: &World, player: usize) -> String {
    world.players.get(player).map(|it| it.currency).unwrap_or_default().to_owned()
}

/// Millionths in cents.
fn minor(amount: Micros) -> i64 {
    i64::try_from(amount / 10_000).unwrap_or_default()
}

fn key() -> Vec<u8> {
    let digit = |at: usize| KEY_HEX.get(at..at + 2).and_then(|it| u8::from_str_radix(it, 16).ok());
    (0..KEY_HEX.len()).step_by(2).filter_map(digit).collect()
}
