//! The network between the outside and the functions: API Gateway's events, and all that may become of a call.

use std::rc::Rc;

use serde_json::{Map, Value, json};
use tokio::sync::oneshot;

use crate::oracle::{Asked, Heard};
use crate::processes::Name;
use crate::schedule::{TaskId, ticks};
use crate::seed::Dice;
use crate::world::World;

/// A call from outside.
#[derive(Clone)]
pub(crate) struct Call {
    /// Who is called.
    pub(crate) name: Name,
    /// The route, as the template has it.
    pub(crate) route: &'static str,
    /// What stands for `{id}` in it.
    pub(crate) id: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    pub(crate) caller: Caller,
    /// Whose wallet it is about, by number.
    pub(crate) player: usize,
    /// What it asks for, as the oracle understands it.
    pub(crate) asked: Asked,
    /// What the trace calls it.
    pub(crate) label: String,
}

/// Who calls, as far as an access token must prove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A vendor, who proves it in a way of its own.
    Vendor,
    /// The player whose wallet it is about.
    Player,
    /// A member of staff, by number.
    Staff(usize),
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Whether the network still holds a copy of the call, of which the caller knows nothing.
    pub(crate) echo: bool,
}

/// What the network may do to a call.
enum Mood {
    Fine,
    RequestLost,
    ReplyLost,
    Slow(u64),
    Doubled(u64),
}

impl World {
    /// A call, and what came back within so many ticks: nothing, if it was lost or took too long. Whatever became of
    /// the caller's patience, the function goes on.
    pub(crate) async fn call(self: &Rc<Self>, call: &Call, dice: &mut Dice, patience: u64) -> Option<Reply> {
        let chances = dice.branch();
        let (answer, heard) = oneshot::channel();
        let mood = self.mood(dice);
        let echo = matches!(mood, Mood::Doubled(_));
        match mood {
            Mood::Fine => self.deliver(call.clone(), chances, 0, Some(answer)),
            Mood::RequestLost => self.note(|| format!("{} is lost", call.label)),
            Mood::ReplyLost => {
                self.deliver(call.clone(), chances, 0, None);
            }
            Mood::Slow(late) => self.deliver(call.clone(), chances, late, Some(answer)),
            Mood::Doubled(late) => {
                self.deliver(call.clone(), chances.fork(1), late, None);
                self.deliver(call.clone(), chances, 0, Some(answer));
            }
        }
        tokio::select! {
            biased;
            heard = heard => {
                if let Ok(reply) = heard {
                    return Some(Reply { echo, ..reply });
                }
                // Nobody answers: the caller still waits its time.
                ticks(patience).await;
                None
            }
            () = ticks(patience) => None,
        }
    }

    fn mood(&self, dice: &mut Dice) -> Mood {
        if self.is_calm() || !dice.chance(self.plan.weather.network) {
            return Mood::Fine;
        }
        match dice.below(4) {
            0 => Mood::RequestLost,
            1 => Mood::ReplyLost,
            2 => Mood::Slow(dice.between(1, 40)),
            _ => Mood::Doubled(dice.between(0, 40)),
        }
    }

    /// The call arrives, now or later, and a process takes it on.
    fn deliver(self: &Rc<Self>, call: Call, dice: Dice, late: u64, answer: Option<oneshot::Sender<Reply>>) {
        let world = Rc::clone(self);
        let label = call.label.clone();
        self.schedule.spawn(label, |task| {
            Box::pin(async move {
                if late > 0 {
                    ticks(late).await;
                }
                let reply = world.serve(&call, task, &dice).await;
                if let (Some(reply), Some(answer)) = (reply, answer) {
                    // Whoever gave up waiting does not hear it.
                    let _ = answer.send(reply);
                }
            })
        });
    }

