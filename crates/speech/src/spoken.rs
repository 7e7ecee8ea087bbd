//! Numbers as Russians say them: a telephone number, a date of birth, a house.
//!
//! Words come one by one, as a [`crate::NumberReader`] heard them, and are joined by size: «девятьсот
//! двенадцать» is one group, «двенадцать девятьсот» two. Numbers are told in whatever groups the caller
//! likes.

/// A word that belongs to a number, a date or a house.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberWord {
    /// «пять», «двадцать», «сто», «тысяча»
    Cardinal(u16),
    /// «пятое», «двадцатого», «тысячного»
    Ordinal(u16),
    /// «марта», by the number of the month
    Month(u8),
    /// «корпус»
    Block,
    /// «дробь»
    Slash,
    /// «литера а», and the letter alone behind a number
    Letter(char),
    /// «дом», «года», «плюс»: said with numbers, and no part of one
    Aside,
}

/// What is told in such words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberKind {
    /// A telephone number.
    Telephone,
    /// A day of the calendar.
    Date,
    /// A house.
    House,
}

impl NumberKind {
    /// Whether the word has a place in it. «А» before a telephone number is no letter of a house, and what a
    /// recogniser takes for a letter in a silence must not spoil the number.
    #[must_use]
    pub fn has(self, word: NumberWord) -> bool {
        match (self, word) {
            (_, Cardinal(_) | Aside)
            | (NumberKind::House, Block | Slash | Letter(_) | Ordinal(_)) => true,
            (NumberKind::Date, Ordinal(_) | Month(_)) => true,
            (NumberKind::Telephone, Ordinal(_) | Month(_) | Block | Slash | Letter(_))
            | (NumberKind::Date, Block | Slash | Letter(_))
            | (NumberKind::House, Month(_)) => false,
        }
    }
}

/// A day that was told, such as a date of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year, four digits.
    pub year: u16,
    /// The month, from 1.
    pub month: u8,
    /// The day of the month, from 1.
    pub day: u8,
}

impl Date {
    /// Whether the calendar has this day.
    #[must_use]
    pub fn exists(self) -> bool {
        self.day >= 1 && self.day <= days_of(self)
    }
}

use NumberWord::{Aside, Block, Cardinal, Letter, Month, Ordinal, Slash};

/// Cardinal numbers by the words that stand alone, with their nominative.
const CARDINALS: [(u16, &[&str]); 38] = [
    (0, &["ноль", "нуль"]),
    (1, &["один", "одна", "одно"]),
    (2, &["два", "две"]),
    (3, &["три"]),
    (4, &["четыре"]),
    (5, &["пять"]),
    (6, &["шесть"]),
    (7, &["семь"]),
    (8, &["восемь"]),
    (9, &["девять"]),
    (10, &["десять"]),
    (11, &["одиннадцать"]),
    (12, &["двенадцать"]),
    (13, &["тринадцать"]),
    (14, &["четырнадцать"]),
    (15, &["пятнадцать"]),
    (16, &["шестнадцать"]),
    (17, &["семнадцать"]),
    (18, &["восемнадцать"]),
    (19, &["девятнадцать"]),
    (20, &["двадцать"]),
    (30, &["тридцать"]),
    (40, &["сорок"]),
    (50, &["пятьдесят"]),
    (60, &["шестьдесят"]),
    (70, &["семьдесят"]),
    (80, &["восемьдесят"]),
    (90, &["девяносто"]),
    (100, &["сто"]),
    (200, &["двести"]),
    (300, &["триста"]),
    (400, &["четыреста"]),
    (500, &["пятьсот"]),
    (600, &["шестьсот"]),
    (700, &["семьсот"]),
    (800, &["восемьсот"]),
    (900, &["девятьсот"]),
    (1000, &["тысяча", "тысячи"]),
];

