//! The bet path's budget, by the store's own report: 2 round trips, 1 read unit, 4 write units; and each time the
//! journal fills a page, 2 more.

use bench::wallet::{Bench, accepted};

#[tokio::test]
async fn a_bet_stays_within_its_budget() {
    let bench = Bench::in_memory().await.unwrap();
    accepted(&bench.metered, bench.event("/transaction/bet", &bench.game.bet(10_000)).unwrap())
        .await
        .unwrap();
    let _ = bench.meter.take();
    let (mut bets, mut pages) = (0, 0);
    while pages < 3 {
        let event = bench.event("/transaction/bet", &bench.game.bet(10_000)).unwrap();
        accepted(&bench.metered, event).await.unwrap();
        let reading = bench.meter.take();
        assert_eq!(reading.calls, ["BatchGetItem", "TransactWriteItems"]);
        assert!(reading.read_units <= 1.into(), "{reading:?}");
        let fills_a_page = reading.item_bytes.iter().any(|(kind, _)| kind == "PAGE");
        bets += 1;
        pages += u32::from(fills_a_page);
        assert_eq!(reading.write_units, if fills_a_page { 6 } else { 4 }.into(), "{reading:?}");
        for (kind, bytes) in &reading.item_bytes {
            assert!(*bytes <= 1_024, "the {kind} item has {bytes} bytes: it costs another write unit");
        }
    }
    // The first page also has what came before the bets.
    assert!(bets > (pages - 1) * 14, "{pages} pages of {bets} bets");
    bench.cloud.stop().await;
}
