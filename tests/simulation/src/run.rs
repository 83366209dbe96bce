//! A run: the world begins, the plan is carried out, and in the end everything must add up.

use std::rc::Rc;

use crate::Error;
use crate::deeds;
use crate::plan::{Deed, Plan, Step};
use crate::seed::Dice;
use crate::seen::Seen;
use crate::streams;
use crate::trace::Trace;
use crate::vendors;
use crate::world::World;

/// After so many rounds every payout has been ordered, or never will be.
const ROUNDS_MAX: u64 = 60;
/// After so many of them the provider is well.
const ROUNDS_OF_TROUBLE: u64 = 20;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is wrong with the platform, if anything is.
    pub violation: Option<String>,
    /// What happened, if it was noted.
    pub trace: Vec<String>,
    /// How many calls from outside were answered.
    pub vendor_calls: u64,
    /// How many calls the functions made to their stores and services.
    pub store_calls: u64,
    /// How many steps were begun.
    pub steps: usize,
    /// What it came across.
    pub seen: Seen,
}

/// Carries a plan out, and notes what happens. Fails only if the simulation itself cannot be set up.
pub fn carry_out(plan: &Plan) -> Result<Outcome, Error> {
    run(plan, Trace::kept())
}

/// Carries a plan out without a word of what happens: the same run, in less time.
pub(crate) fn carry_out_silently(plan: &Plan) -> Result<Outcome, Error> {
    run(plan, Trace::default())
}

fn run(plan: &Plan, trace: Trace) -> Result<Outcome, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    // Without a budget: the scheduler is one task to the runtime, however many it holds.
    runtime.block_on(tokio::task::unconstrained(whole(plan, trace)))
}

async fn whole(plan: &Plan, trace: Trace) -> Result<Outcome, Error> {
    let world = World::begin(plan, trace).await?;
    let mut steps = 0;
    let ended = stages(&world, plan, &mut steps).await;
    if let Err(what) = ended {
        world.violated(what);
    }
    Ok(Outcome {
        violation: world.violation(),
        trace: world.seam.trace.lines(),
        vendor_calls: world.vendor_calls.get(),
        store_calls: world.seam.calls(),
        steps,
        seen: Seen::by(&world),
    })
}

async fn stages(world: &Rc<World>, plan: &Plan, steps: &mut usize) -> Result<(), String> {
    let prelude = u64::MAX / 2;
    for player in 0..plan.players {
        let step = prelude + u64::try_from(player).unwrap_or_default();
        begin(world, &Step { id: step, player, deed: Deed::Deposit });
    }
    rest(world).await?;
    world.set_calm(false);
    for step in &plan.steps {
        if world.violation().is_some() {
            return Ok(());
        }
        *steps += 1;
        match step.deed {
            Deed::Deliver => {
                rest(world).await?;
                world.late_may_arrive.set(false);
                spawn(world, step, |world, dice| streams::deliver(world, step.id, dice, false));
                rest(world).await?;
                world.late_may_arrive.set(true);
                world.demand(world.oracle.borrow_mut().read_on(&world.seam.tables));
            }
            Deed::Wait => wait(world, step).await?,
            Deed::Deploy => world.processes.retire_all(),
            _ => {
                let room = || world.under_way.get() < plan.width;
                world.schedule.run_until(world.as_ref(), room).await?;
                begin(world, step);
            }
        }
    }
    finish(world).await
}

/// The weather clears up: all that was begun comes to its end, and every fact arrives everywhere.
async fn finish(world: &Rc<World>) -> Result<(), String> {
    world.set_calm(true);
    rest(world).await?;
    while world.seam.has_late() {
        crate::seam::Seam::tick(&world.seam);
    }
    for round in 0..ROUNDS_MAX {
        if round == ROUNDS_OF_TROUBLE {
            world.seam.provider.get_well();
        }
        let last = Step { id: u64::MAX - round, player: 0, deed: Deed::Deliver };
        spawn(world, &last, |world, dice| streams::deliver(world, last.id, dice, true));
        rest(world).await?;
        if !world.streams.borrow().has_orders() || world.violation().is_some() {
            break;
        }
        spawn(world, &last, |world, dice| streams::payouts(world, last.id, dice));
        rest(world).await?;
    }
    if world.violation().is_none() {
        world.demand(world.oracle.borrow_mut().settle(&world.seam.tables));
    }
    Ok(())
}

/// Starts a step beside those under way.
fn begin(world: &Rc<World>, step: &Step) {
    let Step { id, player, deed } = *step;
    match deed {
        Deed::Round => spawn(world, step, |world, dice| vendors::round(world, player, id, dice)),
        Deed::Repeat => spawn(world, step, |world, dice| vendors::repeat(world, id, dice)),
        Deed::Deposit => spawn(world, step, |world, dice| deeds::deposit(world, player, id, dice)),
        Deed::Withdrawal => spawn(world, step, |world, dice| deeds::withdrawal(world, player, id, dice)),
        Deed::Refund => spawn(world, step, |world, dice| deeds::refund(world, player, id, dice)),
        Deed::Bonus => spawn(world, step, |world, dice| deeds::bonus(world, player, id, dice)),
        Deed::Look => spawn(world, step, |world, dice| deeds::look(world, player, id, dice)),
        Deed::Payouts => spawn(world, step, |world, dice| streams::payouts(world, id, dice)),
        Deed::Sweep => spawn(world, step, |world, dice| streams::sweep(world, id, dice)),
        Deed::Deliver | Deed::Wait | Deed::Deploy => {}
    }
}

fn spawn<Script: Future<Output = ()> + 'static>(
    world: &Rc<World>,
    step: &Step,
    script: impl FnOnce(Rc<World>, Dice) -> Script,
) {
    let script = script(Rc::clone(world), world.dice_of(step.id));
    let whose = Rc::clone(world);
    world.under_way.set(world.under_way.get() + 1);
    world.schedule.spawn(format!("#{} {:?}", step.id, step.deed), |_| {
        Box::pin(async move {
            script.await;
            whose.under_way.set(whose.under_way.get() - 1);
        })
    });
}

/// Lets everything that was begun come to its end.
async fn rest(world: &Rc<World>) -> Result<(), String> {
    let rested = world.schedule.run_until(world.as_ref(), || world.schedule.is_idle()).await;
    world.seam.tables.settle();
    rested
}

/// A moment while all goes on, in which the clock may also be put back a little; or, once nothing is under way, more
/// than an hour, or a day and a half; then the sweep is due.
async fn wait(world: &Rc<World>, step: &Step) -> Result<(), String> {
    // Longer than a deposit waits to be paid.
    const LONG_MS: i64 = 80 * 60_000;
    const LONGEST_MS: i64 = 36 * 3_600_000;
    let mut dice = world.dice_of(step.id);
    let mut some = |most| i64::try_from(dice.between(1, most)).unwrap_or_default();
    let millis = match some(6) {
        1 => some(20_000),
        2 => -some(1_000),
        3 | 4 => LONG_MS,
        _ => LONGEST_MS,
    };
    if millis < LONG_MS {
        world.wall.pass(millis);
        return Ok(());
    }
    rest(world).await?;
    world.wall.pass(millis);
    spawn(world, step, |world, dice| streams::sweep(world, step.id, dice));
    Ok(())
}
