//! The inbox: what vendors told that matched nothing, until somebody has seen to it.

use journeys::{Call, Failure, Home, Platform, Staff, Tested, fresh_id, verified};
use serde_json::{Value, json};
use vendors::payments::adyen::notification::Item;

/// All items of a list, page by page.
async fn all(staff: &Staff, query: &str) -> Result<Vec<Value>, Failure> {
    let (mut items, mut path) = (Vec::new(), format!("/v1/ops/inbox?{query}"));
    loop {
        let page = staff.get(&path).await?.must(200)?;
        items.extend_from_slice(page.items()?);
        let Some(cursor) = page.body["next_cursor"].as_str() else { return Ok(items) };
        path = format!("/v1/ops/inbox?{query}&cursor={cursor}");
    }
}

/// The items of a list that speak of something.
async fn about(staff: &Staff, query: &str, what: &str) -> Result<Vec<Value>, Failure> {
    let speaks = |it: &Value| it["summary"].as_str().is_some_and(|summary| summary.contains(what));
    Ok(all(staff, query).await?.into_iter().filter(speaks).collect())
}

async fn resolve(staff: &Staff, id: &str, note: &str) -> Result<journeys::Answer, Failure> {
    let path = format!("/v1/ops/inbox/adyen/{id}/resolve");
    staff.send(Call::post(path).json(&json!({ "note": note }))).await
}

/// A payment of somebody whom nobody knows here; the reference that it names, and the notice.
fn strange(platform: &Platform) -> Result<(String, Item), Failure> {
    let reference = format!("order-{}", fresh_id());
    let notice = platform.adyen()?.authorisation(&reference, 5_000, "EUR");
    Ok((reference, notice))
}

#[tokio::test]
async fn what_is_seen_to_is_kept_with_who_and_why() -> Tested {
    let platform = Platform::shared()?;
    let (adyen, staff) = (platform.adyen()?, platform.staff("payments").await?);
    let (reference, notice) = strange(platform)?;
    adyen.notify(vec![notice.clone()]).await?.must(200)?;
    let open = about(&staff, "vendor=adyen", &reference).await?;
    assert_eq!(open.len(), 1);
    assert_eq!((&open[0]["vendor"], &open[0]["kind"]), (&json!("adyen"), &json!("payments")));
    assert_eq!(
        (&open[0]["why"], &open[0]["resolution"]),
        (&json!("the reference is not ours"), &Value::Null)
    );
    assert!(about(&staff, "vendor=nuvei", &reference).await?.is_empty());
    assert!(about(&staff, "vendor=adyen&state=resolved", &reference).await?.is_empty());

    let id = open[0]["id"].as_str().unwrap();
    let resolved = resolve(&staff, id, "sent back at Adyen's desk").await?.must(200)?;
    assert_eq!(resolved.text("/resolution/note")?, "sent back at Adyen's desk");
    assert!(resolved.text("/resolution/by")?.starts_with("stf_"));
    let again = resolve(&staff, id, "sent back at Adyen's desk").await?.must(200)?;
    assert_eq!(again.body, resolved.body, "who says it twice hears the same");
    for (role, note) in [("risk", "sent back at Adyen's desk"), ("payments", "something else")] {
        let other = platform.staff(role).await?;
        resolve(&other, id, note).await?.must_be(409, "conflict")?;
    }
    adyen.notify(vec![notice]).await?.must(200)?;
    assert!(about(&staff, "vendor=adyen", &reference).await?.is_empty(), "it does not come back");
    assert_eq!(about(&staff, "state=resolved", &reference).await?, [resolved.body]);
    Ok(())
}