/// Stems of ordinal numbers; the endings of a date are «-ое» and «-ого».
const ORDINALS: [(u16, &str); 29] = [
    (1, "перв"),
    (2, "втор"),
    (4, "четверт"),
    (5, "пят"),
    (6, "шест"),
    (7, "седьм"),
    (8, "восьм"),
    (9, "девят"),
    (10, "десят"),
    (11, "одиннадцат"),
    (12, "двенадцат"),
    (13, "тринадцат"),
    (14, "четырнадцат"),
    (15, "пятнадцат"),
    (16, "шестнадцат"),
    (17, "семнадцат"),
    (18, "восемнадцат"),
    (19, "девятнадцат"),
    (20, "двадцат"),
    (30, "тридцат"),
    (40, "сороков"),
    (50, "пятидесят"),
    (60, "шестидесят"),
    (70, "семидесят"),
    (80, "восьмидесят"),
    (90, "девяност"),
    (100, "сот"),
    (1000, "тысячн"),
    (2000, "двухтысячн"),
];

const MONTHS: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

/// Letters of houses.
const LETTERS: [char; 6] = ['а', 'б', 'в', 'г', 'д', 'е'];

/// Every word, and what it is. Its order is the same each time.
#[must_use]
pub fn vocabulary() -> Vec<(String, NumberWord)> {
    let mut all = Vec::new();
    let mut add = |word: &str, means| all.push((word.to_owned(), means));
    for (value, words) in CARDINALS {
        words.iter().for_each(|word| add(word, Cardinal(value)));
    }
    for (value, stem) in ORDINALS {
        for ending in ["ое", "ого"] {
            add(&format!("{stem}{ending}"), Ordinal(value));
        }
    }
    add("третье", Ordinal(3));
    add("третьего", Ordinal(3));
    (1..).zip(MONTHS).for_each(|(month, word)| add(word, Month(month)));
    add("корпус", Block);
    add("дробь", Slash);
    LETTERS.iter().for_each(|&letter| add(&letter.to_string(), Letter(letter)));
    for aside in ["дом", "года", "год", "плюс", "литера", "номер"] {
        add(aside, Aside);
    }
    all
}

/// The words of a number in digits: of up to three digits as a number, of more digit by digit, as
/// people read what is no quantity, and so with a zero in front.
pub(crate) fn words_of_digits(digits: &str) -> Vec<String> {
    let name = |value: u16| {
        let known = CARDINALS.iter().find(|(known, _)| *known == value);
        known.map(|(_, words)| words[0].to_owned())
    };
    let value = digits.parse::<u16>().ok().filter(|_| digits.len() <= 3);
    match value.filter(|_| digits.len() == 1 || !digits.starts_with('0')) {
        Some(0) | None => {
            let each = digits.bytes().map(|digit| u16::from(digit.saturating_sub(b'0')));
            each.filter_map(name).collect()
        }
        Some(value) => {
            let (hundreds, rest) = (value / 100 * 100, value % 100);
            let (tens, units) = if rest < 20 { (0, rest) } else { (rest / 10 * 10, rest % 10) };
            [hundreds, tens, units].into_iter().filter(|&part| part > 0).filter_map(name).collect()
        }
    }
}

/// The words of an ordinal number up to 99 as an adjective: «вторая», «двадцать третья». Its other forms are
/// those of any adjective.
pub(crate) fn ordinal_adjective(value: u16) -> Option<String> {
    let single = |value: u16| match value {
        3 => Some("третья".to_owned()),
        _ => {
            let known = ORDINALS.iter().find(|(known, _)| *known == value);
            known.map(|(_, stem)| format!("{stem}ая"))
        }
    };
    match (value / 10 * 10, value % 10) {
        (1.., 0) | (0 | 10, 1..) => single(value),
        (tens @ 20..100, units) => {
            let (_, words) = CARDINALS.iter().find(|(known, _)| *known == tens)?;
            single(units).map(|unit| format!("{} {unit}", words[0]))
        }
        _ => None,
    }
}

/// Whether a word is a number, which has its forms in other places.
pub(crate) fn is_cardinal(word: &str) -> bool {
    CARDINALS.iter().any(|(_, words)| words.contains(&word))
}

/// Digits in the order in which they were told, as of a telephone number: «восемь девятьсот двенадцать
/// ноль пять» is `891205`. `None` if no digit was told, or something that has no place there.
#[must_use]
pub fn digits(words: &[NumberWord]) -> Option<String> {
    let mut digits = String::new();
    for group in groups(words) {
        match group {
            Group::Number { value, .. } => digits += &value.to_string(),
            Group::Other(Aside) => {}
            Group::Other(_) => return None,
        }
    }
    (!digits.is_empty()).then_some(digits)
}

