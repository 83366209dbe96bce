//! Players and staff: how they came to be, and how they prove who they are.

use domain::account::VerificationStatus;
use domain::catalogue::{Certified, Game, Terms};
use domain::ids::{GameSessionId, PlayerId, SessionId, StaffId, VerificationId};
use domain::person::{self, Registration, StartVerification, VerificationNotice};
use domain::play::{GameSession, LaunchGame};
use domain::{Command, EntryKey};
use edge::profiles::{Address, Consents, Profile};
use edge::{Profiles, Settings, Stores, rule_book};
use std::time::Duration;
use store::{Family, Ledger};
use vendors::games::{GameToken, SECRET_BYTES, token_hash};

use crate::Error;
use crate::oracle::Oracle;
use crate::vendors::GameVendor;

/// The game that is played, whoever's it is.
pub(crate) const GAME: &str = "pit_dice";
const PATIENCE: Duration = Duration::from_mins(1);
const BRAND: &str = "demo";
/// How many tables of Evolution each player opens, one of them long ago.
const TABLES: u8 = 5;

/// A player.
pub(crate) struct Player {
    pub(crate) id: String,
    pub(crate) session: SessionId,
    pub(crate) currency: &'static str,
    /// The token of an open game, and of one that was over long ago.
    pub(crate) token: String,
    pub(crate) expired_token: String,
    /// The tokens that tables of Evolution were opened with, the oldest of them long ago.
    pub(crate) table_tokens: Vec<String>,
}

/// Two members of staff, who do not always agree.
pub(crate) struct Staff {
    pub(crate) members: [(String, SessionId); 2],
}

impl Player {
    /// A player registers, is verified (every fifth is not) and opens a game.
    pub(crate) async fn join(
        number: usize,
        settings: &Settings,
        stores: &Stores<'_>,
        oracle: &mut Oracle,
    ) -> Result<Self, Error> {
        let british = number % 3 == 2;
        let context = settings.context();
        let (now, ledger) = (context.now(), stores.ledger()?);
        let id = PlayerId::new(context.ulid());
        let country = if british { "GB" } else { "MT" };
        let registration = Registration {
            player: id,
            brand: BRAND.to_owned(),
            jurisdiction: country.to_owned(),
            country: country.to_owned(),
            currency: if british { "GBP" } else { "EUR" }.parse()?,
            birth_date: "1980-01-01".parse()?,
        };
        let rules = rule_book()?;
        let rules = rules.rules(country, now)?;
        let decision = person::register(&registration, rules, now)?;
        let profiles = Profiles::new(stores, settings)?;
        let sealed = profiles.seal(id, &profile(country)?).await?;
        let email = format!("player-{number}");
        let opened = profiles.people().register(&ledger, &decision, &email, "no password", &sealed).await?;
        opened.map_err(|_| "the player's address is taken")?;
        let verified = number % 5 != 4;
        if verified {
            verify(&ledger, id, settings).await?;
        }
        let session = SessionId::new(context.ulid());
        let ends_at = now.saturating_add(jiff::SignedDuration::from_hours(24 * 1000))?;
        let family = Family { id: session, subject: id.to_string(), ends_at };
        stores.sessions()?.begin(&family, "no token").await?;
        oracle.meet(&id.to_string());
        let (token, expired_token) = (format!("gst_open_{id}"), format!("gst_over_{id}"));
        open_game(&ledger, id, settings, GameVendor::Hub88, (&token, true)).await?;
        open_game(&ledger, id, settings, GameVendor::Hub88, (&expired_token, false)).await?;
        let mut table_tokens = Vec::new();
        for number in 0..TABLES {
            let token = GameToken::new(id, registration.currency, [number; SECRET_BYTES]).to_text();
            let good = number > 0;
            open_game(&ledger, id, settings, GameVendor::Evolution, (&token, good)).await?;
            oracle.opened(&id.to_string(), &token, good);
            table_tokens.push(token);
        }
        Ok(Self {
            id: id.to_string(),
            session,
            currency: if british { "GBP" } else { "EUR" },
            token,
            expired_token,
            table_tokens,
        })
    }

    /// The catalogue holds one game of each vendor.
    pub(crate) async fn load_games(stores: &Stores<'_>) -> Result<(), Error> {
        for vendor in GameVendor::ALL {
            let game = Game {
                agreed: Terms { certified: Some(Certified::Everywhere), ..Terms::default() },
                ..Game::new(vendor.name(), GAME)
            };
            stores.catalogue()?.change(&game.game_id, |_| Some(game.clone())).await?;
        }
        Ok(())
    }
}

impl Staff {
    pub(crate) async fn hire(settings: &Settings, stores: &Stores<'_>) -> Result<Self, Error> {
        let context = settings.context();
        let ends_at = context.now().saturating_add(jiff::SignedDuration::from_hours(24 * 1000))?;
        let sessions = stores.sessions()?;
        let mut members = Vec::new();
        for _ in 0..2 {
            let subject = StaffId::new(context.ulid()).to_string();
            let id = SessionId::new(context.ulid());
            sessions.begin(&Family { id, subject: subject.clone(), ends_at }, "no token").await?;
            members.push((subject, id));
        }
        let members = members.try_into().map_err(|_| "there are two members of staff")?;
        Ok(Self { members })
    }
}

async fn verify(ledger: &Ledger, player: PlayerId, settings: &Settings) -> Result<(), Error> {
    let verification = VerificationId::new(settings.context().ulid());
    let start = StartVerification { verification, vendor: "sumsub".to_owned() };
    run(ledger, player, Command::StartVerification(start), settings).await?;
    let notice = VerificationNotice {
        expires_on: None,
        alarming: false,
        judged_at: None,
        key: EntryKey::new("sumsub", format!("approved:{verification}")),
        status: VerificationStatus::Approved,
        as_of: settings.context().now(),
    };
    run(ledger, player, Command::VerificationNotice(notice), settings).await
}

/// A game of a vendor's is opened with a token: it is good for longer than any run, or was long ago.
async fn open_game(
    ledger: &Ledger,
    player: PlayerId,
    settings: &Settings,
    vendor: GameVendor,
    (token, good): (&str, bool),
) -> Result<(), Error> {
    let context = settings.context();
    let hours = if good { 24 * 1000 } else { -1 };
    let id = GameSessionId::new(context.ulid());
    let session = GameSession {
        id,
        token_hash: token_hash(token),
        integration: vendor.name().to_owned(),
        game: GAME.to_owned(),
        max_stake: None,
        language: "en".to_owned(),
        expires_at: context.now().saturating_add(jiff::SignedDuration::from_hours(hours))?,
        replaced: false,
    };
    let key = EntryKey::new("launch", id.to_string());
    run(ledger, player, Command::LaunchGame(LaunchGame { key, session }), settings).await
}

async fn run(ledger: &Ledger, player: PlayerId, command: Command, settings: &Settings) -> Result<(), Error> {
    ledger.execute(player, &command, settings.context().now(), PATIENCE).await?.done()?;
    Ok(())
}

fn profile(country: &str) -> Result<Profile, Error> {
    Ok(Profile {
        email: "player@casino.example".to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Player".to_owned(),
        birth_date: "1980-01-01".parse()?,
        country: country.to_owned(),
        region: None,
        address: Address {
            line1: "1 Harbour Street".to_owned(),
            line2: None,
            city: "Valletta".to_owned(),
            postcode: "VLT 1".to_owned(),
        },
        phone: None,
        terms_version: "1".to_owned(),
        consents: Consents { email: false, sms: false, phone: false, post: false },
    })
}
