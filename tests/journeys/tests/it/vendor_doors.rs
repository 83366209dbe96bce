//! Bad input at every door of vendors: answered as their protocols say, and nothing changed.

use journeys::{
    AdyenSide, Call, Client, Failure, Home, Hub88Side, Platform, Player, SumsubSide, Tested, opened,
};
use serde_json::json;

use crate::doors::unreadable;

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
