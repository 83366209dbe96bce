//! What players and staff do, each step from its beginning to its end.

use std::rc::Rc;

use ring::digest::{Context, SHA256};
use serde_json::{Value, json};

use crate::network::{Call, Caller, Reply};
use crate::oracle::{Asked, Micros, written};
use crate::processes::Name;
use crate::schedule::ticks;
use crate::seed::Dice;
use crate::vendors::psp;
use crate::world::World;

/// People wait five seconds.
const PATIENCE: u64 = 40;
/// A valid account, whoever's it is.
const IBAN: &str = "MT84MALT011000012345MTLCAST001S";

/// A player pays in. The page cannot be opened, for the provider's answers are lost; but the provider heard of it.
pub(crate) async fn deposit(world: Rc<World>, player: usize, step: u64, mut dice: Dice) {
    let amount = Micros::from(dice.between(5, 100)) * 1_000_000;
    let key = dice.uuid();
    let asked = Asked::Deposit { key: key.clone(), amount };
    expect(&world, player, format!("api#deposit:{key}"), &asked);
    let body = json!({"amount": decimal(amount), "method": "card", "return_url": "https://casino.example/"});
    let mut call = call(player, Name::Deposit, "POST /v1/deposits", asked, format!("#{step} deposit"));
    call.headers.push(("idempotency-key", key.clone()));
    call.body = body.to_string();
    for _ in 0..dice.between(1, 3) {
        until_answered(&world, &call, &mut dice, 3).await;
    }
    let id = world.player_id(player);
    let known = world.oracle.borrow_mut().deposit_of(&world.seam.tables, &id, &key);
    if let Some(deposit) = known {
        psp::payment(&world, player, step, &deposit, amount, &mut dice);
    }
}

/// A player wants to be paid out; staff decides, or the player thinks better of it, or all of them at once.
pub(crate) async fn withdrawal(world: Rc<World>, player: usize, step: u64, mut dice: Dice) {
    let amount = Micros::from(dice.between(1, 60)) * 1_000_000;
    let key = dice.uuid();
    let asked = Asked::Withdrawal { key: key.clone(), amount };
    expect(&world, player, format!("api#withdrawal:{key}"), &asked);
    let body = json!({"amount": decimal(amount), "method": "bank", "destination": {"iban": IBAN}});
    let label = format!("#{step} withdraw {}", decimal(amount));
    let mut call = call(player, Name::Withdrawal, "POST /v1/withdrawals", asked, label);
    call.headers.push(("idempotency-key", key));
    call.body = body.to_string();
    let Some(reply) = until_answered(&world, &call, &mut dice, u32::MAX).await else { return };
    let Some(withdrawal) = reply.body.get("withdrawal_id").and_then(Value::as_str) else { return };
    let mut opinions = Vec::new();
    if dice.chance(300) {
        opinions.push(cancel(&world, player, step, withdrawal));
    }
    if dice.chance(900) {
        opinions.push(decide(&world, player, step, withdrawal, true, 0));
    }
    if dice.chance(250) {
        opinions.push(decide(&world, player, step, withdrawal, false, 1));
    }
    dice.shuffle(&mut opinions);
    for opinion in opinions {
        let (world_of, mut dice) = (Rc::clone(&world), dice.branch());
        world.schedule.spawn(format!("{} (wanting)", opinion.label), |_| {
            Box::pin(async move {
                until_answered(&world_of, &opinion, &mut dice, u32::MAX).await;
            })
        });
    }
}

/// Staff sends a part of a deposit back, or tries to. No other refund is of such an amount: the provider's own desk, of
/// which it tells as well, sends back whole ones and halves.
pub(crate) async fn refund(world: Rc<World>, player: usize, step: u64, mut dice: Dice) {
    let id = world.player_id(player);
    let paid = world.oracle.borrow_mut().paid_deposits(&world.seam.tables, &id);
    let Some(deposit) = dice.pick(&paid).cloned() else { return };
    let amount = Micros::from(dice.between(1, 60)) * 1_000_000 + 250_000;
    let key = dice.uuid();
    let staff = world.staff.members.first().map(|(subject, _)| subject.as_str()).unwrap_or_default();
    let entry = format!("ops#refund:{}", name_of(staff, &key));
    let asked = Asked::Refund { key: entry.clone(), deposit: deposit.clone(), amount };
    expect(&world, player, entry, &asked);
    let label = format!("#{step} refund {amount}");
    let route = "POST /v1/ops/deposits/{id}/refunds";
    let mut call = Call { id: deposit, ..call(player, Name::OpsPayments, route, asked, label) };
    call.caller = Caller::Staff(0);
    call.headers.push(("idempotency-key", key));
    call.body =
        json!({"amount": format!("{}.25", amount / 1_000_000), "reason": "paid by mistake"}).to_string();
    for _ in 0..dice.between(1, 3) {
        until_answered(&world, &call, &mut dice, u32::MAX).await;
    }
}

