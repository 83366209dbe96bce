//! The desk where staff orders refunds: who may, how many have to agree, and once for each click.

use futures::future::{join, try_join_all};
use journeys::{
    Call, Failure, Home, Platform, Player, Staff, Tested, ask_refund, balances, decide_refund, failed,
    fresh_id, pay_in, refund_status, told_of, verified,
};
use serde_json::{Value, json};

use crate::refunds::paid;

/// A refund of 2500.00 that waits for a colleague, its player, and who asked for it.
async fn waiting(platform: &Platform) -> Result<(Player, String, Staff), Failure> {
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let deposit = pay_in(platform, &player, ("bank", "3000.00"), "pay", "completed").await?;
    let staff = platform.staff("payments").await?;
    let asked = ask_refund(&staff, &deposit, Some("2500.00"), &fresh_id()).await?.must(201)?;
    assert_eq!(asked.text("/status")?, "requested");
    assert_eq!(balances(&player).await?, ["500.00", "2500.00"]);
    Ok((player, asked.text("/refund_id")?.to_owned(), staff))
}

/// What waits for a colleague.
async fn to_approve(staff: &Staff) -> Result<Vec<Value>, Failure> {
    Ok(staff.get("/v1/ops/refunds?limit=200").await?.must(200)?.items()?.to_vec())
}

#[tokio::test]
async fn much_money_wants_a_colleague() -> Tested {
    let platform = Platform::shared()?;
    let (player, refund, one) = waiting(platform).await?;
    let two = platform.staff("admin").await?;
    for _ in 0..2 {
        decide_refund(&one, &refund, "approve").await?.must_be(409, "conflict")?;
    }
    let listed = to_approve(&two).await?;
    let it = listed.iter().find(|it| it["refund_id"] == refund.as_str());
    assert_eq!(
        it.map(|it| (&it["player_id"], &it["status"])),
        Some((&json!(player.id), &json!("requested")))
    );
    assert_eq!(balances(&player).await?, ["500.00", "2500.00"], "one alone sends nothing");
    let approved = try_join_all((0..4).map(|_| decide_refund(&two, &refund, "approve"))).await?;
    assert!(approved.iter().any(|answer| answer.status == 200), "{approved:?}");
    let again = decide_refund(&two, &refund, "approve").await?.must(200)?;
    assert_eq!(again.body["approved_by"].as_array().map(Vec::len), Some(2), "{again:?}");
    decide_refund(&one, &refund, "reject").await?.must_be(409, "conflict")?;
    refund_status(&two, &refund, "completed").await?;
    assert!(to_approve(&two).await?.iter().all(|it| it["refund_id"] != refund.as_str()), "it waits no more");
    assert_eq!(balances(&player).await?, ["500.00", "0.00"]);
    decide_refund(&two, &refund, "approve").await?.must(200)?;
    assert_eq!(told_of(&player, &refund).await?.len(), 2, "it went once");
    Ok(())
}

#[tokio::test]
async fn a_colleague_may_refuse() -> Tested {
    let platform = Platform::shared()?;
    let (player, refund, one) = waiting(platform).await?;
    let two = platform.staff("admin").await?;
    for _ in 0..2 {
        let rejected = decide_refund(&two, &refund, "reject").await?.must(200)?;
        assert_eq!(rejected.text("/status")?, "rejected");
    }
    assert_eq!(balances(&player).await?, ["3000.00", "0.00"]);
    for word in ["approve", "reject"] {
        decide_refund(&one, &refund, word).await?.must_be(409, "conflict")?;
    }
    let expected = ["refund_requested -2500.00", "refund_returned 2500.00"];
    assert_eq!(told_of(&player, &refund).await?, expected);
    Ok(())
}

#[tokio::test]
async fn of_two_words_at_once_one_counts() -> Tested {
    let platform = Platform::shared()?;
    let two = platform.staff("admin").await?;
    for _ in 0..3 {
        let (player, refund, one) = waiting(platform).await?;
        let words = join(decide_refund(&two, &refund, "approve"), decide_refund(&one, &refund, "reject"));
        let (approved, rejected) = words.await;
        let (approved, rejected) = (approved?, rejected?);
        let (status, left) = match (approved.status, rejected.status) {
            (200, 409) => ("completed", "500.00"),
            (409, 200) => ("rejected", "3000.00"),
            _ => return Err(failed(format!("{approved:?}, {rejected:?}"))),
        };
        refund_status(&one, &refund, status).await?;
        assert_eq!(balances(&player).await?, [left, "0.00"]);
        assert_eq!(told_of(&player, &refund).await?.len(), 2, "it went once, or came back once");
    }
    Ok(())
}

