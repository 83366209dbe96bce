//! Withdrawals: held at once, decided once, paid once or given back.

use futures::future::try_join_all;
use journeys::{
    Call, Failure, Home, Platform, Player, Tested, balances, eventually, fresh_id, funded, kept, pay_in,
    status, verified,
};
use serde_json::{Value, json};

/// A player with 50.00 who asked for 20.00 of it, and the withdrawal's id.
async fn requested(platform: &Platform) -> Result<(Player, String), Failure> {
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let asked = player.withdraw("20.00", &fresh_id()).await?.must(201)?;
    assert_eq!(asked.text("/status")?, "requested");
    Ok((player, asked.text("/withdrawal_id")?.to_owned()))
}

/// What Adyen tells of a payout.
fn told(withdrawal: &str, transfer: &str, status: &str, sequence: u64, minor: i64) -> Value {
    json!({
        "data": {
            "id": transfer, "reference": withdrawal, "status": status, "category": "bank",
            "direction": "outgoing", "amount": {"value": minor, "currency": "EUR"},
            "sequenceNumber": sequence,
        },
        "environment": "test",
        "type": "balancePlatform.transfer.updated",
    })
}

#[tokio::test]
async fn money_is_held_at_once_and_given_back_on_refusal() -> Tested {
    let platform = Platform::shared()?;
    let (player, id) = requested(platform).await?;
    assert_eq!(balances(&player).await?, ["30.00", "20.00"]);
    player.withdraw("30.01", &fresh_id()).await?.must_be(409, "insufficient_funds")?;

    let staff = platform.staff("payments").await?;
    let rejected = staff.reject(&id, "the account is somebody else's").await?.must(200)?;
    assert_eq!(rejected.text("/status")?, "rejected");
    assert_eq!(balances(&player).await?, ["50.00", "0.00"]);
    let version = player.version().await?;
    staff.reject(&id, "once more").await?.must(200)?;
    staff.approve(&id).await?.must_be(409, "conflict")?;
    player.send(Call::delete(format!("/v1/withdrawals/{id}"))).await?.must_be(409, "conflict")?;
    assert_eq!(
        (player.version().await?, balances(&player).await?),
        (version, ["50.00", "0.00"].map(Into::into))
    );
    Ok(())
}

#[tokio::test]
async fn it_is_paid_once_however_often_it_is_approved_and_reported() -> Tested {
    let platform = Platform::shared()?;
    let (player, id) = requested(platform).await?;
    let staff = platform.staff("payments").await?;
    let approved = try_join_all((0..4).map(|_| staff.approve(&id))).await?;
    assert!(approved.iter().any(|answer| answer.status == 200), "{approved:?}");
    staff.approve(&id).await?.must(200)?;
    platform.staff("admin").await?.approve(&id).await?.must_be(409, "conflict")?;
    staff.reject(&id, "too late").await?.must_be(409, "conflict")?;

    status(&player, &format!("/v1/withdrawals/{id}"), "paid").await?;
    let version = player.version().await?;
    let adyen = platform.adyen()?;
    // Places are counted for each transfer: what is said of another one moves nothing, however late it is.
    for (status, place) in [("booked", 2), ("returned", 99)] {
        adyen.notify_transfer(&told(&id, "ANOTHER", status, place, 2_000)).await?.must(200)?;
    }
    assert_eq!(kept(platform, "adyen", &id).await?.len(), 2, "staff should know of it");
    assert_eq!(
        (player.version().await?, balances(&player).await?),
        (version, ["30.00", "0.00"].map(Into::into))
    );
    let paid = player.statement().await?.iter().filter(|it| it["type"] == "withdrawal_paid").count();
    assert_eq!(paid, 1);
    player.send(Call::delete(format!("/v1/withdrawals/{id}"))).await?.must_be(409, "conflict")?;

    // Paid and then sent back by the bank: the provider's later word counts, and the money is back.
    let seen = staff.approve(&id).await?.must(200)?;
    let transfer = seen.text("/payouts/0/psp_reference")?;
    adyen.notify_transfer(&told(&id, transfer, "returned", 99, 2_000)).await?.must(200)?;
    assert_eq!(balances(&player).await?, ["50.00", "0.00"]);
    Ok(())
}

