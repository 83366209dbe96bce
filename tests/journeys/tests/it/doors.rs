//! Bad input at every door of players and staff: a clear answer, and nothing changed.

use journeys::{Answer, Call, Home, Platform, Tested, fresh_id, funded};
use serde_json::{Value, json};

/// Bodies that no door can read as the JSON object it expects.
pub(crate) fn unreadable() -> Vec<(&'static str, Vec<u8>)> {
    let deep =
        |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000)).into_bytes();
    vec![
        ("nothing", Vec::new()),
        ("blank", b"   ".to_vec()),
        ("cut off", br#"{"amount":"10.00""#.to_vec()),
        ("two documents", b"{}{}".to_vec()),
        ("no JSON", b"amount=10.00".to_vec()),
        ("an array", b"[]".to_vec()),
        ("a number", b"1".to_vec()),
        ("null", b"null".to_vec()),
        ("broken UTF-8", b"{\"amount\":\"\xff\xfe\"}".to_vec()),
        ("a lone surrogate", br#"{"amount":"\ud800"}"#.to_vec()),
        ("NUL bytes", b"{\"amount\":\0}".to_vec()),
        ("deep arrays", deep("[", "]")),
        ("deep objects", deep("{\"a\":", "}")),
        ("an exponent", br#"{"amount":1e400}"#.to_vec()),
    ]
}

/// Values that are no amount of money, whatever the currency.
fn no_amounts() -> Vec<Value> {
    let mut values: Vec<Value> = [
        "",
        " ",
        "0",
        "0.00",
        "-0",
        "-1.00",
        "+1.00",
        "1.001",
        "0.00001",
        "1,00",
        "1e2",
        "1E2",
        "0x10",
        "NaN",
        "Infinity",
        "10.00 EUR",
        "ten",
        "１０",
        "1_000",
        ".",
        "1..0",
        "922337203685477580800",
        "79228162514264337593543950335",
        "79228162514264337593543950336",
    ]
    .iter()
    .map(|text| json!(text))
    .collect();
    values.push(json!("9".repeat(10_000)));
    values.push(json!(format!("0.{}1", "0".repeat(10_000))));
    values.extend([json!(10), json!(10.5), json!(null), json!(true), json!([]), json!({}), json!(["10.00"])]);
    values
}

fn is_problem(answer: &Answer, what: &str) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}: {answer:?}");
    for field in ["type", "title", "detail", "code"] {
        assert!(answer.body[field].is_string(), "{what}: no {field} in {answer:?}");
    }
    assert_eq!(answer.body["status"], answer.status, "{what}: {answer:?}");
}

/// The calls a player makes with a body, each as it should be.
fn player_doors() -> Vec<(Call, Value)> {
    let deposit = json!({"amount": "10.00", "method": "card", "return_url": "https://casino.example/"});
    let withdrawal =
        json!({"amount": "10.00", "method": "bank", "destination": {"iban": "DE89370400440532013000"}});
    vec![
        (Call::post("/v1/deposits"), deposit),
        (Call::post("/v1/withdrawals"), withdrawal),
        (
            Call::post("/v1/games/hub88-pit_dice/launch"),
            json!({"return_url": "https://casino.example/", "device": "desktop"}),
        ),
        (Call::patch("/v1/players/me"), json!({"phone": "+35621234567"})),
    ]
}

/// The calls of strangers with a body.
fn open_doors() -> Vec<Call> {
    ["/v1/players", "/v1/sessions", "/v1/sessions/refresh", "/v1/ops/sessions"].map(Call::post).to_vec()
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_at_every_door() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let version = player.version().await?;
    let doors = player_doors().into_iter().map(|(call, _)| call).chain(open_doors());
    for door in doors {
        for (what, body) in unreadable() {
            let call = door.clone().once(&fresh_id()).bytes("application/json", body);
            let what = format!("{what} at {}", call.path);
            let answer = player.send(call).await?;
            is_problem(&answer, &what);
            assert!(matches!(answer.status, 400 | 422), "{what}: {answer:?}");
        }
        let huge = format!("{{\"amount\":\"{}\"}}", "1".repeat(256 * 1024));
        let huge = door.clone().once(&fresh_id()).bytes("application/json", huge);
        player.send(huge).await?.must_be(413, "payload_too_large")?;
        let form = door.clone().once(&fresh_id()).bytes("application/x-www-form-urlencoded", "amount=10.00");
        let refused = player.send(form).await?;
        is_problem(&refused, "a form");
        assert_eq!(refused.status, 415, "{refused:?}");
        let strange = door.once(&fresh_id()).bytes("\u{ff}", "{}");
        is_problem(&player.send(strange).await?, "a content type that is none");
    }
    assert_eq!(player.version().await?, version);
    Ok(())
}

