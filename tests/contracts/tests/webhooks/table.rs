//! Tables: calls as bytes, answers as bytes, and what they leave behind.

use std::collections::BTreeMap;

use pitboss_local::demo::Client;
use serde::Deserialize;

use crate::platform::{Platform, Script};
use crate::side::{Proof, Side};
use crate::subject::{Given, Ids, Seen, Subject};

/// One vendor's table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    vendor: String,
    /// Where the vendor's calls come to.
    path: String,
    /// The vendor's own ids of what a case begins with.
    #[serde(default)]
    opened: String,
    #[serde(default)]
    payment: String,
    #[serde(default)]
    refund: String,
    /// The calls by the names that cases use for them.
    calls: BTreeMap<String, String>,
    /// What the vendor says whenever it is asked.
    #[serde(default)]
    says: Vec<Said>,
    cases: Vec<Case>,
}

/// Something the vendor is asked, such as `GET /truelayer/v3/payments/1`, and what it says.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    to: String,
    #[serde(default = "ok")]
    status: u16,
    body: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default)]
    given: Given,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    call: String,
    /// What is written otherwise, wherever it stands in the call and in what the vendor says.
    #[serde(default)]
    but: Vec<(String, String)>,
    #[serde(default)]
    proof: Proof,
    /// What the vendor says when it is asked now.
    #[serde(default)]
    says: Vec<Said>,
    status: u16,
    answer: String,
    /// How far the deposit, the payout or the verification is afterwards.
    state: String,
    /// What the player has afterwards, and what of it is held.
    #[serde(default = "nothing")]
    cash: String,
    #[serde(default = "nothing")]
    held: String,
    /// How many entries were written.
    entries: u64,
    /// How many notices about it wait for staff.
    #[serde(default)]
    kept: usize,
    /// Whether one of them is for compliance to look at at once.
    #[serde(default)]
    alert: bool,
}

impl Table {
    pub(crate) fn read(kind: &str, vendor: &str) -> Self {
        let path = format!("{}/tests/contracts/{kind}/{vendor}.toml", env!("PITBOSS_ROOT"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Plays every case, with a player of its own.
    pub(crate) async fn play(&self) {
        let platform = Platform::start().await;
        let (client, side) = (Client::new(platform.cloud.url()), Side::new(&self.vendor, &platform.vendors));
        for (number, case) in self.cases.iter().enumerate() {
            let ids = self.ids(number);
            let subject = Subject::open(platform.settings(), &self.vendor, case.given, &ids).await;
            let mut before = subject.seen().await;
            for (at, step) in case.steps.iter().enumerate() {
                let name = format!("{}: {}, step {}: {}", self.vendor, case.name, at + 1, step.call);
                let filled = |text: &str| filled(text, step, number, &subject);
                platform.vendors_say(self.script(&side, step, filled));
                let body =
                    filled(self.calls.get(&step.call).unwrap_or_else(|| panic!("{name}: no such call")));
                let answer = client.send(side.call(&self.path, &body, step.proof)).await.unwrap();
                let said = side.heard(&String::from_utf8(answer.bytes).unwrap());
                let after = subject.seen().await;
                let expected = Seen {
                    state: step.state.clone(),
                    cash: step.cash.clone(),
                    held: step.held.clone(),
                    entries: before.entries + step.entries,
                    kept: step.kept,
                    alert: step.alert,
                };
                assert_eq!((answer.status, said), (step.status, filled(&step.answer)), "{name}");
                assert_eq!(after, expected, "{name}");
                before = after;
            }
        }
        platform.cloud.stop().await;
    }

    fn ids(&self, number: usize) -> Ids {
        let [opened, payment, refund] =
            [&self.opened, &self.payment, &self.refund].map(|id| id.replace("{case}", &case_number(number)));
        Ids { opened, payment, refund }
    }

    fn script(&self, side: &Side, step: &Step, filled: impl Fn(&str) -> String) -> Script {
        let says = self.says.iter().chain(&step.says);
        let says = says.map(|said| (filled(&said.to), (said.status, filled(&said.body))));
        says.chain(side.published().map(|(place, keys)| (place, (200, keys)))).collect()
    }
}

/// Puts in what is this case's own, and what the step writes otherwise.
fn filled(text: &str, step: &Step, number: usize, subject: &Subject) -> String {
    let text = step.but.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("{case}", &case_number(number))
        .replace("{reference}", &subject.reference())
        .replace("{deposit}", &subject.id())
        .replace("{player}", &subject.player.to_string())
}

/// Vendors' ids begin with the number of their case: no two cases share one.
fn case_number(number: usize) -> String {
    format!("{:03}", 101 + number)
}

const fn ok() -> u16 {
    200
}

fn nothing() -> String {
    "0.00".to_owned()
}