/// A subscriber's number in the country, ten digits: told with 8 or 7 in front, or without.
#[must_use]
pub fn telephone(words: &[NumberWord]) -> Option<String> {
    let all = digits(words)?;
    match all.len() {
        10 => Some(all),
        11 => all.strip_prefix(['7', '8']).map(str::to_owned),
        _ => None,
    }
}

/// A date: «двадцать третьего марта тысяча девятьсот пятьдесят второго года», «пятое ноль шестое
/// сорок восьмого», «первого января двухтысячного». Of a year of two digits the century is that which
/// makes it the latest year up to `this_year`.
#[must_use]
pub fn date(words: &[NumberWord], this_year: u16) -> Option<Date> {
    let mut parts = Vec::new();
    for group in groups(words) {
        match group {
            // «ноль шестого»: the nought only says that the number is short.
            Group::Number { value: 0, .. } | Group::Other(Aside) => {}
            Group::Number { value, .. } => parts.push((value, false)),
            Group::Other(Month(month)) => parts.push((u32::from(month), true)),
            Group::Other(_) => return None,
        }
    }
    let &[(day, false), (month, _), ref year @ ..] = parts.as_slice() else { return None };
    let year = match year {
        [(year @ 1000.., false)] => *year,
        [(short @ ..100, false)] => {
            let century = u32::from(this_year) / 100 * 100;
            let year = century + short;
            if year > u32::from(this_year) { year.checked_sub(100)? } else { year }
        }
        // Nineteen fifty-two, the way a number is read in pairs.
        [(19, false), (short @ ..100, false)] => 1900 + short,
        [(20, false), (short @ ..100, false)] => 2000 + short,
        _ => return None,
    };
    let date = Date {
        year: u16::try_from(year).ok()?,
        month: u8::try_from(month).ok()?,
        day: u8::try_from(day).ok()?,
    };
    date.exists().then_some(date)
}

/// A house as it is written: `12`, `12а`, `12к3`, `12/1`.
#[must_use]
pub fn house(words: &[NumberWord]) -> Option<String> {
    let mut house = String::new();
    let mut joined = true;
    for group in groups(words) {
        match group {
            Group::Other(Aside) => {}
            Group::Number { value, ordinal: false } if joined && (1..1000).contains(&value) => {
                house += &value.to_string();
                joined = false;
            }
            Group::Other(Letter(letter)) if !joined => house.push(letter),
            Group::Other(Block) if !joined => (house.push('к'), joined = true).1,
            Group::Other(Slash) if !joined => (house.push('/'), joined = true).1,
            Group::Number { .. } | Group::Other(_) => return None,
        }
    }
    (!joined).then_some(house)
}

/// Words that make one number together, or one that makes none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Number { value: u32, ordinal: bool },
    Other(NumberWord),
}

fn groups(words: &[NumberWord]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // The least part of the number that still grows; a smaller one may follow it.
    let mut least = 0;
    for &word in words {
        let (part, ordinal) = match word {
            Cardinal(part) => (u32::from(part), false),
            Ordinal(part) => (u32::from(part), true),
            Month(_) | Block | Slash | Letter(_) | Aside => {
                groups.push(Group::Other(word));
                least = 0;
                continue;
            }
        };
        match groups.last_mut() {
            Some(Group::Number { value, ordinal: is_ordinal }) if follows(*value, least, part) => {
                // «две тысячи»: the number before counts the thousands.
                *value = if part == 1000 { *value * 1000 } else { *value + part };
                *is_ordinal = ordinal;
            }
            _ => groups.push(Group::Number { value: part, ordinal }),
        }
        least = if ordinal { 0 } else { part };
    }
    groups
}

/// Whether `part` goes on with a number whose last part was `least`.
fn follows(value: u32, least: u32, part: u32) -> bool {
    match (least, part) {
        (_, 0) | (0..10, 1..1000) => part == 1000 && value == 2,
        (2, 1000) => value == 2,
        (1000, 1..1000) => true,
        (100..1000, 1..100) => true,
        (20..100, 1..10) => true,
        (_, _) => false,
    }
}

fn days_of(date: Date) -> u8 {
    let leap = date.year.is_multiple_of(4)
        && (!date.year.is_multiple_of(100) || date.year.is_multiple_of(400));
    match date.month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
