//! Trustly's side of its protocol: deposits on a page, payouts to known accounts, and the notifications that follow. An
//! account that ends in 0000 is one that the bank refuses: what is refunded to it comes again.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Form, Json, Router,
    body::Bytes,
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use vendors::payments::trustly::{Data, Seal};

use super::delivery::{Courier, Way, Webhook};
use super::page::page;
use super::wallets;

const PLACE: &str = "/sandbox/trustly";
/// How long a bank takes here.
const A_MOMENT: Duration = Duration::from_millis(1_500);
const REFUSED_ACCOUNT_ENDS: &str = "0000";
/// How many digits an account's id has.
const ACCOUNT_DIGITS: u32 = 6;
const OPEN_ACCOUNT_ENDS: &str = "5737";

/// What the sandbox needs to play Trustly.
pub struct SandboxConfig {
    base_url: String,
    webhook_url: String,
    seal: Seal,
}

/// Why the sandbox cannot play Trustly.
#[derive(Debug, thiserror::Error)]
#[error("vendor settings for the Trustly sandbox need both sides' keys under sandbox.trustly")]
pub struct SandboxError;

impl SandboxConfig {
    /// Reads the vendors' settings. None if their calls to Trustly do not lead to a sandbox: then the real one is
    /// meant.
    pub fn from_vendors(vendors: &Value, platform_url: &str) -> Result<Option<Self>, SandboxError> {
        let text = |pointer: &str| vendors.pointer(pointer).and_then(Value::as_str);
        let base_url = text("/payments/trustly/base_url").and_then(|url| url.split_once(PLACE));
        let Some((before, _)) = base_url else { return Ok(None) };
        let ours = text("/sandbox/trustly/private_key_pem").ok_or(SandboxError)?;
        let theirs = text("/sandbox/trustly/platform_public_key_pem").ok_or(SandboxError)?;
        Ok(Some(Self {
            base_url: format!("{before}{PLACE}"),
            webhook_url: format!("{platform_url}/webhooks/payments/trustly"),
            seal: Seal::of(ours, theirs).ok_or(SandboxError)?,
        }))
    }
}

/// The sandbox's routes, to be nested where `base_url` says.
pub fn router(config: SandboxConfig) -> Router {
    let courier = Courier::new(config.webhook_url.clone());
    let sandbox = Sandbox {
        config,
        courier,
        orders: Mutex::default(),
        refunds: Mutex::default(),
        last: AtomicU64::new(1_000_000),
    };
    Router::new()
        .route("/api/1", post(call))
        .route("/pay/{order}", get(show).post(choose))
        .with_state(Arc::new(sandbox))
}

struct Sandbox {
    config: SandboxConfig,
    courier: Courier,
    /// By the platform's ids, so that a repeat finds its first.
    orders: Mutex<HashMap<String, Order>>,
    /// The ids of the calls that asked for one.
    refunds: Mutex<HashSet<String>>,
    last: AtomicU64,
}

#[derive(Clone)]
struct Order {
    id: String,
    message: String,
    player: String,
    amount: String,
    currency: String,
    return_url: String,
    /// Who pays.
    name: String,
    /// What was paid from.
    account: String,
    state: &'static str,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    params: Params,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Params {
    data: Data,
    signature: String,
    #[serde(rename = "UUID")]
    uuid: String,
}