/// The operator gives a player bonus money, or takes some away; and asks again where the answer was lost.
pub(crate) async fn bonus(world: Rc<World>, player: usize, step: u64, mut dice: Dice) {
    let given = dice.chance(800);
    // Odd amounts, so that hardly any share of them comes out even.
    let amount = Micros::from(dice.between(1, 4_000)) * 10_007;
    let tx = dice.uuid();
    let asked = Asked::Bonus { key: format!("ops#{tx}"), amount, given };
    expect(&world, player, format!("ops#{tx}"), &asked);
    let label = format!("#{step} bonus {} {amount}", if given { "+" } else { "-" });
    let mut call = call(player, Name::Bonus, "POST /bonus", asked, label);
    call.caller = Caller::Vendor;
    let currency = world.players.get(player).map(|it| it.currency);
    call.body = json!({
        "player": world.player_id(player),
        "tx": tx,
        "amount": format!("{} {}", written(amount), currency.unwrap_or_default()),
        "given": given,
    })
    .to_string();
    for _ in 0..dice.between(1, 3) {
        until_answered(&world, &call, &mut dice, 3).await;
    }
}

/// A player looks at the wallet.
pub(crate) async fn look(world: Rc<World>, player: usize, step: u64, mut dice: Dice) {
    let label = format!("#{step} look");
    let call = call(player, Name::Wallet, "GET /v1/wallet", Asked::Wallet, label);
    until_answered(&world, &call, &mut dice, 2).await;
}

fn cancel(world: &World, player: usize, step: u64, withdrawal: &str) -> Call {
    let asked = Asked::Cancel { withdrawal: withdrawal.to_owned() };
    expect(world, player, format!("api#cancel:{withdrawal}"), &asked);
    let route = "DELETE /v1/withdrawals/{id}";
    Call {
        id: withdrawal.to_owned(),
        ..call(player, Name::Withdrawal, route, asked, format!("#{step} cancel"))
    }
}

fn decide(world: &World, player: usize, step: u64, withdrawal: &str, approve: bool, member: usize) -> Call {
    let asked = Asked::Decide { withdrawal: withdrawal.to_owned(), approve };
    let (action, route) = if approve {
        ("approve", "POST /v1/ops/withdrawals/{id}/approve")
    } else {
        ("reject", "POST /v1/ops/withdrawals/{id}/reject")
    };
    expect(world, player, format!("ops#{action}:{withdrawal}"), &asked);
    let mut call = call(player, Name::OpsWithdrawals, route, asked, format!("#{step} {action}"));
    call.caller = Caller::Staff(member);
    Call { id: withdrawal.to_owned(), ..call }
}

fn call(player: usize, name: Name, route: &'static str, asked: Asked, label: String) -> Call {
    Call {
        name,
        route,
        id: String::new(),
        query: String::new(),
        headers: Vec::new(),
        body: String::new(),
        caller: Caller::Player,
        player,
        asked,
        label,
    }
}

/// Asks until there is an answer that says more than "later", so many times at most.
async fn until_answered(world: &Rc<World>, call: &Call, dice: &mut Dice, tries: u32) -> Option<Reply> {
    let mut pause = 1;
    for _ in 0..tries {
        if let Some(reply) = world.call(call, dice, PATIENCE).await
            && reply.status != 503
        {
            return Some(reply);
        }
        ticks(pause).await;
        pause = (pause * 2).min(16);
    }
    None
}

/// By what the ledger keeps a request of staff: half of the hash of whose it is and of its key, each after its length.
fn name_of(staff: &str, key: &str) -> String {
    let mut hash = Context::new(&SHA256);
    for part in [staff, key] {
        hash.update(&u64::try_from(part.len()).unwrap_or_default().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hash = hex::encode(hash.finish());
    hash.get(..32).unwrap_or_default().to_owned()
}

fn expect(world: &World, player: usize, key: String, asked: &Asked) {
    let id = world.player_id(player);
    world.oracle.borrow_mut().expect(&id, key, asked.clone());
}

/// Whole units as the API writes them.
fn decimal(amount: Micros) -> String {
    format!("{}.00", amount / 1_000_000)
}
