//! What vendors said is kept for operators, without secrets and without persons.

use edge::{KeptExchange, Settings, Stores};
use journeys::{Failure, Home, Platform, Tested, eventually, failed, fresh_id, opened};
use serde_json::json;

struct Archive(store::Exchanges);

impl Archive {
    fn of(platform: &Platform) -> Result<Self, Failure> {
        let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
        let exchanges = Stores::new(&settings).map_err(failed)?.exchanges();
        exchanges.map(Self).ok_or_else(|| failed("no table of exchanges"))
    }

    async fn read(&self, vendor: &str, subject: &str) -> Result<Vec<KeptExchange>, Failure> {
        let found = self.0.list(vendor, subject, 100).await.map_err(failed)?;
        found.iter().map(|it| KeptExchange::unpack(&it.content).map_err(failed)).collect()
    }
}

#[tokio::test]
async fn a_players_game_calls_are_kept_in_batches() -> Tested {
    let platform = Platform::start()?;
    let (player, game) = opened(&platform, Home::Malta, "50.00").await?;
    let (hub88, archive) = (platform.hub88()?, Archive::of(&platform)?);
    let bet = game.bet(10_000);
    for _ in 0..25 {
        hub88.bet(&bet).await?.must(200)?;
    }
    let kept = eventually("the exchanges are kept", || async {
        let kept = archive.read("hub88", &player.id).await?;
        Ok((kept.len() >= 20).then_some(kept))
    })
    .await?;
    let bets: Vec<_> = kept.iter().filter(|it| it.exchange.path == "/transaction/bet").collect();
    assert!(bets.iter().any(|it| it.outcome == "Replays"), "{bets:?}");
    let text = serde_json::to_string(&kept).map_err(failed)?;
    assert!(text.contains("RS_OK") && text.contains(&player.id), "{text}");
    assert!(!text.contains(&game.token), "the session's token is a secret");
    Ok(())
}

#[tokio::test]
async fn notices_are_kept_before_they_are_answered_genuine_or_not() -> Tested {
    let platform = Platform::start()?;
    let (adyen, archive) = (platform.adyen()?, Archive::of(&platform)?);
    let reference = format!("dep_{}", fresh_id());
    let mut paid = adyen.authorisation(&reference, 5_000, "EUR");
    adyen.notify(vec![paid.clone()]).await?.must(200)?;
    paid.psp_reference = Some("OTHER".to_owned());
    let unsigned = json!({"live": "false", "notificationItems": [{"NotificationRequestItem": {
        "pspReference": "FORGED", "eventCode": "AUTHORISATION", "success": "true",
        "shopperName": "Ada Lovelace", "additionalData": {"hmacSignature": "c2VjcmV0"},
    }}]});
    platform.client().send(journeys::AdyenSide::unsigned(&unsigned)).await?.must(401)?;
    let today = domain::Timestamp::to_string(&edge::Clock::now(&edge::SystemClock));
    let kept = archive.read("adyen", &today[..10]).await?;
    let text = serde_json::to_string(&kept).map_err(failed)?;
    assert!(text.contains(&reference) && text.contains("FORGED"), "{text}");
    assert!(kept.iter().any(|it| it.outcome == "SignatureFailures" && it.exchange.status == 401), "{text}");
    assert!(!text.contains("Ada") && !text.contains("c2VjcmV0"), "{text}");
    Ok(())
}
