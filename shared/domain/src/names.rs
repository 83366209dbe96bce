//! Whether two names can be one person's.
//!
//! Both are folded to plain Latin words: without case, accents, titles and punctuation, and with the vowel pairs that
//! passports write for accented letters (`ae`, `oe`, `ue`, `aa`) drawn together, so that Müller, Muller and MUELLER are
//! one. Then the order does not matter, and neither do further names that only one side has, as long as
//!
//! - every word of the side with fewer words stands on the other side, too, and
//! - they share at least two words, or one side's only word is all that the other side has;
//! - or both are the same letters in the same order, wherever the blanks are.
//!
//! Initials and slips of the pen are told apart from that: they are for a person to judge.

use std::collections::BTreeSet;

use deunicode::deunicode;

use crate::cashier::HolderMatch;

/// What stands before a name and is none.
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "sig", "mme"];
/// One letter in this many may be wrong.
const LETTERS_PER_SLIP: usize = 6;

/// Whether two names can be one person's.
#[must_use]
pub fn alike(one: &str, other: &str) -> bool {
    let (ones, others) = (words(one), words(other));
    let (fewer, more) = if ones.len() <= others.len() { (&ones, &others) } else { (&others, &ones) };
    let enough = fewer.len() >= 2 || (!fewer.is_empty() && fewer.len() == more.len());
    (enough && fewer.is_subset(more)) || (!ones.is_empty() && letters(one) == letters(other))
}

/// How a payment instrument's holder, as a provider tells it, goes with the name of the player.
#[must_use]
pub fn holder(player: &str, told: &str) -> HolderMatch {
    let (own, theirs) = (words(player), words(told));
    if own.is_empty() || theirs.is_empty() {
        HolderMatch::Unknown
    } else if alike(player, told) {
        HolderMatch::Matches
    } else if by_initials(&own, &theirs) || by_slips(&own, &theirs) {
        HolderMatch::Similar
    } else {
        HolderMatch::Differs
    }
}

/// Whether each of the holder's words is one of the player's, or the first letter of one that no other word stands
/// for; and at least one of them is a whole word.
fn by_initials(own: &BTreeSet<String>, theirs: &BTreeSet<String>) -> bool {
    let mut free = own.clone();
    let (whole, rest): (Vec<&String>, Vec<&String>) = theirs.iter().partition(|word| free.remove(*word));
    let mut initials = rest.into_iter().filter(|word| word.len() > 1 || !take_initial(&mut free, word));
    whole.iter().any(|word| word.len() > 1) && whole.len() < theirs.len() && initials.next().is_none()
}

fn take_initial(free: &mut BTreeSet<String>, initial: &str) -> bool {
    let word = free.iter().find(|word| word.starts_with(initial)).cloned();
    word.is_some_and(|word| free.remove(&word))
}

/// Whether the names differ by a few letters only, word by word.
fn by_slips(own: &BTreeSet<String>, theirs: &BTreeSet<String>) -> bool {
    let mut free: Vec<&String> = theirs.iter().collect();
    let mut slips = 0;
    for word in own {
        let distances = free.iter().enumerate().map(|(place, it)| (strsim::osa_distance(word, it), place));
        let Some((distance, place)) = distances.min() else { return false };
        slips += distance;
        free.swap_remove(place);
    }
    let length: usize = own.iter().map(String::len).sum();
    free.is_empty() && slips <= length / LETTERS_PER_SLIP
}

fn words(name: &str) -> BTreeSet<String> {
    let folded = fold(name);
    folded.split_whitespace().filter(|word| !TITLES.contains(word)).map(str::to_owned).collect()
}

fn letters(name: &str) -> String {
    fold(name).split_whitespace().collect()
}

/// Plain lower-case words. Apostrophes belong to a word, other punctuation parts them.
fn fold(text: &str) -> String {
    const PAIRS: [(&str, &str); 4] = [("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a")];
    let plain = deunicode(text).to_ascii_lowercase();
    let bare = plain.chars().filter(|letter| !matches!(letter, '\'' | '`'));
    let spaced: String =
        bare.map(|letter| if letter.is_ascii_alphanumeric() { letter } else { ' ' }).collect();
    PAIRS.iter().fold(spaced, |text, (pair, letter)| text.replace(pair, letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_alike(one: &str, other: &str) -> bool {
        let alike = alike(one, other);
        assert_eq!(alike, super::alike(other, one), "{one:?} {other:?}");
        alike
    }

    #[test]
    fn spellings_of_one_name_are_alike() {
        for (one, other) in [
            ("Ada Vella", "ADA VELLA"),
            ("Ada Vella", "Vella Ada"),
            ("Ada Vella", "Vella, Ada"),
            ("Ada Vella", "Mrs Ada Vella"),
            ("Ada Vella", "Ada Maria Vella"),
            ("Zoë Müller", "ZOE MUELLER"),
            ("Jürgen Groß", "JUERGEN GROSS"),
            ("Søren Ærø", "SOEREN AEROE"),
            ("Åse Håkansson", "AASE HAAKANSSON"),
            ("Seán O’Neill", "SEAN ONEILL"),
            ("Anne-Marie Dupont", "Anne Marie Dupont"),
            ("Anne-Marie Dupont", "ANNEMARIE DUPONT"),
            ("Jan van der Berg", "JAN VANDERBERG"),
            ("Łukasz Żółć", "Lukasz Zolc"),
            ("Juan García", "Juan Carlos García López"),
            ("Иван Петров", "Ivan Petrov"),
            ("Sukarno", "SUKARNO"),
        ] {
            assert!(is_alike(one, other), "{one:?} {other:?}");
            assert_eq!(holder(one, other), HolderMatch::Matches, "{one:?} {other:?}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for (one, other) in [
            ("Ada Vella", "Eva Vella"),
            ("Ada Vella", "Ada Borg"),
            ("Ada Vella", "A. Vella"),
            ("Ada Vella", "Vella"),
            ("Ada Vella", "Ada"),
            ("Ada Vella", ""),
            ("", ""),
            ("…!", "?—"),
            ("Juan García Pérez", "Juan García López"),
        ] {
            assert!(!is_alike(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn initials_and_slips_are_for_a_person_to_judge() {
        for (player, told) in [
            ("Ada Vella", "A VELLA"),
            ("Ada Vella", "MR A. VELLA"),
            ("Ada Maria Vella", "A M VELLA"),
            ("Catherine Johnson", "CATHERINE JONSON"),
            ("Catherine Johnson", "Katherine Johnson"),
            ("Martin Wagner", "Martyn Wagnar"),
        ] {
            assert_eq!(holder(player, told), HolderMatch::Similar, "{player} {told}");
        }
    }

    #[test]
    fn somebody_elses_instrument_is_told() {
        for told in ["John Borg", "B VELLA", "A B", "A", "J V", "Ada Borg", "Ada Vel", "Vella", "Eda Vello"] {
            assert_eq!(holder("Ada Vella", told), HolderMatch::Differs, "{told}");
        }
        assert_eq!(holder("A Vella", "A V"), HolderMatch::Differs, "initials alone are nobody's name");
        for told in ["", " ", "—"] {
            assert_eq!(holder("Ada Vella", told), HolderMatch::Unknown, "{told}");
        }
    }
}
