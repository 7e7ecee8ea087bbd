//! Which numbers outside an agent may call.

use std::time::Duration;

use crate::{Number, OutsideId, ScheduleId, Target};

/// The emergency services of Russia, and the European number for all of them.
const EMERGENCY: [&str; 5] = ["101", "102", "103", "104", "112"];
/// Codes beside those of the country that are dialled like it and paid like abroad: Abkhazia.
const ABROAD: [&str; 2] = ["840", "940"];
/// Of the codes 800 to 809 those that cost a caller nothing; the others are paid services.
const FREE: [&str; 2] = ["800", "804"];

/// What the agents of a group may call outside, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MayCall {
    /// The numbers.
    pub numbers: Vec<NumberRange>,
    /// Only while this schedule holds.
    pub when: Option<ScheduleId>,
    /// Ceiling of calls at once for each agent.
    pub at_once: usize,
    /// Ceiling of calls a day for each agent, in the region's time.
    pub a_day: usize,
}

/// A telephone outside to which the dialplan itself sends calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Its name, in its own key.
    pub id: OutsideId,
    /// Whose telephone it is.
    pub title: Box<str>,
    /// Its number; never one that costs more than a call within the country.
    pub number: Number,
    /// How long it rings.
    pub ring_for: Duration,
    /// Where the call goes that nobody takes there.
    pub otherwise: Target,
    /// Ceiling of calls there at once.
    pub at_once: usize,
    /// Ceiling of calls there a day, in the region's time.
    pub a_day: usize,
}

/// A range of numbers in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberRange {
    /// Numbers that begin so: `+7495`.
    Prefix(Box<str>),
    /// This short number: `115`.
    Short(Box<str>),
    /// Land lines, mobiles and free numbers of the country with this code, without paid services
    /// and without what lies abroad.
    Country(Box<str>),
    /// 101 to 104 and 112.
    Emergency,
}

impl NumberRange {
    /// Whether the number lies in the range.
    #[must_use]
    pub fn holds(&self, number: &Number) -> bool {
        let text = number.as_str();
        match self {
            NumberRange::Prefix(prefix) => text.starts_with(&**prefix),
            NumberRange::Short(short) => text == &**short,
            NumberRange::Emergency => EMERGENCY.contains(&text),
            NumberRange::Country(code) => {
                let national = text.strip_prefix('+').and_then(|rest| rest.strip_prefix(&**code));
                national.is_some_and(|national| is_ordinary(code, national))
            }
        }
    }
}

/// Of country code 7 only what begins with 3, 4, 8 and 9 is Russia; 6 and 7 are Kazakhstan.
fn is_ordinary(code: &str, national: &str) -> bool {
    if code != "7" {
        return true;
    }
    let Some(area) = national.get(..3) else { return false };
    let is_paid = area.starts_with("80") && !FREE.contains(&area);
    area.starts_with(['3', '4', '8', '9']) && !ABROAD.contains(&area) && !is_paid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Numbering;

    #[test]
    fn the_country_is_neither_abroad_nor_a_paid_service() {
        let country = NumberRange::Country("7".into());
        let holds = |dialled| country.holds(&Numbering::russia("4812").normalise(dialled).unwrap());
        for dialled in
            ["8-495-123-45-67", "89161234567", "627766", "88002343522", "8-804-333-00-00"]
        {
            assert!(holds(dialled), "{dialled}");
        }
        for dialled in [
            "8-701-123-45-67",
            "8-840-226-00-00",
            "8-809-505-00-00",
            "8-803-100-00-00",
            "810375291234567",
            "8102348012345678",
            "103",
        ] {
            assert!(!holds(dialled), "{dialled}");
        }
    }

    #[test]
    fn emergency_short_and_prefix() {
        let number = |dialled| Numbering::russia("4812").normalise(dialled).unwrap();
        assert!(NumberRange::Emergency.holds(&number("112")));
        assert!(!NumberRange::Emergency.holds(&number("1120")));
        assert!(NumberRange::Prefix("+7495".into()).holds(&number("84951234567")));
        assert!(!NumberRange::Prefix("+7495".into()).holds(&number("84991234567")));
        assert!(NumberRange::Short("115".into()).holds(&number("115")));
        assert!(!NumberRange::Short("115".into()).holds(&number("1155")));
    }
}
