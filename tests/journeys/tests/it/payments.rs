//! Deposits: notifications twice, out of order, wrong, and late; requests repeated and changed.

use futures::future::try_join_all;
use journeys::{
    AdyenSide, Call, Failure, Home, Platform, Player, Tested, fresh_id, funded, kept, status, verified,
};
use serde_json::{Value, json};
use vendors::payments::adyen::notification::Item;

/// A deposit of 50.00 that waits to be paid, and its id.
async fn pending(platform: &Platform) -> Result<(Player, String), Failure> {
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let deposit = player.deposit("50.00", &fresh_id()).await?.must(201)?;
    Ok((player, deposit.text("/deposit_id")?.to_owned()))
}

async fn state(player: &Player, deposit: &str) -> Result<String, Failure> {
    let read = player.get(&format!("/v1/deposits/{deposit}")).await?.must(200)?;
    Ok(read.text("/status")?.to_owned())
}

fn declined(adyen: &AdyenSide, deposit: &str) -> Item {
    Item { success: Some("false".to_owned()), ..adyen.authorisation(deposit, 5_000, "EUR") }
}

fn of(event_code: &str, item: Item) -> Item {
    Item { event_code: Some(event_code.to_owned()), ..item }
}

#[tokio::test]
async fn a_deposit_is_pending_until_it_is_paid_and_credited_once() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let (player, deposit) = pending(platform).await?;
    let read = player.get(&format!("/v1/deposits/{deposit}")).await?.must(200)?;
    assert_eq!((read.text("/status")?, read.text("/amount")?), ("pending", "50.00"));
    assert_eq!(player.cash().await?, "0.00");

    let paid = adyen.authorisation(&deposit, 5_000, "EUR");
    let answer = adyen.notify(vec![paid.clone()]).await?.must(200)?;
    assert_eq!(answer.headers["content-type"], "text/plain");
    assert_eq!(state(&player, &deposit).await?, "completed");
    let version = player.version().await?;
    for _ in 0..2 {
        adyen.notify(vec![paid.clone()]).await?.must(200)?;
    }
    let capture = of(
        "CAPTURE",
        Item {
            original_reference: paid.psp_reference.clone(),
            ..adyen.authorisation(&deposit, 5_000, "EUR")
        },
    );
    adyen.notify(vec![capture]).await?.must(200)?;
    assert_eq!((player.version().await?, player.cash().await?.as_str()), (version, "50.00"));
    assert!(kept(platform, "adyen", &deposit).await?.is_empty());

    let listed = player.get("/v1/deposits").await?.must(200)?;
    assert_eq!(listed.items()?.len(), 1);
    assert_eq!(listed.text("/items/0/deposit_id")?, deposit);
    Ok(())
}

#[tokio::test]
async fn of_one_notification_ten_times_at_once_one_counts() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let (player, deposit) = pending(platform).await?;
    let paid = adyen.authorisation(&deposit, 5_000, "EUR");
    try_join_all((0..10).map(|_| adyen.notify(vec![paid.clone()]))).await?;
    adyen.notify(vec![paid]).await?.must(200)?;
    assert_eq!(player.cash().await?, "50.00");
    Ok(())
}

#[tokio::test]
async fn a_second_payment_of_one_deposit_is_kept_for_staff() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let (player, deposit) = pending(platform).await?;
    adyen.notify(vec![adyen.authorisation(&deposit, 5_000, "EUR")]).await?.must(200)?;
    adyen.notify(vec![adyen.authorisation(&deposit, 5_000, "EUR")]).await?.must(200)?;
    assert_eq!(player.cash().await?, "50.00");
    assert_eq!(kept(platform, "adyen", &deposit).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn money_counts_whatever_was_said_before_it_and_stays_whatever_comes_after() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    for (before, expected) in
        [("AUTHORISATION", "failed"), ("CANCELLATION", "cancelled"), ("OFFER_CLOSED", "expired")]
    {
        let (player, deposit) = pending(platform).await?;
        let ended = match before {
            "AUTHORISATION" => declined(&adyen, &deposit),
            other => of(other, adyen.authorisation(&deposit, 5_000, "EUR")),
        };
        adyen.notify(vec![ended.clone()]).await?.must(200)?;
        assert_eq!(state(&player, &deposit).await?, expected);
        assert_eq!(player.cash().await?, "0.00");
        adyen.notify(vec![adyen.authorisation(&deposit, 5_000, "EUR")]).await?.must(200)?;
        assert_eq!(state(&player, &deposit).await?, "completed", "after {before}");
        adyen.notify(vec![ended]).await?.must(200)?;
        adyen.notify(vec![declined(&adyen, &deposit)]).await?.must(200)?;
        assert_eq!(state(&player, &deposit).await?, "completed");
        assert_eq!(player.cash().await?, "50.00");
    }
    Ok(())
}

