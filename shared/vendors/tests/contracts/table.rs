//! Tables: calls as bytes, answers as bytes, and what they do to the ledger.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::PlayerId;
use domain::{BatchOutcome, Currency, Refusal};
use serde::Deserialize;
use vendors::games::{GameAnswer, GameToken, SECRET_BYTES};

use crate::document::Answers;
use crate::side::{Bytes, Proof, Side};
use crate::wallet::{Given, Wallet};

/// The player of all tables.
const PLAYER: &str = "ply_01HZY4Q6T0J8K9M2N3P4R5S6T7";

/// One vendor's table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    vendor: String,
    /// The game that is open.
    game: String,
    /// What the player has at the beginning of every case.
    cash: String,
    /// The calls by the names that cases use for them.
    calls: BTreeMap<String, Call>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    method: String,
    path: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
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
    /// What is written otherwise, wherever it stands in the call.
    #[serde(default)]
    but: Vec<(String, String)>,
    #[serde(default)]
    proof: Proof,
    /// What the core says, where it is not asked.
    core: Option<Core>,
    status: u16,
    answer: String,
    /// What the player has afterwards.
    cash: String,
    /// How many entries were written.
    entries: usize,
}

/// What the core can say that no call of a table leads to.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Core {
    /// The outcome is not clear.
    Unclear,
    /// The jurisdiction forbids it.
    NotAllowed,
    /// The game is not offered.
    UnknownGame,
    /// Something that the vendor never asks for.
    Nonsense,
    /// Something else that it never asks for.
    EmptyBatch,
}

impl Step {
    /// A call as it stands in the table.
    fn plain(call: &str) -> Self {
        Self {
            call: call.to_owned(),
            but: Vec::new(),
            proof: Proof::Good,
            core: None,
            status: 200,
            answer: String::new(),
            cash: String::new(),
            entries: 0,
        }
    }
}

impl Table {
    pub(crate) fn read(text: &str) -> Self {
        toml::from_str(text).unwrap()
    }

    /// Plays every case, and gives the answers that were seen.
    pub(crate) fn play(&self) -> BTreeSet<String> {
        let (side, answers) = (Side::of(&self.vendor), Answers::of(&self.vendor));
        let mut seen = BTreeSet::new();
        for case in &self.cases {
            let mut wallet = self.wallet(case.given);
            for (number, step) in case.steps.iter().enumerate() {
                let name = format!("{}: {}, step {}", self.vendor, case.name, number + 1);
                let before = wallet.entries.len();
                let call = self.bytes(step);
                let (_, reply) = side.call(&call, step.proof, |request| match step.core {
                    None => wallet.answer(request),
                    Some(Core::Unclear) => GameAnswer::TryAgain,
                    Some(Core::NotAllowed) => GameAnswer::Refused(Refusal::NotAllowed),
                    Some(Core::UnknownGame) => GameAnswer::UnknownGame,
                    Some(Core::Nonsense) => GameAnswer::Round(None),
                    Some(Core::EmptyBatch) => {
                        let (done, balances) = (Vec::new(), wallet.account.wallet);
                        GameAnswer::Batch(BatchOutcome::Done { done, balances })
                    }
                });
                let answer = String::from_utf8(reply.body.clone()).unwrap();
                let cash = wallet.account.wallet.cash.to_text();
                let written = wallet.entries.len() - before;
                assert_eq!(
                    (reply.status, answer.as_str(), cash.as_str(), written),
                    (step.status, self.filled(&step.answer).as_str(), step.cash.as_str(), step.entries),
                    "{name}"
                );
                answers.check(call.method.as_str(), &call.path, &reply);
                seen.insert(answer);
            }
        }
        seen
    }

    /// Sends every call with a forged proof and with none: the core is not asked, and the answer is the protocol's own.
    pub(crate) fn play_unproven(&self) {
        let (side, answers) = (Side::of(&self.vendor), Answers::of(&self.vendor));
        for name in self.calls.keys() {
            let call = self.bytes(&Step::plain(name));
            for proof in [Proof::Forged, Proof::Missing] {
                let (request, reply) =
                    side.call(&call, proof, |_| panic!("{}: {name} is believed", self.vendor));
                assert!(request.is_none(), "{}: {name}", self.vendor);
                answers.check(call.method.as_str(), &call.path, &reply);
            }
        }
    }

    fn wallet(&self, given: Given) -> Wallet {
        Wallet::open(given, player(), &self.vendor, &self.game, &token("EUR"), &self.cash)
    }

    fn bytes(&self, step: &Step) -> Bytes {
        let call = &self.calls[&step.call];
        let written = |text: &str| {
            let text = step.but.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
            self.filled(&text)
        };
        Bytes {
            method: written(&call.method).parse().unwrap(),
            path: written(&call.path),
            query: written(&call.query),
            headers: call.headers.iter().map(|(name, value)| (name.clone(), written(value))).collect(),
            body: written(&call.body).into_bytes(),
        }
    }

    /// Puts in who plays, and what shows it.
    fn filled(&self, text: &str) -> String {
        text.replace("{player}", PLAYER)
            .replace("{token}", &token("EUR"))
            .replace("{dollar token}", &token("USD"))
            .replace("{game}", &self.game)
    }
}

fn player() -> PlayerId {
    PLAYER.parse().unwrap()
}

fn token(currency: &str) -> String {
    let currency: Currency = currency.parse().unwrap();
    GameToken::new(player(), currency, [7; SECRET_BYTES]).to_text()
}