#[tokio::test]
async fn what_the_bank_refuses_comes_back() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    // The sandbox's bank refuses accounts that end so.
    let refused = "NL85ABNA0000000000";
    let asked = player.withdraw_to(refused, "20.00", &fresh_id()).await?.must(201)?;
    let id = asked.text("/withdrawal_id")?;
    platform.staff("payments").await?.approve(id).await?.must(200)?;
    status(&player, &format!("/v1/withdrawals/{id}"), "failed").await?;
    assert_eq!(balances(&player).await?, ["50.00", "0.00"]);
    Ok(())
}

#[tokio::test]
async fn reports_nobody_waits_for_move_nothing() -> Tested {
    let platform = Platform::shared()?;
    let (player, id) = requested(platform).await?;
    let adyen = platform.adyen()?;
    let version = player.version().await?;
    // Not approved yet: whoever paid this did so on their own.
    adyen.notify_transfer(&told(&id, "T1", "booked", 2, 2_000)).await?.must(200)?;
    adyen
        .notify_transfer(&told("wdr_01HZX3M2T9QK4V7W8Y6N5R1ABC", "T2", "booked", 2, 2_000))
        .await?
        .must(200)?;
    assert_eq!(
        (player.version().await?, balances(&player).await?),
        (version, ["30.00", "20.00"].map(Into::into))
    );
    assert_eq!(kept(platform, "adyen", &id).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_player_of_malta_may_call_it_back_while_it_waits() -> Tested {
    let platform = Platform::shared()?;
    let (player, id) = requested(platform).await?;
    let path = format!("/v1/withdrawals/{id}");
    let (other, _) = requested(platform).await?;
    other.send(Call::delete(&path)).await?.must_be(404, "not_found")?;
    other.get(&path).await?.must_be(404, "not_found")?;
    player.send(Call::delete(&path)).await?.must(200)?;
    assert_eq!(player.get(&path).await?.text("/status")?, "cancelled");
    assert_eq!(balances(&player).await?, ["50.00", "0.00"]);
    player.send(Call::delete(&path)).await?.must(200)?;
    platform.staff("payments").await?.approve(&id).await?.must_be(409, "conflict")?;
    assert_eq!(balances(&player).await?, ["50.00", "0.00"]);
    Ok(())
}

#[tokio::test]
async fn calling_back_and_approving_at_once_has_one_winner() -> Tested {
    let platform = Platform::shared()?;
    let staff = platform.staff("payments").await?;
    for _ in 0..5 {
        let (player, id) = requested(platform).await?;
        let (approved, cancelled) =
            tokio::try_join!(staff.approve(&id), player.send(Call::delete(format!("/v1/withdrawals/{id}"))))?;
        let won = [approved.status, cancelled.status].iter().filter(|status| **status == 200).count();
        assert_eq!(won, 1, "{approved:?} {cancelled:?}");
        let (end, left) = if approved.status == 200 { ("paid", "30.00") } else { ("cancelled", "50.00") };
        status(&player, &format!("/v1/withdrawals/{id}"), end).await?;
        assert_eq!(balances(&player).await?, [left, "0.00"]);
    }
    Ok(())
}

#[tokio::test]
async fn a_request_is_done_once_per_idempotency_key() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let key = fresh_id();
    let first = player.withdraw("20.00", &key).await?.must(201)?;
    let again = player.withdraw("20.00", &key).await?.must(201)?;
    assert_eq!(first.body, again.body);
    player.withdraw("20.01", &key).await?.must_be(422, "idempotency_mismatch")?;
    let other = player.withdraw_to("DE89370400440532013000", "20.00", &key).await?;
    assert_eq!(other.code(), Some("idempotency_mismatch"), "another account is another request: {other:?}");
    let at_once = try_join_all((0..5).map(|_| player.withdraw("10.00", "one-of-five"))).await?;
    assert!(at_once.iter().any(|answer| answer.status == 201), "{at_once:?}");
    assert_eq!(balances(&player).await?, ["20.00", "30.00"]);
    // The same key serves a deposit: the two doors do not mix them up.
    player.deposit("20.00", &key).await?.must(201)?;
    Ok(())
}

/// Once the money is held it cannot be asked for again: a repeat is one all the same.
#[tokio::test]
async fn a_request_for_all_that_may_go_back_is_repeated_like_any_other() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    pay_in(platform, &player, ("card", "50.00"), "pay", "completed").await?;
    let key = fresh_id();
    let ask = async |amount: &str, key: &str| {
        let body = json!({"amount": amount, "method": "card"});
        player.send(Call::post("/v1/withdrawals").once(key).json(&body)).await
    };
    let first = ask("50.00", &key).await?.must(201)?;
    let again = ask("50.00", &key).await?.must(201)?;
    assert_eq!(first.body, again.body);
    assert_eq!(balances(&player).await?, ["0.00", "50.00"]);
    ask("49.99", &key).await?.must_be(422, "idempotency_mismatch")?;
    player.withdraw("50.00", &key).await?.must_be(422, "idempotency_mismatch")?;
    ask("50.00", &fresh_id()).await?.must_be(422, "validation_failed")?;
    Ok(())
}

