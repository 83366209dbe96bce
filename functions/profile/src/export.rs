//! Everything we hold about a player, for the player to take along.

use domain::ids::PlayerId;
use domain::{Entry, Refusal, Timestamp};
use edge::{Problem, Reply, Request};
use serde_json::{Value, json};
use store::{PageRequest, Statement};

use crate::PlayerProfile;

/// Entries in one export: what fits into one answer of a Lambda function (6 MB).
const ENTRIES_MAX: usize = 8_000;
const ENTRIES_A_PAGE: i32 = 200;

impl PlayerProfile {
    pub(crate) async fn export(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let open = self.profiles.read(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let (entries, complete) = self.entries(player.id).await?;
        let wallet = account.wallet;
        Ok(Reply::json(
            200,
            &json!({
                "exported_at": self.context.now(),
                "profile": self.shown(&account, &open.profile)?,
                "wallet": {
                    "currency": wallet.currency(),
                    "cash": wallet.cash.to_text(),
                    "bonus": wallet.bonus.to_text(),
                    "held": wallet.held.to_text(),
                },
                "entries": entries,
                "complete": complete,
            }),
        )
        .with_header("content-disposition", "attachment; filename=\"export.json\""))
    }

    /// The newest entries of the player's ledger, and whether these are all.
    async fn entries(&self, player: PlayerId) -> Result<(Vec<Value>, bool), Problem> {
        let mut entries = Vec::new();
        let mut page = PageRequest { limit: ENTRIES_A_PAGE, after: None };
        loop {
            let statement = Statement { from: Timestamp::UNIX_EPOCH, to: Timestamp::MAX, page: page.clone() };
            let found = self.ledger.newest_entries(player, &statement, |_| true).await?;
            entries.extend(found.items.iter().map(exported));
            match found.next {
                None => return Ok((entries, true)),
                Some(_) if entries.len() >= ENTRIES_MAX => return Ok((entries, false)),
                Some(next) => page.after = Some(next),
            }
        }
    }
}

fn exported(entry: &Entry) -> Value {
    json!({
        "at": entry.at,
        "number": entry.seq,
        "through": entry.key.integration,
        "reference": entry.key.tx,
        "fact": entry.fact,
        "cash_after": entry.balances.cash.to_text(),
        "bonus_after": entry.balances.bonus.to_text(),
        "held_after": entry.balances.held.to_text(),
    })
}