#[tokio::test]
async fn many_small_ones_are_no_way_around_a_colleague() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let deposit = pay_in(platform, &player, ("bank", "3000.00"), "pay", "completed").await?;
    let staff = platform.staff("payments").await?;
    for expected in ["approved", "approved", "requested"] {
        let asked = ask_refund(&staff, &deposit, Some("900.00"), &fresh_id()).await?.must(201)?;
        assert_eq!(asked.text("/status")?, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_double_click_is_one_refund() -> Tested {
    let platform = Platform::shared()?;
    let (player, deposit) = paid(platform, "bank", "pay").await?;
    let staff = platform.staff("payments").await?;
    let key = fresh_id();
    let at_once = try_join_all((0..6).map(|_| ask_refund(&staff, &deposit, Some("10.00"), &key))).await?;
    let done: Vec<&Value> = at_once.iter().filter(|it| it.status == 201).map(|it| &it.body).collect();
    assert!(!done.is_empty() && done.iter().all(|body| *body == done[0]), "{at_once:?}");
    ask_refund(&staff, &deposit, Some("10.01"), &key).await?.must_be(422, "idempotency_mismatch")?;
    refund_status(&staff, &format!("{deposit}-1"), "completed").await?;
    let again = ask_refund(&staff, &deposit, Some("10.00"), &key).await?.must(201)?;
    assert_eq!(&again.body, done[0], "the answer to the request, whatever became of it");
    assert_eq!(balances(&player).await?, ["40.00", "0.00"]);
    // Keys are the staff member's own.
    let others =
        ask_refund(&platform.staff("admin").await?, &deposit, Some("10.00"), &key).await?.must(201)?;
    assert_eq!(others.text("/refund_id")?, format!("{deposit}-2"));
    Ok(())
}

#[tokio::test]
async fn only_those_who_may_see_and_send() -> Tested {
    let platform = Platform::shared()?;
    let (player, refund, _) = waiting(platform).await?;
    let deposit = refund.split_once('-').map_or("", |(deposit, _)| deposit).to_owned();
    let version = player.version().await?;
    for (role, sees) in [("support", 403), ("compliance", 403), ("marketing", 403), ("risk", 200)] {
        let staff = platform.staff(role).await?;
        assert_eq!(staff.get(&format!("/v1/ops/deposits/{deposit}")).await?.status, sees, "{role}");
        ask_refund(&staff, &deposit, None, &fresh_id()).await?.must_be(403, "forbidden")?;
        for word in ["approve", "reject"] {
            decide_refund(&staff, &refund, word).await?.must_be(403, "forbidden")?;
        }
    }
    let path = format!("/v1/ops/deposits/{deposit}/refunds");
    let body = json!({"reason": "mine"});
    let call = Call::post(&path).once(&fresh_id()).json(&body);
    platform.client().send(call.clone()).await?.must_be(401, "unauthenticated")?;
    assert!(matches!(player.send(call).await?.status, 401 | 403), "players are no staff");

    let staff = platform.staff("payments").await?;
    let unknown = "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC";
    ask_refund(&staff, unknown, None, &fresh_id()).await?.must_be(404, "not_found")?;
    staff.get(&format!("/v1/ops/deposits/{unknown}")).await?.must_be(404, "not_found")?;
    let (_, other) = paid(platform, "bank", "pay").await?;
    for strange in [format!("/v1/ops/deposits/{other}/refunds/{refund}"), format!("{path}/{deposit}-9")] {
        let call = Call::post(format!("{strange}/approve")).json(&json!({}));
        platform.staff("admin").await?.send(call).await?.must_be(404, "not_found")?;
    }
    staff.send(Call::post(&path).json(&body)).await?.must_be(400, "malformed_request")?;
    for reason in [json!(""), json!("x".repeat(501)), json!("two\nlines"), Value::Null] {
        let call = Call::post(&path).once(&fresh_id()).json(&json!({ "reason": reason }));
        staff.send(call).await?.must_be(422, "validation_failed")?;
    }
    assert_eq!(player.version().await?, version);
    Ok(())
}