#[tokio::test]
async fn more_than_there_is_cannot_be_asked_for_at_once() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let keys: Vec<String> = (0..10).map(|_| fresh_id()).collect();
    let at_once = try_join_all(keys.iter().map(|key| player.withdraw("20.00", key))).await?;
    let taken = at_once.iter().filter(|answer| answer.status == 201).count();
    assert!(taken <= 2, "{at_once:?}");
    for key in &keys {
        let settled = player.withdraw("20.00", key).await?;
        assert!(matches!(settled.status, 201 | 409), "{settled:?}");
    }
    assert_eq!(balances(&player).await?, ["10.00", "40.00"]);
    Ok(())
}

#[tokio::test]
async fn what_waits_is_before_the_staff_until_it_is_decided() -> Tested {
    let platform = Platform::shared()?;
    let (_, id) = requested(platform).await?;
    let staff = platform.staff("payments").await?;
    let waits = async || {
        let (mut found, mut path) = (None, "/v1/ops/withdrawals?limit=200".to_owned());
        loop {
            let page = staff.send(Call::get(&path)).await?.must(200)?;
            found = found.or(page.items()?.iter().find(|it| it["withdrawal_id"] == id.as_str()).cloned());
            let Some(cursor) = page.body["next_cursor"].as_str() else { return Ok::<_, Failure>(found) };
            path = format!("/v1/ops/withdrawals?limit=200&cursor={cursor}");
        }
    };
    let item = waits().await?.expect("the withdrawal waits");
    assert_eq!((&item["amount"], &item["currency"]), (&json!("20.00"), &json!("EUR")), "{item}");
    staff.approve(&id).await?.must(200)?;
    eventually("it leaves the queue", || async { Ok(waits().await?.is_none().then_some(())) }).await?;
    staff.approve("wdr_01HZX3M2T9QK4V7W8Y6N5R1ABC").await?.must_be(404, "not_found")?;
    staff.approve("nonsense").await?.must_be(404, "not_found")?;
    Ok(())
}

#[tokio::test]
async fn only_those_who_may_decide() -> Tested {
    let platform = Platform::shared()?;
    let (player, id) = requested(platform).await?;
    let version = player.version().await?;
    for role in ["support", "marketing", "compliance"] {
        let staff = platform.staff(role).await?;
        staff.approve(&id).await?.must_be(403, "forbidden")?;
        staff.reject(&id, "no").await?.must_be(403, "forbidden")?;
    }
    let approve = Call::post(format!("/v1/ops/withdrawals/{id}/approve"));
    player.send(approve.clone()).await?.must_be(403, "forbidden")?;
    platform.client().send(approve).await?.must_be(401, "unauthenticated")?;
    platform.staff("payments").await?.get("/v1/wallet").await?.must_be(401, "unauthenticated")?;
    assert_eq!(player.version().await?, version);
    Ok(())
}
