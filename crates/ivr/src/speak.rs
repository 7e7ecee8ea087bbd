//! Russian numbers, places and waiting times from recorded pieces.
//!
//! The pieces are those of `prompts/manifest.toml`; this is the grammar between them:
//!
//! - A number takes the gender of its noun: «одна минута», «два часа».
//! - The noun takes its form from the number: «одна минута, две минуты, пять минут», and of a number
//!   that ends in eleven to fourteen the last again: «одиннадцать минут».
//! - «около» and «более» want the genitive of both: «около одной минуты, около двух минут».
//! - Of a place only the last word is an ordinal: «сто двадцать первый».

use std::time::Duration;

use dialplan::PromptName;

/// The largest number that the pieces can say.
pub const NUMBER_MAX: u32 = 999;

/// The case of a number and its noun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// «пять минут»
    Nominative,
    /// «около пяти минут»
    Genitive,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// «человек»
    Person,
    /// «секунда»
    Second,
    /// «минута»
    Minute,
    /// «час»
    Hour,
}

/// A key as it is said; `None` for those that are no digit.
#[must_use]
pub fn key(key: dialplan::Key) -> Option<PromptName> {
    let gender = match key.label() {
        '1' | '2' => "m/",
        '0' | '3'..='9' => "",
        _ => return None,
    };
    Some(PromptName::from(format!("num/n/{gender}{}", key.label()).as_str()))
}

/// «Вы следующий в очереди», «Вы двадцать первый в очереди», and beyond [`NUMBER_MAX`] «Перед вами
/// более девятисот человек».
#[must_use]
pub fn place(calls_ahead: usize) -> Vec<PromptName> {
    let place = u32::try_from(calls_ahead).unwrap_or(u32::MAX).saturating_add(1);
    match place {
        1 => vec![piece("you-are-next")],
        2..=NUMBER_MAX => {
            sentence([vec![piece("word/you")], ordinal(place), vec![piece("word/in-queue")]])
        }
        _ => sentence([
            vec![piece("word/before-you"), piece("word/more-than")],
            counted(900, Noun::Person, Case::Genitive),
        ]),
    }
}

/// «Ожидание около пяти минут»: rounded up, never less than one minute; from ten minutes on to five
/// minutes, since nobody knows it better; over an hour «более двух часов».
#[must_use]
pub fn expected_wait(wait: Duration) -> Vec<PromptName> {
    const HOUR: u64 = 60;
    let minutes = wait.as_secs().div_ceil(60).max(1);
    let minutes = if minutes <= 10 { minutes } else { minutes.next_multiple_of(5) };
    let number = |n: u64| u32::try_from(n).unwrap_or(NUMBER_MAX).min(NUMBER_MAX);
    let (word, counted) = match minutes {
        ..HOUR => ("word/about", counted(number(minutes), Noun::Minute, Case::Genitive)),
        HOUR => ("word/about", counted(1, Noun::Hour, Case::Genitive)),
        _ => ("word/more-than", counted(number(minutes / HOUR), Noun::Hour, Case::Genitive)),
    };
    sentence([vec![piece("word/wait"), piece(word)], counted])
}

/// A number with its noun: «двадцать две минуты». A number beyond [`NUMBER_MAX`] is said as that.
#[must_use]
pub fn counted(number: u32, noun: Noun, case: Case) -> Vec<PromptName> {
    let number = number.min(NUMBER_MAX);
    let mut pieces = cardinal(number, noun, case);
    let form = match (case, Plural::of(number)) {
        (Case::Nominative, Plural::One) => "one",
        (Case::Nominative, Plural::Few) => "few",
        (Case::Nominative, Plural::Many) => "many",
        (Case::Genitive, Plural::One) => "gen-sg",
        (Case::Genitive, Plural::Few | Plural::Many) => "gen-pl",
    };
    pieces.push(piece(&format!("noun/{}/{form}", noun.name())));
    pieces
}

/// A place, masculine: «двадцать первый». There is no place 0, and beyond [`NUMBER_MAX`] the last
/// one is said.
#[must_use]
pub fn ordinal(place: u32) -> Vec<PromptName> {
    let (parts, last) = parts(place.clamp(1, NUMBER_MAX));
    let mut pieces: Vec<_> =
        parts.into_iter().map(|part| piece(&format!("num/n/{part}"))).collect();
    pieces.push(piece(&format!("ord/m/{last}")));
    pieces
}

impl Noun {
    /// In the names of pieces.
    fn name(self) -> &'static str {
        match self {
            Noun::Person => "person",
            Noun::Second => "second",
            Noun::Minute => "minute",
            Noun::Hour => "hour",
        }
    }

    /// Gender, as in the names of pieces.
    fn gender(self) -> &'static str {
        match self {
            Noun::Person | Noun::Hour => "m",
            Noun::Second | Noun::Minute => "f",
        }
    }
}

/// Which form of the noun a number wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plural {
    /// 1, 21, 101, but not 11.
    One,
    /// 2–4, 22–24, but not 12–14.
    Few,
    /// All others.
    Many,
}

impl Plural {
    fn of(number: u32) -> Plural {
        match (number % 100, number % 10) {
            (11..=14, _) => Plural::Many,
            (_, 1) => Plural::One,
            (_, 2..=4) => Plural::Few,
            _ => Plural::Many,
        }
    }
}

fn cardinal(number: u32, noun: Noun, case: Case) -> Vec<PromptName> {
    let case = match case {
        Case::Nominative => "n",
        Case::Genitive => "g",
    };
    let (parts, last) = parts(number);
    let mut pieces: Vec<_> =
        parts.into_iter().map(|part| piece(&format!("num/{case}/{part}"))).collect();
    // Only one and two have a gender.
    pieces.push(match last {
        1 | 2 => piece(&format!("num/{case}/{}/{last}", noun.gender())),
        _ => piece(&format!("num/{case}/{last}")),
    });
    pieces
}

/// The words of a number: 121 is 100, 20 and last 1; 0 is a word of its own.
fn parts(number: u32) -> (Vec<u32>, u32) {
    let (hundreds, rest) = (number / 100 * 100, number % 100);
    let (tens, units) = if rest < 20 { (0, rest) } else { (rest / 10 * 10, rest % 10) };
    let mut parts: Vec<u32> = [hundreds, tens, units].into_iter().filter(|p| *p > 0).collect();
    let last = parts.pop().unwrap_or(0);
    (parts, last)
}

fn sentence<const N: usize>(pieces: [Vec<PromptName>; N]) -> Vec<PromptName> {
    pieces.into_iter().flatten().collect()
}

fn piece(name: &str) -> PromptName {
    PromptName::from(name)
}
