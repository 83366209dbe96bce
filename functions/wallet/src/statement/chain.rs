//! The statement as the ledger's own chain of entries, a file at a time, for `pitboss verify`.

use domain::Entry;
use domain::account::Wallet as Balances;
use domain::chain::{Digest, Unwritable};
use domain::export::{FORM, Header};
use edge::{Problem, Reply};
use store::{Cursor, Outage, Statement};

use super::{BODY_MAX_BYTES, Head, Reach, enveloped};
use crate::Wallet;

/// The most entries of one file.
const ENTRIES_MAX: usize = 5_000;
/// Room for the header, which is written when the entries are known.
const HEADER_MAX_BYTES: usize = 4_096;

impl Wallet {
    /// A file of all entries of the period, also those that moved no money; where they are too many, the header
    /// `Link` leads to the next file, which goes on with the hash that this one ends with.
    pub(super) async fn chain(&self, head: &Head, after: Option<Cursor>) -> Result<Reply, Problem> {
        let reach = Reach { moves: usize::MAX, entries: ENTRIES_MAX };
        let (mut entries, mut next) = self.read(head, after.clone(), reach).await?;
        let lines = lines_that_fit(&entries).map_err(unwritable)?;
        if lines.len() < entries.len() {
            entries.truncate(lines.len());
            next = entries.last().map(Statement::after);
        }
        let header = if let Some(header) = Header::of(&entries).map_err(unwritable)? {
            header
        } else {
            let before = self.ledger.entry_before(head.player, &head.part(1, after)).await?;
            of_nothing(head, before.as_ref()).map_err(unwritable)?
        };
        let mut body = header.line().map_err(unwritable)?;
        body.push('\n');
        for line in &lines {
            body.push_str(line);
            body.push('\n');
        }
        let name = head.file_name("jsonl");
        let reply = Reply::bytes(200, "application/jsonl", body.into_bytes())
            .with_header("content-disposition", format!("attachment; filename=\"{name}\""));
        Ok(match next {
            Some(next) => reply.with_header("link", format!("<{}>; rel=\"next\"", head.rest(&next))),
            None => reply,
        })
    }
}

impl Head {
    /// Where the rest of the period is.
    fn rest(&self, next: &Cursor) -> String {
        let super::Period { from, to } = self.period;
        format!("/v1/wallet/statement?format=jsonl&from={from}&to={to}&cursor={next}")
    }
}

/// The lines of as many entries as one answer carries.
fn lines_that_fit(entries: &[Entry]) -> Result<Vec<String>, Unwritable> {
    let (mut lines, mut bytes) = (Vec::with_capacity(entries.len()), HEADER_MAX_BYTES);
    for entry in entries {
        let line = entry.exported()?;
        bytes += enveloped(&line) + 2;
        if bytes > BODY_MAX_BYTES {
            break;
        }
        lines.push(line);
    }
    Ok(lines)
}

/// The header of a period without entries: it ends as it began.
fn of_nothing(head: &Head, before: Option<&Entry>) -> Result<Header, Unwritable> {
    let (seq, digest) = match before {
        Some(entry) => (entry.seq, entry.digest()?),
        None => (0, Digest::default()),
    };
    let balances = before.map_or(Balances::empty(head.currency), |entry| entry.balances).into();
    Ok(Header {
        pitboss_statement: FORM,
        player: head.player,
        from_seq: seq + 1,
        prev: digest,
        opening: balances,
        to_seq: seq,
        closing: balances,
        head: digest,
    })
}

fn unwritable(error: Unwritable) -> Problem {
    Outage::new("export the ledger", error.to_string()).into()
}
