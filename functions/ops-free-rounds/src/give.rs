//! Giving free rounds: recorded first, then asked for. A repeat finds the record, and asks again only where the vendor
//! gives nothing twice.

use domain::catalogue::{Audience, Game};
use domain::ids::{FreeRoundsId, PlayerId};
use domain::person::refuse_closed;
use domain::play::{Gift, GiftRecord, GiftState};
use domain::{Account, Refusal, Timestamp};
use edge::auth::Staff;
use edge::{Problem, Reply, Request};
use store::StoredGift;
use vendors::call::{CallFailure, OutboundCall};
use vendors::games::{FreeRounds, NoGift};

use crate::body::GiftBody;
use crate::{Desk, MAY_GIVE, free_rounds, refused, view};

/// What staff hears of a request whose end nobody knows, at a vendor who would give twice.
const UNKNOWN: &str = "it is not known whether the vendor gave them; look there, and give again under another key if it \
                       did not";

impl Desk {
    pub(crate) async fn give(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_GIVE).await?;
        let player: PlayerId = request.path_id("player_id")?;
        let id = Gift::id_of(staff.id, player, request.idempotency_key()?);
        let body = GiftBody::read(request)?;
        let known = self.gifts.find(player, id).await?;
        if let Some(stored) = &known {
            if stored.record.fingerprint != body.fingerprint() {
                return Err(Problem::idempotency_mismatch());
            }
            if stored.record.state != GiftState::Asked {
                return answer(&stored.record);
            }
        }
        let given = self.given(known, &body, (id, player), &staff).await?;
        tracing::info!(
            audit = "free_rounds.give",
            staff = %staff.id,
            session = %staff.session,
            %player,
            free_rounds = %id,
            game = body.game_id,
            status = given.state.as_str(),
            reason = body.reason,
            "staff gave free rounds"
        );
        answer(&given)
    }

    /// Asks the vendor, and records what comes of it. What is unclear stays as it is.
    async fn given(
        &self,
        known: Option<StoredGift>,
        body: &GiftBody,
        (id, player): (FreeRoundsId, PlayerId),
        staff: &Staff,
    ) -> Result<GiftRecord, Problem> {
        let record = match &known {
            Some(stored) => stored.record.clone(),
            None => self.planned(id, player, body, staff).await?,
        };
        let vendors = self.vendors.current().await;
        let free_rounds = free_rounds(&vendors, &record.gift.integration)?;
        if known.is_some() && !free_rounds.gives_once() {
            return Err(Problem::conflict(UNKNOWN));
        }
        let call = call(free_rounds, &record.gift)?;
        // Nothing is recorded as asked for that the vendor cannot be asked for now.
        let leave = vendors.admit(&record.gift.integration)?;
        let begun = match known {
            Some(stored) => Some(stored),
            None => self.gifts.begin(record).await?,
        };
        // None if the same request is here twice at once: this one hears of the other when it comes again.
        let stored = begun.ok_or_else(Problem::unavailable)?;
        let state = match leave.give(free_rounds, call).await {
            Ok(reference) => GiftState::Given { reference },
            Err(CallFailure::Refused(why)) => GiftState::Refused { why },
            Err(unclear) => return Err(refused(unclear)),
        };
        if self.gifts.settle(&stored, state.clone()).await? {
            return Ok(GiftRecord { state, ..stored.record });
        }
        Err(Problem::unavailable())
    }

    /// What is to be given, if the player may play the game and has an account to win on.
    async fn planned(
        &self,
        id: FreeRoundsId,
        player: PlayerId,
        body: &GiftBody,
        staff: &Staff,
    ) -> Result<GiftRecord, Problem> {
        let now = self.context.now();
        let (game, account) =
            tokio::try_join!(self.catalogue.game(&body.game_id), self.ledger.account(player))?;
        let account = account.ok_or(Refusal::PlayerUnknown)?;
        refuse_closed(&account)?;
        let unknown = || Problem::invalid_field("/game_id", "must be a game of ours");
        let game = game.ok_or_else(unknown)?;
        self.check_game(&game, &account, now).await?;
        let currency = account.wallet.currency();
        let (starts_at, ends_at) = body.period(now)?;
        Ok(GiftRecord {
            gift: Gift {
                id,
                player,
                integration: game.integration,
                game: game.code,
                currency,
                template: body.template_id.clone(),
                rounds: body.rounds,
                round_value: body.round_value(currency)?,
                bet_line: body.bet_line,
                starts_at,
                ends_at,
            },
            by: staff.id,
            reason: body.reason.clone(),
            at: now,
            fingerprint: body.fingerprint(),
            state: GiftState::Asked,
        })
    }

    async fn check_game(&self, game: &Game, account: &Account, now: Timestamp) -> Result<(), Problem> {
        let country = self.ledger.country(account).await?;
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        let audience = Audience {
            jurisdiction: &account.jurisdiction,
            rules: &rules.games,
            country: &country,
            currency: account.wallet.currency(),
            device: None,
        };
        game.open_to(&audience).map_err(|hindrance| Problem::invalid_field("/game_id", hindrance.to_string()))
    }
}

fn call(free_rounds: &dyn FreeRounds, gift: &Gift) -> Result<OutboundCall, Problem> {
    free_rounds.give_call(gift).map_err(|why| match why {
        NoGift::Part { part, why } => {
            let field = if part == "template" { "template_id" } else { part };
            Problem::invalid_field(format!("/{field}"), why)
        }
        NoGift::NoCall(failure) => refused(failure),
    })
}

/// The answer to the request, then and at each repeat.
fn answer(record: &GiftRecord) -> Result<Reply, Problem> {
    match &record.state {
        GiftState::Refused { why } => Err(refused(CallFailure::Refused(why.clone()))),
        _ => Ok(Reply::json(201, &view::gift(record))),
    }
}
