//! The OpenAPI document and the running platform agree: whatever is asked and answered is in the document.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Mutex;

use pitboss_local::demo::{self, Answer, Call, Client, Home, Player, Staff, SumsubSide, eventually};
use pitboss_local::{EmbeddedCloud, Functions, Options, Vendors, sandbox, seed};
use serde_json::{Value, json};

const ROOT: &str = env!("PITBOSS_ROOT");

/// What went over the wire: method, path, request body, status, answer's body.
type Exchange = (String, String, Value, u16, Value);

static EXCHANGES: Mutex<Vec<Exchange>> = Mutex::new(Vec::new());

#[tokio::test(flavor = "multi_thread")]
async fn every_exchange_of_a_journey_is_as_documented() {
    let platform = Platform::start().await;
    let client = Client::new(platform.cloud.url()).watched(note);
    demo::tell(&client, &platform.vendors).await.unwrap();
    let player = Player::register(&client, Home::Malta).await.unwrap();
    for read in
        ["/v1/players/me", "/v1/players/me/export", "/v1/deposits", "/v1/withdrawals", "/v1/wallet/statement"]
    {
        player.get(read).await.unwrap().must(200).unwrap();
    }
    player.send(Call::post("/v1/players/me/erasure").json(&json!({}))).await.unwrap().must(202).unwrap();
    ask_vendors(&client, &platform.vendors).await;

    let exchanges = std::mem::take(&mut *EXCHANGES.lock().unwrap());
    let mut seen = BTreeSet::new();
    for (method, path, request, status, answer) in exchanges {
        let Some(operation) = platform.document.operation(&method, &path) else {
            assert!(path.contains("/sandbox/"), "{method} {path} is not in the document");
            continue;
        };
        let name = format!("{method} {path} → {status}");
        platform.document.check_request(operation, &request, &name);
        platform.document.check_answer(operation, status, &answer, &name);
        seen.insert(operation["operationId"].as_str().unwrap().to_owned());
    }
    assert!(seen.len() >= 20, "too little was exercised: {seen:?}");
    platform.cloud.stop().await;
}

