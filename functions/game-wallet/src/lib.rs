//! A game vendor's calls to the wallet: verified, read, decided, and answered as the vendor's protocol says.
//!
//! Deployed once per vendor; the setting `VENDOR` says for whom.

mod known_games;
mod outcome;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use domain::ids::PlayerId;
use domain::person::refuse_closed;
use domain::play::{GameSession, RotateSession, Slot, check_session, known_session};
use domain::{BatchOutcome, Command, EntryKey, Outcome, Refusal, Timestamp, parts};
use edge::metrics::{CallOutcome, VendorCalls};
use edge::{
    BoxError, Context, Exchanges, Function, Handler, Problem, Profiles, Reply, Request, Rotating, Settings,
    Stores, http,
};
use store::{Ledger, Outage};
use tokio::time::Instant;
use vendors::call::RawCall;
use vendors::games::{
    self, GameAnswer, GameRequest, GameVendor, KnownBet, PlayerFacts, Rejection, RequestKind, SessionFacts,
    token_hash,
};

use known_games::{KnownGames, Standing};

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let name = settings.get("VENDOR")?.to_owned();
    let prefix = format!("/webhooks/games/{name}");
    let vendors = Rotating::start(&settings, move |all| games::vendor(&name, &all.games)).await?;
    let vendor = vendors.current().await;
    let stores = Stores::new(&settings)?;
    Ok(http(WalletOfVendor {
        prefix,
        integration: vendor.integration(),
        deadline: vendor.deadline(),
        games: KnownGames::new(stores.catalogue()?, vendor.integration()),
        profiles: Profiles::new(&stores, &settings)?,
        ledger: stores.ledger()?,
        context: settings.context().clone(),
        calls: VendorCalls::new(&settings)?,
        exchanges: Exchanges::new(&stores, &settings)?,
        vendors,
    }))
}

struct WalletOfVendor {
    vendors: Rotating<Box<dyn GameVendor>>,
    integration: &'static str,
    /// How long the vendor's call may take us in all.
    deadline: Duration,
    /// What stands before the protocol's own paths.
    prefix: String,
    ledger: Ledger,
    games: KnownGames,
    profiles: Profiles,
    context: Context,
    calls: VendorCalls,
    exchanges: Exchanges,
}

/// An answer, and what is noted of it.
struct Answered {
    reply: vendors::call::Reply,
    outcome: CallOutcome,
    player: Option<PlayerId>,
}

impl Handler for WalletOfVendor {
    /// Every answer is the vendor's to word: problems are for players and operators.
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let path = request.path().split_once(&self.prefix).map_or("", |(_, below)| below);
        let call = RawCall {
            method: request.method(),
            path,
            query: request.raw_query(),
            headers: request.headers(),
            body: request.body(),
        };
        let (began, path) = (Instant::now(), call.path);
        let Answered { reply, outcome, player } = self.answer(call, began + self.deadline).await;
        self.calls.report(path, outcome, began.elapsed());
        self.exchanges.keep_later(call, &reply, player, outcome);
        Ok(reply.into())
    }
}

impl WalletOfVendor {
    async fn answer(&self, call: RawCall<'_>, deadline: Instant) -> Answered {
        let integration = self.integration;
        let mut vendor = self.vendors.current().await;
        let mut read = read(vendor.as_ref().as_ref(), call);
        if matches!(read, Err(Rejection::Unauthentic(_)))
            && let Some(newer) = self.vendors.newer(&vendor).await
        {
            vendor = newer;
            read = self::read(vendor.as_ref().as_ref(), call);
        }
        let request = match read {
            Ok(request) => request,
            Err(rejection) => {
                tracing::warn!(integration, path = call.path, %rejection, "a wallet call was rejected");
                let reply = vendor.render_rejection(call, &rejection);
                return Answered { reply, outcome: outcome::of_rejection(&rejection), player: None };
            }
        };
        // Near the end of the vendor's patience "try again" is the only true answer left: what was begun may still
        // be done, and the vendor's next call finds it.
        let served = tokio::time::timeout_at(deadline, self.serve(&request)).await;
        let answer = served.unwrap_or_else(|_| Err(Outage::new("answer", "the deadline passed")));
        let answer = answer.unwrap_or_else(|outage| {
            let correlation_id = &request.correlation_id;
            tracing::error!(integration, correlation_id, error = %outage, "a wallet call has no clear outcome");
            GameAnswer::TryAgain
        });
        let reply = vendor.render(&request, &answer);
        Answered { reply, outcome: outcome::of_answer(&answer), player: Some(request.player) }
    }

