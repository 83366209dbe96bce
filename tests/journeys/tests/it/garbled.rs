//! Good requests with something broken in them, at random but the same each time: no door falls over.

use journeys::{AdyenSide, Call, Failure, Home, Platform, Tested, fresh_id, funded, opened};
use serde_json::{Value, json};

/// A small generator of numbers: what matters is that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// What finds its way into requests.
const FRAGMENTS: &[&[u8]] = &[
    b"null",
    b"-1",
    b"0",
    b"1e999",
    b"99999999999999999999",
    b"\"\"",
    b"{}",
    b"[]",
    b"true",
    b"\\u0000",
    b"\xff",
    b"\"",
    b"}",
    b",",
    b"\\",
    b"#",
    b"\xf0\x9f\x92\xb6",
    b"ply_01HZX3M2T9QK4V7W8Y6N5R1ABC",
];

/// The body with one to three wounds.
fn garbled(body: &Value, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = body.to_string().into_bytes();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            1 => drop(bytes.remove(at)),
            2 => bytes.truncate(at.max(1)),
            _ => {
                let fragment = FRAGMENTS[dice.below(FRAGMENTS.len())];
                let end = (at + dice.below(12)).min(bytes.len());
                bytes.splice(at..end, fragment.iter().copied());
            }
        }
        if bytes.is_empty() {
            bytes.push(b' ');
        }
    }
    bytes
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

#[tokio::test]
async fn the_players_doors_stand() -> Tested {
    let platform = Platform::shared()?;
    let player = funded(platform, &platform.client(), Home::Malta, "50.00").await?;
    let doors = [
        (
            "/v1/deposits",
            json!({"amount": "10.00", "method": "card", "return_url": "https://casino.example/"}),
        ),
        (
            "/v1/withdrawals",
            json!({"amount": "0.01", "method": "bank", "destination": {"iban": "DE89370400440532013000"}}),
        ),
        (
            "/v1/games/hub88-pit_dice/launch",
            json!({"return_url": "https://casino.example/", "device": "mobile"}),
        ),
        ("/v1/sessions/refresh", json!({"refresh_token": "ses_01HZX3M2T9QK4V7W8Y6N5R1ABC.AAAA"})),
    ];
    let mut dice = Dice(1);
    for (path, body) in &doors {
        for _ in 0..150 {
            let bytes = garbled(body, &mut dice);
            let call = Call::post(*path).once(&fresh_id()).bytes("application/json", bytes.clone());
            let answer = player.send(call).await?;
            assert!(answer.status < 500, "{path} {}: {answer:?}", shown(&bytes));
        }
    }
    let profile =
        json!({"address": {"line1": "1 Harbour Street", "city": "Valletta", "postcode": "VLT 1110"}});
    for _ in 0..150 {
        let bytes = garbled(&profile, &mut dice);
        let answer =
            player.send(Call::patch("/v1/players/me").bytes("application/json", bytes.clone())).await?;
        assert!(answer.status < 500, "{}: {answer:?}", shown(&bytes));
    }
    player.get("/v1/players/me").await?.must(200)?;
    player.wallet().await?;
    Ok(())
}

#[tokio::test]
async fn the_game_wallet_stands() -> Tested {
    let platform = Platform::shared()?;
    let hub88 = platform.hub88()?;
    let (player, game) = opened(platform, Home::Malta, "50.00").await?;
    let bet = game.bet(100);
    let calls = [
        ("/user/balance", game.balance()),
        ("/transaction/bet", bet.clone()),
        ("/transaction/win", game.win(&bet, 100)),
        ("/transaction/rollback", game.rollback(&bet)),
        ("/user/info", json!({"request_uuid": fresh_id(), "user": player.id})),
    ];
    let mut dice = Dice(2);
    for (path, body) in &calls {
        for _ in 0..100 {
            let bytes = garbled(body, &mut dice);
            let answer = hub88.send(path, bytes.clone()).await?.must(200)?;
            let outcome = answer.text("/status")?;
            assert!(
                outcome.starts_with("RS_") && outcome != "RS_ERROR_UNKNOWN",
                "{path} {}: {answer:?}",
                shown(&bytes)
            );
        }
    }
    let total: i64 = player.statement().await?.iter().map(|line| units(&line["amount"])).sum();
    assert_eq!(total, units(&json!(player.cash().await?)), "the statement adds up");
    Ok(())
}

/// An amount in hundred-thousandths.
fn units(amount: &Value) -> i64 {
    let (whole, places) = amount.as_str().unwrap().split_once('.').unwrap();
    format!("{whole}{places:0<5}").parse().unwrap()
}

#[tokio::test]
async fn the_webhooks_stand() -> Tested {
    let platform = Platform::shared()?;
    let (client, adyen, sumsub) = (platform.client(), platform.adyen()?, platform.sumsub()?);
    let player = funded(platform, &client, Home::Malta, "50.00").await?;
    let mut dice = Dice(3);
    let taken = async |call: Call, bytes: &[u8]| {
        let answer = client.send(call).await?;
        assert!(answer.status < 500, "{}: {answer:?}", shown(bytes));
        Ok::<_, Failure>(())
    };
    let payment = adyen.signed(vec![adyen.authorisation("dep_01HZX3M2T9QK4V7W8Y6N5R1ABE", 5_000, "EUR")]);
    let transfer = json!({
        "data": {"id": "T", "reference": "wdr_01HZX3M2T9QK4V7W8Y6N5R1ABE", "status": "booked",
            "direction": "outgoing", "amount": {"value": 1, "currency": "EUR"}, "sequenceNumber": 2},
        "environment": "test", "type": "balancePlatform.transfer.updated",
    });
    let verdict = sumsub.verdict(&player.id, "RED", Some("RETRY"));
    for _ in 0..120 {
        let bytes = garbled(&payment, &mut dice);
        taken(AdyenSide::webhook(bytes.clone()), &bytes).await?;
        let bytes = garbled(&transfer, &mut dice);
        taken(adyen.signed_transfer(bytes.clone()), &bytes).await?;
        let bytes = garbled(&verdict, &mut dice);
        let call = Call::post("/webhooks/kyc/sumsub").bytes("application/json", bytes.clone());
        taken(call.header("x-payload-digest", &sumsub.sign(&bytes)), &bytes).await?;
    }
    assert_eq!(player.cash().await?, "50.00");
    Ok(())
}
