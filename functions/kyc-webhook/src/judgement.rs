//! What findings about a player come to: a vendor's approval is the vendor's, ours needs more.

use domain::account::VerificationStatus;
use domain::names::alike;
use domain::{Rules, Timestamp};
use edge::profiles::Profile;
use vendors::kyc::{Findings, Person};

/// What findings come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// The status they lead to, if any.
    pub(crate) status: Option<VerificationStatus>,
    /// What staff should know, without anything personal.
    pub(crate) concerns: Vec<String>,
}

/// Marks what compliance has to look at at once.
const ALERT: &str = "alert: ";

/// Judges findings against what the player claims. Doubts about an approval, and hits on a watchlist whatever else was
/// found, are for a person to look at; they spare nobody a refusal.
pub(crate) fn judge(
    findings: &Findings,
    profile: Option<&Profile>,
    rules: &Rules,
    now: Timestamp,
) -> Judgement {
    let mut concerns: Vec<String> = alert(findings).into_iter().collect();
    if findings.status == Some(VerificationStatus::Approved) {
        concerns.extend(doubts(findings, profile, rules, now));
    }
    let is_open = !matches!(findings.status, Some(VerificationStatus::Rejected));
    let status =
        if concerns.is_empty() || !is_open { findings.status } else { Some(VerificationStatus::InReview) };
    Judgement { status, concerns }
}

/// What compliance has to know of hits on watchlists, if there are any.
pub(crate) fn alert(findings: &Findings) -> Option<String> {
    let lists: Vec<_> = findings.hits.iter().map(|list| list.as_str()).collect();
    (!lists.is_empty()).then(|| format!("{ALERT}possible match on watchlists: {}", lists.join(", ")))
}

/// Whether a concern is one that compliance has to look at at once.
pub(crate) fn is_alert(concern: &str) -> bool {
    concern.starts_with(ALERT)
}

fn doubts(findings: &Findings, profile: Option<&Profile>, rules: &Rules, now: Timestamp) -> Vec<String> {
    let mut doubts = Vec::new();
    match (&findings.person, profile) {
        (_, None) => doubts.push("there is no profile to compare the document with".to_owned()),
        (None, _) => doubts.push("the vendor tells nothing of the person on the document".to_owned()),
        (Some(person), Some(profile)) => doubts.extend(differences(person, profile)),
    }
    let born = findings.person.as_ref().and_then(|person| person.birth_date);
    if born.is_some_and(|born| !rules.old_enough(born, now)) {
        doubts.push(format!("{ALERT}by the document the player is under age"));
    }
    let expires_on = findings.document.as_ref().and_then(|document| document.expires_on);
    let today = rules.today(now);
    if expires_on.is_some_and(|last_day| today.is_none_or(|today| last_day < today)) {
        doubts.push("the document has expired".to_owned());
    }
    doubts
}

