//! What the tables keep of instruments and alerts, straight through the store, with nothing between.

use std::time::Duration;

use domain::cashier::{HolderMatch, Instrument, InstrumentFingerprint, InstrumentKind};
use domain::deposit::{DepositEvent, DepositNotice, RequestDeposit};
use domain::ids::{DepositId, PlayerId, StaffId};
use domain::{Command, EntryKey, Money, Outcome};
use edge::{Settings, Stores};
use futures::future::try_join_all;
use journeys::{Failure, Home, Platform, Player, Tested, eventually, failed, fresh_id};
use store::{InboxItem, InboxKind, Ledger, Resolution};

const PATIENCE: Duration = Duration::from_secs(5);

fn settings(platform: &Platform) -> Settings {
    Settings::new(platform.cloud().env().clone(), edge::Context::default())
}

fn fingerprint() -> InstrumentFingerprint {
    InstrumentFingerprint::of_mac(fresh_id().as_bytes())
}

/// A deposit of a new player's that is asked for, and whose it is.
async fn asked(platform: &Platform, ledger: &Ledger) -> Result<(PlayerId, DepositId), Failure> {
    let player: PlayerId =
        Player::register(&platform.client(), Home::Malta).await?.id.parse().map_err(failed)?;
    let deposit = DepositId::new(edge::Context::default().ulid());
    let command = Command::RequestDeposit(RequestDeposit {
        key: EntryKey::new("api", format!("deposit:{deposit}")),
        deposit,
        amount: twenty()?,
        method: "card".into(),
        attested: false,
        vendor: "adyen".into(),
        return_url: "https://casino.example/".into(),
    });
    done(ledger, player, &command).await?;
    Ok((player, deposit))
}

fn twenty() -> Result<Money, Failure> {
    "20 EUR".parse().map_err(failed)
}

fn paid(deposit: DepositId, notice: &str, used: &InstrumentFingerprint) -> Result<Command, Failure> {
    let event = DepositEvent::Captured { amount: twenty()?, psp_reference: format!("psp-{deposit}") };
    let instrument = Instrument {
        kind: InstrumentKind::Card,
        token: None,
        last_digits: None,
        funding: None,
        holder: HolderMatch::Unknown,
        fingerprint: Some(used.clone()),
        proven: false,
    };
    let notice = DepositNotice::new(EntryKey::new("adyen", notice), deposit, event);
    Ok(Command::DepositNotice(DepositNotice { instrument: Some(instrument), ..notice }))
}

async fn done(ledger: &Ledger, player: PlayerId, command: &Command) -> Result<Outcome, Failure> {
    let now = edge::Context::default().now();
    ledger.execute(player, command, now, PATIENCE).await.map_err(failed)
}

#[tokio::test]
async fn the_players_of_an_instrument_are_found_by_it_and_each_once() -> Tested {
    let platform = Platform::shared()?;
    let settings = settings(platform);
    let ledger = Stores::new(&settings).and_then(|it| it.ledger()).map_err(failed)?;
    let (shared, own) = (fingerprint(), fingerprint());
    let mut players = Vec::new();
    for number in 0..3 {
        let (player, deposit) = asked(platform, &ledger).await?;
        let used = if number == 2 { &own } else { &shared };
        let notice = paid(deposit, &fresh_id(), used)?;
        // The provider repeats itself, at the same time and later.
        let at_once: Vec<_> = (0..3).map(|_| done(&ledger, player, &notice)).collect();
        let came = try_join_all(at_once).await?;
        let applied = came.iter().filter(|it| matches!(it, Outcome::Applied(_))).count();
        assert_eq!(applied, 1, "{came:?}");
        assert!(matches!(done(&ledger, player, &notice).await?, Outcome::Replayed(_)));
        players.push(player);
    }
    let others = async |used, player| ledger.others_using(used, player).await.map_err(failed);
    assert_eq!(others(&shared, players[0]).await?, [players[1]]);
    assert_eq!(others(&shared, players[1]).await?, [players[0]]);
    assert_eq!(others(&own, players[2]).await?, []);
    assert_eq!(others(&own, players[0]).await?, [players[2]]);
    assert_eq!(others(&fingerprint(), players[0]).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_deposit_remembers_the_fingerprint_and_older_ones_read_without() -> Tested {
    let platform = Platform::shared()?;
    let settings = settings(platform);
    let ledger = Stores::new(&settings).and_then(|it| it.ledger()).map_err(failed)?;
    let (player, deposit) = asked(platform, &ledger).await?;
    let used = fingerprint();
    done(&ledger, player, &paid(deposit, &fresh_id(), &used)?).await?;
    let read = ledger.deposit(player, deposit).await.map_err(failed)?;
    assert_eq!(read.as_ref().and_then(|it| it.used_instrument()), Some(&used));
    let older: Instrument =
        serde_json::from_value(serde_json::json!({"kind": "card", "token": "T"})).map_err(failed)?;
    assert_eq!(older.fingerprint, None);
    Ok(())
}

#[tokio::test]
async fn an_alert_is_open_until_it_is_resolved_and_stays_resolved() -> Tested {
    let platform = Platform::shared()?;
    let settings = settings(platform);
    let inbox = Stores::new(&settings).and_then(|it| it.inbox()).map_err(failed)?;
    let now = edge::Context::default().now();
    let [player, other] = [(); 2].map(|()| PlayerId::new(edge::Context::default().ulid()));
    let item = |id: &str, alert_about| InboxItem {
        vendor: "sumsub".to_owned(),
        kind: InboxKind::Identity,
        id: id.to_owned(),
        why: "alert: possible match on watchlists: pep".to_owned(),
        summary: String::new(),
        alert_about,
    };
    let (one, two, none) = (fresh_id(), fresh_id(), fresh_id());
    for item in [item(&one, Some(player)), item(&two, Some(player)), item(&none, None)] {
        inbox.keep(&item, now).await.map_err(failed)?;
    }
    let open = |player| {
        let inbox = inbox.clone();
        async move { inbox.is_alert_open(player).await.map_err(failed) }
    };
    eventually("the alert is found", || async { Ok(open(player).await?.then_some(())) }).await?;
    assert!(!open(other).await?);
    let by = Some(StaffId::new(edge::Context::default().ulid()));
    let said = Resolution { by, at: now, note: "no match".to_owned() };
    inbox.resolve("sumsub", &one, &said).await.map_err(failed)?;
    assert!(open(player).await?, "the other one is open");
    let resolved = inbox.resolve("sumsub", &two, &said).await.map_err(failed)?;
    assert!(resolved.is_some_and(|it| it.resolution.is_some()));
    eventually("nothing is open", || async { Ok((!open(player).await?).then_some(())) }).await?;
    inbox.keep(&item(&two, Some(player)), now).await.map_err(failed)?;
    assert!(!open(player).await?, "what is seen to does not come back");
    Ok(())
}
