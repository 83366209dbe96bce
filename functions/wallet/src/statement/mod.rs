//! The statement of a period, oldest first: opening balances, what moved money, closing balances. As JSON in pages,
//! as CSV or HTML whole, and as JSON Lines for `pitboss verify`.

mod chain;
mod csv;
mod format;
mod html;
mod json;
mod period;
mod stretch;
#[cfg(test)]
mod tests;

use domain::account::Wallet as Balances;
use domain::entry::LedgerAccount;
use domain::ids::PlayerId;
use domain::{Account, Currency, Entry, Refusal, Timestamp};
use edge::{Problem, Reply, Request};
use jiff::tz::TimeZone;
use store::{Cursor, Outage, PageRequest, Statement};

use crate::Wallet;
use format::Format;
use period::Period;
use stretch::Stretch;

/// The most entries that one answer tells of: what a Lambda function reads and writes in a few seconds.
const ENTRIES_MAX: usize = 10_000;
/// The most bytes of an answer's body inside its JSON envelope: Lambda carries 6 MB in all.
const BODY_MAX_BYTES: usize = 5_500_000;

/// What stands above every statement.
struct Head {
    player: PlayerId,
    brand: String,
    jurisdiction: String,
    currency: Currency,
    zone: TimeZone,
    zone_name: String,
    period: Period,
    generated_at: Timestamp,
}

/// How far to read in one go.
#[derive(Clone, Copy)]
struct Reach {
    /// Entries that moved money.
    moves: usize,
    /// Entries of any kind.
    entries: usize,
}

impl Wallet {
    pub(crate) async fn statement(&self, request: &Request) -> Result<Reply, Problem> {
        let player = self.auth.player(request).await?;
        let format = Format::asked_by(request)?;
        let account = self.ledger.account(player.id).await?.ok_or(Refusal::PlayerUnknown)?;
        let head = self.head(request, &account)?;
        let reply = match format {
            Format::Json => self.json(&head, request.page()?).await?,
            Format::Csv => csv::answer(&head, &self.whole(&head).await?)?,
            Format::Html => html::answer(&head, &self.whole(&head).await?)?,
            Format::Jsonl => self.chain(&head, request.page()?.after).await?,
        };
        Ok(reply.with_header("cache-control", "no-store").with_header("vary", "accept"))
    }

    fn head(&self, request: &Request, account: &Account) -> Result<Head, Problem> {
        let now = self.context.now();
        let unknown = |reason: String| Outage::new("tell the time of a jurisdiction", reason);
        let rules = self.rules.rules(&account.jurisdiction, now)?;
        let zone = TimeZone::get(&rules.time_zone).map_err(|error| unknown(error.to_string()))?;
        let period = Period::asked_by(request, account, &zone, now)?;
        Ok(Head {
            player: account.player,
            brand: account.brand.clone(),
            jurisdiction: account.jurisdiction.clone(),
            currency: account.wallet.currency(),
            zone,
            zone_name: rules.time_zone.clone(),
            period,
            generated_at: now,
        })
    }

    /// The whole period, if it is not too long for one answer.
    async fn whole(&self, head: &Head) -> Result<Stretch, Problem> {
        let reach = Reach { moves: ENTRIES_MAX, entries: ENTRIES_MAX };
        let (entries, next) = self.read(head, None, reach).await?;
        if next.is_some() {
            return Err(too_much());
        }
        Ok(Stretch::of(self.balances_before(head, None).await?, entries)?)
    }

    /// Entries of the period in order, as far as one reaches, and where to go on.
    async fn read(
        &self,
        head: &Head,
        mut after: Option<Cursor>,
        reach: Reach,
    ) -> Result<(Vec<Entry>, Option<Cursor>), Problem> {
        let limit = i32::try_from(reach.moves.saturating_add(1).clamp(100, 1_000)).unwrap_or(1_000);
        let (mut entries, mut moves) = (Vec::new(), 0);
        loop {
            let page = self.ledger.entries(head.player, &head.part(limit, after)).await?;
            for entry in page.items {
                let one_more = moves_money(&entry);
                if entries.len() == reach.entries || (one_more && moves == reach.moves) {
                    let next = entries.last().map(Statement::after);
                    return Ok((entries, next));
                }
                moves += usize::from(one_more);
                entries.push(entry);
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok((entries, None)),
            }
        }
    }

    /// The balances that the period, or the rest of it, begins with.
    async fn balances_before(&self, head: &Head, after: Option<Cursor>) -> Result<Balances, Problem> {
        let before = self.ledger.entry_before(head.player, &head.part(1, after)).await?;
        Ok(before.map_or(Balances::empty(head.currency), |entry| entry.balances))
    }
}

impl Head {
    /// A part of the period, as the ledger is asked for it.
    fn part(&self, limit: i32, after: Option<Cursor>) -> Statement {
        Statement { from: self.period.from, to: self.period.to, page: PageRequest { limit, after } }
    }

    /// A moment as the jurisdiction's clocks show it, with their distance from UTC.
    fn local(&self, at: Timestamp) -> String {
        at.display_with_offset(self.zone.to_offset(at)).to_string()
    }

    /// Whether nothing can be added to the period any more.
    fn complete(&self) -> bool {
        self.period.to <= self.generated_at
    }

    /// The name of a statement that is kept as a file.
    fn file_name(&self, extension: &str) -> String {
        let day = |at: Timestamp| self.zone.to_datetime(at).date();
        format!("statement-{}-{}.{extension}", day(self.period.from), day(self.period.to))
    }
}

/// Whether money of the player's moved.
fn moves_money(entry: &Entry) -> bool {
    use LedgerAccount::{Bonus, Cash, Held, Receivable};
    let is_player = |account: &LedgerAccount| matches!(account, Cash | Bonus | Held | Receivable);
    entry.postings.iter().any(|it| is_player(&it.account) && !it.amount.is_zero())
}

/// A whole statement, unless it is more than an answer carries.
fn reply(content_type: &str, body: String) -> Result<Reply, Problem> {
    if enveloped(&body) > BODY_MAX_BYTES {
        return Err(too_much());
    }
    Ok(Reply::bytes(200, content_type, body.into_bytes()).with_header("x-content-type-options", "nosniff"))
}

fn too_much() -> Problem {
    let detail = format!(
        "the period has too much for one answer (at most {ENTRIES_MAX} entries): choose an earlier end, or \
         read it as JSON in pages"
    );
    Problem::invalid_field("/to", detail)
}

/// How many bytes a text takes inside the JSON that a Lambda function answers with.
fn enveloped(text: &str) -> usize {
    let bytes = text.bytes().map(|byte| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=0x1f => 6,
        _ => 1,
    });
    bytes.sum()
}
