//! Jurisdiction rules: what a rule pack says, as far as decisions need it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::cashier::{Funding, NameMode, PaymentRules};
use crate::catalogue::{Feature, GameRules};
use crate::play::StakeOrder;
use crate::{Timestamp, parse_decimal};

/// The rules that govern one player at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The pack's id, such as `GB`.
    pub id: String,
    /// The pack's version.
    pub version: String,
    /// Years a player must have lived.
    pub min_age: u8,
    /// Time zone of calendar windows and birthdays.
    pub time_zone: String,
    /// Years that records are kept after the end of the relationship.
    pub retention_years: u8,
    /// Whether identity must be verified before the first deposit.
    pub verified_before_deposit: bool,
    /// Whether identity must be verified before the first stake.
    pub verified_before_bet: bool,
    /// How many days a player has to be verified again after the document has run out. None: a verification lasts.
    pub renewal_days: Option<u16>,
    /// Whether a player may call a requested withdrawal back.
    pub withdrawal_reversal: bool,
    /// Which money a stake takes first.
    pub stake_order: StakeOrder,
    /// What holds of payments.
    pub payments: PaymentRules,
    /// What holds of games.
    pub games: GameRules,
}

/// A rule pack as written: `infra/packs/<id>/<version>.toml`. Unknown kinds and parameters do not load.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    pack: Header,
    #[serde(default, rename = "rule")]
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema: u8,
    id: String,
    version: String,
    status: PackStatus,
    effective_from: Timestamp,
    tz: String,
    min_age: u8,
    retention_years: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PackStatus {
    Draft,
    Active,
    Retired,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[expect(dead_code, reason = "read by people and by reports, not by decisions")]
    id: String,
    #[serde(flatten)]
    kind: Kind,
    #[expect(dead_code, reason = "the source of the rule, for people")]
    cite: Citation,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the source of the rule, for people")]
struct Citation {
    r#ref: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", content = "params", rename_all = "snake_case", deny_unknown_fields)]
enum Kind {
    KycGate {
        before: Gate,
    },
    KycRenewal {
        grace_days: u16,
    },
    WithdrawalRule {
        reversal: Reversal,
        #[serde(default)]
        closed_loop: bool,
    },
    PaymentBan {
        card_funding: Vec<Funding>,
        #[serde(default)]
        wallet_must_attest: bool,
    },
    NameMatch {
        mode: NameMode,
    },
    StakeOrder {
        order: StakeOrder,
    },
    FeatureBan {
        #[serde(default)]
        features: BTreeSet<Feature>,
        #[serde(default, deserialize_with = "percent")]
        min_rtp: Option<Decimal>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Gate {
    Deposit,
    Bet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reversal {
    Never,
    Allowed,
}

impl Pack {
    /// Whether the pack may be used at a time.
    #[must_use]
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.pack.schema == 1 && self.pack.status == PackStatus::Active && self.pack.effective_from <= now
    }

    /// Whose rules these are.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.pack.id
    }

    /// From when the pack is in force.
    #[must_use]
    pub const fn effective_from(&self) -> Timestamp {
        self.pack.effective_from
    }

    /// The rules as decisions use them; of two rules of one kind the stricter wins.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let mut rules = Rules {
            id: self.pack.id.clone(),
            version: self.pack.version.clone(),
            min_age: self.pack.min_age,
            time_zone: self.pack.tz.clone(),
            retention_years: self.pack.retention_years,
            verified_before_deposit: false,
            verified_before_bet: false,
            renewal_days: None,
            withdrawal_reversal: true,
            stake_order: StakeOrder::default(),
            payments: PaymentRules::default(),
            games: GameRules::default(),
        };
        for rule in &self.rules {
            match &rule.kind {
                Kind::KycGate { before } => {
                    rules.verified_before_deposit |= *before == Gate::Deposit;
                    rules.verified_before_bet = true;
                }
                Kind::KycRenewal { grace_days } => {
                    let days = rules.renewal_days.map_or(*grace_days, |days| days.min(*grace_days));
                    rules.renewal_days = Some(days);
                }
                Kind::WithdrawalRule { reversal, closed_loop } => {
                    rules.withdrawal_reversal &= *reversal == Reversal::Allowed;
                    rules.payments.closed_loop |= *closed_loop;
                }
                Kind::PaymentBan { card_funding, wallet_must_attest } => {
                    rules.payments.banned_funding.extend(card_funding);
                    rules.payments.wallet_must_attest |= *wallet_must_attest;
                }
                Kind::NameMatch { mode } => {
                    rules.payments.own_name = rules.payments.own_name.max(Some(*mode));
                }
                Kind::StakeOrder { order } => rules.stake_order = *order,
                Kind::FeatureBan { features, min_rtp } => {
                    rules.games.banned.extend(features);
                    rules.games.min_rtp = rules.games.min_rtp.max(*min_rtp);
                }
            }
        }
        rules
    }
}

impl Rules {
    /// Whether someone born on a day is old enough at a time, by the calendar of the jurisdiction.
    ///
    /// Who was born on 29 February comes of age on 1 March of other years.
    #[must_use]
    pub fn old_enough(&self, born: Date, now: Timestamp) -> bool {
        let Some(today) = self.today(now) else { return false };
        let Some(year) = born.year().checked_add(i16::from(self.min_age)) else { return false };
        let birthday = Date::new(year, born.month(), born.day()).or_else(|_| Date::new(year, 3, 1));
        birthday.is_ok_and(|birthday| birthday <= today)
    }

    /// Whether a document's last day is over, by the calendar of the jurisdiction, and its owner has to be verified again.
    #[must_use]
    pub fn has_run_out(&self, last_day: Date, now: Timestamp) -> bool {
        self.renewal_days.is_some() && self.is_over(last_day, 0, now)
    }

    /// Whether the days to be verified again are over, too.
    #[must_use]
    pub fn is_overdue(&self, last_day: Date, now: Timestamp) -> bool {
        self.renewal_days.is_some_and(|days| self.is_over(last_day, days, now))
    }

    /// The day in the jurisdiction; none if its time zone is none.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> Option<Date> {
        now.in_tz(&self.time_zone).ok().map(|local| local.date())
    }

    /// Whether so many days after a day are over. Without a calendar they are; without an end of time they never are.
    fn is_over(&self, last_day: Date, days: u16, now: Timestamp) -> bool {
        let end = last_day.checked_add(SignedDuration::from_hours(24 * i64::from(days)));
        end.is_ok_and(|end| self.today(now).is_none_or(|today| end < today))
    }
}