    async fn serve(&self, request: &GameRequest) -> Result<GameAnswer, Outage> {
        let (player, game, now) = (request.player, request.game.as_deref(), self.context.now());
        match &request.kind {
            RequestKind::Profile => self.profile(player).await,
            RequestKind::Balance { token_hash, late } => {
                self.balance(request, token_hash.as_deref(), *late, now).await
            }
            RequestKind::Session { token } => self.session(player, token, token, now).await,
            RequestKind::RotateSession { key, token, next_token } => {
                self.rotate(player, key.clone(), token, next_token, now).await
            }
            RequestKind::Operation(command) => self.operate(player, command, game, now).await,
            RequestKind::Batch(commands) => self.commit(player, commands, game, now).await,
            RequestKind::Transaction { key } => {
                Ok(GameAnswer::Transaction(self.ledger.slot(player, key).await?))
            }
            RequestKind::Bet { key } => self.bet(player, key).await.map(GameAnswer::Bet),
            RequestKind::Round { key } => Ok(GameAnswer::Round(self.ledger.round(player, key).await?)),
        }
    }

    /// Only this call opens a profile; bets and balances never do.
    async fn profile(&self, player: PlayerId) -> Result<GameAnswer, Outage> {
        let (account, open) =
            tokio::try_join!(self.ledger.account(player), Box::pin(self.profiles.read(player)))?;
        let Some(account) = account else { return Ok(GameAnswer::Refused(Refusal::PlayerUnknown)) };
        // Who was erased has left for good.
        let Some(open) = open else { return Ok(GameAnswer::Refused(Refusal::AccountClosed)) };
        Ok(GameAnswer::Profile(PlayerFacts {
            country: open.profile.country,
            jurisdiction: account.jurisdiction,
            birth_date: Some(open.profile.birth_date),
            registration_date: Some(account.opened_at.to_zoned(jiff::tz::TimeZone::UTC).date()),
        }))
    }

    async fn balance(
        &self,
        request: &GameRequest,
        token_hash: Option<&str>,
        late: bool,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let (found, known) = tokio::try_join!(
            self.ledger.account_and_session(request.player, token_hash.unwrap_or_default()),
            self.games.is_known(request.game.as_deref(), now)
        )?;
        let Some((account, session)) = found else {
            return Ok(GameAnswer::Refused(Refusal::PlayerUnknown));
        };
        let check = || {
            let session = session.as_ref();
            if late {
                known_session(session, self.integration)
            } else {
                check_session(session, self.integration, now)
            }
        };
        if token_hash.is_some()
            && let Err(refusal) = check()
        {
            return Ok(GameAnswer::Refused(refusal));
        }
        if request.currency.is_some_and(|named| named != account.wallet.currency()) {
            return Ok(GameAnswer::Refused(Refusal::WrongCurrency));
        }
        Ok(if known { GameAnswer::Balance(account.wallet) } else { GameAnswer::UnknownGame })
    }

    /// Whether a token is good; `shown` is the token that the vendor is told to use.
    async fn session(
        &self,
        player: PlayerId,
        token: &str,
        shown: &str,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let found = self.ledger.account_and_session(player, &token_hash(token)).await?;
        let Some((account, session)) = found else {
            return Ok(GameAnswer::Refused(Refusal::PlayerUnknown));
        };
        let open =
            refuse_closed(&account).and_then(|()| check_session(session.as_ref(), self.integration, now));
        let session = match open {
            Ok(session) => session.clone(),
            Err(refusal) => return Ok(GameAnswer::Refused(refusal)),
        };
        Ok(GameAnswer::Session(SessionFacts {
            token: shown.to_owned(),
            game: session.game,
            language: session.language,
            country: self.ledger.country(&account).await?,
            wallet: account.wallet,
        }))
    }

    async fn rotate(
        &self,
        player: PlayerId,
        key: EntryKey,
        token: &str,
        next_token: &str,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let command = Command::RotateSession(RotateSession {
            key,
            token_hash: token_hash(token),
            next_token_hash: token_hash(next_token),
            expires_at: now.saturating_add(GameSession::LIFE).unwrap_or(now),
        });
        let outcome = self.ledger.execute(player, &command, now, self.deadline).await?;
        match outcome {
            Outcome::Applied(_) | Outcome::Replayed(_) => {
                self.session(player, next_token, next_token, now).await
            }
            Outcome::Refused { refusal, .. } => Ok(GameAnswer::Refused(refusal)),
        }
    }

