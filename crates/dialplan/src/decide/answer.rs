//! What a caller has told when a menu asked for it.

use std::fmt;

use ambient::Wall;
use speech::ChoiceId;
use speech::spoken::{self, Date, NumberWord};

use crate::plan::AskedFor;
use crate::{ClinicId, Dialplan, Number};

/// The most keys of an answer: a number from abroad with its prefix.
pub(super) const TYPED_MAX: usize = 18;

/// What a caller has told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A telephone number in normal form, whole.
    Telephone(Number),
    /// A date of birth.
    BirthDate(Date),
    /// The number of a house, `12к3`.
    House(Box<str>),
    /// A clinic.
    Clinic(ClinicId),
}

impl Answer {
    /// What these words tell; `None` if it is not what was asked for. Of a year of two digits it is the
    /// latest up to now.
    #[must_use]
    pub fn of_words(
        plan: &Dialplan,
        what: AskedFor,
        words: &[NumberWord],
        now: Wall,
    ) -> Option<Answer> {
        match what {
            AskedFor::Telephone => telephone(plan, &spoken::digits(words)?),
            AskedFor::BirthDate => {
                let now = jiff::Timestamp::from_millisecond(now.unix_millis()).ok()?;
                let this_year = u16::try_from(plan.region.zone.to_datetime(now).year()).ok()?;
                spoken::date(words, this_year).map(Answer::BirthDate)
            }
            AskedFor::House => spoken::house(words).map(|house| Answer::House(house.into())),
            AskedFor::Clinic => None,
        }
    }

    /// The clinic that was named, by its place among those of the dialplan.
    #[must_use]
    pub fn of_name(plan: &Dialplan, choice: ChoiceId) -> Option<Answer> {
        plan.clinics.keys().nth(usize::from(choice.0)).cloned().map(Answer::Clinic)
    }

    /// What these digits tell.
    pub(super) fn of_keys(plan: &Dialplan, what: AskedFor, typed: &str) -> Option<Answer> {
        match what {
            AskedFor::Telephone => telephone(plan, typed),
            AskedFor::BirthDate => date(typed).map(Answer::BirthDate),
            AskedFor::House => {
                let is_house = typed.len() <= 3 && !typed.starts_with('0');
                is_house.then(|| Answer::House(typed.into()))
            }
            AskedFor::Clinic => {
                let mut so_called = plan.clinics.values().filter(|clinic| {
                    speech::names::number_in(&clinic.title) == Some(typed.trim_start_matches('0'))
                });
                let clinic = so_called.next()?;
                so_called.next().is_none().then(|| Answer::Clinic(clinic.id.clone()))
            }
        }
    }

    /// What it answers.
    #[must_use]
    pub fn what(&self) -> AskedFor {
        match self {
            Answer::Telephone(_) => AskedFor::Telephone,
            Answer::BirthDate(_) => AskedFor::BirthDate,
            Answer::House(_) => AskedFor::House,
            Answer::Clinic(_) => AskedFor::Clinic,
        }
    }

    /// Whether it is read back, and the caller says whether it is right, though it was clear. A clinic is
    /// not: nobody repeats a name that was understood.
    pub(super) fn is_read_back(&self) -> bool {
        !matches!(self, Answer::Clinic(_))
    }
}

impl fmt::Display for Answer {
    /// As agents read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Telephone(number) => write!(f, "{number}"),
            Answer::BirthDate(Date { year, month, day }) => {
                write!(f, "{day:02}.{month:02}.{year}")
            }
            Answer::House(house) => f.write_str(house),
            Answer::Clinic(clinic) => write!(f, "{clinic}"),
        }
    }
}

impl AskedFor {
    /// Whether nothing can follow these keys, so that no `#` is waited for.
    pub(super) fn is_whole(self, plan: &Dialplan, typed: &str) -> bool {
        match self {
            AskedFor::Telephone => {
                let prefix = &*plan.region.numbering.national_prefix;
                let is_abroad = typed.starts_with(&*plan.region.numbering.international_prefix);
                let with_prefix = typed.starts_with(prefix) || typed.starts_with('7');
                !is_abroad && typed.len() == if with_prefix { 11 } else { 10 }
            }
            AskedFor::BirthDate => typed.len() == 8,
            AskedFor::House | AskedFor::Clinic => false,
        }
    }
}

/// A whole number, not a service's short one.
fn telephone(plan: &Dialplan, digits: &str) -> Option<Answer> {
    let number = plan.region.numbering.normalise(digits)?;
    number.as_str().starts_with('+').then_some(Answer::Telephone(number))
}

/// Day, month and year in eight digits.
fn date(typed: &str) -> Option<Date> {
    let part = |from: usize, to: usize| typed.get(from..to)?.parse::<u16>().ok();
    let [day, month] = [part(0, 2)?, part(2, 4)?].map(|part| u8::try_from(part).ok());
    let date = Date { year: part(4, 8)?, month: month?, day: day? };
    (typed.len() == 8 && (1850..2200).contains(&date.year) && date.exists()).then_some(date)
}
