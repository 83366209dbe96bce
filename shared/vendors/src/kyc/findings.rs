//! What a vendor found out, in our own words.

use std::collections::BTreeSet;
use std::fmt;

use domain::account::VerificationStatus;
use domain::ids::PlayerId;
use domain::{Date, Timestamp};

/// What is known of a verification. Whatever the vendor did not tell is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// The player, if the vendor repeats an id of ours: nothing vouches that there is such a player.
    pub player: Option<PlayerId>,
    /// The status it leads to, if it speaks of one.
    pub status: Option<VerificationStatus>,
    /// The vendor's own time of it; whether it is the newest is for the core to judge.
    pub as_of: Option<Timestamp>,
    /// The person, as the vendor read the document.
    pub person: Option<Person>,
    /// The document.
    pub document: Option<Document>,
    /// The lists that may name the person. A possible match is one until somebody has looked at it.
    pub hits: BTreeSet<Watchlist>,
}

impl Findings {
    /// These findings with what was looked up since: that is newer and whole. An approval stands only if it was found
    /// again. If the two speak of different players, they speak of nobody.
    #[must_use]
    pub fn completed_by(self, found: Self) -> Self {
        let same_player = self.player.is_none() || found.player.is_none() || self.player == found.player;
        Self {
            player: found.player.or(self.player).filter(|_| same_player),
            status: found.status.or(self.status.filter(|told| *told != VerificationStatus::Approved)),
            as_of: self.as_of.or(found.as_of),
            person: found.person.or(self.person),
            document: found.document.or(self.document),
            hits: if found.hits.is_empty() { self.hits } else { found.hits },
        }
    }
}

/// A person, as read from a document. Never logged, never in an event.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Given names; empty if there are none.
    pub first_name: String,
    /// Family names; empty if there are none.
    pub last_name: String,
    /// Day of birth.
    pub birth_date: Option<Date>,
}

impl Person {
    /// A person out of what was read; none if that is nothing.
    pub(crate) fn read(
        first_name: Option<&str>,
        last_name: Option<&str>,
        born: Option<&str>,
    ) -> Option<Self> {
        let person = Self {
            first_name: first_name.unwrap_or_default().to_owned(),
            last_name: last_name.unwrap_or_default().to_owned(),
            birth_date: born.and_then(date),
        };
        let is_someone =
            !person.first_name.is_empty() || !person.last_name.is_empty() || person.birth_date.is_some();
        is_someone.then_some(person)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Person")
    }
}

/// A document that proves an identity.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// The issuing country, ISO 3166-1 alpha-2 or alpha-3.
    pub country: Option<String>,
    /// The last day it is good for.
    pub expires_on: Option<Date>,
}

impl Document {
    /// A document out of what was read; none if that is nothing.
    pub(crate) fn read(country: Option<&str>, expires_on: Option<&str>) -> Option<Self> {
        let is_code = |text: &&str| {
            (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        let document = Self {
            country: country.filter(is_code).map(str::to_ascii_uppercase),
            expires_on: expires_on.and_then(date),
        };
        (document.country.is_some() || document.expires_on.is_some()).then_some(document)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Document")
    }
}

/// A list of persons to be careful with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watchlist {
    /// Sanctions.
    Sanctions,
    /// Politically exposed persons.
    Pep,
    /// Adverse media.
    AdverseMedia,
    /// Warnings, monitored lists, and whatever else the vendor warns of.
    Other,
}

impl Watchlist {
    /// The list that a vendor's label means. Vendors spell freely; what is not recognised is still a warning.
    pub(crate) fn of_label(label: &str) -> Self {
        let label: String =
            label.chars().filter(char::is_ascii_alphabetic).map(|it| it.to_ascii_lowercase()).collect();
        match label.as_str() {
            label if label.contains("sanction") => Self::Sanctions,
            label if label.contains("pep") || label.contains("politically") => Self::Pep,
            label if label.contains("media") => Self::AdverseMedia,
            _ => Self::Other,
        }
    }

    /// The name that staff knows it by.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sanctions => "sanctions",
            Self::Pep => "pep",
            Self::AdverseMedia => "adverse media",
            Self::Other => "other",
        }
    }
}

/// Reads `YYYY-MM-DD`; times after it do not matter.
fn date(text: &str) -> Option<Date> {
    let day = text.get(..10)?;
    let is_date = matches!(text.as_bytes().get(10), None | Some(b'T' | b' '));
    day.parse().ok().filter(|_| is_date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_looked_up_completes_what_was_told() {
        let player = |last: char| format!("ply_01KDVAN5G0000000000000000{last}").parse().unwrap();
        let time = |text: &str| Some(text.parse().unwrap());
        let told = Findings {
            player: Some(player('1')),
            status: Some(VerificationStatus::Approved),
            as_of: time("2026-01-02T03:04:05Z"),
            hits: [Watchlist::Other].into(),
            ..Findings::default()
        };
        let found = Findings {
            status: Some(VerificationStatus::Rejected),
            as_of: time("2026-01-03T00:00:00Z"),
            person: Person::read(Some("Ada"), None, None),
            hits: [Watchlist::Sanctions].into(),
            ..Findings::default()
        };
        let all = told.clone().completed_by(found.clone());
        assert_eq!((all.player, all.status), (told.player, found.status));
        assert_eq!((all.as_of, all.person), (told.as_of, found.person.clone()));
        assert_eq!(all.hits, found.hits, "the lists by their names, not by a guess");
        let unconfirmed = Findings { status: None, ..told.clone() };
        assert_eq!(told.clone().completed_by(Findings::default()), unconfirmed, "no approval by itself");
        let doubted = Findings { status: Some(VerificationStatus::InReview), ..told.clone() };
        assert_eq!(doubted.clone().completed_by(Findings::default()), doubted);
        assert_eq!(Findings::default().completed_by(found.clone()), found);
        let other = Findings { player: Some(player('2')), ..found };
        assert_eq!(told.completed_by(other).player, None, "two players are none");
    }

    #[test]
    fn persons_are_never_shown() {
        let person = Person::read(Some("Ada"), Some("Vella"), Some("1990-05-04"));
        let document = Document::read(Some("mlt"), Some("2030-01-31"));
        assert_eq!(document.as_ref().unwrap().country.as_deref(), Some("MLT"));
        let shown = format!("{:?}", Findings { person, document, ..Findings::default() });
        for secret in ["Ada", "Vella", "1990", "MLT", "2030"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[test]
    fn nothing_read_is_nobody() {
        assert_eq!(Person::read(None, Some(""), Some("4 May 1990")), None);
        assert_eq!(Document::read(Some("Malta"), Some("")), None);
        let born = |text| Person::read(None, None, Some(text)).and_then(|it| it.birth_date);
        assert_eq!(born("1990-05-04T00:00:00Z"), Some(domain::Date::constant(1990, 5, 4)));
        assert_eq!(
            (born("1990-05-041"), born("1990-02-30"), born("x".repeat(20).as_str())),
            (None, None, None)
        );
    }

    #[test]
    fn labels_are_recognised_however_they_are_spelt() {
        for (label, list) in [
            ("sanctions", Watchlist::Sanctions),
            ("politically_exposed_person", Watchlist::Pep),
            ("PEP class 2", Watchlist::Pep),
            ("adverseMedia", Watchlist::AdverseMedia),
            ("adverse-media", Watchlist::AdverseMedia),
            ("monitored_lists", Watchlist::Other),
            ("", Watchlist::Other),
        ] {
            assert_eq!(Watchlist::of_label(label), list, "{label}");
        }
    }
}