    async fn bet(&self, player: PlayerId, key: &EntryKey) -> Result<Option<KnownBet>, Outage> {
        let Some(bet) = self.ledger.bet(player, key).await? else { return Ok(None) };
        let stake = self.ledger.slot(player, &bet.stake_key()).await?;
        Ok(Some(KnownBet { bet, stake }))
    }

    /// What comes alone. Of a cancel that names no round only its bet can tell which; and the end of a round moves
    /// nothing, so that its repeat is answered the balance of now.
    async fn operate(
        &self,
        player: PlayerId,
        command: &Command,
        game: Option<&str>,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let answer = self.commit(player, command.alone(), game, now).await.map(one)?;
        match (command, &answer) {
            (
                Command::Rollback(cancel),
                GameAnswer::Outcome(Outcome::Refused { refusal: Refusal::BetUnknown, .. }),
            ) => {
                let bet = self.ledger.bet(player, &cancel.target_key()).await?;
                match bet.and_then(|bet| cancel.in_round_of(&bet)) {
                    Some(cancel) => {
                        let again = Command::Rollback(cancel);
                        // Boxed, for it is rare and would be carried along by every call.
                        Box::pin(self.commit(player, again.alone(), game, now)).await.map(one)
                    }
                    None => Ok(answer),
                }
            }
            (Command::EndRound(_), GameAnswer::Outcome(Outcome::Replayed(_))) => {
                let account = self.ledger.account(player).await?;
                Ok(account.map_or(answer, |account| GameAnswer::Balance(account.wallet)))
            }
            _ => Ok(answer),
        }
    }

    /// Stakes need a game that we offer; winnings and rollbacks are owed, whatever became of the game.
    async fn commit(
        &self,
        player: PlayerId,
        commands: &[Command],
        game: Option<&str>,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        match game.filter(|_| commands.iter().any(Command::is_stake)) {
            Some(game) => self.stake(player, commands, game, now).await,
            None => self.execute(player, commands, now).await,
        }
    }

    /// A stake on a game that this process has seen before costs nothing beyond the ledger's own round trips.
    async fn stake(
        &self,
        player: PlayerId,
        commands: &[Command],
        game: &str,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        match self.games.standing(game, now) {
            Standing::Known(offer) => self.execute(player, &offer.hold(commands), now).await,
            Standing::Stale(offer) => {
                let commands = offer.hold(commands);
                let (answer, ()) =
                    tokio::join!(self.execute(player, &commands, now), self.games.refresh(game, now));
                answer
            }
            Standing::Unknown => match self.games.look_up(game, now).await? {
                Some(offer) => self.execute(player, &offer.hold(commands), now).await,
                None if self.was_placed(player, commands).await? => self.execute(player, commands, now).await,
                None => Ok(GameAnswer::UnknownGame),
            },
        }
    }

    /// The repeat of a stake is answered as the first time, even if the game was withdrawn since.
    async fn was_placed(&self, player: PlayerId, commands: &[Command]) -> Result<bool, Outage> {
        let Some(first) = commands.first() else { return Ok(false) };
        Ok(matches!(self.ledger.slot(player, &first.key()).await?, Slot::Taken(_)))
    }

    async fn execute(
        &self,
        player: PlayerId,
        commands: &[Command],
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let mut whole: Option<BatchOutcome> = None;
        for part in parts(commands) {
            let outcome = self.ledger.execute_all(player, part, now, self.deadline).await?;
            let outcome = match whole.take() {
                Some(earlier) => earlier.followed_by(outcome),
                None => outcome,
            };
            if matches!(outcome, BatchOutcome::Refused { .. }) {
                return Ok(GameAnswer::Batch(outcome));
            }
            whole = Some(outcome);
        }
        Ok(whole.map_or(GameAnswer::TryAgain, GameAnswer::Batch))
    }
}

fn read(vendor: &dyn GameVendor, call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    vendor.parse(&vendor.verify(call)?)
}

/// The answer to an operation that came alone.
fn one(answer: GameAnswer) -> GameAnswer {
    match answer {
        GameAnswer::Batch(outcome) => outcome.single().map_or(GameAnswer::TryAgain, GameAnswer::Outcome),
        other => other,
    }
}
