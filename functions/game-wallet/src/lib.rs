//! A game vendor's calls to the wallet: verified, read, decided, and answered as the vendor's protocol says.
//!
//! Deployed once per vendor; the setting `VENDOR` says for whom.

mod known_games;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::ids::PlayerId;
use domain::play::{Slot, check_balance_access};
use domain::{Command, Refusal, Timestamp};
use edge::{
    BoxError, ConfigError, Context, Function, Handler, Problem, Profiles, Reply, Request, Secrets, Settings,
    Stores, http,
};
use store::{Ledger, Outage};
use vendors::call::RawCall;
use vendors::games::hub88::{self, Hub88};
use vendors::games::{GameAnswer, GameRequest, GameWallet, PlayerFacts, Rejection, RequestKind};
use vendors::settings::Games;

use known_games::{KnownGames, Standing};

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let name = settings.get("VENDOR")?;
    let vendor = vendor(name, &Secrets::new(&settings)?.vendors().await?.games)?;
    let stores = Stores::new(&settings)?;
    Ok(http(WalletOfVendor {
        prefix: format!("/webhooks/games/{name}"),
        games: KnownGames::new(stores.catalogue()?, vendor.integration()),
        profiles: Profiles::new(&stores, &settings)?,
        ledger: stores.ledger()?,
        context: settings.context().clone(),
        vendor,
    }))
}

fn vendor(name: &str, settings: &Games) -> Result<Box<dyn GameWallet>, BoxError> {
    let unconfigured = || ConfigError::new("VENDOR", format!("is {name}, which has no settings"));
    match name {
        hub88::INTEGRATION => Ok(Box::new(Hub88::new(settings.hub88.as_ref().ok_or_else(unconfigured)?)?)),
        _ => Err(ConfigError::new("VENDOR", format!("is {name}, which is no game vendor")).into()),
    }
}

struct WalletOfVendor {
    vendor: Box<dyn GameWallet>,
    /// What stands before the protocol's own paths.
    prefix: String,
    ledger: Ledger,
    games: KnownGames,
    profiles: Profiles,
    context: Context,
}

impl Handler for WalletOfVendor {
    /// Every answer is the vendor's to word: problems are for players and operators.
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        let path = request.path().split_once(&self.prefix).map_or("", |(_, below)| below);
        let call = RawCall { path, headers: request.headers(), body: request.body() };
        Ok(self.answer(call).await.into())
    }
}

impl WalletOfVendor {
    async fn answer(&self, call: RawCall<'_>) -> vendors::call::Reply {
        let integration = self.vendor.integration();
        let request = match self.read(call) {
            Ok(request) => request,
            Err(rejection) => {
                tracing::warn!(integration, path = call.path, %rejection, "a wallet call was rejected");
                return self.vendor.render_rejection(call, &rejection);
            }
        };
        let answer = self.serve(&request).await.unwrap_or_else(|outage| {
            let correlation_id = &request.correlation_id;
            tracing::error!(integration, correlation_id, error = %outage, "a wallet call has no clear outcome");
            GameAnswer::TryAgain
        });
        self.vendor.render(&request, &answer)
    }

    fn read(&self, call: RawCall<'_>) -> Result<GameRequest, Rejection> {
        self.vendor.parse(&self.vendor.verify(call)?)
    }

    async fn serve(&self, request: &GameRequest) -> Result<GameAnswer, Outage> {
        let now = self.context.now();
        match (&request.kind, &request.game) {
            (RequestKind::Profile, _) => self.profile(request.player).await,
            (RequestKind::Balance { token_hash }, game) => {
                self.balance(request.player, token_hash, game.as_deref(), now).await
            }
            (RequestKind::Operation(command), Some(game)) if matches!(**command, Command::Debit(_)) => {
                self.stake(request.player, command, game, now).await
            }
            // Winnings and rollbacks are owed, whatever became of the game.
            (RequestKind::Operation(command), _) => self.execute(request.player, command, now).await,
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
        player: PlayerId,
        token_hash: &str,
        game: Option<&str>,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let (found, known) = tokio::try_join!(
            self.ledger.account_and_session(player, token_hash),
            self.games.is_known(game, now)
        )?;
        let Some((account, session)) = found else {
            return Ok(GameAnswer::Refused(Refusal::PlayerUnknown));
        };
        if let Err(refusal) = check_balance_access(session.as_ref(), self.vendor.integration(), now) {
            return Ok(GameAnswer::Refused(refusal));
        }
        if !known {
            return Ok(GameAnswer::UnknownGame);
        }
        let playable = account.wallet.playable();
        Ok(playable.map_or_else(|error| GameAnswer::Refused(error.into()), GameAnswer::Balance))
    }

    /// A stake on a game that this process has seen before costs nothing beyond the ledger's own round trips.
    async fn stake(
        &self,
        player: PlayerId,
        command: &Command,
        game: &str,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        match self.games.standing(game, now) {
            Standing::Known => self.execute(player, command, now).await,
            Standing::Stale => {
                let (answer, ()) =
                    tokio::join!(self.execute(player, command, now), self.games.refresh(game, now));
                answer
            }
            Standing::Unknown => {
                let offered = self.games.look_up(game, now).await?;
                if offered || self.was_placed(player, command).await? {
                    self.execute(player, command, now).await
                } else {
                    Ok(GameAnswer::UnknownGame)
                }
            }
        }
    }

    /// The repeat of a stake is answered as the first time, even if the game was withdrawn since.
    async fn was_placed(&self, player: PlayerId, command: &Command) -> Result<bool, Outage> {
        Ok(matches!(self.ledger.slot(player, &command.key()).await?, Slot::Taken(_)))
    }

    async fn execute(
        &self,
        player: PlayerId,
        command: &Command,
        now: Timestamp,
    ) -> Result<GameAnswer, Outage> {
        let outcome = self.ledger.execute(player, command, now, self.vendor.deadline()).await?;
        Ok(GameAnswer::Outcome(outcome))
    }
}
