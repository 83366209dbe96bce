//! Money in quarantine: staff credits it, or notes that it was sent back where no provider tells so. One word counts.

use domain::deposit::{DepositEvent, DepositNotice};
use domain::ids::DepositId;
use domain::{Command, EntryKey, Outcome, Refusal};
use edge::{Problem, Reply, Request};

use crate::body::{Quarantine, Settlement};
use crate::{Desk, MAY_DECIDE, PATIENCE, view};

impl Desk {
    /// Settles what is in quarantine. Whoever says the same again gets the same answer; another word is told that it
    /// came second.
    pub(crate) async fn settle(&self, request: &Request) -> Result<Reply, Problem> {
        let staff = self.auth.staff(request, MAY_DECIDE).await?;
        let id: DepositId = request.path_id("id")?;
        let Quarantine { outcome, reason } = Quarantine::read(request)?;
        let (player, _) = self.found(id).await?;
        let event = match outcome {
            Settlement::Credited => DepositEvent::Accepted { by: staff.id },
            Settlement::SentBack => DepositEvent::Returned { by: staff.id },
        };
        let key = EntryKey::new("ops", format!("quarantine:{id}"));
        let command = Command::DepositNotice(DepositNotice::new(key, id, event));
        match self.ledger.execute(player, &command, self.context.now(), PATIENCE).await? {
            Outcome::Refused { refusal: Refusal::Mismatch, .. } => {
                return Err(Problem::conflict("a colleague decided otherwise: look at it again"));
            }
            settled => settled.done()?,
        };
        tracing::info!(
            audit = "deposit.quarantine",
            staff = %staff.id,
            session = %staff.session,
            deposit = %id,
            %player,
            ?outcome,
            reason,
            "staff settled what was in quarantine"
        );
        let (player, deposit) = self.found(id).await?;
        Ok(Reply::json(200, &view::deposit(player, &deposit)))
    }
}
