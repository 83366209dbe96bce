use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::*;
use crate::{Clock, SystemRandom};

/// A Secrets Manager and a clock in the test's hands.
#[derive(Clone, Default)]
struct World(Arc<Inner>);

#[derive(Default)]
struct Inner {
    secret: Mutex<Secret>,
    questions: AtomicUsize,
    second: AtomicI64,
}

#[derive(Clone, Default)]
enum Secret {
    Document(String),
    #[default]
    Broken,
    Silent,
}

impl World {
    fn hold(&self, key: &str) {
        let document = serde_json::json!({"kyc": {"primary": key}}).to_string();
        self.put(Secret::Document(document));
    }

    fn put(&self, secret: Secret) {
        *self.0.secret.lock().unwrap() = secret;
    }

    fn pass(&self, seconds: i64) {
        self.0.second.fetch_add(seconds, Ordering::Relaxed);
    }

    fn questions(&self) -> usize {
        self.0.questions.load(Ordering::Relaxed)
    }

    /// What is made of the secret is the text in one of its fields; an empty one is of no use.
    async fn start(&self) -> Rotating<String> {
        let values = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "k"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("VENDORS_SECRET", "vendors"),
        ];
        let values: BTreeMap<_, _> = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let context = Context::new(Arc::new(self.clone()), Arc::new(SystemRandom));
        let settings = Settings::new(values, context).with_http_client(SharedHttpClient::new(self.clone()));
        Rotating::start(&settings, |vendors| {
            vendors.kyc.primary.clone().filter(|key| !key.is_empty()).ok_or("no key")
        })
        .await
        .unwrap()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + self.0.second.load(Ordering::Relaxed)).unwrap()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("World")
    }
}

impl HttpConnector for World {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        self.0.questions.fetch_add(1, Ordering::Relaxed);
        let secret = self.0.secret.lock().unwrap().clone();
        HttpConnectorFuture::new(async move {
            let (status, body) = match secret {
                Secret::Document(text) => (200, serde_json::json!({"SecretString": text})),
                Secret::Broken => (400, serde_json::json!({"__type": "ResourceNotFoundException"})),
                Secret::Silent => std::future::pending().await,
            };
            Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string())))
        })
    }
}

impl HttpClient for World {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

#[tokio::test]
async fn what_is_fresh_is_not_asked_for_again() {
    let world = World::default();
    world.hold("a");
    let rotating = world.start().await;
    world.hold("b");
    world.pass(299);
    assert_eq!((rotating.current().await.as_str(), world.questions()), ("a", 1));
    world.pass(1);
    assert_eq!((rotating.current().await.as_str(), world.questions()), ("b", 2));
    assert_eq!((rotating.current().await.as_str(), world.questions()), ("b", 2));
}

#[tokio::test]
async fn the_same_document_leaves_what_was_made_in_place() {
    let world = World::default();
    world.hold("a");
    let rotating = world.start().await;
    let before = rotating.current().await;
    world.pass(300);
    assert!(Arc::ptr_eq(&before, &rotating.current().await), "what it has learned since is kept");
    assert_eq!(world.questions(), 2);
}

#[tokio::test]
async fn a_doubtful_signature_finds_the_new_key_at_once() {
    let world = World::default();
    world.hold("a");
    let rotating = world.start().await;
    let old = rotating.current().await;
    world.hold("b");
    assert_eq!(rotating.newer(&old).await.as_deref().map(String::as_str), Some("b"));
    assert_eq!(
        rotating.newer(&old).await.as_deref().map(String::as_str),
        Some("b"),
        "to all who had the old"
    );
    assert_eq!(world.questions(), 2);
}

#[tokio::test]
async fn a_flood_of_forgeries_is_no_flood_of_questions() {
    let world = World::default();
    world.hold("a");
    let rotating = world.start().await;
    let key = rotating.current().await;
    for _ in 0..1_000 {
        assert!(rotating.newer(&key).await.is_none());
    }
    assert_eq!(world.questions(), 2);
    world.hold("b");
    world.pass(2);
    assert!(rotating.newer(&key).await.is_none());
    world.pass(1);
    assert!(rotating.newer(&key).await.is_some(), "and yet a new key is found within seconds");
    assert_eq!(world.questions(), 3);
}

#[tokio::test]
async fn what_cannot_be_read_again_leaves_everything_as_it_was() {
    let world = World::default();
    world.hold("a");
    let rotating = world.start().await;
    for trouble in
        [Secret::Broken, Secret::Silent, Secret::Document("{".into()), Secret::Document("{}".into())]
    {
        world.put(trouble);
        world.pass(300);
        assert_eq!(rotating.current().await.as_str(), "a");
        let asked = world.questions();
        assert_eq!(rotating.current().await.as_str(), "a");
        assert_eq!(world.questions(), asked, "and is not asked for at every call");
    }
    world.hold("b");
    world.pass(300);
    assert_eq!(rotating.current().await.as_str(), "b");
}