/// A share in percent, as text: no floats.
fn percent<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Decimal>, D::Error> {
    let share = parse_decimal(&String::deserialize(input)?).map_err(D::Error::custom)?;
    let is_share = share >= Decimal::ZERO && share <= Decimal::ONE_HUNDRED;
    if is_share { Ok(Some(share)) } else { Err(D::Error::custom("not between 0 and 100 percent")) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn rules() -> Rules {
        Rules {
            id: "MT".into(),
            version: "test".into(),
            min_age: 18,
            time_zone: "Europe/Malta".into(),
            retention_years: 5,
            verified_before_deposit: false,
            verified_before_bet: true,
            renewal_days: None,
            withdrawal_reversal: true,
            stake_order: StakeOrder::CashFirst,
            payments: PaymentRules::default(),
            games: GameRules::default(),
        }
    }

    #[test]
    fn the_birthday_is_the_jurisdictions_not_utcs() {
        let old_enough =
            |born: &str, now: &str| rules().old_enough(born.parse().unwrap(), now.parse().unwrap());
        assert!(!old_enough("2008-07-10", "2026-07-09T21:59:59Z"), "23:59:59 of the day before, in Malta");
        assert!(old_enough("2008-07-10", "2026-07-09T22:00:00Z"), "midnight in Malta");
        assert!(!old_enough("2008-02-29", "2026-02-28T12:00:00Z"));
        assert!(old_enough("2008-02-29", "2026-03-01T12:00:00Z"));
    }

    #[test]
    fn a_document_is_good_to_the_end_of_its_last_day_in_the_jurisdiction() {
        let days = |renewal_days| Rules { renewal_days, ..rules() };
        let ran_out = |days: &Rules, last_day: &str, now: &str| {
            let (last_day, now) = (last_day.parse().unwrap(), now.parse().unwrap());
            (days.has_run_out(last_day, now), days.is_overdue(last_day, now))
        };
        let month = days(Some(30));
        for (last_day, now, expected) in [
            ("2026-07-09", "2026-07-09T21:59:59Z", (false, false)),
            ("2026-07-09", "2026-07-09T22:00:00Z", (true, false)),
            ("2026-07-09", "2026-08-08T21:59:59Z", (true, false)),
            ("2026-07-09", "2026-08-08T22:00:00Z", (true, true)),
            // Over the end of summer time, and over leap days.
            ("2026-10-24", "2026-11-23T22:59:59Z", (true, false)),
            ("2026-10-24", "2026-11-23T23:00:00Z", (true, true)),
            ("2028-02-29", "2028-02-29T22:59:59Z", (false, false)),
            ("2028-02-29", "2028-02-29T23:00:00Z", (true, false)),
            ("2028-01-30", "2028-02-29T22:59:59Z", (true, false)),
            ("2028-01-30", "2028-02-29T23:00:00Z", (true, true)),
            ("2027-01-30", "2027-03-01T22:59:59Z", (true, false)),
            ("9999-12-31", "9999-12-01T00:00:00Z", (false, false)),
        ] {
            assert_eq!(ran_out(&month, last_day, now), expected, "{last_day} at {now}");
        }
        assert_eq!(ran_out(&days(Some(0)), "2026-07-09", "2026-07-09T22:00:00Z"), (true, true));
        assert_eq!(ran_out(&days(None), "2026-07-09", "2030-01-01T00:00:00Z"), (false, false));
        let nowhere = Rules { time_zone: "Nowhere".into(), ..days(Some(30)) };
        assert_eq!(ran_out(&nowhere, "2030-01-01", "2026-01-01T00:00:00Z"), (true, true));
    }

    const HEADER: &str = "[pack]\nschema=1\nid='XX'\nversion='1'\nstatus='active'\n\
        effective_from='2026-01-01T00:00:00Z'\ntz='UTC'\nmin_age=18\nretention_years=5\n";

    fn pack(rules: &[&str]) -> Result<Pack, toml::de::Error> {
        let rules: Vec<String> =
            rules.iter().map(|rule| format!("[[rule]]\nid='R'\ncite={{ref='r'}}\n{rule}\n")).collect();
        toml::from_str(&format!("{HEADER}{}", rules.concat()))
    }

    #[test]
    fn a_pack_with_an_unknown_rule_does_not_load() {
        let gate = pack(&["kind='kyc_gate'\nparams={before='deposit'}"]).unwrap().rules();
        assert!(gate.verified_before_deposit && gate.verified_before_bet);
        assert!(pack(&["kind='kyc_gate'\nparams={before='tomorrow'}"]).is_err());
        assert!(pack(&["kind='stake_cap'\nparams={max=1}"]).is_err());
        for params in [
            "features=['telepathy']",
            "min_rtp='101'",
            "min_rtp='-1'",
            "min_rtp=85",
            "max_rtp='99'",
            "min_rtp=''",
        ] {
            let ban = format!("kind='feature_ban'\nparams={{{params}}}");
            assert!(pack(&[&ban]).is_err(), "{params}");
        }
    }

    #[test]
    fn a_pack_is_in_force_once_it_is_active_and_its_day_has_come() {
        let in_force = |from: &str, to: &str, now: &str| {
            let pack: Pack = toml::from_str(&HEADER.replace(from, to)).unwrap();
            assert_eq!((pack.id(), pack.effective_from()), ("XX", "2026-01-01T00:00:00Z".parse().unwrap()));
            pack.in_force(now.parse().unwrap())
        };
        assert!(in_force("", "", "2026-01-01T00:00:00Z"));
        assert!(in_force("", "", "2027-01-01T00:00:00Z"));
        assert!(!in_force("", "", "2025-12-31T23:59:59Z"));
        assert!(!in_force("'active'", "'draft'", "2026-06-01T00:00:00Z"));
        assert!(!in_force("'active'", "'retired'", "2026-06-01T00:00:00Z"));
        assert!(!in_force("schema=1", "schema=2", "2026-06-01T00:00:00Z"), "of a form that we do not know");
    }

    #[test]
    fn of_two_rules_of_a_kind_the_stricter_wins() {
        let never = "kind='withdrawal_rule'\nparams={reversal='never',closed_loop=true}";
        let allowed = "kind='withdrawal_rule'\nparams={reversal='allowed'}";
        let attested = "kind='payment_ban'\nparams={card_funding=['credit'],wallet_must_attest=true}";
        let banned = "kind='payment_ban'\nparams={card_funding=['prepaid']}";
        let late = "kind='kyc_gate'\nparams={before='bet'}";
        let renewal = |days: u16| format!("kind='kyc_renewal'\nparams={{grace_days={days}}}");
        for days in [[30, 14], [14, 30]] {
            let rules = pack(&days.map(renewal).each_ref().map(String::as_str)).unwrap().rules();
            assert_eq!(rules.renewal_days, Some(14));
        }
        let early = "kind='kyc_gate'\nparams={before='deposit'}";
        let slow = "kind='feature_ban'\nparams={features=['turbo','autoplay'],min_rtp='85.00'}";
        let plain = "kind='feature_ban'\nparams={features=['turbo','jackpot'],min_rtp='80.00'}";
        let generous = "kind='feature_ban'\nparams={min_rtp='85.00'}";
        for order in [
            [never, allowed, attested, banned, early, late, slow, plain],
            [allowed, never, banned, attested, late, early, plain, slow],
        ] {
            let rules = pack(&order).unwrap().rules();
            assert!(!rules.withdrawal_reversal && rules.payments.closed_loop);
            assert!(rules.payments.wallet_must_attest && rules.payments.banned_funding.len() == 2);
            assert!(rules.verified_before_deposit && rules.verified_before_bet);
            let banned = [Feature::Autoplay, Feature::Turbo, Feature::Jackpot];
            assert_eq!(rules.games.banned, BTreeSet::from(banned));
            assert_eq!(rules.games.min_rtp, "85".parse().ok());
        }
        for order in [[plain, generous], [generous, plain]] {
            let rules = pack(&order).unwrap().rules().games;
            assert_eq!((rules.banned.len(), rules.min_rtp), (2, "85".parse().ok()));
        }
        let mild = pack(&[allowed, banned, late]).unwrap().rules();
        assert!(mild.withdrawal_reversal && !mild.payments.closed_loop && !mild.payments.wallet_must_attest);
        assert!(mild.verified_before_bet && !mild.verified_before_deposit);
        let bare = pack(&[]).unwrap().rules();
        assert!(bare.withdrawal_reversal && bare.games == GameRules::default());
    }
}
