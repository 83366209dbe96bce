//! The scheduler: everything that happens at once is a task here, and the seed decides whose turn it is.
//!
//! Time stands still while any task can go on, and then moves by a tick: whatever is due within it is due at once,
//! so that no order among timers is taken for granted.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use crate::seed::Dice;

/// How far time moves when nothing else can. More than any back-off of the first attempts, so that lost races are
/// run again together; far less than any deadline.
pub(crate) const TICK: Duration = Duration::from_millis(130);
/// A run that does not come to rest within so many ticks never will.
const TICKS_MAX: u32 = 20_000;

/// By what a task is known.
pub(crate) type TaskId = u64;

/// The tasks of a run.
pub(crate) struct Schedule {
    dice: RefCell<Dice>,
    tasks: RefCell<BTreeMap<TaskId, Task>>,
    last_id: Cell<TaskId>,
}

struct Task {
    name: String,
    future: Pin<Box<dyn Future<Output = ()>>>,
    woken: Arc<Woken>,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the scheduler asks of the world between two turns.
pub(crate) trait Surroundings {
    /// A task is about to run; none: none is.
    fn turn_of(&self, task: Option<TaskId>);
    /// The tasks that died since.
    fn dead(&self) -> Vec<TaskId>;
    /// Time moved by a tick.
    fn tick(&self);
    /// Whether it makes no sense to go on.
    fn is_over(&self) -> bool;
}

impl Schedule {
    pub(crate) fn new(dice: Dice) -> Rc<Self> {
        Rc::new(Self { dice: RefCell::new(dice), tasks: RefCell::default(), last_id: Cell::new(0) })
    }

    /// Starts a task. It gets its first turn when the seed says so.
    pub(crate) fn spawn(
        &self,
        name: impl Into<String>,
        make: impl FnOnce(TaskId) -> Pin<Box<dyn Future<Output = ()>>>,
    ) -> TaskId {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let task =
            Task { name: name.into(), future: make(id), woken: Arc::new(Woken(AtomicBool::new(true))) };
        self.tasks.borrow_mut().insert(id, task);
        id
    }

    /// Lets tasks run until a condition holds. Fails with the names of the tasks that never end.
    pub(crate) async fn run_until(
        &self,
        world: &impl Surroundings,
        reached: impl Fn() -> bool,
    ) -> Result<(), String> {
        let mut ticks = 0;
        while !reached() && !world.is_over() {
            match self.next() {
                Some(id) => {
                    self.turn(id, world);
                    for dead in world.dead() {
                        self.drop_task(dead);
                    }
                }
                None if ticks == TICKS_MAX => {
                    let names: Vec<String> = self.tasks.borrow().values().map(|it| it.name.clone()).collect();
                    return Err(format!("never comes to rest: {}", names.join(", ")));
                }
                None => {
                    ticks += 1;
                    tokio::time::advance(TICK).await;
                    world.tick();
                }
            }
        }
        Ok(())
    }

    /// Whether no task is left.
    pub(crate) fn is_idle(&self) -> bool {
        self.tasks.borrow().is_empty()
    }

    fn next(&self) -> Option<TaskId> {
        let tasks = self.tasks.borrow();
        let ready: Vec<TaskId> =
            tasks.iter().filter(|(_, it)| it.woken.0.load(Ordering::Relaxed)).map(|(id, _)| *id).collect();
        self.dice.borrow_mut().pick(&ready).copied()
    }

    /// One turn of a task, which may start others meanwhile.
    fn turn(&self, id: TaskId, world: &impl Surroundings) {
        let Some(mut task) = self.tasks.borrow_mut().remove(&id) else { return };
        task.woken.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&task.woken));
        world.turn_of(Some(id));
        let poll = task.future.as_mut().poll(&mut Context::from_waker(&waker));
        world.turn_of(None);
        match poll {
            Poll::Pending => {
                self.tasks.borrow_mut().insert(id, task);
            }
            Poll::Ready(()) => drop(task),
        }
    }

    fn drop_task(&self, id: TaskId) {
        let task = self.tasks.borrow_mut().remove(&id);
        drop(task);
    }
}

/// Lets others have a turn first, as any wire between two machines does.
pub(crate) async fn others_first() {
    let mut waited = false;
    std::future::poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Waits so many ticks.
pub(crate) async fn ticks(count: u64) {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    tokio::time::sleep(TICK.saturating_mul(count)).await;
}