#[tokio::test]
async fn other_money_than_was_asked_for_is_not_credited() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    for (minor, currency) in [(5_001, "EUR"), (5_000, "GBP")] {
        let (player, deposit) = pending(platform).await?;
        adyen.notify(vec![adyen.authorisation(&deposit, minor, currency)]).await?.must(200)?;
        assert_eq!(player.cash().await?, "0.00", "{minor} {currency}");
        assert_eq!(state(&player, &deposit).await?, "pending", "staff decide on {minor} {currency}");
        assert_eq!(kept(platform, "adyen", &deposit).await?.len(), 1, "{minor} {currency}");
        // The right money after the wrong one is for staff as well.
        adyen.notify(vec![adyen.authorisation(&deposit, 5_000, "EUR")]).await?.must(200)?;
        assert_eq!(player.cash().await?, "0.00", "{minor} {currency}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_ours_is_taken_and_kept_for_staff() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let unknown = "dep_01HZX3M2T9QK4V7W8Y6N5R1ABC";
    for reference in [unknown, "somebody-elses", ""] {
        adyen.notify(vec![adyen.authorisation(reference, 5_000, "EUR")]).await?.must(200)?;
    }
    assert_eq!(kept(platform, "adyen", unknown).await?.len(), 1);
    let (player, deposit) = pending(platform).await?;
    let version = player.version().await?;
    // What takes money back has overtaken what brings it: it has to come again, and staff know meanwhile.
    adyen.notify(vec![of("CHARGEBACK", adyen.authorisation(&deposit, 5_000, "EUR"))]).await?.must(503)?;
    assert_eq!((player.version().await?, kept(platform, "adyen", &deposit).await?.len()), (version, 1));
    Ok(())
}

#[tokio::test]
async fn one_notification_of_many_items_is_taken_item_by_item() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let ((first, one), (second, two)) = (pending(platform).await?, pending(platform).await?);
    let items = vec![
        adyen.authorisation(&one, 5_000, "EUR"),
        adyen.authorisation("dep_01HZX3M2T9QK4V7W8Y6N5R1ABD", 5_000, "EUR"),
        adyen.authorisation(&two, 5_000, "EUR"),
    ];
    adyen.notify(items).await?.must(200)?;
    assert_eq!((first.cash().await?, second.cash().await?), ("50.00".to_owned(), "50.00".to_owned()));
    Ok(())
}

#[tokio::test]
async fn what_is_not_signed_as_adyen_signs_changes_nothing() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let (player, deposit) = pending(platform).await?;
    let version = player.version().await?;
    let signed = adyen.signed(vec![adyen.authorisation(&deposit, 5_000, "EUR")]);
    let item = "/notificationItems/0/NotificationRequestItem";
    let changed = |field: &str, value: Value| {
        let mut body = signed.clone();
        body.pointer_mut(item).unwrap()[field] = value;
        body
    };
    let (other, _) = pending(platform).await?;
    let forged = [
        changed("additionalData", json!({"hmacSignature": "bm90IGEgc2lnbmF0dXJl"})),
        changed("additionalData", json!({})),
        changed("additionalData", Value::Null),
        changed("amount", json!({"value": 500_000, "currency": "EUR"})),
        changed("merchantReference", json!(other.id)),
        changed("merchantAccountCode", json!("SomebodyElseECOM")),
        changed("success", json!("false")),
        json!({"live": "true", "notificationItems": signed["notificationItems"]}),
        json!({"live": "false", "notificationItems": []}),
    ];
    for body in &forged {
        let answer = platform.client().send(AdyenSide::unsigned(body)).await?;
        assert_eq!(answer.status, 401, "{body}");
    }
    // One forged item spoils the whole call: nothing of it is believed.
    let mut mixed = adyen.signed(vec![
        adyen.authorisation(&deposit, 5_000, "EUR"),
        adyen.authorisation(&deposit, 5_000, "EUR"),
    ]);
    mixed["notificationItems"][1]["NotificationRequestItem"]["amount"]["value"] = json!(1);
    platform.client().send(AdyenSide::unsigned(&mixed)).await?.must(401)?;
    assert_eq!((player.version().await?, state(&player, &deposit).await?.as_str()), (version, "pending"));
    Ok(())
}

#[tokio::test]
async fn a_request_is_done_once_per_idempotency_key() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let key = fresh_id();
    let first = player.deposit("50.00", &key).await?.must(201)?;
    let version = player.version().await?;
    let again = player.deposit("50.00", &key).await?.must(201)?;
    assert_eq!(first.body, again.body);
    player.deposit("50.01", &key).await?.must_be(422, "idempotency_mismatch")?;
    assert_eq!(player.version().await?, version);

    // Once it is paid, too.
    let adyen = platform.adyen()?;
    adyen.notify(vec![adyen.authorisation(first.text("/deposit_id")?, 5_000, "EUR")]).await?.must(200)?;
    assert_eq!(player.deposit("50.00", &key).await?.must(201)?.body, first.body);

    // Keys are the player's own.
    let other = verified(platform, &platform.client(), Home::Malta).await?;
    let others = other.deposit("50.00", &key).await?.must(201)?;
    assert_ne!(others.text("/deposit_id")?, first.text("/deposit_id")?);

    let key = fresh_id();
    let at_once = try_join_all((0..6).map(|_| player.deposit("20.00", &key))).await?;
    let opened: Vec<&Value> =
        at_once.iter().filter(|answer| answer.status == 201).map(|answer| &answer.body).collect();
    assert!(!opened.is_empty(), "{at_once:?}");
    assert!(opened.iter().all(|body| *body == opened[0]), "{opened:?}");
    assert_eq!(player.get("/v1/deposits").await?.items()?.len(), 2);
    Ok(())
}

