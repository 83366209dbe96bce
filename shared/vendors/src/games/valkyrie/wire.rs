//! Valkyrie's requests: method, path, query, headers and JSON in, canonical requests out.

use domain::ids::PlayerId;
use domain::{EntryKey, Refusal};
use http::Method;
use url::form_urlencoded;

use super::{INTEGRATION, Valkyrie, transaction};
use crate::call::{RawCall, is_plain_id};
use crate::games::{GameRequest, GameToken, Rejection, RequestKind, token_hash};
use crate::proof;

pub(super) const PLAYER_TOKEN_HEADER: &str = "x-player-token";
const CORRELATION_HEADER: &str = "x-correlation-id";

/// Reads a call.
pub(super) fn request(valkyrie: &Valkyrie, call: RawCall<'_>) -> Result<GameRequest, Rejection> {
    let route = Route::of(call).ok_or(Rejection::UnknownCall)?;
    let provider = provider(&valkyrie.providers, call.query).ok_or(Rejection::Malformed)?;
    let caller = Caller::read(route.player(), call, valkyrie.recon_tokens.get(&provider.0))?;
    let (kind, game, currency) = match route {
        Route::Session => (RequestKind::Session { token: caller.known_token()?.to_text() }, None, None),
        Route::Rotation => {
            let token = caller.known_token()?;
            (valkyrie.rotation.of(INTEGRATION, &format!("{}:session:", provider.0), token), None, None)
        }
        Route::Balance(_) => {
            (RequestKind::Balance { token_hash: Some(caller.token_hash()), late: false }, None, None)
        }
        Route::Find(_) => (find(&provider, call.query)?, None, None),
        Route::Round(_, round) => (RequestKind::Round { key: provider.key(round)? }, None, None),
        Route::Add(_) => transaction::added(&provider, &caller, call.body)?,
    };
    let correlation_id = call.header(CORRELATION_HEADER).unwrap_or_default().to_owned();
    Ok(GameRequest { correlation_id, player: caller.player, game, currency, kind })
}

/// The provider that a call comes from; none if it names none, or one that we do not know.
pub(super) fn provider(known: &[String], query: &str) -> Option<Provider> {
    parameter(query, "provider").filter(|name| known.contains(name)).map(Provider)
}

/// The calls of the protocol, by whom they name in their path.
enum Route<'a> {
    Session,
    Rotation,
    Balance(&'a str),
    Find(&'a str),
    Add(&'a str),
    Round(&'a str, &'a str),
}

impl<'a> Route<'a> {
    fn of(call: RawCall<'a>) -> Option<Self> {
        let below = call.path.strip_prefix("/players/")?;
        let (get, put, post) =
            (*call.method == Method::GET, *call.method == Method::PUT, *call.method == Method::POST);
        if below == "session" {
            return if get { Some(Self::Session) } else { put.then_some(Self::Rotation) };
        }
        let (player, what) = below.split_once('/')?;
        match what {
            "balance" if get => Some(Self::Balance(player)),
            "transactions" if get => Some(Self::Find(player)),
            "transactions" if post => Some(Self::Add(player)),
            _ => what.strip_prefix("gamerounds/").filter(|_| get).map(|round| Self::Round(player, round)),
        }
    }

    /// Who the path says that it is about.
    const fn player(&self) -> Option<&'a str> {
        match self {
            Self::Session | Self::Rotation => None,
            Self::Balance(player) | Self::Find(player) | Self::Add(player) | Self::Round(player, _) => {
                Some(player)
            }
        }
    }
}

/// A provider behind Valkyrie. Its ids are its own: other providers may have the same ones.
pub(super) struct Provider(pub(super) String);

impl Provider {
    /// A name of the provider's as we keep it.
    pub(super) fn own(&self, id: &str) -> Result<String, Rejection> {
        if is_plain_id(id) { Ok(format!("{}:{id}", self.0)) } else { Err(Rejection::WrongType) }
    }

    /// Where a thing of the provider's stands.
    pub(super) fn key(&self, id: &str) -> Result<EntryKey, Rejection> {
        Ok(EntryKey::new(INTEGRATION, self.own(id)?))
    }
}

/// Whom a call is about, and what shows it.
pub(super) struct Caller {
    player: PlayerId,
    text: String,
    token: Option<GameToken>,
    /// Whether the provider shows a token of its own, to pay later what had failed.
    reconciles: bool,
}

impl Caller {
    /// A token of another player's is none of this player's. One that we cannot read is for the ledger to judge:
    /// winnings and cancels of known bets need no session.
    fn read(
        player: Option<&str>,
        call: RawCall<'_>,
        recon_tokens: Option<&Vec<Vec<u8>>>,
    ) -> Result<Self, Rejection> {
        let player = player.map(str::parse).transpose().map_err(|_| Refusal::PlayerUnknown)?;
        let text = call.header(PLAYER_TOKEN_HEADER).ok_or(Refusal::SessionUnknown)?.to_owned();
        let token = GameToken::parse(&text);
        let owner = token.as_ref().map(|token| token.player);
        let reconciles =
            recon_tokens.is_some_and(|known| proof::shared_token(call, known, text.as_bytes()).is_ok());
        match player.or(owner) {
            Some(player) if owner.is_none_or(|owner| owner == player) => {
                Ok(Self { player, text, token, reconciles })
            }
            _ => Err(Refusal::SessionUnknown.into()),
        }
    }

    fn known_token(&self) -> Result<&GameToken, Rejection> {
        Ok(self.token.as_ref().ok_or(Refusal::SessionUnknown)?)
    }

    pub(super) fn token_hash(&self) -> String {
        token_hash(&self.text)
    }

    /// The token that winnings are judged by; none where the provider vouches for them.
    pub(super) fn token_hash_of_winnings(&self) -> Option<String> {
        (!self.reconciles).then(|| self.token_hash())
    }
}

/// The reference of a bet comes before the id of a transaction.
fn find(provider: &Provider, query: &str) -> Result<RequestKind, Rejection> {
    if let Some(reference) = parameter(query, "providerBetRef") {
        return Ok(RequestKind::Bet { key: provider.key(&reference)? });
    }
    let id = parameter(query, "providerTransactionId").ok_or(Rejection::Malformed)?;
    Ok(RequestKind::Transaction { key: provider.key(&id)? })
}

/// A parameter of a query; an empty one counts as absent.
fn parameter(query: &str, name: &str) -> Option<String> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(it, _)| it == name)?;
    Some(value.into_owned()).filter(|value| !value.is_empty())
}