/// What staff asks of game vendors, and a demo.
async fn ask_vendors(client: &Client, vendors: &Value) {
    let staff = Staff::sign_in(client, seed::ADMIN_EMAIL, seed::ADMIN_PASSWORD).await.unwrap();
    let player = Player::register(client, Home::Malta).await.unwrap();
    let sumsub = SumsubSide::new(client, vendors).unwrap();
    let started = player.start_verification().await.unwrap().must(201).unwrap();
    sumsub.choose(started.text("/redirect_url").unwrap(), "approve").await.unwrap();
    let demo = json!({"return_url": "https://casino.test", "device": "desktop"});
    eventually("the player may play", || async {
        let answer = player.send(Call::post("/v1/games/swipe-pit_catch/demo").json(&demo)).await?;
        Ok((answer.status == 201).then_some(()))
    })
    .await
    .unwrap();
    staff.get("/v1/ops/free-rounds/templates?integration=hub88").await.unwrap().must(200).unwrap();
    let path = format!("/v1/ops/players/{}/free-rounds", player.id);
    let ends_at = edge::Clock::now(&edge::SystemClock) + jiff::SignedDuration::from_hours(48);
    for rounds in [1, 100] {
        let gift = json!({
            "game_id": "swipe-pit_catch", "rounds": rounds, "bet_line": 1, "ends_at": ends_at, "reason": "welcome",
        });
        staff.send(Call::post(&path).once(&demo::fresh_id()).json(&gift)).await.unwrap();
    }
    let listed = staff.get(&path).await.unwrap().must(200).unwrap();
    let gift = listed.text("/items/0/free_rounds_id").unwrap();
    staff.send(Call::delete(format!("{path}/{gift}"))).await.unwrap().must(204).unwrap();
    let verification = format!("/v1/ops/players/{}/verification", player.id);
    staff.get(&verification).await.unwrap().must(200).unwrap();
    let decision = json!({"decision": "approve", "note": "seen in person"});
    let decided = Call::post(&verification).once(&demo::fresh_id()).json(&decision);
    staff.send(decided).await.unwrap().must(409).unwrap();
    let round = format!("/v1/ops/players/{}/rounds/hub88:none/details", player.id);
    staff.get(&round).await.unwrap().must(404).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_protected_asks_for_a_token_and_bad_bodies_get_documented_problems() {
    let platform = Platform::start().await;
    let client = Client::new(platform.cloud.url());
    for (method, path, operation) in platform.document.operations() {
        let concrete = path
            .replace("{id}", "dep_01M832YAGGCGKM7EYBC4RJH5C6")
            .replace("{refund_id}", "dep_01M832YAGGCGKM7EYBC4RJH5C6-1")
            .replace("{player_id}", "ply_01M832YAGGCGKM7EYBC4RJH5C6")
            .replace("{vendor}", "adyen")
            .replace("{game_id}", "hub88-pit_dice");
        let call = |body: &str| {
            let mut call = Call::get(concrete.clone());
            call.method = method.to_uppercase().parse().unwrap();
            if body.is_empty() { call } else { call.bytes("application/json", body.as_bytes().to_vec()) }
        };
        let protected = operation["security"].as_array().is_some_and(|it| {
            it.iter().any(|it| it.get("playerToken").is_some() || it.get("staffToken").is_some())
        });
        if protected {
            for forged in ["", "Bearer x", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."] {
                let call =
                    if forged.is_empty() { call("") } else { call("").header("authorization", forged) };
                let answer = client.send(call).await.unwrap().must_be(401, "unauthenticated").unwrap();
                platform.document.check_answer(operation, 401, &answer.body, &format!("{method} {path}"));
            }
        } else if operation.get("requestBody").is_some() {
            for broken in ["{", "[]", "null", "\u{0}", r#"{"amount":1e999}"#] {
                let answer = client.send(call(broken)).await.unwrap();
                let name = format!("{method} {path} with {broken:?} → {}", answer.status);
                assert!(answer.status < 500, "{name}");
                platform.document.check_answer(operation, answer.status, &answer.body, &name);
            }
        }
    }
    platform.cloud.stop().await;
}

fn note(call: &Call, answer: &Answer) {
    let request = serde_json::from_slice(&call.body).unwrap_or_default();
    let path = call.path.split('?').next().unwrap_or_default().to_owned();
    let exchange = (call.method.to_string(), path, request, answer.status, answer.body.clone());
    EXCHANGES.lock().unwrap().push(exchange);
}

struct Platform {
    cloud: EmbeddedCloud,
    vendors: Value,
    document: Document,
}

impl Platform {
    async fn start() -> Self {
        let mut options = Options::in_memory(format!("{ROOT}/template.yaml"), json!({}));
        options.vendors = Vendors::File(format!("{ROOT}/infra/local/vendors.json").into());
        options.seed = Some(Box::new(|context| Box::pin(seed::plant(context))));
        options.sandboxes = Some(Box::new(sandbox::routers));
        let cloud = EmbeddedCloud::start(options, Functions::all()).await.unwrap();
        let vendors = std::fs::read_to_string(format!("{ROOT}/infra/local/vendors.json")).unwrap();
        let vendors = serde_json::from_str(&vendors.replace("http://127.0.0.1:8080", cloud.url())).unwrap();
        let answer = Client::new(cloud.url()).send(Call::get("/openapi.json")).await.unwrap();
        Self { document: Document(answer.must(200).unwrap().body), cloud, vendors }
    }
}

struct Document(Value);

impl Document {
    /// Every operation: method, path and what the document says of it.
    fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.0["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
            let methods = ["get", "post", "put", "patch", "delete"];
            methods
                .into_iter()
                .filter_map(move |method| Some((method, path.as_str(), operations.get(method)?)))
        })
    }

    /// The operation that a call means; a path without parameters goes before one with.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let fits = |template: &str| {
            let (template, path): (Vec<_>, Vec<_>) =
                (template.split('/').collect(), path.split('/').collect());
            template.len() == path.len()
                && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
        };
        self.operations()
            .filter(|(known, template, _)| known.eq_ignore_ascii_case(method) && fits(template))
            .min_by_key(|(_, template, _)| template.matches('{').count())
            .map(|(_, _, operation)| operation)
    }

    fn check_request(&self, operation: &Value, request: &Value, name: &str) {
        if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema")
            && !request.is_null()
        {
            self.check(schema, request, &format!("{name}, the request"));
        }
    }

    fn check_answer(&self, operation: &Value, status: u16, answer: &Value, name: &str) {
        let response = &operation["responses"][status.to_string()];
        assert!(!response.is_null(), "{name}: the status is not documented");
        let response = match response["$ref"].as_str() {
            Some(reference) => {
                self.0.pointer(reference.trim_start_matches('#')).expect("a reference resolves")
            }
            None => response,
        };
        let Some(content) = response["content"].as_object() else { return };
        let schema = content.iter().find(|(kind, _)| kind.contains("json")).map(|(_, it)| &it["schema"]);
        if let Some(schema) = schema {
            self.check(schema, answer, &format!("{name}, the answer"));
        }
    }

    /// Holds a value against a schema, which may refer to the document's components.
    fn check(&self, schema: &Value, value: &Value, name: &str) {
        let mut whole = schema.clone();
        whole["components"] = self.0["components"].clone();
        let validator = jsonschema::draft202012::new(&whole).unwrap();
        let complaints: Vec<String> =
            validator.iter_errors(value).map(|it| format!("{} at {}", it, it.instance_path())).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:?}\n{value:#}");
    }
}