fn differences(person: &Person, profile: &Profile) -> Vec<String> {
    let read = format!("{} {}", person.first_name, person.last_name);
    let claimed = format!("{} {}", profile.first_name, profile.last_name);
    let name = (!alike(&read, &claimed)).then_some("the document bears another name");
    let born =
        (person.birth_date != Some(profile.birth_date)).then_some("the document bears another birth date");
    [name, born].into_iter().flatten().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::Date;
    use vendors::kyc::{Document, Watchlist};

    use super::*;

    type Change = Box<dyn FnOnce(&mut Findings)>;

    fn profile() -> Profile {
        serde_json::from_value(serde_json::json!({
            "email": "ada@players.example", "first_name": "Ada", "last_name": "Vella",
            "birth_date": "1990-05-04", "country": "MT",
            "address": {"line1": "1 Harbour Street", "city": "Valletta", "postcode": "VLT 1110"},
            "terms_version": "2026-01",
            "consents": {"email": true, "sms": false, "phone": false, "post": false},
        }))
        .unwrap()
    }

    fn approved() -> Findings {
        let (first_name, last_name) = ("ADA MARIA".to_owned(), "VELLA".to_owned());
        Findings {
            status: Some(VerificationStatus::Approved),
            person: Some(Person { first_name, last_name, birth_date: Some(Date::constant(1990, 5, 4)) }),
            document: Some(Document {
                country: Some("MLT".to_owned()),
                expires_on: Some(Date::constant(2026, 11, 23)),
            }),
            ..Findings::default()
        }
    }

    fn judged(change: impl FnOnce(&mut Findings)) -> (Option<VerificationStatus>, String) {
        let mut findings = approved();
        change(&mut findings);
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let book = edge::rule_book().unwrap();
        let Judgement { status, concerns } =
            judge(&findings, Some(&profile()), book.rules("MT", now).unwrap(), now);
        (status, concerns.join("; "))
    }

    #[test]
    fn an_approval_of_the_very_player_stands() {
        assert_eq!(judged(|_| ()), (Some(VerificationStatus::Approved), String::new()));
    }

    #[test]
    fn doubts_are_for_a_person_to_look_at() {
        let born = |year| {
            move |it: &mut Findings| {
                it.person.as_mut().unwrap().birth_date = Some(Date::constant(year, 5, 4));
            }
        };
        let cases: [(Change, &str); 7] = [
            (Box::new(|it| it.person.as_mut().unwrap().first_name = "Eva".to_owned()), "another name"),
            (Box::new(born(1991)), "another birth date"),
            (Box::new(|it| it.person.as_mut().unwrap().birth_date = None), "another birth date"),
            (Box::new(born(2010)), "alert: by the document the player is under age"),
            (Box::new(|it| it.person = None), "tells nothing of the person"),
            (
                Box::new(|it| {
                    it.document.as_mut().unwrap().expires_on = Some(Date::constant(2026, 11, 22));
                }),
                "has expired",
            ),
            (
                Box::new(|it| it.hits = BTreeSet::from([Watchlist::Pep, Watchlist::Sanctions])),
                "alert: possible match on watchlists: sanctions, pep",
            ),
        ];
        for (change, concern) in cases {
            let (status, concerns) = judged(change);
            assert_eq!(status, Some(VerificationStatus::InReview), "{concern}");
            assert!(concerns.contains(concern), "{concerns}");
            for personal in ["Ada", "ADA", "VELLA", "1990", "2010", "MLT"] {
                assert!(!concerns.contains(personal), "{concerns}");
            }
        }
    }

    #[test]
    fn without_a_profile_nobody_is_approved() {
        let now = "2026-11-23T10:00:00Z".parse().unwrap();
        let book = edge::rule_book().unwrap();
        let judgement = judge(&approved(), None, book.rules("MT", now).unwrap(), now);
        assert_eq!(judgement.status, Some(VerificationStatus::InReview));
    }

    #[test]
    fn a_hit_needs_no_approval_and_spares_nobody_a_refusal() {
        let hit = |status| {
            judged(move |it| {
                *it = Findings { status, hits: BTreeSet::from([Watchlist::Other]), ..Findings::default() };
            })
        };
        for status in [None, Some(VerificationStatus::Pending), Some(VerificationStatus::InReview)] {
            assert_eq!(hit(status).0, Some(VerificationStatus::InReview), "{status:?}");
        }
        let (status, concerns) = hit(Some(VerificationStatus::Rejected));
        assert_eq!(status, Some(VerificationStatus::Rejected));
        assert!(concerns.starts_with("alert: "), "{concerns}");
    }

    #[test]
    fn what_is_no_approval_is_not_compared() {
        for status in [
            VerificationStatus::Pending,
            VerificationStatus::Resubmit,
            VerificationStatus::Rejected,
            VerificationStatus::Expired,
        ] {
            let findings = Findings { status: Some(status), ..Findings::default() };
            assert_eq!(judged(move |it| *it = findings), (Some(status), String::new()));
        }
    }
}
