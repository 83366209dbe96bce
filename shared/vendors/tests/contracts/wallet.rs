//! One player's wallet in memory: the vendor's own module on one side, the core's decisions on the other.

use domain::account::VerificationStatus;
use domain::cashier::PaymentRules;
use domain::catalogue::GameRules;
use domain::deposit::{DepositEvent, DepositNotice, RequestDeposit};
use domain::ids::{DepositId, GameSessionId, PlayerId};
use domain::person::{self, CloseAccount, Registration, VerificationNotice};
use domain::play::{Debit, GameSession, RotateSession, Slot, StakeOrder, check_session};
use domain::{
    Account, BatchOutcome, Batched, Change, Command, Decision, Entry, EntryKey, Found, Money, Outcome,
    Refusal, Rules, Timestamp, decide_all, parts,
};
use ulid::Ulid;
use vendors::games::{GameAnswer, GameRequest, KnownBet, PlayerFacts, RequestKind, SessionFacts, token_hash};

/// What a case begins with, beside a verified player with money and an open game.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Given {
    /// Nothing else.
    #[default]
    Nothing,
    /// The player's identity is not verified.
    Unverified,
    /// The player has left; there never was any money.
    Closed,
    /// The game session took stakes until a moment ago.
    SessionExpired,
    /// The game session was opened with another vendor.
    SessionElsewhere,
    /// The game takes no more than a cent at once.
    SmallStakes,
}

/// The wallet.
pub(crate) struct Wallet {
    /// The account.
    pub(crate) account: Account,
    /// All that was written.
    pub(crate) entries: Vec<Entry>,
    found: Found,
    game: String,
    max_stake: Option<Money>,
    now: Timestamp,
}

impl Wallet {
    /// A player with so much money, who has a vendor's game open under a token.
    pub(crate) fn open(
        given: Given,
        player: PlayerId,
        vendor: &str,
        game: &str,
        token: &str,
        cash: &str,
    ) -> Self {
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().expect("a time");
        let registration = Registration {
            player,
            brand: "demo".to_owned(),
            jurisdiction: "MT".to_owned(),
            country: "MT".to_owned(),
            currency: "EUR".parse().expect("a currency"),
            birth_date: "1990-01-01".parse().expect("a date"),
        };
        let opened = person::register(&registration, &rules(), now).expect("an account");
        let max_stake = (given == Given::SmallStakes).then(|| "0.01 EUR".parse().expect("an amount"));
        let session = GameSession {
            id: GameSessionId::new(Ulid::from_parts(1, 2)),
            token_hash: token_hash(token),
            integration: if given == Given::SessionElsewhere { "elsewhere" } else { vendor }.to_owned(),
            game: game.to_owned(),
            max_stake,
            language: "en".to_owned(),
            expires_at: if given == Given::SessionExpired { now } else { Timestamp::MAX },
            replaced: false,
        };
        let mut wallet = Self {
            account: opened.account,
            entries: opened.entries,
            found: Found::default(),
            game: game.to_owned(),
            max_stake,
            now,
        };
        wallet.found.sessions.insert(session.token_hash.clone(), session);
        wallet.set_up(given, cash);
        wallet
    }

    fn set_up(&mut self, given: Given, cash: &str) {
        if given == Given::Closed {
            self.must(Command::CloseAccount(CloseAccount { reason: "player_request".to_owned() }));
            return;
        }
        self.pay_in(cash);
        if given != Given::Unverified {
            let (key, as_of) = (EntryKey::new("kyc", "approved"), self.now);
            let status = VerificationStatus::Approved;
            self.must(Command::VerificationNotice(VerificationNotice {
                expires_on: None,
                key,
                status,
                as_of,
                alarming: false,
                judged_at: None,
            }));
        }
    }

    fn pay_in(&mut self, cash: &str) {
        let amount = format!("{cash} EUR").parse().expect("an amount");
        let deposit = DepositId::new(Ulid::from_parts(1, 3));
        self.must(Command::RequestDeposit(RequestDeposit {
            key: EntryKey::new("api", "deposit"),
            deposit,
            amount,
            method: "card".to_owned(),
            attested: false,
            vendor: "adyen".to_owned(),
            return_url: "https://casino.test".to_owned(),
        }));
        let event = DepositEvent::Captured { amount, psp_reference: "psp".to_owned() };
        let key = EntryKey::new("adyen", "paid");
        self.must(Command::DepositNotice(DepositNotice::new(key, deposit, event)));
    }

