//! What callers have told, as it is read back to them.

use dialplan::PromptName;
use dialplan::decide::Answer;

use crate::speak::{self, Case};

/// «Верно?»
const RIGHT: &str = "ask/right";
/// Said to who answers neither yes nor no.
pub(crate) const AGAIN: &str = "ask/again";

/// An answer, and the question whether it is right.
#[must_use]
pub fn words(answer: &Answer) -> Vec<PromptName> {
    let (what, pieces) = match answer {
        Answer::Telephone(number) => ("heard/phone", speak::telephone(number.as_str())),
        Answer::BirthDate(date) => ("heard/birth", birth_date(date)),
        Answer::House(house) => ("heard/house", speak::house(house)),
        // Its name is no prompt: the dialplan has the question about it.
        Answer::Clinic(_) => return vec![RIGHT.into()],
    };
    let what = PromptName::from(what);
    [what].into_iter().chain(pieces).chain([RIGHT.into()]).collect()
}

/// A day that no calendar has is not read; [`Answer`] holds none.
fn birth_date(date: &speech::spoken::Date) -> Vec<PromptName> {
    let [month, day] = [date.month, date.day].map(i8::try_from);
    let day = i16::try_from(date.year).ok().zip(month.ok()).zip(day.ok());
    let day = day.and_then(|((year, month), day)| jiff::civil::Date::new(year, month, day).ok());
    day.map(|day| speak::full_date(day, Case::Nominative)).unwrap_or_default()
}