#[tokio::test]
async fn the_key_is_asked_for_and_looked_at() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let version = player.version().await?;
    let body = json!({"amount": "50.00", "method": "card", "return_url": "https://casino.example/"});
    let call = Call::post("/v1/deposits").json(&body);
    player.send(call.clone()).await?.must_be(400, "malformed_request")?;
    for key in ["", "with space", "k\u{e4}se", &"x".repeat(256)] {
        player.send(call.clone().once(key)).await?.must_be(400, "malformed_request")?;
    }
    player.send(call.clone().once(&"x".repeat(255))).await?.must(201)?;
    assert!(player.version().await? > version);
    Ok(())
}

#[tokio::test]
async fn deposits_are_their_players_own() -> Tested {
    let platform = Platform::shared()?;
    let (player, deposit) = pending(platform).await?;
    let other = verified(platform, &platform.client(), Home::Malta).await?;
    let path = format!("/v1/deposits/{deposit}");
    other.get(&path).await?.must_be(404, "not_found")?;
    platform.client().send(Call::get(&path)).await?.must_be(401, "unauthenticated")?;
    player.get("/v1/deposits/dep_01HZX3M2T9QK4V7W8Y6N5R1ABC").await?.must_be(404, "not_found")?;
    player.get("/v1/deposits/nonsense").await?.must_be(404, "not_found")?;
    assert!(other.get("/v1/deposits").await?.items()?.is_empty());
    Ok(())
}

#[tokio::test]
async fn lists_are_read_page_by_page() -> Tested {
    let platform = Platform::shared()?;
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let mut opened = Vec::new();
    for _ in 0..5 {
        let deposit = player.deposit("10.00", &fresh_id()).await?.must(201)?;
        opened.insert(0, deposit.text("/deposit_id")?.to_owned());
    }
    let (mut seen, mut path) = (Vec::new(), "/v1/deposits?limit=2".to_owned());
    loop {
        let page = player.get(&path).await?.must(200)?;
        assert!(page.items()?.len() <= 2);
        seen.extend(page.items()?.iter().map(|it| it["deposit_id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.body["next_cursor"].as_str() else { break };
        path = format!("/v1/deposits?limit=2&cursor={cursor}");
    }
    assert_eq!(seen, opened, "newest first, each once");
    for query in ["limit=0", "limit=201", "limit=x", "cursor=nonsense", "cursor="] {
        player.get(&format!("/v1/deposits?{query}")).await?.must_be(422, "validation_failed")?;
    }
    Ok(())
}

#[tokio::test]
async fn a_closed_account_takes_no_money_in() -> Tested {
    let platform = Platform::shared()?;
    let adyen = platform.adyen()?;
    let (player, deposit) = pending(platform).await?;
    player.send(Call::post("/v1/players/me/erasure").json(&json!({}))).await?.must(202)?;
    adyen.notify(vec![adyen.authorisation(&deposit, 5_000, "EUR")]).await?.must(200)?;
    assert_eq!(kept(platform, "adyen", &deposit).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn verdicts_count_once_and_the_newest_counts() -> Tested {
    let platform = Platform::shared()?;
    let sumsub = platform.sumsub()?;
    let player = funded(platform, &platform.client(), Home::Malta, "10.00").await?;
    let version = player.version().await?;
    let mut old = sumsub.verdict(&player.id, "RED", Some("FINAL"));
    old["createdAtMs"] = json!("2020-01-01 00:00:00.000");
    sumsub.notify(&old).await?.must(200)?;
    assert_eq!(player.version().await?, version, "an older verdict changes nothing");
    let verdict = sumsub.verdict(&player.id, "GREEN", None);
    sumsub.notify(&verdict).await?.must(200)?;
    let version = player.version().await?;
    sumsub.notify(&verdict).await?.must(200)?;
    assert_eq!(player.version().await?, version, "a verdict counts once");
    sumsub.notify(&sumsub.verdict(&player.id, "RED", Some("FINAL"))).await?.must(200)?;
    status(&player, "/v1/kyc/verifications/current", "rejected").await?;
    player.withdraw("1.00", &fresh_id()).await?.must_be(403, "not_verified")?;
    player.start_verification().await?.must_be(409, "conflict")?;

    let unknown = sumsub.verdict("ply_01HZX3M2T9QK4V7W8Y6N5R1ABC", "GREEN", None);
    sumsub.notify(&unknown).await?.must(200)?;
    assert_eq!(kept(platform, "sumsub", "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC").await?.len(), 1);
    Ok(())
}
