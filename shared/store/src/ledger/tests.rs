use std::collections::VecDeque;
use std::sync::Mutex as Guarded;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use domain::account::{AccountStatus, Verification, Wallet};
use domain::entry::Fingerprint;
use domain::withdrawal::{WithdrawalEvent, WithdrawalStep};
use domain::{Digest, Entry, Fact, Money};

use super::*;

fn wallet(cash: i64) -> Wallet {
    let currency = "EUR".parse().unwrap();
    Wallet { cash: Money::from_units(cash, currency), ..Wallet::empty(currency) }
}

fn account() -> Account {
    Account {
        player: "ply_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap(),
        brand: "demo".to_owned(),
        jurisdiction: "MT".to_owned(),
        country: None,
        status: AccountStatus::Active,
        wallet: wallet(1),
        verification: Verification::none(),
        deposits: 0,
        version: 9,
        head: Digest::default(),
        opened_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
    }
}

fn replayed(seq: u64, cash: i64) -> Done {
    let account = account();
    Done::Replayed(Box::new(Entry {
        player: account.player,
        key: EntryKey::new("softswiss", seq.to_string()),
        seq,
        prev: Digest::default(),
        at: Timestamp::UNIX_EPOCH,
        brand: account.brand,
        jurisdiction: account.jurisdiction,
        fact: Fact::AccountClosed { reason: String::new() },
        postings: Vec::new(),
        balances: wallet(cash),
        fingerprint: Fingerprint::of(["test"]),
        reversed_by: None,
    }))
}

#[test]
fn a_repeat_tells_the_balances_of_the_first_time_wherever_its_newest_entry_stands() {
    for done in [vec![replayed(7, 30), replayed(8, 20)], vec![replayed(8, 20), replayed(7, 30)]] {
        let batched = Batched { decision: None, done };
        let BatchOutcome::Done { balances, .. } = super::done(batched, &account()) else { panic!() };
        assert_eq!(balances, wallet(20));
    }
}

/// A store that has its answers ready, and says them in turn.
#[derive(Clone, Debug)]
struct Script(Arc<Guarded<VecDeque<(u16, &'static str)>>>);

impl HttpConnector for Script {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.0.lock().unwrap().pop_front().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
    }
}

impl Script {
    fn of(answers: &[(u16, &'static str)]) -> Self {
        Self(Arc::new(Guarded::new(answers.iter().copied().collect())))
    }

    fn ledger(&self) -> Ledger {
        let script = self.clone();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(script.clone())))
            .build();
        Ledger::new(Client::from_conf(config), "ledger", Arc::default(), Jitter::new(|| 0))
    }

    fn left(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// A command that reads what it concerns together with the account.
fn cancelled() -> Command {
    let withdrawal = "wdr_01HZX3M2T9QK4V7W8Y6N5R1ABC".parse().unwrap();
    Command::WithdrawalStep(WithdrawalStep::new(
        EntryKey::new("api", "cancel"),
        withdrawal,
        WithdrawalEvent::Cancelled,
    ))
}

const CONFLICT: (u16, &str) = (
    400,
    r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "Transaction cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]}"#,
);
const MISREAD: (u16, &str) = (
    400,
    r#"{"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Message": "Transaction cancelled",
        "CancellationReasons": [{"Code": "None"}, {"Code": "ValidationError"}]}"#,
);
const NOTHING: (u16, &str) = (200, r#"{"Responses": [{}, {}]}"#);

async fn executed(script: &Script) -> Result<Outcome, Outage> {
    let now = Timestamp::UNIX_EPOCH;
    script.ledger().execute(account().player, &cancelled(), now, Duration::from_secs(5)).await
}

/// `DynamoDB` cancels a reading that meets a writer, and the SDK does not ask again by itself.
#[tokio::test]
async fn a_reading_that_meets_writers_is_done_again() {
    let script = Script::of(&[CONFLICT, CONFLICT, CONFLICT, CONFLICT, NOTHING, NOTHING]);
    let outcome = executed(&script).await.unwrap();
    assert!(matches!(outcome, Outcome::Refused { refusal: Refusal::PlayerUnknown, .. }), "{outcome:?}");
    assert_eq!(script.left(), 0);
    let script = Script::of(&[MISREAD, NOTHING, NOTHING]);
    assert!(executed(&script).await.is_err(), "another failure is one");
    assert_eq!(script.left(), 2);
}

/// The first reading may be served by a replica that has not heard of the account.
#[tokio::test]
async fn a_player_is_unknown_only_if_the_newest_reading_says_so() {
    let script = Script::of(&[NOTHING, NOTHING]);
    executed(&script).await.unwrap();
    assert_eq!(script.left(), 0);
}
