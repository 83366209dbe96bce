//! Conversations with a vendor: several calls of ours, where each may hang on the answers before it.

use serde::de::DeserializeOwned;

use crate::call::{CallFailure, InboundAnswer, OutboundCall};

/// No vendor needs more.
const MOST_CALLS: usize = 5;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<T> {
    /// A call to make; its answer joins the others.
    Call(OutboundCall),
    /// The end, and what came of it.
    Done(T),
}

/// Goes through a conversation: `step` says what follows from the answers so far, `send` makes the calls.
pub async fn converse<T, S, A>(
    send: S,
    step: impl Fn(&[InboundAnswer]) -> Result<Step<T>, CallFailure>,
) -> Result<T, CallFailure>
where
    S: Fn(OutboundCall) -> A,
    A: Future<Output = Result<InboundAnswer, CallFailure>>,
{
    let mut answers = Vec::new();
    while answers.len() <= MOST_CALLS {
        match step(&answers)? {
            Step::Done(outcome) => return Ok(outcome),
            Step::Call(call) => answers.push(send(call).await?),
        }
    }
    Err(unclear("the conversation has no end"))
}

/// Reads a good answer.
pub(crate) fn read<T: DeserializeOwned>(answer: &InboundAnswer) -> Result<T, CallFailure> {
    must(answer)?;
    // The parser's own message could quote a person.
    serde_json::from_slice(&answer.body).map_err(|_| unclear("the answer is not as expected"))
}

/// Takes an answer for good, whatever it says. Asking again is harmless, so nothing but a plain "no" counts as one.
pub(crate) fn must(answer: &InboundAnswer) -> Result<(), CallFailure> {
    match answer.status {
        200..=299 => Ok(()),
        400 | 404 | 409 | 410 | 422 => Err(refused(&format!("HTTP {}", answer.status))),
        other => Err(unclear(&format!("HTTP {other}"))),
    }
}

pub(crate) fn unclear(why: &str) -> CallFailure {
    CallFailure::Unclear(why.to_owned())
}

pub(crate) fn refused(why: &str) -> CallFailure {
    CallFailure::Refused(why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn answered(
        step: impl Fn(&[InboundAnswer]) -> Result<Step<usize>, CallFailure>,
    ) -> Result<usize, CallFailure> {
        let send = |_| std::future::ready(Ok(InboundAnswer { status: 200, body: b"{}".to_vec() }));
        let conversation = pin!(converse(send, step));
        match conversation.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    fn call() -> Step<usize> {
        let (method, url) = (http::Method::GET, String::new());
        Step::Call(OutboundCall { method, url, headers: std::collections::BTreeMap::new(), body: Vec::new() })
    }

    #[test]
    fn each_answer_leads_to_the_next_step() {
        let after = |calls| {
            answered(move |answers| {
                Ok(if answers.len() < calls { call() } else { Step::Done(answers.len()) })
            })
        };
        assert_eq!((after(0), after(4), after(5)), (Ok(0), Ok(4), Ok(5)));
        assert!(matches!(after(6), Err(CallFailure::Unclear(_))), "no conversation goes on for ever");
        assert_eq!(answered(|_| Err(refused("no"))), Err(refused("no")));
    }

    #[test]
    fn refusals_and_outages_are_told_apart() {
        let answer = |status| read::<serde_json::Value>(&InboundAnswer { status, body: b"{}".to_vec() });
        assert!(answer(200).is_ok() && answer(201).is_ok());
        for status in [400, 404, 409, 410, 422] {
            assert!(matches!(answer(status), Err(CallFailure::Refused(_))), "{status}");
        }
        for status in [100, 302, 401, 403, 408, 429, 500, 503] {
            assert!(matches!(answer(status), Err(CallFailure::Unclear(_))), "{status}");
        }
        let nonsense = InboundAnswer { status: 200, body: b"<html>".to_vec() };
        assert!(matches!(read::<serde_json::Value>(&nonsense), Err(CallFailure::Unclear(_))));
    }
}
