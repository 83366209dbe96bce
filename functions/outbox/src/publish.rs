//! Publishing in order. The stream takes some records of a call and refuses others, so two facts of one player must
//! never be in one call: the later could be taken without the earlier. Hence waves of one fact a player.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::PlayerId;
use edge::{BoxError, Context};

use crate::Outgoing;
use crate::doors::EventStream;

/// What the stream takes in one call.
const CALL_RECORDS: usize = 500;
const CALL_BYTES: usize = 5 * 1024 * 1024;
/// How often what the stream refuses is sent again.
const ATTEMPTS: u32 = 6;

/// A fact and its position in the batch.
pub(crate) type Positioned<'a> = (usize, &'a Outgoing);

/// The facts in waves: the nth wave holds the nth fact of each player.
pub(crate) fn waves(facts: &[Outgoing]) -> Vec<Vec<Positioned<'_>>> {
    let mut waves: Vec<Vec<Positioned<'_>>> = Vec::new();
    let mut next: HashMap<PlayerId, usize> = HashMap::new();
    for (position, fact) in facts.iter().enumerate() {
        let nth = next.entry(fact.player).or_default();
        match waves.get_mut(*nth) {
            Some(wave) => wave.push((position, fact)),
            None => waves.push(vec![(position, fact)]),
        }
        *nth += 1;
    }
    waves
}

/// A wave in calls that the stream can take.
pub(crate) fn calls<'a>(wave: &[Positioned<'a>]) -> Vec<Vec<Positioned<'a>>> {
    let mut calls = Vec::new();
    let mut call: Vec<Positioned<'a>> = Vec::new();
    let mut bytes = 0;
    for (position, fact) in wave {
        let size = fact.event.len() + fact.player.to_string().len();
        if !call.is_empty() && (call.len() == CALL_RECORDS || bytes + size > CALL_BYTES) {
            calls.push(std::mem::take(&mut call));
            bytes = 0;
        }
        call.push((*position, fact));
        bytes += size;
    }
    calls.extend((!call.is_empty()).then_some(call));
    calls
}

/// Puts the facts of a call on the stream, those that it refuses again and again.
pub(crate) async fn put(
    stream: &impl EventStream,
    call: Vec<Positioned<'_>>,
    first_pause: Duration,
    context: &Context,
) -> Result<(), BoxError> {
    let mut waiting: Vec<&Outgoing> = call.into_iter().map(|(_, fact)| fact).collect();
    let mut pause = first_pause;
    for attempt in 1..=ATTEMPTS {
        match stream.put(&waiting).await {
            Ok(taken) => {
                // A fact the answer does not speak of counts as refused.
                let mut taken = taken.into_iter();
                waiting.retain(|_| !taken.next().unwrap_or(false));
                if waiting.is_empty() {
                    return Ok(());
                }
                tracing::warn!(attempt, refused = waiting.len(), "the stream refuses events");
            }
            // Whether they were taken is unknown: consumers drop what comes twice.
            Err(error) => tracing::warn!(attempt, %error, "the stream cannot be reached"),
        }
        // Random, so that writers fall out of step.
        let share = u32::from(context.bytes::<1>()[0]);
        tokio::time::sleep(pause.saturating_mul(256 + share) / 512).await;
        pause = pause.saturating_mul(2);
    }
    Err(format!("the stream did not take {} events", waiting.len()).into())
}