    fn must(&mut self, command: Command) {
        let outcome = self.execute(&[command]);
        assert!(matches!(outcome, BatchOutcome::Done { .. }), "{outcome:?}");
    }

    /// What came of a vendor's request.
    pub(crate) fn answer(&mut self, request: &GameRequest) -> GameAnswer {
        if request.player != self.account.player {
            return GameAnswer::Refused(Refusal::PlayerUnknown);
        }
        match &request.kind {
            RequestKind::Profile => GameAnswer::Profile(self.profile()),
            RequestKind::Balance { token_hash, late } => self.balance(request, token_hash.as_deref(), *late),
            RequestKind::Session { token } => self.session(token),
            RequestKind::RotateSession { key, token, next_token } => self.rotate(key, token, next_token),
            RequestKind::Operation(command) if self.lacks_game(request, command.alone()) => {
                GameAnswer::UnknownGame
            }
            RequestKind::Operation(command) => self.operate(command),
            RequestKind::Batch(commands) if self.lacks_game(request, commands) => GameAnswer::UnknownGame,
            RequestKind::Batch(commands) => {
                let parts: Vec<BatchOutcome> = parts(commands).map(|part| self.execute(part)).collect();
                let whole = parts.into_iter().reduce(BatchOutcome::followed_by);
                whole.map_or(GameAnswer::TryAgain, GameAnswer::Batch)
            }
            RequestKind::Transaction { key } => {
                GameAnswer::Transaction(self.found.slots.get(key).cloned().unwrap_or(Slot::Free))
            }
            RequestKind::Bet { key } => GameAnswer::Bet(self.bet(key)),
            RequestKind::Round { key } => GameAnswer::Round(self.found.rounds.get(key).cloned()),
        }
    }

    fn bet(&self, key: &EntryKey) -> Option<KnownBet> {
        let bet = self.found.bets.get(key)?.clone();
        let stake = self.found.slots.get(&bet.stake_key()).cloned().unwrap_or(Slot::Free);
        Some(KnownBet { bet, stake })
    }

    /// As the wallet's function does it: a cancel that names no round is judged by that of its bet, and the repeated end
    /// of a round is answered the balance of now.
    fn operate(&mut self, command: &Command) -> GameAnswer {
        let outcome = self.execute(command.alone()).single().unwrap();
        match (command, &outcome) {
            (Command::Rollback(cancel), Outcome::Refused { refusal: Refusal::BetUnknown, .. }) => {
                let bet = self.found.bets.get(&cancel.target_key());
                match bet.and_then(|bet| cancel.in_round_of(bet)) {
                    Some(cancel) => self.operate(&Command::Rollback(cancel)),
                    None => GameAnswer::Outcome(outcome),
                }
            }
            (Command::EndRound(_), Outcome::Replayed(_)) => GameAnswer::Balance(self.account.wallet),
            _ => GameAnswer::Outcome(outcome),
        }
    }

    fn profile(&self) -> PlayerFacts {
        PlayerFacts {
            country: "MT".to_owned(),
            jurisdiction: self.account.jurisdiction.clone(),
            birth_date: "1990-01-01".parse().ok(),
            registration_date: "2026-11-23".parse().ok(),
        }
    }

    fn lacks_game(&self, request: &GameRequest, commands: &[Command]) -> bool {
        commands.iter().any(Command::is_stake) && request.game.as_ref().is_some_and(|game| *game != self.game)
    }

    fn balance(&self, request: &GameRequest, token_hash: Option<&str>, late: bool) -> GameAnswer {
        let session = token_hash.and_then(|hash| self.found.sessions.get(hash));
        if token_hash.is_some()
            && let Err(refusal) = self.check(session)
            && !(late && refusal == Refusal::SessionExpired)
        {
            return GameAnswer::Refused(refusal);
        }
        if request.currency.is_some_and(|named| named != self.account.wallet.currency()) {
            return GameAnswer::Refused(Refusal::WrongCurrency);
        }
        if request.game.as_ref().is_some_and(|game| *game != self.game) {
            return GameAnswer::UnknownGame;
        }
        GameAnswer::Balance(self.account.wallet)
    }

