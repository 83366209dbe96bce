//! The HTTP front, and how the process starts and refuses to.

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::support::{self, Seen, idle, started};
use axum::{Router, routing::get};
use edge::{BoxError, Function};
use futures::future::BoxFuture;
use pitboss_local::{Data, EmbeddedCloud, Functions, Vendors};
use serde_json::{Value, json};

/// Answers what it was asked, or misbehaves on request.
struct Api;

impl Function for Api {
    fn invoke(&self, event: Value) -> BoxFuture<'_, Result<Value, BoxError>> {
        Box::pin(async move {
            match event["pathParameters"]["id"].as_str() {
                Some("error") => Err("broken".into()),
                Some("panic") => panic!("as asked"),
                Some("slow") => {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    Ok(Value::Null)
                }
                _ => Ok(json!({
                    "statusCode": 201,
                    "headers": {"content-type": "application/json"},
                    "body": json!({"route": event["routeKey"], "body": event["body"], "id": event["pathParameters"]["id"]})
                        .to_string(),
                })),
            }
        })
    }
}

fn functions() -> Functions {
    idle().with("api", |_| {
        let api: Arc<dyn Function> = Arc::new(Api);
        std::future::ready(Ok(api))
    })
}

#[tokio::test]
async fn requests_reach_their_functions_and_answers_come_back() {
    let cloud = support::start(Data::Memory, functions()).await.unwrap();
    let http = reqwest::Client::new();
    let url = |path: &str| format!("{}{path}", cloud.url());
    let made = http.post(url("/v1/things")).json(&json!({"a": 1})).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let body: Value = made.json().await.unwrap();
    assert_eq!(body, json!({"route": "POST /v1/things", "body": "{\"a\":1}", "id": null}));
    let read: Value = http.get(url("/v1/things/7")).send().await.unwrap().json().await.unwrap();
    assert_eq!(read["id"], "7");

    for (path, status, message) in [
        ("/v1/nothing", 404, "Not Found"),
        ("/v1/things/error", 500, "Internal Server Error"),
        ("/v1/things/panic", 500, "Internal Server Error"),
        ("/v1/things/slow", 503, "Service Unavailable"),
    ] {
        let answer = http.get(url(path)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({"message": message}), "{path}");
    }
    let huge = http.post(url("/v1/things")).body(vec![b'x'; 10 * 1024 * 1024 + 1]).send().await.unwrap();
    assert_eq!(huge.status(), 413);
    cloud.stop().await;
}

#[tokio::test]
async fn the_seed_runs_on_ready_resources_and_sandboxes_share_the_port() {
    let seeded = Seen::default();
    let seen = seeded.clone();
    let mut options = support::options(Data::Memory);
    options.seed = Some(Box::new(move |context| {
        Box::pin(async move {
            let table = context.env["LEDGER_TABLE"].clone();
            let input = json!({"TableName": table, "Item": {"pk": {"S": "game"}, "sk": {"S": "dice"}}});
            context.cloud.call("DynamoDB_20120810.PutItem", input).await?;
            seen.push(context.vendors);
            Ok(vec!["Sign in as demo".to_owned()])
        })
    }));
    options.sandboxes =
        Some(Box::new(|context| Router::new().route("/hub88/ping", get(move || async move { context.url }))));
    let cloud = EmbeddedCloud::start(options, functions()).await.unwrap();
    assert_eq!(seeded.all(), [json!({"games": {}, "url": cloud.url()})]);
    assert_eq!(cloud.notes(), ["Sign in as demo"]);
    let found = support::dynamodb(cloud.env()).scan().table_name(&cloud.env()["LEDGER_TABLE"]).send().await;
    assert_eq!(found.unwrap().count(), 1);
    let ping = reqwest::get(format!("{}/sandbox/hub88/ping", cloud.url())).await.unwrap();
    assert_eq!(ping.text().await.unwrap(), cloud.url());
    let stranger = reqwest::get(format!("{}/sandbox/elsewhere", cloud.url())).await.unwrap();
    assert_eq!(stranger.status(), 404);
    cloud.stop().await;
}

