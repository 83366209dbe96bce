//! Game vendors at work for one player: a round's calls, and what the wallet makes of them.

use pitboss_local::demo::{GameVendorSide, Heard};
use pitboss_local::sandbox::games::protocol::{Round, Session, WalletCall};

use crate::{Failure, Home, Platform, Player, funded};

/// Every vendor, and a game of its.
pub const VENDORS: [(&str, &str); 6] = [
    ("caleta", "pit_bingo"),
    ("evolution", "pitlive_roulette_1"),
    ("hub88", "pit_dice"),
    ("softswiss", "pit_plinko"),
    ("swipe", "pit_catch"),
    ("valkyrie", "redtiger:pit_tides"),
];

/// A player with money at a vendor's table.
pub struct Table {
    /// Who plays.
    pub player: Player,
    /// The vendor.
    pub vendor: GameVendorSide,
    /// The game that is open.
    pub session: Session,
}

impl Table {
    /// A verified player from Malta, with some euros and one game of the vendor's open.
    pub async fn open(platform: &Platform, (name, game): (&str, &str), euros: &str) -> Result<Self, Failure> {
        let player = funded(platform, &platform.client(), Home::Malta, euros).await?;
        let vendor = GameVendorSide::new(&platform.client(), platform.vendors(), name)?;
        let launched = player.launch(&format!("{name}-{}", game.replace(':', "%3A"))).await?.must(201)?;
        let session = vendor.open(launched.text("/launch_url")?).await?;
        Ok(Self { player, vendor, session })
    }

    /// Sends a call as the vendor does.
    pub async fn send(&self, call: &WalletCall) -> Result<Heard, Failure> {
        self.vendor.send(call).await
    }

    /// The call that takes a round's stake.
    #[must_use]
    pub fn bet(&self, round: &Round) -> WalletCall {
        self.vendor.protocol().bet(&self.session, round)
    }

    /// The call that pays winnings, in hundred-thousandths, and ends the round.
    #[must_use]
    pub fn win(&self, round: &Round, amount: i64) -> WalletCall {
        self.vendor.protocol().win(&self.session, round, amount)
    }

    /// The call that undoes a round's stake.
    #[must_use]
    pub fn rollback(&self, round: &Round) -> WalletCall {
        self.vendor.protocol().rollback(&self.session, round)
    }

    /// The call that asks for the balance.
    #[must_use]
    pub fn balance(&self) -> WalletCall {
        self.vendor.protocol().balance(&self.session)
    }

    /// The balance, as the vendor is told it.
    pub async fn told(&self) -> Result<Option<i64>, Failure> {
        Ok(self.send(&self.balance()).await?.balance)
    }
}
