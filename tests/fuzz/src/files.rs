//! Texts and files: tokens, amounts, runs of numbers, settlement files, exported statements.

use domain::Money;
use vendors::games::GameToken;

use crate::pitboss::statement;
use crate::reconcile::settlement;
use crate::store::progress::Progress;

/// A token reads back as what it was written from.
pub(crate) fn game_token(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Some(token) = GameToken::parse(text) {
        assert_eq!(token.to_text(), text);
    }
}

/// An amount reads back as itself.
pub(crate) fn money(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let _ = domain::parse_decimal(text);
    if let Ok(money) = text.parse::<Money>() {
        assert_eq!(money.to_string().parse(), Ok(money));
    }
}

/// Runs of numbers are written in one way only, and hold what they say.
pub(crate) fn progress(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let Ok(mut progress) = text.parse::<Progress>() else { return };
    let written = progress.to_string();
    assert_eq!(written.parse::<Progress>().as_ref(), Ok(&progress));
    let (upto, newest) = (progress.upto(), progress.newest());
    assert!(upto <= newest && (newest == 0 || progress.has(newest)));
    if let Some(next) = upto.checked_add(1) {
        assert!(!progress.has(next) && progress.apply(next) && !progress.apply(next));
        assert!(progress.upto() >= next);
    }
}

/// Every line that is read is either matched by its own movement or told to be missing.
pub(crate) fn settlement(input: &[u8]) {
    let Ok(lines) = settlement::read(input) else { return };
    let forever = domain::Timestamp::MIN..domain::Timestamp::MAX;
    let alone = settlement::compare(&lines, &[], &forever);
    assert_eq!(alone.matched, 0);
    assert_eq!(alone.differences.len(), lines.len());
    for difference in &alone.differences {
        let _ = difference.to_string();
    }
}

/// A statement is read and checked, whatever it holds.
pub(crate) fn statement(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let verdict = statement::verify(text, None);
    let _ = (verdict.head(), verdict.findings.len());
}