#[tokio::test]
async fn only_amounts_are_amounts() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let version = player.version().await?;
    for (door, body) in player_doors().into_iter().take(2) {
        for amount in no_amounts() {
            let mut body = body.clone();
            body["amount"] = amount.clone();
            let answer = player.send(door.clone().once(&fresh_id()).json(&body)).await?;
            let what = format!("{amount:.40} at {}", door.path);
            is_problem(&answer, &what);
            assert_eq!(answer.code(), Some("validation_failed"), "{what}: {answer:?}");
            assert_eq!(answer.body["errors"][0]["pointer"], "/amount", "{what}: {answer:?}");
        }
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove("amount");
        let answer = player.send(door.clone().once(&fresh_id()).json(&without)).await?;
        assert_eq!(answer.must(422)?.body["errors"][0]["pointer"], "/amount");
    }
    assert_eq!(player.version().await?, version);
    Ok(())
}

#[tokio::test]
async fn fields_of_the_wrong_kind_are_named() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let version = player.version().await?;
    let wrongs =
        [json!(1), json!(["x"]), json!({"x": 1}), json!("x".repeat(10_000)), json!("\u{0}"), json!("")];
    for (door, body) in player_doors() {
        for field in body.as_object().unwrap().keys().filter(|field| *field != "amount") {
            for wrong in &wrongs {
                let mut body = body.clone();
                body[field] = wrong.clone();
                let answer = player.send(door.clone().once(&fresh_id()).json(&body)).await?;
                let what = format!("{field} = {wrong:.40} at {}", door.path);
                is_problem(&answer, &what);
                assert_eq!(answer.status, 422, "{what}: {answer:?}");
                let pointer = answer.body["errors"][0]["pointer"].as_str().unwrap_or_default();
                assert!(pointer.starts_with(&format!("/{field}")), "{what}: {answer:?}");
            }
        }
    }
    assert_eq!(player.version().await?, version);
    Ok(())
}

#[tokio::test]
async fn strange_queries_and_ids_are_refused() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    for query in [
        "limit=-1",
        "limit=1.5",
        "limit=99999999999",
        "cursor=%00",
        "cursor=AAAA",
        "type=everything",
        "from=yesterday",
        "to=2026-13-01",
    ] {
        let answer = player.get(&format!("/v1/wallet/transactions?{query}")).await?;
        is_problem(&answer, query);
        assert_eq!(answer.status, 422, "{query}: {answer:?}");
    }
    for path in [
        "/v1/deposits/%00",
        "/v1/deposits/dep_",
        "/v1/withdrawals/%F0%9F%92%B6",
        "/v1/deposits/ply_01HZX3M2T9QK4V7W8Y6N5R1ABC",
        &format!("/v1/deposits/{}", "x".repeat(5_000)),
    ] {
        let answer = player.get(path).await?;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    let inside_out = player.get("/v1/wallet/transactions?from=2026-01-02&to=2026-01-01").await?;
    inside_out.must_be(422, "validation_failed")?;
    player.get("/v1/nothing").await?.must(404)?;
    player.send(Call::delete("/v1/wallet")).await?.must(404)?;
    let staff = platform.staff("admin").await?;
    for query in [
        "from=x",
        "to=2026-02-30",
        "currency=DOUBLOON",
        "brand=",
        "brand=A%20B",
        "from=2026-01-02&to=2026-01-01",
        "from=0001-01-01",
    ] {
        staff.get(&format!("/v1/ops/kpis?{query}")).await?.must_be(422, "validation_failed")?;
    }
    Ok(())
}
