//! A vendor's key is changed while its calls go on: none is lost, nothing is deployed, and the old key is worth nothing
//! in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use edge::{Settings, aws};
use journeys::{Failure, GameSession, Home, Hub88Side, Platform, Tested, failed, opened};
use serde_json::{Value, json};

/// What a secret counts as fresh for, unless a setting says otherwise.
pub(crate) const LIFE: Duration = Duration::from_mins(5);

/// Puts another vendors' document into Secrets Manager, as an operator does.
pub(crate) async fn store(platform: &Platform, document: &Value) -> Tested {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let secrets = aws::secrets(&settings).map_err(failed)?;
    let put = secrets.put_secret_value().secret_id("pitboss/vendors").secret_string(document.to_string());
    put.send().await.map(drop).map_err(failed)
}

async fn stake(hub88: &Hub88Side, game: &GameSession) -> Result<String, Failure> {
    Ok(hub88.bet(&game.bet(10_000)).await?.must(200)?.text("/status")?.to_owned())
}

/// Stakes one after the other until it is told to stop; how many, all of which must have been taken.
async fn stake_on(hub88: Hub88Side, game: GameSession, stop: Arc<AtomicBool>) -> Result<u32, Failure> {
    let mut taken = 0;
    while !stop.load(Ordering::Relaxed) {
        assert_eq!(stake(&hub88, &game).await?, "RS_OK", "after {taken} stakes");
        taken += 1;
    }
    Ok(taken)
}

#[tokio::test]
async fn a_key_is_changed_while_calls_go_on_and_none_is_lost() -> Tested {
    let platform = Platform::start()?;
    let (player, game) = opened(&platform, Home::Malta, "500.00").await?;
    let mut document = platform.vendors().clone();
    let (old_key, new_key) = (
        document["games"]["hub88"]["public_key_pem"].clone(),
        document["games"]["caleta"]["public_key_pem"].clone(),
    );
    let old = platform.hub88()?;
    let mut others = document.clone();
    others["sandbox"]["hub88"]["private_key_pem"] = others["sandbox"]["caleta"]["private_key_pem"].clone();
    let new = Hub88Side::new(&platform.client(), &others)?;
    assert_eq!(stake(&new, &game).await?, "RS_ERROR_INVALID_SIGNATURE", "nobody has heard of it");

    let stop = Arc::new(AtomicBool::new(false));
    let calls = tokio::spawn(stake_on(platform.hub88()?, game.clone(), Arc::clone(&stop)));
    document["games"]["hub88"]["public_key_pem"] = json!({"current": old_key, "next": new_key});
    store(&platform, &document).await?;
    // A doubtful signature made us ask a moment ago.
    platform.clock().forward(Duration::from_secs(3));
    assert_eq!(stake(&new, &game).await?, "RS_OK", "the next key is good at once");
    document["games"]["hub88"]["public_key_pem"] = json!({"current": new_key, "previous": old_key});
    store(&platform, &document).await?;
    platform.clock().forward(LIFE);
    for _ in 0..5 {
        assert_eq!(stake(&new, &game).await?, "RS_OK");
    }
    stop.store(true, Ordering::Relaxed);
    let taken = calls.await.map_err(failed)??;
    assert!(taken > 0);

    document["games"]["hub88"]["public_key_pem"] = json!({"current": new_key});
    store(&platform, &document).await?;
    platform.clock().forward(LIFE);
    assert_eq!(stake(&new, &game).await?, "RS_OK");
    assert_eq!(stake(&old, &game).await?, "RS_ERROR_INVALID_SIGNATURE", "the old key is worth nothing now");
    let cents = 50_000 - 10 * (u64::from(taken) + 7);
    assert_eq!(player.cash().await?, format!("{}.{:02}", cents / 100, cents % 100), "each stake, once");
    Ok(())
}

#[tokio::test]
async fn a_secret_that_is_of_no_use_changes_nothing() -> Tested {
    let platform = Platform::start()?;
    let (_, game) = opened(&platform, Home::Malta, "50.00").await?;
    let hub88 = platform.hub88()?;
    let mut document = platform.vendors().clone();
    document["games"]["hub88"]["public_key_pem"] = json!("no key");
    for useless in [json!("not a document"), json!({}), document] {
        store(&platform, &useless).await?;
        platform.clock().forward(LIFE);
        assert_eq!(stake(&hub88, &game).await?, "RS_OK");
    }
    Ok(())
}
