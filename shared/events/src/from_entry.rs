//! From the ledger's entry to the event. Exhaustive: a new fact does not compile until it is told.

use domain::deposit::DepositStatus;
use domain::fact::{Play, Undone};
use domain::ids::{DepositId, WithdrawalId};
use domain::withdrawal::WithdrawalStatus;
use domain::{Currency, Entry, Fact, Money};

use crate::catalogue::Data;
use crate::data::{Balances, casino, kyc, payment, player};
use crate::event::Event;

/// The door of players' own clients.
const API: &str = "api";

impl Event {
    /// The event of an entry: always the same for the same entry.
    #[must_use]
    pub fn from_entry(entry: &Entry) -> Self {
        Self {
            player: entry.player,
            sequence: entry.seq,
            time: entry.at,
            brand: entry.brand.clone(),
            jurisdiction: entry.jurisdiction.clone(),
            ledger_ref: ledger_ref(entry),
            data: Teller { entry, currency: entry.balances.currency() }.data(),
        }
    }
}

/// What leads to the entry. A key that a player's client chose may say anything, even who they are, so it stays
/// inside; the number leads to the entry as well.
fn ledger_ref(entry: &Entry) -> String {
    match entry.key.integration.as_str() {
        API => format!("{API}/{}", entry.seq),
        integration => format!("{integration}/{}", entry.key.tx),
    }
}

/// Tells what an entry is about.
struct Teller<'a> {
    entry: &'a Entry,
    currency: Currency,
}

impl Teller<'_> {
    fn data(&self) -> Data {
        let currency = self.currency;
        match self.entry.fact.clone() {
            Fact::PlayerRegistered { country } => {
                Data::PlayerRegistered(player::Registered { currency, country })
            }
            Fact::SignedIn { session } => Data::SignedIn(player::SignedIn { currency, session_id: session }),
            Fact::ProfileChanged { fields, verification } => {
                let verification_status = verification.map(Into::into);
                Data::PlayerUpdated(player::Updated { currency, fields, verification_status })
            }
            Fact::AccountClosed { reason } => Data::PlayerClosed(player::Closed { currency, reason }),
            Fact::VerificationChanged { verification: verification_id, status, vendor } => {
                let status = status.into();
                let data = kyc::VerificationChanged { currency, verification_id, status, vendor };
                Data::VerificationChanged(data)
            }
            Fact::GameLaunched { session: game_session_id, game: game_id, integration } => {
                let data = casino::GameLaunched { currency, game_session_id, game_id, integration };
                Data::GameLaunched(data)
            }
            Fact::BetPlaced { play, amount, free } => self.bet_placed(play, amount, free),
            Fact::BetWon { play, amount, bet } => self.bet_won(play, amount, bet),
            Fact::RolledBack { play, target, undone } => self.rolled_back(play, target, undone.as_ref()),
            Fact::DepositRequested { deposit: deposit_id, amount, method } => {
                let amount = amount.into();
                let data = payment::DepositRequested { currency, deposit_id, amount, method };
                Data::DepositRequested(data)
            }
            Fact::DepositProgressed { deposit, status } => self.deposit_progressed(deposit, status),
            Fact::DepositCompleted { deposit, amount, method, first } => {
                self.deposit_completed(deposit, amount, method, first)
            }
            Fact::DepositQuarantined { deposit, received } => self.deposit_quarantined(deposit, received),
            Fact::WithdrawalRequested { withdrawal, amount, method } => {
                self.withdrawal_requested(withdrawal, amount, method)
            }
            Fact::WithdrawalProgressed { withdrawal: withdrawal_id, status } => {
                let status = status.into();
                Data::WithdrawalProgressed(payment::WithdrawalProgressed { currency, withdrawal_id, status })
            }
            Fact::WithdrawalReturned { withdrawal, status, amount } => {
                self.withdrawal_returned(withdrawal, status, amount)
            }
            Fact::WithdrawalPaid { withdrawal, amount } => self.withdrawal_paid(withdrawal, amount),
        }
    }

    fn bet_placed(&self, play: Play, amount: Money, free: bool) -> Data {
        Data::BetPlaced(casino::BetPlaced {
            currency: self.currency,
            play: self.play(play),
            amount: amount.into(),
            free,
            balances: self.balances(),
        })
    }

    fn bet_won(&self, play: Play, amount: Money, bet_transaction_id: Option<String>) -> Data {
        Data::BetWon(casino::BetWon {
            currency: self.currency,
            play: self.play(play),
            amount: amount.into(),
            bet_transaction_id,
            balances: self.balances(),
        })
    }

    fn rolled_back(&self, play: Play, target_transaction_id: String, undone: Option<&Undone>) -> Data {
        let (currency, play, balances) = (self.currency, self.play(play), self.balances());
        match undone {
            Some(Undone::Bet { amount }) => Data::BetRolledBack(casino::BetRolledBack {
                currency,
                play,
                target_transaction_id,
                amount: (*amount).into(),
                balances,
            }),
            Some(Undone::Win { amount, shortfall }) => Data::WinRolledBack(casino::WinRolledBack {
                currency,
                play,
                target_transaction_id,
                amount: (*amount).into(),
                shortfall: (*shortfall).into(),
                balances,
            }),
            None => {
                Data::TransactionVoided(casino::TransactionVoided { currency, play, target_transaction_id })
            }
        }
    }

    fn deposit_progressed(&self, deposit_id: DepositId, status: DepositStatus) -> Data {
        let (currency, status) = (self.currency, status.into());
        Data::DepositProgressed(payment::DepositProgressed { currency, deposit_id, status })
    }

    fn deposit_completed(&self, deposit_id: DepositId, amount: Money, method: String, first: bool) -> Data {
        Data::DepositCompleted(payment::DepositCompleted {
            currency: self.currency,
            deposit_id,
            amount: amount.into(),
            method,
            first,
            balances: self.balances(),
        })
    }

    fn deposit_quarantined(&self, deposit_id: DepositId, received: Money) -> Data {
        Data::DepositQuarantined(payment::DepositQuarantined {
            currency: self.currency,
            deposit_id,
            received: received.into(),
            received_currency: received.currency(),
        })
    }

    fn withdrawal_requested(&self, withdrawal_id: WithdrawalId, amount: Money, method: String) -> Data {
        Data::WithdrawalRequested(payment::WithdrawalRequested {
            currency: self.currency,
            withdrawal_id,
            amount: amount.into(),
            method,
            balances: self.balances(),
        })
    }

    fn withdrawal_returned(&self, id: WithdrawalId, status: WithdrawalStatus, amount: Money) -> Data {
        Data::WithdrawalReturned(payment::WithdrawalReturned {
            currency: self.currency,
            withdrawal_id: id,
            status: status.into(),
            amount: amount.into(),
            balances: self.balances(),
        })
    }

    fn withdrawal_paid(&self, withdrawal_id: WithdrawalId, amount: Money) -> Data {
        Data::WithdrawalPaid(payment::WithdrawalPaid {
            currency: self.currency,
            withdrawal_id,
            amount: amount.into(),
            balances: self.balances(),
        })
    }

    /// The play, with the vendor and the transaction that the entry's key names.
    fn play(&self, play: Play) -> casino::Play {
        casino::Play {
            integration: self.entry.key.integration.clone(),
            transaction_id: self.entry.key.tx.clone(),
            game_code: play.game,
            round_id: play.round,
            round_closed: play.round_closed,
        }
    }

    fn balances(&self) -> Balances {
        self.entry.balances.into()
    }
}
