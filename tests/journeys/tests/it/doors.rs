//! Bad input at every door: a clear answer, and nothing changed.

use journeys::{
    AdyenSide, Answer, Call, Client, Failure, Home, Hub88Side, Platform, Player, SumsubSide, Tested,
    fresh_id, funded, opened,
};
use serde_json::{Value, json};

/// Bodies that no door can read as the JSON object it expects.
fn unreadable() -> Vec<(&'static str, Vec<u8>)> {
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

/// Sends Hub88's wallet something, and gives the outcome.
async fn outcome(hub88: &Hub88Side, path: &str, body: Vec<u8>) -> Result<String, Failure> {
    let answer = hub88.send(path, body).await?.must(200)?;
    Ok(answer.text("/status")?.to_owned())
}

const HUB88_PATHS: [&str; 5] =
    ["/user/info", "/user/balance", "/transaction/bet", "/transaction/win", "/transaction/rollback"];

#[tokio::test]
async fn the_game_wallet_reads_only_its_protocol() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let version = player.version().await?;
    for path in HUB88_PATHS {
        for (what, body) in unreadable() {
            let outcome = outcome(&hub88, path, body).await?;
            assert!(
                matches!(outcome.as_str(), "RS_ERROR_WRONG_SYNTAX" | "RS_ERROR_WRONG_TYPES"),
                "{what}: {outcome}"
            );
        }
    }
    let bet = game.bet(100_000);
    let numbers = [
        "-1",
        "1.5",
        "1e3",
        "9223372036854775808",
        "9223372036854775807",
        "\"100000\"",
        "null",
        "[]",
        &"9".repeat(10_000),
    ];
    for number in numbers {
        let mut body = bet.clone();
        body["amount"] = json!("here");
        let body = body.to_string().replace("\"here\"", number).into_bytes();
        let outcome = outcome(&hub88, "/transaction/bet", body).await?;
        assert!(
            matches!(outcome.as_str(), "RS_ERROR_WRONG_TYPES" | "RS_ERROR_NOT_ENOUGH_MONEY"),
            "{number:.30}: {outcome}"
        );
    }
    for field in bet.as_object().unwrap().keys() {
        let (mut without, mut odd) = (bet.clone(), bet.clone());
        without.as_object_mut().unwrap().remove(field);
        odd[field] = json!({"an": "object"});
        let odd = outcome(&hub88, "/transaction/bet", odd.to_string().into_bytes()).await?;
        assert_eq!(odd, "RS_ERROR_WRONG_TYPES", "{field}");
        if !matches!(field.as_str(), "round" | "round_closed") {
            let without = outcome(&hub88, "/transaction/bet", without.to_string().into_bytes()).await?;
            assert_eq!(without, "RS_ERROR_WRONG_SYNTAX", "{field}");
        }
    }
    for (field, value) in [
        ("transaction_uuid", "1"),
        ("request_uuid", ""),
        ("round", &"x".repeat(10_000)),
        ("game_code", &"x".repeat(10_000)),
    ] {
        let mut body = bet.clone();
        body[field] = json!(value);
        assert_eq!(
            outcome(&hub88, "/transaction/bet", body.to_string().into_bytes()).await?,
            "RS_ERROR_WRONG_TYPES",
            "{field}"
        );
    }
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(256 * 1024));
    assert_ne!(hub88.send("/transaction/bet", huge.into_bytes()).await?.body["status"], "RS_OK");
    assert_eq!(player.version().await?, version);
    Ok(())
}

