//! Whether two names can be one person's.
//!
//! Both are folded to plain Latin words: without case, accents and punctuation, and with the vowel pairs that passports
//! write for accented letters (`ae`, `oe`, `ue`, `aa`) drawn together, so that Müller, Muller and MUELLER are one. Then
//! the order does not matter, and neither do further names that only one side has, as long as
//!
//! - every word of the side with fewer words stands on the other side, too, and
//! - they share at least two words, or one side's only word is all that the other side has;
//! - or both are the same letters in the same order, wherever the blanks are.
//!
//! Initials and nicknames do not match: that is for a person to judge.

use std::collections::BTreeSet;

use deunicode::deunicode;

/// A given and a family name.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a> {
    pub(crate) first: &'a str,
    pub(crate) last: &'a str,
}

/// Whether two names can be one person's.
pub(crate) fn alike(one: Name<'_>, other: Name<'_>) -> bool {
    let (ones, others) = (words(one), words(other));
    let (fewer, more) = if ones.len() <= others.len() { (&ones, &others) } else { (&others, &ones) };
    let enough = fewer.len() >= 2 || (!fewer.is_empty() && fewer.len() == more.len());
    (enough && fewer.is_subset(more)) || (!ones.is_empty() && letters(one) == letters(other))
}

fn words(name: Name<'_>) -> BTreeSet<String> {
    let folded = format!("{} {}", fold(name.first), fold(name.last));
    folded.split_whitespace().map(str::to_owned).collect()
}

fn letters(name: Name<'_>) -> String {
    let folded = format!("{}{}", fold(name.first), fold(name.last));
    folded.split_whitespace().collect()
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

    fn is_alike(one: (&str, &str), other: (&str, &str)) -> bool {
        let name = |(first, last)| Name { first, last };
        let alike = alike(name(one), name(other));
        assert_eq!(alike, super::alike(name(other), name(one)), "{one:?} {other:?}");
        alike
    }

    #[test]
    fn spellings_of_one_name_are_alike() {
        for (one, other) in [
            (("Ada", "Vella"), ("ADA", "VELLA")),
            (("Ada", "Vella"), ("Vella", "Ada")),
            (("Ada", "Vella"), ("Ada Maria", "Vella")),
            (("Zoë", "Müller"), ("ZOE", "MUELLER")),
            (("Jürgen", "Groß"), ("JUERGEN", "GROSS")),
            (("Søren", "Ærø"), ("SOEREN", "AEROE")),
            (("Åse", "Håkansson"), ("AASE", "HAAKANSSON")),
            (("Seán", "O’Neill"), ("SEAN", "ONEILL")),
            (("Anne-Marie", "Dupont"), ("Anne Marie", "Dupont")),
            (("Anne-Marie", "Dupont"), ("ANNEMARIE", "DUPONT")),
            (("Jan", "van der Berg"), ("JAN", "VANDERBERG")),
            (("Łukasz", "Żółć"), ("Lukasz", "Zolc")),
            (("Juan", "García"), ("Juan Carlos", "García López")),
            (("Иван", "Петров"), ("Ivan", "Petrov")),
            (("", "Sukarno"), ("Sukarno", "")),
        ] {
            assert!(is_alike(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for (one, other) in [
            (("Ada", "Vella"), ("Eva", "Vella")),
            (("Ada", "Vella"), ("Ada", "Borg")),
            (("Ada", "Vella"), ("A.", "Vella")),
            (("Ada", "Vella"), ("", "Vella")),
            (("Ada", "Vella"), ("Ada", "")),
            (("Ada", "Vella"), ("", "")),
            (("", ""), ("", "")),
            (("…", "!"), ("?", "—")),
            (("Juan", "García Pérez"), ("Juan", "García López")),
        ] {
            assert!(!is_alike(one, other), "{one:?} {other:?}");
        }
    }
}