#[tokio::test]
async fn of_two_at_once_one_sees_to_it() -> Tested {
    let platform = Platform::shared()?;
    let (reference, notice) = strange(platform)?;
    platform.adyen()?.notify(vec![notice]).await?.must(200)?;
    let (one, two) = (platform.staff("payments").await?, platform.staff("risk").await?);
    let open = about(&one, "", &reference).await?;
    let id = open[0]["id"].as_str().unwrap();
    let (first, second) = futures::future::join(resolve(&one, id, "mine"), resolve(&two, id, "mine")).await;
    let mut statuses = [first?.status, second?.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    Ok(())
}

#[tokio::test]
async fn it_is_read_page_by_page_the_oldest_first() -> Tested {
    let platform = Platform::start()?;
    let (adyen, staff) = (platform.adyen()?, platform.staff("risk").await?);
    let mut told = Vec::new();
    for _ in 0..5 {
        let (reference, notice) = strange(&platform)?;
        adyen.notify(vec![notice]).await?.must(200)?;
        platform.clock().forward(std::time::Duration::from_secs(1));
        told.push(reference);
    }
    let names = |items: &[Value]| -> Vec<String> {
        let name =
            |it: &Value| it["summary"].as_str().and_then(|it| it.split_once(':')).map(|it| it.0.to_owned());
        items.iter().filter_map(name).collect()
    };
    assert_eq!(names(&all(&staff, "limit=2").await?), told, "each once");
    assert_eq!(names(&all(&staff, "limit=2&vendor=adyen").await?), told);
    assert!(all(&staff, "limit=2&vendor=trustly").await?.is_empty());
    let middle = about(&staff, "", &told[2]).await?;
    resolve(&staff, middle[0]["id"].as_str().unwrap(), "seen").await?.must(200)?;
    let left: Vec<String> = told.iter().filter(|it| **it != told[2]).cloned().collect();
    assert_eq!(names(&all(&staff, "limit=1").await?), left);
    for query in ["state=closed", "limit=0", "limit=201", "cursor=nonsense"] {
        staff.get(&format!("/v1/ops/inbox?{query}")).await?.must_be(422, "validation_failed")?;
    }
    Ok(())
}

#[tokio::test]
async fn what_was_only_too_early_settles_by_itself() -> Tested {
    let platform = Platform::shared()?;
    let (adyen, staff) = (platform.adyen()?, platform.staff("risk").await?);
    let player = verified(platform, &platform.client(), Home::Malta).await?;
    let deposit = player.deposit("50.00", &fresh_id()).await?.must(201)?.text("/deposit_id")?.to_owned();
    let paid = adyen.authorisation(&deposit, 5_000, "EUR");
    let chargeback = Item {
        event_code: Some("CHARGEBACK".to_owned()),
        original_reference: paid.psp_reference.clone(),
        ..adyen.authorisation(&deposit, 5_000, "EUR")
    };
    for _ in 0..2 {
        adyen.notify(vec![chargeback.clone()]).await?.must(503)?;
    }
    let open = about(&staff, "vendor=adyen", &deposit).await?;
    assert_eq!(open.len(), 1, "staff knows, should the money never come");
    adyen.notify(vec![paid]).await?.must(200)?;
    assert_eq!(about(&staff, "vendor=adyen", &deposit).await?.len(), 1, "nobody acted upon it so far");
    for _ in 0..2 {
        adyen.notify(vec![chargeback.clone()]).await?.must(200)?;
    }
    assert_eq!(player.cash().await?, "0.00");
    assert!(about(&staff, "vendor=adyen", &deposit).await?.is_empty());
    let resolved = about(&staff, "state=resolved&vendor=adyen", &deposit).await?;
    assert_eq!(resolved.len(), 1);
    assert_eq!((&resolved[0]["id"], &resolved[0]["resolution"]["by"]), (&open[0]["id"], &Value::Null));
    assert_eq!(resolved[0]["resolution"]["note"], "it came again and was acted upon");
    resolve(&staff, open[0]["id"].as_str().unwrap(), "mine").await?.must_be(409, "conflict")?;
    Ok(())
}

#[tokio::test]
async fn only_those_who_may_see_it() -> Tested {
    let platform = Platform::shared()?;
    for role in ["support", "marketing"] {
        let staff = platform.staff(role).await?;
        staff.get("/v1/ops/inbox").await?.must_be(403, "forbidden")?;
        resolve(&staff, "X", "seen").await?.must_be(403, "forbidden")?;
    }
    platform.client().send(Call::get("/v1/ops/inbox")).await?.must_be(401, "unauthenticated")?;
    for role in ["payments", "compliance"] {
        platform.staff(role).await?.get("/v1/ops/inbox").await?.must(200)?;
    }
    let staff = platform.staff("risk").await?;
    resolve(&staff, "NOTHING", "seen").await?.must_be(404, "not_found")?;
    for note in [json!(""), json!("x".repeat(501)), Value::Null] {
        let call = Call::post("/v1/ops/inbox/adyen/X/resolve").json(&json!({ "note": note }));
        staff.send(call).await?.must_be(422, "validation_failed")?;
    }
    Ok(())
}
