//! Opening a game: a session of our own first, then the vendor's address for it. Or only to try it out.

mod body;

use std::sync::Arc;

use domain::catalogue::{Audience, Device, Game};
use domain::ids::{GameSessionId, PlayerId};
use domain::person::refuse_closed;
use domain::play::{GameSession, LaunchGame};
use domain::{Account, Command, Currency, EntryKey, Refusal, Timestamp};
use edge::auth::Auth;
use edge::{
    BoxError, Context, Function, GameVendors, Handler, Leave, Problem, Reply, Request, Rotating, Settings,
    Stores, http, rule_book,
};
use serde_json::json;
use store::{Catalogue, Ledger, RuleBook};
use vendors::call::CallFailure;
use vendors::games::{DemoLaunch, GameToken, Launch, SECRET_BYTES, token_hash};

use body::Body;

/// How long the ledger may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// Starts the function.
pub async fn start(settings: Settings) -> Result<Arc<dyn Function>, BoxError> {
    let stores = Stores::new(&settings)?;
    Ok(http(Launcher {
        auth: stores.auth().await?,
        ledger: stores.ledger()?,
        catalogue: stores.catalogue()?,
        rules: rule_book()?,
        vendors: GameVendors::start(&settings).await?,
        context: settings.context().clone(),
    }))
}

struct Launcher {
    auth: Auth,
    ledger: Ledger,
    catalogue: Catalogue,
    rules: RuleBook,
    vendors: Rotating<GameVendors>,
    context: Context,
}

impl Handler for Launcher {
    async fn handle(&self, request: Request) -> Result<Reply, Problem> {
        match request.route() {
            "POST /v1/games/{game_id}/launch" => self.launch(&request).await,
            "POST /v1/games/{game_id}/demo" => self.demo(&request).await,
            _ => Err(Problem::not_found()),
        }
    }
}

impl Launcher {
    /// The session is committed before the vendor hears of its token: a bet may follow within milliseconds.
    /// If the vendor then fails, an unused session does no harm.
    async fn launch(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let body = Body::read(request)?;
        let now = self.context.now();
        let (game, account, country) = self.find(&game_id(request)?, player, body.device, now).await?;
        let vendors = self.vendors.current().await;
        let leave = admitted(&vendors, &game)?;
        let currency = account.wallet.currency();
        let token = GameToken::new(player, currency, self.context.bytes::<SECRET_BYTES>()).to_text();
        let language = body::language(request);
        let session_id = self.open_session((player, currency), &game, &token, &language, now).await?;
        let launch = Launch {
            player,
            token,
            game: game.code.clone(),
            currency,
            country,
            language,
            device: body.device,
            ip: body::address(request)?,
            lobby_url: body.return_url,
            deposit_url: None,
        };
        let launch_url = leave.launch_url(&launch).await.map_err(|failure| not_opened(&game, &failure))?;
        Ok(Reply::json(201, &json!({ "launch_url": launch_url, "session_id": session_id })))
    }

    /// A game to be tried out, with the vendor's play money: no session, and no calls to the wallet. It takes what play
    /// takes, for some jurisdictions let nobody try a game who may not play it.
    async fn demo(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?.id;
        let body = Body::read(request)?;
        let found = self.find(&game_id(request)?, player, body.device, self.context.now()).await?;
        let (game, account, country) = found;
        let vendors = self.vendors.current().await;
        let vendor = vendors.vendor(&game.integration).ok_or_else(Problem::unavailable)?;
        let demos = vendor.demos().ok_or_else(|| Problem::conflict("this game cannot be tried out"))?;
        let demo = DemoLaunch {
            game: game.code.clone(),
            currency: account.wallet.currency(),
            country,
            language: body::language(request),
            device: body.device,
            ip: body::address(request)?,
            lobby_url: body.return_url,
        };
        let leave = admitted(&vendors, &game)?;
        let demo_url = leave.demo_url(demos, &demo).await.map_err(|failure| not_opened(&game, &failure))?;
        Ok(Reply::json(201, &json!({ "demo_url": demo_url })))
    }

    /// The game, if the player may be offered it and play it now; the player's account and country.
    async fn find(
        &self,
        game_id: &str,
        player: PlayerId,
        device: Device,
        now: Timestamp,
    ) -> Result<(Game, Account, String), Problem> {
        let (game, account) = tokio::try_join!(self.catalogue.game(game_id), self.ledger.account(player))?;
        let account = account.ok_or(Refusal::PlayerUnknown)?;
        refuse_closed(&account)?;
        let country = self.ledger.country(&account).await?;
        let game = game.ok_or_else(Problem::not_found)?;
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        game.open_to(&Audience {
            jurisdiction: &account.jurisdiction,
            rules: &rules.games,
            country: &country,
            currency: account.wallet.currency(),
            device: Some(device),
        })?;
        // Bets would be refused anyway; better said before the game opens than inside it.
        if rules.verified_before_bet && !account.verification.covers(rules, now) {
            return Err(Refusal::NotVerified.into());
        }
        Ok((game, account, country))
    }

    async fn open_session(
        &self,
        (player, currency): (PlayerId, Currency),
        game: &Game,
        token: &str,
        language: &str,
        now: Timestamp,
    ) -> Result<GameSessionId, Problem> {
        let id = GameSessionId::new(self.context.ulid());
        let session = GameSession {
            id,
            token_hash: token_hash(token),
            integration: game.integration.clone(),
            game: game.code.clone(),
            max_stake: game.max_stake_in(currency),
            language: language.to_owned(),
            expires_at: now.saturating_add(GameSession::LIFE).unwrap_or(now),
            replaced: false,
        };
        let key = EntryKey::new("launch", id.to_string());
        let command = Command::LaunchGame(LaunchGame { key, session });
        self.ledger.execute(player, &command, now, PATIENCE).await?.done()?;
        Ok(id)
    }
}

/// Leave to call the game's vendor, asked for before anything is written: a vendor that is left alone keeps nobody
/// waiting.
fn admitted<'a>(vendors: &'a GameVendors, game: &Game) -> Result<Leave<'a>, Problem> {
    vendors.admit(&game.integration).map_err(|not_now| {
        tracing::warn!(game = game.game_id, %not_now, "a game cannot be opened now");
        not_now.into()
    })
}

fn not_opened(game: &Game, failure: &CallFailure) -> Problem {
    tracing::error!(game = game.game_id, %failure, "a game could not be opened");
    Problem::unavailable()
}

/// The game asked for. Longer than any key of ours means no game of ours.
fn game_id(request: &Request) -> Result<String, Problem> {
    const LONGEST: usize = 512;
    Some(request.path_parameter("game_id")).filter(|id| id.len() <= LONGEST).ok_or_else(Problem::not_found)
}