#[tokio::test]
async fn the_game_wallet_obeys_only_hub88() -> Tested {
    let platform = Platform::shared()?;
    let (client, hub88) = (platform.client(), platform.hub88()?);
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let version = player.version().await?;
    let body = game.bet(100_000).to_string().into_bytes();
    let other = hub88.sign(game.bet(1).to_string().as_bytes())?;
    let mut padded = body.clone();
    padded.push(b' ');
    let forged = [
        Hub88Side::unsigned("/transaction/bet", body.clone()),
        Hub88Side::unsigned("/transaction/bet", body.clone()).header("x-hub88-signature", ""),
        Hub88Side::unsigned("/transaction/bet", body.clone()).header("x-hub88-signature", "bm90IG9uZQ=="),
        Hub88Side::unsigned("/transaction/bet", body.clone()).header("x-hub88-signature", "\u{20ac}"),
        Hub88Side::unsigned("/transaction/bet", body.clone()).header("x-hub88-signature", &other),
        Hub88Side::unsigned("/transaction/bet", padded).header("x-hub88-signature", &hub88.sign(&body)?),
        Hub88Side::unsigned("/transaction/bet", body).bearer(&player.access_token),
    ];
    for call in forged {
        let answer = client.send(call).await?.must(200)?;
        assert_eq!(answer.text("/status")?, "RS_ERROR_INVALID_SIGNATURE", "{answer:?}");
    }
    assert_eq!(player.version().await?, version);
    Ok(())
}

/// Whether a webhook was turned away without being asked to come again.
async fn turned_away(client: &Client, call: Call, what: &str) -> Tested {
    let answer = client.send(call).await?;
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    Ok(())
}

#[tokio::test]
async fn webhooks_of_payment_and_identity_read_only_what_is_signed() -> Tested {
    let platform = Platform::shared()?;
    let client = platform.client();
    let (adyen, sumsub) = (platform.adyen()?, platform.sumsub()?);
    let player = Player::register(&client, Home::Malta).await?;
    let version = player.version().await?;

    for (what, body) in unreadable() {
        let unsigned = Call::post("/webhooks/payments/adyen").bytes("application/json", body.clone());
        turned_away(&client, unsigned, what).await?;
        let signed = Call::post("/webhooks/kyc/sumsub").bytes("application/json", body.clone());
        turned_away(&client, signed.header("x-payload-digest", &sumsub.sign(&body)), what).await?;
    }
    let verdict = sumsub.verdict(&player.id, "GREEN", None);
    let digest = sumsub.sign(verdict.to_string().as_bytes());
    let mut other = verdict.clone();
    other["applicantId"] = json!("another");
    let forged = [
        SumsubSide::unsigned(&verdict),
        SumsubSide::unsigned(&verdict).header("x-payload-digest", ""),
        SumsubSide::unsigned(&verdict).header("x-payload-digest", "00"),
        SumsubSide::unsigned(&verdict).header("x-payload-digest", &sumsub.sign(b"something else")),
        SumsubSide::unsigned(&other).header("x-payload-digest", &digest),
        Call::post("/webhooks/kyc/sumsub")
            .json(&verdict)
            .header("x-payload-digest", &digest)
            .header("x-payload-digest-alg", "HMAC_SHA1_HEX"),
    ];
    for call in forged {
        client.send(call).await?.must(401)?;
    }
    for (field, value) in [
        ("createdAtMs", json!("yesterday")),
        ("applicantId", json!("")),
        ("type", json!(1)),
        ("applicantId", json!("x".repeat(10_000))),
    ] {
        let mut body = verdict.clone();
        body[field] = value;
        let answer = sumsub.notify(&body).await?;
        assert!((400..500).contains(&answer.status), "{field}: {answer:?}");
    }
    let huge = json!({"x": "x".repeat(300_000)});
    let answer = sumsub.notify(&huge).await?;
    assert!((400..500).contains(&answer.status), "{answer:?}");

    let odd = [
        ("psp_reference", ""),
        ("psp_reference", "a:b"),
        ("event_code", ""),
        ("success", "perhaps"),
        ("currency", "DOUBLOON"),
    ];
    for (field, value) in odd {
        let mut item = adyen.authorisation("dep_01HZX3M2T9QK4V7W8Y6N5R1ABC", 5_000, "EUR");
        match field {
            "psp_reference" => item.psp_reference = Some(value.to_owned()),
            "event_code" => item.event_code = Some(value.to_owned()),
            "success" => item.success = Some(value.to_owned()),
            _ => item.amount.as_mut().unwrap().currency = value.to_owned(),
        }
        let answer = adyen.notify(vec![item]).await?;
        assert!((400..500).contains(&answer.status), "{field}: {answer:?}");
    }
    turned_away(&client, AdyenSide::unsigned(&json!({})), "an empty object").await?;
    assert_eq!((player.version().await?, player.cash().await?.as_str()), (version, "0.00"));
    Ok(())
}