#[tokio::test]
async fn a_start_that_cannot_be_says_why_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let data = Data::Dir(dir.path().into());
    let running = support::start(data.clone(), functions()).await.unwrap();
    let taken = running.url().rsplit(':').next().unwrap().parse().unwrap();

    let failed = |options, functions| async {
        let error = EmbeddedCloud::start(options, functions).await.err().unwrap().to_string();
        assert!(!error.contains('\n'), "{error}");
        error
    };
    let same_folder = failed(support::options(data.clone()), functions()).await;
    assert!(same_folder.contains("in use by another"), "{same_folder}");

    let mut options = support::options(Data::Memory);
    options.port = taken;
    let same_port = failed(options, functions()).await;
    assert!(same_port.contains("PITBOSS_PORT"), "{same_port}");

    let mut options = support::options(Data::Memory);
    options.vendors = Vendors::File(PathBuf::from("nowhere.json"));
    assert!(failed(options, functions()).await.contains("nowhere.json"));

    let mut options = support::options(Data::Memory);
    options.template = PathBuf::from("nowhere.yaml");
    assert!(failed(options, functions()).await.contains("nowhere.yaml"));

    let missing = failed(support::options(Data::Memory), Functions::default()).await;
    assert_eq!(missing, "function ApiFunction: this program has no function named api");

    running.stop().await;
    support::start(data, functions()).await.unwrap().stop().await;
}

#[tokio::test]
async fn a_function_that_does_not_start_is_off_and_the_others_run_on() {
    let broken = functions().with("worker", |_| std::future::ready(Err("no settings".into())));
    let cloud = support::start(Data::Memory, broken).await.unwrap();
    let refused = cloud.invoke("WorkerFunction", json!({})).await.unwrap_err();
    assert_eq!(refused.to_string(), "no settings");
    assert!(cloud.invoke("ConsumerFunction", json!({"Records": []})).await.is_ok());
    cloud.stop().await;
}

#[tokio::test]
async fn functions_get_their_environment() {
    let seen = Seen::default();
    let given = seen.clone();
    let functions = functions().with("consumer", move |env| {
        given.push(json!(env));
        started(|_| Ok(Value::Null))
    });
    let cloud = support::start(Data::Memory, functions).await.unwrap();
    let env = &seen.all()[0];
    assert_eq!(env["STAGE"], "test");
    assert_eq!(env["LEDGER_TABLE"], "LedgerTable");
    assert_eq!(env["AWS_ENDPOINT_URL"], cloud.cloud().endpoint());
    assert_eq!(env["BRANDS"], "", "no host is a brand's");
    assert_eq!(env["AWS_LAMBDA_FUNCTION_NAME"], "ConsumerFunction");
    assert_eq!(env.get("EVENTS_STREAM"), None, "a function sees its own settings only");
    cloud.stop().await;
}

/// The template that is deployed can be played as it is.
#[tokio::test]
async fn the_real_template_starts() {
    let mut options = support::options(Data::Memory);
    options.template = PathBuf::from(concat!(env!("PITBOSS_ROOT"), "/template.yaml"));
    let mut functions = Functions::default();
    let folders = std::fs::read_dir(concat!(env!("PITBOSS_ROOT"), "/functions")).unwrap();
    for folder in folders {
        let name = folder.unwrap().file_name().into_string().unwrap();
        functions = functions.with(&name, |_| started(|_| Ok(json!({"statusCode": 204}))));
    }
    let cloud = EmbeddedCloud::start(options, functions).await.unwrap();
    let read = reqwest::get(format!("{}/v1/withdrawals/wdr_1", cloud.url())).await.unwrap();
    assert_eq!(read.status(), 204);
    assert!(cloud.reference("DataKey").is_some());
    cloud.stop().await;
}
