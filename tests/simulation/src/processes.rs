//! The functions' processes: started when all others are busy, warm from then on, and gone when one dies.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use edge::{BoxError, Function, Settings};

use crate::bonus;
use crate::clock::{WallClock, context};
use crate::schedule::TaskId;
use crate::seam::Seam;
use crate::seed::Dice;
use crate::vendors::GameVendor;

/// A deployed function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Name {
    GameWallet(GameVendor),
    Bonus,
    Deposit,
    PaymentWebhook,
    Withdrawal,
    OpsWithdrawals,
    OpsPayments,
    Payout,
    Sweep,
    Wallet,
    Outbox,
    Analytics,
}

impl Name {
    async fn start(self, settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
        match self {
            Self::GameWallet(_) => game_wallet::start(settings).await,
            Self::Bonus => bonus::start(&settings),
            Self::Deposit => deposit::start(settings).await,
            Self::PaymentWebhook => payment_webhook::start(settings).await,
            Self::Withdrawal => withdrawal::start(settings).await,
            Self::OpsWithdrawals => ops_withdrawals::start(settings).await,
            Self::OpsPayments => ops_payments::start(settings).await,
            Self::Payout => payout::start(settings).await,
            Self::Sweep => sweep::start(settings).await,
            Self::Wallet => wallet::start(settings).await,
            Self::Outbox => outbox::start(settings).await,
            Self::Analytics => analytics::start(settings).await,
        }
    }

    /// The vendor that a webhook is deployed for.
    const fn vendor(self) -> &'static str {
        match self {
            Self::GameWallet(vendor) => vendor.name(),
            Self::PaymentWebhook => "adyen",
            _ => "",
        }
    }

    /// The game vendor that calls, if one does.
    pub(crate) const fn game_vendor(self) -> Option<GameVendor> {
        match self {
            Self::GameWallet(vendor) => Some(vendor),
            _ => None,
        }
    }
}

/// All processes of a run.
pub(crate) struct Processes {
    seam: Arc<Seam>,
    wall: WallClock,
    environment: BTreeMap<String, String>,
    /// How many invocations a process takes at once: one on Lambda, many in the embedded cloud.
    room: usize,
    dice: RefCell<Dice>,
    warm: RefCell<BTreeMap<u64, Process>>,
    last: Cell<u64>,
}

struct Process {
    name: Name,
    function: Arc<dyn Function>,
    tasks: Vec<TaskId>,
}

impl Processes {
    pub(crate) fn new(
        seam: Arc<Seam>,
        wall: WallClock,
        environment: BTreeMap<String, String>,
        room: usize,
        dice: Dice,
    ) -> Self {
        Self {
            seam,
            wall,
            environment,
            room,
            dice: RefCell::new(dice),
            warm: RefCell::default(),
            last: Cell::new(0),
        }
    }

    /// Settings like those of a process whose clock is off by so much.
    pub(crate) fn settings(&self, skew_ms: i64) -> Settings {
        Settings::new(self.environment.clone(), context(&self.wall, &self.seam, skew_ms))
            .with_http_client(self.seam.http_client())
            .with_vendors(self.seam.way_to_vendors())
    }

    /// A process with room for a task: a warm one, or a new one. Whether others share it is told along.
    pub(crate) async fn enter(
        &self,
        name: Name,
        task: TaskId,
    ) -> Result<(Arc<dyn Function>, bool), BoxError> {
        if let Some(found) = self.enter_warm(name, task) {
            return Ok(found);
        }
        let skew = i64::try_from(self.dice.borrow_mut().below(400)).unwrap_or_default() - 200;
        let mut environment = self.environment.clone();
        environment.insert("VENDOR".to_owned(), name.vendor().to_owned());
        let settings = Settings::new(environment, context(&self.wall, &self.seam, skew))
            .with_http_client(self.seam.http_client())
            .with_vendors(self.seam.way_to_vendors());
        let function = name.start(settings).await?;
        self.last.set(self.last.get() + 1);
        let process = Process { name, function: Arc::clone(&function), tasks: vec![task] };
        self.warm.borrow_mut().insert(self.last.get(), process);
        Ok((function, false))
    }

    fn enter_warm(&self, name: Name, task: TaskId) -> Option<(Arc<dyn Function>, bool)> {
        let mut warm = self.warm.borrow_mut();
        let found = warm.values_mut().find(|it| it.name == name && it.tasks.len() < self.room)?;
        let shared = !found.tasks.is_empty();
        found.tasks.push(task);
        Some((Arc::clone(&found.function), shared))
    }

    /// A task is done with its process.
    pub(crate) fn leave(&self, task: TaskId) {
        for process in self.warm.borrow_mut().values_mut() {
            process.tasks.retain(|it| *it != task);
        }
    }

    /// The process of a task dies, and with it all tasks inside.
    pub(crate) fn kill(&self, task: TaskId) -> Vec<TaskId> {
        let mut warm = self.warm.borrow_mut();
        let found = warm.iter().find(|(_, it)| it.tasks.contains(&task)).map(|(id, _)| *id);
        match found.and_then(|id| warm.remove(&id)) {
            Some(process) => process.tasks,
            None => vec![task],
        }
    }

    /// A new version is deployed: no process outlives it.
    pub(crate) fn retire_all(&self) {
        self.warm.borrow_mut().clear();
    }
}