async fn call(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Response {
    let Ok(Request { method, params: Params { data, signature, uuid } }) = serde_json::from_slice(&body)
    else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if !sandbox.config.seal.is_genuine(&signature, &method, &uuid, &data) {
        return sandbox.answer(&method, &uuid, Err("ERROR_INVALID_SIGNATURE"));
    }
    let result = match method.as_str() {
        "Deposit" => sandbox.deposit(&data),
        "AccountPayout" => sandbox.pay_out(&data),
        "Refund" => sandbox.refund(&uuid, &data),
        "GetWithdrawals" => Ok(sandbox.withdrawals(&data)),
        _ => Err("ERROR_UNKNOWN_METHOD"),
    };
    sandbox.answer(&method, &uuid, result)
}

async fn show(State(sandbox): State<Arc<Sandbox>>, Path(id): Path<String>) -> Response {
    match sandbox.order(&id).filter(|order| order.state == "OPEN") {
        Some(order) => page(
            include_str!("payment.html"),
            &[
                ("amount", &format!("{} {}", order.amount, order.currency)),
                ("vendor", "Trustly"),
                ("reference", &order.message),
            ],
        ),
        None => closed(),
    }
}

#[derive(Deserialize)]
struct Choice {
    outcome: String,
}

async fn choose(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Form(Choice { outcome }): Form<Choice>,
) -> Response {
    let paid = outcome.starts_with("pay");
    let state = if paid { "PAID" } else { "CANCELLED" };
    let Some(order) = sandbox.close(&id, state, &outcome) else { return closed() };
    let way = Way::of(&outcome);
    let told = if paid {
        let digits = order.account.get(order.account.len().saturating_sub(4)..).unwrap_or_default();
        let holder = Data::object([("name", order.name.as_str().into()), ("lastdigits", digits.into())]);
        let account =
            [("accountid", order.account.as_str().into()), ("verified", "1".into()), ("attributes", holder)];
        vec![
            sandbox.told("account", &order, account.into(), way),
            sandbox.told("pending", &order, order.money(), way),
            sandbox.told("credit", &order, order.money(), way),
        ]
    } else {
        vec![sandbox.told("cancel", &order, Vec::new(), way)]
    };
    sandbox.courier.deliver_all(told, way).await;
    Redirect::to(&order.return_url).into_response()
}

impl Sandbox {
    fn deposit(&self, data: &Data) -> Result<Data, &'static str> {
        let attributes = data.field("Attributes").ok_or("ERROR_INVALID_PARAMETERS")?;
        let order = self.take_on(data, attributes, "OPEN")?.0;
        let url = format!("{}/pay/{}", self.config.base_url, order.id);
        Ok(Data::object([("orderid", order.id.into()), ("url", url.into())]))
    }

    fn pay_out(self: &Arc<Self>, data: &Data) -> Result<Data, &'static str> {
        let account = data.text("AccountID").ok_or("ERROR_ACCOUNT_NOT_FOUND")?;
        let refused = account.ends_with(REFUSED_ACCOUNT_ENDS);
        let (order, is_new) = self.take_on(data, data, "EXECUTING")?;
        if is_new {
            tokio::spawn(self.clone().settle(order.clone(), refused));
        }
        Ok(Data::object([("orderid", order.id.into()), ("result", "1".into())]))
    }

    async fn settle(self: Arc<Self>, order: Order, refused: bool) {
        tokio::time::sleep(A_MOMENT).await;
        let (method, state) =
            if refused { ("credit", "BOUNCED") } else { ("payoutconfirmation", "CONFIRMED") };
        if let Some(known) = self.orders().get_mut(&order.message) {
            known.state = state;
        }
        self.notify(method, &order, order.money()).await;
    }

    /// Its word on a refund is its answer. Only what the bank sends back is told of.
    fn refund(self: &Arc<Self>, uuid: &str, data: &Data) -> Result<Data, &'static str> {
        let order = data.text("OrderID").and_then(|id| self.order(id)).filter(|order| order.state == "PAID");
        let order = order.ok_or("ERROR_INVALID_ORDER_ID")?;
        let amount = data.text("Amount").ok_or("ERROR_INVALID_PARAMETERS")?.to_owned();
        if !self.refunds.lock().unwrap_or_else(PoisonError::into_inner).insert(uuid.to_owned()) {
            return Err("ERROR_DUPLICATE_UUID");
        }
        if order.account.ends_with(REFUSED_ACCOUNT_ENDS) {
            tokio::spawn(self.clone().send_back(Order { amount, ..order.clone() }));
        }
        Ok(Data::object([("orderid", order.id.into()), ("result", "1".into())]))
    }

    async fn send_back(self: Arc<Self>, refunded: Order) {
        tokio::time::sleep(A_MOMENT).await;
        self.notify("credit", &refunded, refunded.money()).await;
    }

    fn withdrawals(&self, data: &Data) -> Data {
        let order = data.text("OrderID").and_then(|id| self.order(id));
        let line = |order: Order| {
            Data::object([("orderid", order.id.into()), ("transferState", order.state.into())])
        };
        Data::List(order.map(line).into_iter().collect())
    }

    /// A new order, or the one that the message's id had before. Tells whether it is new.
    fn take_on(&self, data: &Data, money: &Data, state: &'static str) -> Result<(Order, bool), &'static str> {
        let text = |data: &Data, key| data.text(key).map(str::to_owned).ok_or("ERROR_INVALID_PARAMETERS");
        let message = text(data, "MessageID")?;
        let order = Order {
            id: self.next(),
            player: text(data, "EndUserID")?,
            amount: text(money, "Amount")?,
            currency: text(money, "Currency")?,
            return_url: money.text("SuccessURL").unwrap_or_default().to_owned(),
            name: ["Firstname", "Lastname"].map(|part| money.text(part).unwrap_or_default()).join(" "),
            account: String::new(),
            message: message.clone(),
            state,
        };
        let mut orders = self.orders();
        let known = orders.entry(message).or_insert_with(|| order.clone()).clone();
        let is_new = known.id == order.id;
        Ok((known, is_new))
    }

    fn order(&self, id: &str) -> Option<Order> {
        self.orders().values().find(|order| order.id == id).cloned()
    }

    /// Closes an open order: of many at once, one does.
    fn close(&self, id: &str, state: &'static str, outcome: &str) -> Option<Order> {
        let mut orders = self.orders();
        let order = orders.values_mut().find(|order| order.id == id && order.state == "OPEN")?;
        let ending = if outcome == "pay_closed" { REFUSED_ACCOUNT_ENDS } else { OPEN_ACCOUNT_ENDS };
        let own = wallets::digits(wallets::purse(outcome, &order.player), ACCOUNT_DIGITS);
        (order.state, order.account) = (state, format!("{own}{ending}"));
        Some(order.clone())
    }

    async fn notify(&self, method: &str, order: &Order, more: Vec<(&str, Data)>) {
        self.courier.deliver(self.told(method, order, more, Way::Straight)).await;
    }

    fn told(&self, method: &str, order: &Order, more: Vec<(&str, Data)>, way: Way) -> Webhook {
        let time = crate::clock::now().to_string().replace('T', " ").replace('Z', "+00");
        let mut data = Data::object([
            ("messageid", order.message.as_str().into()),
            ("orderid", order.id.as_str().into()),
            ("enduserid", order.player.as_str().into()),
            ("notificationid", self.next().into()),
            ("timestamp", time.into()),
            ("attributes", Data::object([])),
        ]);
        if let Data::Object(fields) = &mut data {
            fields.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        }
        let uuid = Uuid::new_v4().to_string();
        let signature = self.config.seal.sign(method, &uuid, &data).map(|it| way.signature(it));
        let params = json!({"signature": signature, "uuid": uuid, "data": data});
        let body = json!({"method": method, "params": params, "version": "1.1"}).to_string().into_bytes();
        Webhook { headers: Vec::new(), body }
    }

    fn answer(&self, method: &str, uuid: &str, result: Result<Data, &'static str>) -> Response {
        let error = result.is_err();
        let data =
            result.unwrap_or_else(|name| Data::object([("code", "620".into()), ("message", name.into())]));
        let signature = self.config.seal.sign(method, uuid, &data);
        let signed = json!({"signature": signature, "uuid": uuid, "method": method, "data": data});
        Json(if error {
            json!({"version": "1.1", "error": {"name": "JSONRPCError", "code": 620, "error": signed}})
        } else {
            json!({"version": "1.1", "result": signed})
        })
        .into_response()
    }

    fn next(&self) -> String {
        self.last.fetch_add(1, Ordering::Relaxed).to_string()
    }

    fn orders(&self) -> MutexGuard<'_, HashMap<String, Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Order {
    fn money(&self) -> Vec<(&'static str, Data)> {
        vec![("amount", self.amount.as_str().into()), ("currency", self.currency.as_str().into())]
    }
}

fn closed() -> Response {
    let places = [("note", "This payment is closed, or was never open."), ("return_url", "/")];
    page(include_str!("adyen/closed.html"), &places)
}

#[cfg(test)]
mod tests;