    fn session(&self, token: &str) -> GameAnswer {
        let session = self.found.sessions.get(&token_hash(token));
        match person::refuse_closed(&self.account).and_then(|()| self.check(session)) {
            Err(refusal) => GameAnswer::Refused(refusal),
            Ok(session) => GameAnswer::Session(SessionFacts {
                token: token.to_owned(),
                game: session.game.clone(),
                country: "MT".to_owned(),
                language: session.language.clone(),
                wallet: self.account.wallet,
            }),
        }
    }

    /// Sessions here are the vendor's own but for those that are said to be elsewhere's.
    fn check<'a>(&self, session: Option<&'a GameSession>) -> Result<&'a GameSession, Refusal> {
        let vendor = session.map_or("", |it| it.integration.as_str());
        check_session(session.filter(|_| vendor != "elsewhere"), vendor, self.now)
    }

    fn rotate(&mut self, key: &EntryKey, token: &str, next_token: &str) -> GameAnswer {
        let command = Command::RotateSession(RotateSession {
            key: key.clone(),
            token_hash: token_hash(token),
            next_token_hash: token_hash(next_token),
            expires_at: Timestamp::MAX,
        });
        match self.execute(command.alone()).single() {
            Some(Outcome::Applied(_) | Outcome::Replayed(_)) => self.session(next_token),
            Some(Outcome::Refused { refusal, .. }) => GameAnswer::Refused(refusal),
            None => GameAnswer::TryAgain,
        }
    }

    fn execute(&mut self, commands: &[Command]) -> BatchOutcome {
        let commands: Vec<_> = commands.iter().cloned().map(|it| self.held(it)).collect();
        let decided = decide_all(&self.account, &self.found, &commands, &rules(), self.now);
        let Batched { decision, done } = match decided {
            Ok(batched) => batched,
            Err((index, refusal)) => {
                let account = Some(Box::new(self.account.clone()));
                return BatchOutcome::Refused { index, refusal, account };
            }
        };
        let then = done.last().map(|it| it.entry().balances);
        let balances = decision.as_ref().map(|it| it.account.wallet).or(then).unwrap_or(self.account.wallet);
        if let Some(decision) = decision {
            self.commit(decision);
        }
        BatchOutcome::Done { done, balances }
    }

    /// The command, with what its game takes at once, if it names one.
    fn held(&self, command: Command) -> Command {
        match command {
            Command::Debit(stake) if !stake.play.game.is_empty() => {
                Command::Debit(Debit { max_stake: self.max_stake, ..stake })
            }
            other => other,
        }
    }

    fn commit(&mut self, decision: Decision) {
        for entry in decision.entries {
            self.found.slots.insert(entry.key.clone(), Slot::Taken(Box::new(entry.clone())));
            self.entries.push(entry);
        }
        self.account = decision.account;
        for change in decision.changes {
            match change {
                Change::Deposit(it) => drop(self.found.deposits.insert(it.id, it)),
                Change::Withdrawal(it) => drop(self.found.withdrawals.insert(it.id, it)),
                Change::GameSession(it) => drop(self.found.sessions.insert(it.token_hash.clone(), it)),
                Change::Bet(it) => drop(self.found.bets.insert(it.key.clone(), it)),
                Change::Round(it) => drop(self.found.rounds.insert(it.key.clone(), it)),
                Change::Tombstone { key, .. } => drop(self.found.slots.insert(key, Slot::Tombstone)),
                Change::Reversed { key, by } => {
                    if let Some(Slot::Taken(entry)) = self.found.slots.get_mut(&key) {
                        entry.reversed_by = Some(by);
                    }
                }
                Change::Reference(_) | Change::Instrument(_) => {}
            }
        }
    }
}

fn rules() -> Rules {
    Rules {
        renewal_days: None,
        id: "MT".to_owned(),
        version: "test".to_owned(),
        min_age: 18,
        time_zone: "Europe/Malta".to_owned(),
        retention_years: 5,
        verified_before_deposit: false,
        verified_before_bet: true,
        withdrawal_reversal: true,
        stake_order: StakeOrder::CashFirst,
        payments: PaymentRules::default(),
        games: GameRules::default(),
    }
}
