//! Rounds of the game, with what vendors do when a wallet refuses or stays silent.

use serde::Serialize;

use super::{
    dice::Pick,
    protocol::{Round, Session, Verdict},
    wallet::{Call, Wallet},
};

/// How often a bet or a win is sent before the vendor gives up.
const TRIES: u32 = 3;
/// Rollbacks go on for longer.
const ROLLBACK_TRIES: u32 = 5;

/// What happened, for the page.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) note: String,
    pub(super) face: Option<u8>,
    pub(super) won: Option<i64>,
    pub(super) balance: Option<i64>,
    pub(super) calls: Vec<Call>,
}

/// A round with play money.
pub(super) fn try_out(purse: i64, stake: i64, pick: Pick, face: u8) -> Report {
    if stake > purse {
        return Report { balance: Some(purse), ..Report::of("The play money is gone.", Vec::new()) };
    }
    let won = pick.winnings(stake, face);
    let note = if won == 0 { "Not this time." } else { "You win play money!" };
    let balance = Some(purse - stake + won);
    Report { face: Some(face), won: Some(won), balance, ..Report::of(note, Vec::new()) }
}

/// The end of free rounds: where a vendor pays for them at once, it does so now.
pub(super) async fn settle_free(
    wallet: &Wallet,
    session: &Session,
    reward: &str,
    total: i64,
    report: &mut Report,
) {
    if let Some(call) = wallet.protocol().free_rounds_won(session, reward, total) {
        wallet.call(call, TRIES, &mut report.calls).await;
        report.note = format!("{} That was the last free round: {}.", report.note, outcome(&report.calls));
        report.balance = report.calls.last().and_then(Call::balance).or(report.balance);
    }
}

/// Exchanges the token of the launch where the vendor does so, once, and asks for the balance.
pub(super) async fn open(wallet: &Wallet, session: &mut Session) -> Report {
    let mut calls = Vec::new();
    if session.purse.is_some() {
        return Report { balance: session.purse, ..Report::of("Try it: this is play money.", calls) };
    }
    if let Some(check) = wallet.protocol().check(session).filter(|_| !session.checked) {
        wallet.ask(&check, &mut calls).await;
        let token =
            calls.last().and_then(Call::answer).and_then(|answer| wallet.protocol().exchanged(answer));
        match token {
            Some(token) => session.opening.token = token,
            None => return Report::of(format!("The session is not good: {}.", outcome(&calls)), calls),
        }
    }
    session.checked = true;
    wallet.ask(&wallet.protocol().balance(session), &mut calls).await;
    if is_done(&calls) {
        Report::of("Place your stake.", calls)
    } else {
        Report::of(format!("The wallet did not tell the balance: {}.", outcome(&calls)), calls)
    }
}

/// A whole round: the stake is taken, the die falls, the win is paid (nothing closes a lost round).
pub(super) async fn play(wallet: &Wallet, session: &Session, round: &Round, pick: Pick, face: u8) -> Report {
    let protocol = wallet.protocol();
    let mut calls = Vec::new();
    if wallet.mischief().reorder {
        return overtaken(wallet, session, round).await;
    }
    wallet.call(protocol.bet(session, round), TRIES, &mut calls).await;
    match verdict(&calls) {
        Some(Verdict::Done) => {}
        Some(Verdict::Refused(code)) => return Report::of(format!("The bet was refused: {code}."), calls),
        Some(Verdict::Unclear(_)) | None => {
            let note = format!("The bet has no clear outcome ({}) and is rolled back.", outcome(&calls));
            wallet.call(protocol.rollback(session, round), ROLLBACK_TRIES, &mut calls).await;
            return Report::of(note, calls);
        }
    }
    let won = pick.winnings(round.stake, face);
    wallet.call(protocol.win(session, round, won), TRIES, &mut calls).await;
    let note = match (is_done(&calls), won) {
        (true, 0) => "Not this time.".to_owned(),
        (true, _) => "You win!".to_owned(),
        (false, _) => format!("The win was not accepted: {}.", outcome(&calls)),
    };
    Report { face: Some(face), won: Some(won), ..Report::of(note, calls) }
}

/// A bet that its own rollback overtakes: the wallet must not take the stake.
async fn overtaken(wallet: &Wallet, session: &Session, round: &Round) -> Report {
    let mut calls = Vec::new();
    wallet.call(wallet.protocol().rollback(session, round), ROLLBACK_TRIES, &mut calls).await;
    wallet.call(wallet.protocol().bet(session, round), 1, &mut calls).await;
    let note = if is_done(&calls) {
        "The wallet took a stake that was rolled back before it came!".to_owned()
    } else {
        format!("The rollback overtook its bet, which was not taken: {}.", outcome(&calls))
    };
    wallet.ask(&wallet.protocol().balance(session), &mut calls).await;
    Report::of(note, calls)
}

/// Sends a bet again, as a network would: the wallet must answer as before and move nothing.
pub(super) async fn repeat(wallet: &Wallet, session: &Session, round: &Round) -> Report {
    let mut calls = Vec::new();
    wallet.call(wallet.protocol().bet(session, round), 1, &mut calls).await;
    let note = if is_done(&calls) {
        "The same bet, sent again: answered as the first time, and no money moved.".to_owned()
    } else {
        format!("The same bet, sent again: {}.", outcome(&calls))
    };
    // A repeat is answered with the balance of its first time, so the present one is asked for.
    wallet.ask(&wallet.protocol().balance(session), &mut calls).await;
    Report::of(note, calls)
}

/// Undoes a bet, as often as the button is pressed.
pub(super) async fn roll_back(wallet: &Wallet, session: &Session, round: &Round) -> Report {
    let mut calls = Vec::new();
    wallet.call(wallet.protocol().rollback(session, round), 1, &mut calls).await;
    let note = if is_done(&calls) {
        "The last bet is rolled back. Doing so again changes nothing.".to_owned()
    } else {
        format!("The rollback was not accepted: {}.", outcome(&calls))
    };
    wallet.ask(&wallet.protocol().balance(session), &mut calls).await;
    Report::of(note, calls)
}

fn verdict(calls: &[Call]) -> Option<&Verdict> {
    calls.last().and_then(Call::verdict)
}

fn is_done(calls: &[Call]) -> bool {
    verdict(calls) == Some(&Verdict::Done)
}

/// How the newest call ended.
fn outcome(calls: &[Call]) -> &str {
    verdict(calls).map_or("no answer", Verdict::word)
}

impl Report {
    fn of(note: impl Into<String>, calls: Vec<Call>) -> Self {
        let balance = calls.iter().rev().find_map(Call::balance);
        Self { note: note.into(), face: None, won: None, balance, calls }
    }
}