    /// One invocation, from its arrival to its answer. The oracle judges the answer, whether or not it is heard.
    async fn serve(self: &Rc<Self>, call: &Call, task: TaskId, dice: &Dice) -> Option<Reply> {
        let player = self.player_id(call.player);
        let presence = Presence::begin(self, task, call.player, &call.label, dice);
        let from = self.seam.tables.version(&player);
        let arrived = self.wall.now_ms();
        let (function, shared) = match self.processes.enter(call.name, task).await {
            Ok(entered) => entered,
            Err(error) => {
                self.note(|| format!("{}: does not start: {error}", call.label));
                return None;
            }
        };
        let answered = function.invoke(self.event(call)).await;
        let to = self.seam.tables.version(&player);
        let excused = presence.end() || shared;
        let reply = match answered {
            Ok(answer) => reply(&answer),
            Err(error) => {
                self.note(|| format!("{}: fails: {error}", call.label));
                return None;
            }
        };
        self.note(|| format!("{} → {} v{from}..v{to}", call.label, reply.said()));
        self.vendor_calls.set(self.vendor_calls.get() + 1);
        let vendor = call.name.game_vendor();
        let heard = Heard {
            vendor,
            from,
            to,
            status: reply.status,
            body: reply.body.clone(),
            excused,
            at_ms: (arrived, self.wall.now_ms()),
        };
        let judged = self.oracle.borrow_mut().judge(&self.seam.tables, &player, &call.asked, &heard);
        self.demand(judged.map_err(|what| format!("{}: {what}", call.label)));
        Some(reply)
    }

    /// API Gateway's event of a call.
    fn event(&self, call: &Call) -> Value {
        let (method, template) = call.route.split_once(' ').unwrap_or_default();
        let path = template.replace("{id}", &call.id);
        let mut headers: Map<String, Value> =
            call.headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        headers.insert("content-type".to_owned(), json!("application/json"));
        if let Some(token) = self.token(call) {
            headers.insert("authorization".to_owned(), json!(format!("Bearer {token}")));
        }
        json!({
            "version": "2.0",
            "routeKey": call.route,
            "rawPath": path,
            "rawQueryString": call.query,
            "headers": headers,
            "pathParameters": {"id": call.id},
            "requestContext": {
                "accountId": "000000000000",
                "apiId": "simulated",
                "domainName": "casino.example",
                "domainPrefix": "casino",
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "simulation"},
                "requestId": "simulated",
                "routeKey": call.route,
                "stage": "$default",
                "time": "23/Nov/2026:00:00:00 +0000",
                "timeEpoch": self.wall.now().as_millisecond(),
            },
            "body": call.body,
            "isBase64Encoded": false,
        })
    }

    /// Access tokens are short-lived: each call carries a fresh one.
    fn token(&self, call: &Call) -> Option<String> {
        match call.caller {
            Caller::Vendor => None,
            Caller::Player => {
                let player = self.players.get(call.player)?;
                self.auth.issue(&player.id, player.session, &[]).ok()
            }
            Caller::Staff(number) => {
                let (subject, session) = self.staff.members.get(number)?;
                self.auth.issue(subject, *session, &["payments".to_owned()]).ok()
            }
        }
    }

    pub(crate) fn player_id(&self, number: usize) -> String {
        self.players.get(number).map(|it| it.id.clone()).unwrap_or_default()
    }
}

/// An invocation's presence: who else was there for the same player, and which faults it met. It ends with the
/// invocation, also if that dies.
struct Presence {
    world: Rc<World>,
    task: TaskId,
}

impl Presence {
    fn begin(world: &Rc<World>, task: TaskId, player: usize, label: &str, dice: &Dice) -> Self {
        world.seam.callers.enter(task, label.to_owned(), dice);
        world.oracle.borrow_mut().crowd.enter(task, player);
        Self { world: Rc::clone(world), task }
    }

    /// Whether anything happened that may excuse an answer without an outcome.
    fn end(self) -> bool {
        let met = self.world.seam.callers.leave(self.task);
        let crowded = self.world.oracle.borrow_mut().crowd.leave(self.task);
        met > 0 || crowded
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.world.seam.callers.leave(self.task);
        self.world.processes.leave(self.task);
        self.world.oracle.borrow_mut().crowd.leave(self.task);
    }
}

impl Reply {
    /// The answer in a few words.
    fn said(&self) -> String {
        let text = |name: &str| self.body.get(name).map(ToString::to_string);
        let failed = self.body.pointer("/meta/api_code").map(ToString::to_string);
        let told = text("status").or(failed).or_else(|| text("code")).unwrap_or_default();
        match text("balance") {
            Some(balance) => format!("{} {told} {balance}", self.status),
            None => format!("{} {told}", self.status),
        }
    }
}

/// API Gateway's answer, as it goes over the wire.
fn reply(answer: &Value) -> Reply {
    let status = answer.get("statusCode").and_then(Value::as_u64).and_then(|it| it.try_into().ok());
    let text = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let body = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    Reply { status: status.unwrap_or_default(), body, echo: false }
}
