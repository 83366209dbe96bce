//! The bet path's budget, by the store's own report: 2 round trips, 1 read unit, 4 write units and 1 for the index.

use bench::wallet::{Bench, accepted};

#[tokio::test]
async fn a_bet_stays_within_its_budget() {
    let bench = Bench::in_memory().await.unwrap();
    accepted(&bench.metered, bench.event("/transaction/bet", &bench.game.bet(10_000)).unwrap())
        .await
        .unwrap();
    let _ = bench.meter.take();
    for _ in 0..3 {
        let event = bench.event("/transaction/bet", &bench.game.bet(10_000)).unwrap();
        accepted(&bench.metered, event).await.unwrap();
        let reading = bench.meter.take();
        assert_eq!(reading.calls, ["BatchGetItem", "TransactWriteItems"]);
        assert!(reading.read_units <= 1.into(), "{reading:?}");
        assert!(reading.write_units <= 5.into(), "{reading:?}");
        for (kind, bytes) in &reading.item_bytes {
            assert!(*bytes <= 1_024, "the {kind} item has {bytes} bytes: it costs another write unit");
        }
    }
    bench.cloud.stop().await;
}
