//! From the ledger's entry to the event. Exhaustive: a new fact does not compile until it is told.

use domain::deposit::RefundReference;
use domain::fact::{Play, Undone};
use domain::{Currency, Entry, Fact};

use crate::catalogue::Data;
use crate::data::{Balances, adjustment, casino, kyc, payment, player, sport};
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
    #[expect(clippy::too_many_lines, reason = "one arm for each fact, and no fact is forgotten")]
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
            Fact::VerificationChanged { verification, status, vendor, expires_on, by: _ } => {
                Data::VerificationChanged(kyc::VerificationChanged {
                    currency,
                    verification_id: verification,
                    status: status.into(),
                    vendor,
                    document_expires_on: expires_on,
                })
            }
            Fact::GameLaunched { session: game_session_id, game: game_id, integration } => {
                let data = casino::GameLaunched { currency, game_session_id, game_id, integration };
                Data::GameLaunched(data)
            }
            Fact::GameSessionRotated { session: game_session_id } => {
                Data::GameSessionRotated(casino::SessionRotated { currency, game_session_id })
            }
            Fact::BetPlaced { play, amount, bonus, free } => Data::BetPlaced(casino::BetPlaced {
                currency,
                play: self.play(play),
                amount: amount.into(),
                bonus_amount: bonus.map(Into::into),
                free,
                balances: self.balances(),
            }),
            Fact::BetWon { play, amount, bonus, bet, reason } => Data::BetWon(casino::BetWon {
                currency,
                play: self.play(play),
                amount: amount.into(),
                bonus_amount: bonus.map(Into::into),
                bet_transaction_id: bet,
                reason: reason.into(),
                balances: self.balances(),
            }),
            Fact::RolledBack { play, target, undone } => self.rolled_back(play, target, undone.as_ref()),
            Fact::RoundEnded { play } => {
                Data::RoundEnded(casino::RoundEnded { currency, play: self.play(play) })
            }
            Fact::FreeRoundPlayed { play, amount, won, reward } => {
                Data::FreeRoundPlayed(casino::FreeRoundPlayed {
                    currency,
                    play: self.play(play),
                    amount: amount.into(),
                    won,
                    reward_id: reward,
                })
            }
            Fact::BetUpdated { play, bet, from, to, stake, payout, payout_before, shortfall } => {
                Data::BetUpdated(sport::BetUpdated {
                    currency,
                    play: self.play(play),
                    bet,
                    from: from.into(),
                    to: to.into(),
                    stake: stake.into(),
                    payout: payout.into(),
                    payout_before: payout_before.into(),
                    shortfall: shortfall.into(),
                    balances: self.balances(),
                })
            }
            Fact::DepositRequested { deposit: deposit_id, amount, method } => {
                let amount = amount.into();
                let data = payment::DepositRequested { currency, deposit_id, amount, method };
                Data::DepositRequested(data)
            }
            Fact::DepositProgressed { deposit: deposit_id, status } => {
                let status = status.into();
                Data::DepositProgressed(payment::DepositProgressed { currency, deposit_id, status })
            }
            Fact::DepositIdentified { deposit: deposit_id, instrument, funding, holder } => {
                Data::DepositIdentified(payment::DepositIdentified {
                    currency,
                    deposit_id,
                    instrument: instrument.map(Into::into),
                    funding: funding.map(Into::into),
                    holder: holder.into(),
                })
            }
            Fact::DepositCompleted { deposit: deposit_id, amount, method, first } => {
                let (amount, balances) = (amount.into(), self.balances());
                let data =
                    payment::DepositCompleted { currency, deposit_id, amount, method, first, balances };
                Data::DepositCompleted(data)
            }
            Fact::DepositQuarantined { deposit: deposit_id, received } => {
                let received_currency = received.currency();
                let received = received.into();
                let data = payment::DepositQuarantined { currency, deposit_id, received, received_currency };
                Data::DepositQuarantined(data)
            }
            Fact::DepositReturned { deposit: deposit_id, amount } => {
                let returned_currency = amount.currency();
                let returned = amount.into();
                let data = payment::DepositReturned { currency, deposit_id, returned, returned_currency };
                Data::DepositReturned(data)
            }
            Fact::DepositRefunded { deposit: deposit_id, amount, shortfall, refund } => {
                Data::DepositRefunded(payment::DepositRefunded {
                    currency,
                    deposit_id,
                    refund_id: refund.map(|refund| RefundReference { deposit: deposit_id, refund }),
                    amount: amount.into(),
                    shortfall: shortfall.into(),
                    balances: self.balances(),
                })
            }
            Fact::RefundRequested { deposit, refund, amount, approved } => {
                Data::RefundRequested(payment::RefundRequested {
                    currency,
                    deposit_id: deposit,
                    refund_id: RefundReference { deposit, refund },
                    amount: amount.into(),
                    approved,
                    balances: self.balances(),
                })
            }
            Fact::RefundProgressed { deposit, refund, status } => {
                let (refund_id, status) = (RefundReference { deposit, refund }, status.into());
                let data = payment::RefundProgressed { currency, deposit_id: deposit, refund_id, status };
                Data::RefundProgressed(data)
            }
            Fact::RefundReturned { deposit, refund, status, amount, after_payment } => {
                Data::RefundReturned(payment::RefundReturned {
                    currency,
                    deposit_id: deposit,
                    refund_id: RefundReference { deposit, refund },
                    status: status.into(),
                    amount: amount.into(),
                    after_payment,
                    balances: self.balances(),
                })
            }
            Fact::DepositChargedBack { deposit: deposit_id, amount, shortfall } => {
                let (amount, shortfall, balances) = (amount.into(), shortfall.into(), self.balances());
                let data = payment::DepositTakenBack { currency, deposit_id, amount, shortfall, balances };
                Data::DepositChargedBack(data)
            }
            Fact::ChargebackReversed { deposit: deposit_id, amount, repaid } => {
                let (amount, repaid, balances) = (amount.into(), repaid.into(), self.balances());
                let data = payment::ChargebackReversed { currency, deposit_id, amount, repaid, balances };
                Data::ChargebackReversed(data)
            }
            Fact::WithdrawalRequested { withdrawal: withdrawal_id, amount, method, approved } => {
                Data::WithdrawalRequested(payment::WithdrawalRequested {
                    currency,
                    withdrawal_id,
                    amount: amount.into(),
                    method,
                    approved,
                    balances: self.balances(),
                })
            }
            Fact::WithdrawalProgressed { withdrawal: withdrawal_id, status } => {
                let status = status.into();
                Data::WithdrawalProgressed(payment::WithdrawalProgressed { currency, withdrawal_id, status })
            }
            Fact::WithdrawalReturned { withdrawal: withdrawal_id, status, amount, after_payment, payout } => {
                Data::WithdrawalReturned(payment::WithdrawalReturned {
                    currency,
                    withdrawal_id,
                    status: status.into(),
                    amount: amount.into(),
                    after_payment,
                    payout,
                    balances: self.balances(),
                })
            }
            Fact::WithdrawalPaid { withdrawal: withdrawal_id, amount, shortfall, payout } => {
                Data::WithdrawalPaid(payment::WithdrawalPaid {
                    currency,
                    withdrawal_id,
                    amount: amount.into(),
                    shortfall: shortfall.map(Into::into),
                    payout,
                    balances: self.balances(),
                })
            }
            Fact::Adjusted { amount, cause, shortfall, by } => Data::Adjusted(adjustment::Adjusted {
                currency,
                amount: amount.into(),
                cause: cause.into(),
                shortfall: shortfall.into(),
                staff_id: by,
                balances: self.balances(),
            }),
        }
    }

    fn rolled_back(&self, play: Play, target_transaction_id: String, undone: Option<&Undone>) -> Data {
        let (currency, play, balances) = (self.currency, self.play(play), self.balances());
        match undone {
            Some(Undone::Bet { amount, bonus }) => Data::BetRolledBack(casino::BetRolledBack {
                currency,
                play,
                target_transaction_id,
                amount: (*amount).into(),
                bonus_amount: bonus.map(Into::into),
                balances,
            }),
            Some(Undone::Win { amount, bonus, shortfall, reason }) => {
                Data::WinRolledBack(casino::WinRolledBack {
                    currency,
                    play,
                    target_transaction_id,
                    amount: (*amount).into(),
                    bonus_amount: bonus.map(Into::into),
                    reason: (*reason).into(),
                    shortfall: (*shortfall).into(),
                    balances,
                })
            }
            None => {
                Data::TransactionVoided(casino::TransactionVoided { currency, play, target_transaction_id })
            }
        }
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
