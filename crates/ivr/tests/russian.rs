//! What the robot says of numbers is correct Russian: the pieces are written back to text through the
//! manifest's texts and compared with numerals of another source, with sentences as people say them, and
//! with what the listener for numbers understands.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::PromptName;
use ivr::speak::{
    Case, Gender, NUMBER_MAX, Noun, ORDINAL_MAX, Ordinal, at, counted, date, expected_wait,
    full_date, house, number, on, ordinal, place, telephone,
};
use proptest::prelude::*;
use speech::spoken;

/// The text of each prompt.
fn manifest() -> BTreeMap<String, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../prompts/manifest.toml");
    let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let prompts = manifest["prompt"].as_table().unwrap();
    let text = |prompt: &toml::Value| prompt["text"].as_str().unwrap().to_owned();
    prompts.iter().map(|(name, prompt)| (name.clone(), text(prompt))).collect()
}

/// What is heard.
fn heard(pieces: &[PromptName], manifest: &BTreeMap<String, String>) -> String {
    let text = |piece: &PromptName| {
        let text = manifest.get(piece.as_str());
        text.unwrap_or_else(|| panic!("no piece {piece}")).trim_end_matches('.').to_owned()
    };
    pieces.iter().map(text).collect::<Vec<_>>().join(" ")
}

/// The numerals of an independent source: tests/numerals.py tells how the table was made.
struct Numeral {
    number: u32,
    /// Nominative: masculine, feminine, neuter.
    nominative: [String; 3],
    /// Genitive: masculine, feminine, neuter.
    genitive: [String; 3],
    /// Ordinals: masculine, neuter, genitive.
    ordinal: [String; 3],
}

fn numerals() -> Vec<Numeral> {
    include_str!("numerals.tsv").lines().skip(1).map(numeral).collect()
}

fn numeral(line: &str) -> Numeral {
    let mut cells = line.split('\t');
    let number = cells.next().unwrap().parse().unwrap();
    let mut three = || {
        let whole = cells.next().unwrap();
        // Of the other forms the table gives the last word.
        let before = whole.rsplit_once(' ').map(|(before, _)| format!("{before} "));
        let mut other = || format!("{}{}", before.as_deref().unwrap_or(""), cells.next().unwrap());
        [whole.to_owned(), other(), other()]
    };
    Numeral { number, nominative: three(), genitive: three(), ordinal: three() }
}

/// The noun by the rule of school books: by the last word of the numeral.
fn noun<'a>(numeral: &str, [one, few, many]: [&'a str; 3]) -> &'a str {
    match numeral.rsplit(' ').next().unwrap() {
        "один" | "одна" | "одного" | "одной" => one,
        "два" | "две" | "три" | "четыре" => few,
        _ => many,
    }
}

#[test]
fn every_number_has_its_words_in_each_gender_and_case() {
    let (manifest, numerals) = (manifest(), numerals());
    assert!((0..=1000).eq(numerals.iter().take(1001).map(|numeral| numeral.number)));
    let genders = [Gender::Masculine, Gender::Feminine, Gender::Neuter];
    for numeral in &numerals {
        for (at, gender) in genders.into_iter().enumerate() {
            let says = |case| heard(&number(numeral.number, gender, case), &manifest);
            assert_eq!(says(Case::Nominative), numeral.nominative[at]);
            // The table's «ноля» is right, and rarer.
            let genitive = if numeral.number == 0 { "нуля" } else { &numeral.genitive[at] };
            assert_eq!(says(Case::Genitive), genitive);
        }
    }
}

#[test]
fn every_noun_agrees_with_its_number() {
    let manifest = manifest();
    for numeral in &numerals()[1..] {
        let says = |noun, case| heard(&counted(numeral.number, noun, case), &manifest);
        let [masculine, feminine, _] = &numeral.nominative;
        for (counted, numeral, forms) in [
            (Noun::Minute, feminine, ["минута", "минуты", "минут"]),
            (Noun::Second, feminine, ["секунда", "секунды", "секунд"]),
            (Noun::Thousand, feminine, ["тысяча", "тысячи", "тысяч"]),
            (Noun::Hour, masculine, ["час", "часа", "часов"]),
            (Noun::Person, masculine, ["человек", "человека", "человек"]),
        ] {
            let expected = format!("{numeral} {}", noun(numeral, forms));
            assert_eq!(says(counted, Case::Nominative), expected);
        }
        let [masculine, feminine, _] = &numeral.genitive;
        for (counted, numeral, forms) in [
            (Noun::Minute, feminine, ["минуты", "минут", "минут"]),
            (Noun::Second, feminine, ["секунды", "секунд", "секунд"]),
            (Noun::Thousand, feminine, ["тысячи", "тысяч", "тысяч"]),
            (Noun::Hour, masculine, ["часа", "часов", "часов"]),
            (Noun::Person, masculine, ["человека", "человек", "человек"]),
        ] {
            let expected = format!("{numeral} {}", noun(numeral, forms));
            assert_eq!(says(counted, Case::Genitive), expected);
        }
    }
}

#[test]
fn every_ordinal_has_its_words() {
    let manifest = manifest();
    for numeral in &numerals()[1..] {
        let says = |form| heard(&ordinal(numeral.number, form), &manifest);
        let forms = [Ordinal::Masculine, Ordinal::Neuter, Ordinal::Genitive];
        assert_eq!(forms.map(says), numeral.ordinal);
        if numeral.number > 1 {
            let said = heard(&place(numeral.number as usize - 1), &manifest);
            assert_eq!(said, format!("вы {} в очереди", numeral.ordinal[0]));
        }
    }
}

#[test]
fn large_numbers_are_said_up_to_the_largest() {
    let manifest = manifest();
    let says = |n, gender| heard(&number(n, gender, Case::Nominative), &manifest);
    assert_eq!(says(1_001, Gender::Feminine), "тысяча одна");
    assert_eq!(says(2_000, Gender::Masculine), "две тысячи");
    assert_eq!(says(21_012, Gender::Masculine), "двадцать одна тысяча двенадцать");
    assert_eq!(says(305_000, Gender::Masculine), "триста пять тысяч");
    let largest = "девятьсот девяносто девять тысяч девятьсот девяносто девять";
    assert_eq!(says(NUMBER_MAX, Gender::Masculine), largest);
    assert_eq!(says(NUMBER_MAX + 1, Gender::Masculine), largest);
    let genitive = heard(&number(42_000, Gender::Masculine, Case::Genitive), &manifest);
    assert_eq!(genitive, "сорока двух тысяч");
}

#[test]
fn times_as_people_say_them() {
    let manifest = manifest();
    let says = |hour, minute| heard(&at(jiff::civil::time(hour, minute, 0, 0)), &manifest);
    assert_eq!(says(14, 30), "в четырнадцать часов тридцать минут");
    assert_eq!(says(15, 0), "в пятнадцать часов");
    assert_eq!(says(0, 5), "в ноль часов пять минут");
    assert_eq!(says(1, 1), "в один час одну минуту");
    assert_eq!(says(21, 21), "в двадцать один час двадцать одну минуту");
    assert_eq!(says(22, 2), "в двадцать два часа две минуты");
    assert_eq!(says(23, 59), "в двадцать три часа пятьдесят девять минут");
    for minute in 0..60 {
        says(9, minute);
    }
}

#[test]
fn dates_with_their_year_where_it_is_another() {
    let manifest = manifest();
    let day = jiff::civil::date;
    let today = day(2026, 11, 23);
    let says = |pieces: Vec<PromptName>| heard(&pieces, &manifest);
    assert_eq!(says(date(today, today, Case::Nominative)), "двадцать третье ноября");
    assert_eq!(says(date(today, today, Case::Genitive)), "двадцать третьего ноября");
    let new_year = day(2027, 1, 1);
    let with_year = "первого января две тысячи двадцать седьмого года";
    assert_eq!(says(date(new_year, today, Case::Genitive)), with_year);
    assert_eq!(says(on(today, today)), "в понедельник двадцать третьего ноября");
    assert_eq!(says(on(day(2026, 11, 24), today)), "во вторник двадцать четвёртого ноября");
    assert_eq!(says(on(new_year, today)), format!("в пятницу {with_year}"));
    let born = |year| says(full_date(day(year, 5, 9), Case::Nominative));
    assert_eq!(born(1947), "девятое мая тысяча девятьсот сорок седьмого года");
    assert_eq!(born(1900), "девятое мая тысяча девятисотого года");
    assert_eq!(born(2000), "девятое мая двухтысячного года");
    assert_eq!(born(2026), "девятое мая две тысячи двадцать шестого года");
    assert_eq!(born(3000), "девятое мая");
    assert_eq!(born(0), "девятое мая");
    assert_eq!(born(1), "девятое мая первого года");
}

#[test]
fn a_date_is_understood_as_it_is_said() {
    let manifest = manifest();
    let first = jiff::civil::date(1920, 1, 1);
    for case in [Case::Nominative, Case::Genitive] {
        // Seven and the months' lengths share no factor: every day of the month and year comes up.
        for day in first.series(jiff::Span::new().days(7)).take(5500) {
            let said = heard(&full_date(day, case), &manifest);
            let told = spoken::date(&understood(&said), 2026).unwrap_or_else(|| panic!("{said}"));
            let told = (told.year, told.month, told.day);
            let expected = (day.year(), day.month(), day.day());
            assert_eq!((told.0 as i16, told.1 as i8, told.2 as i8), expected, "{said}");
        }
    }
}

#[test]
fn telephone_numbers_are_said_in_groups() {
    let manifest = manifest();
    let says = |digits: &str| {
        heard(&telephone(digits), &manifest).replace(" Пауза между группами цифр", ",")
    };
    let mobile =
        "восемь, девятьсот двенадцать, триста сорок пять, шестьдесят семь, восемьдесят девять";
    for written in ["9123456789", "+79123456789", "8 912 345-67-89"] {
        assert_eq!(says(written), mobile);
    }
    let free = "восемь, восемьсот, двести тридцать четыре, тридцать пять, двадцать два";
    assert_eq!(says("88002343522"), free);
    assert_eq!(says("270001"), "двадцать семь, ноль ноль, ноль один");
    assert_eq!(says("2004507"), "два ноль ноль, сорок пять, ноль семь");
    assert_eq!(says("2000507"), "двести, ноль пять, ноль семь");
    assert_eq!(says("55012"), "пять, пятьдесят, двенадцать");
    assert_eq!(says("103"), "сто три");
    assert_eq!(says("002"), "ноль ноль два");
    assert_eq!(says("2345"), "двадцать три, сорок пять");
    assert_eq!(says(""), "");
    assert_eq!(telephone(&"1".repeat(15)), telephone(&"1".repeat(16)));
}

#[test]
fn houses_as_they_are_written() {
    let manifest = manifest();
    let says = |written: &str| heard(&house(written), &manifest);
    assert_eq!(says("12"), "двенадцать");
    assert_eq!(says("125а"), "сто двадцать пять а");
    assert_eq!(says("5к3"), "пять корпус три");
    assert_eq!(says("22/1"), "двадцать два дробь один");
    assert_eq!(says("7?"), "семь");
    assert_eq!(says(&"9".repeat(99)), says("999999"));
    // The letters have names.
    for letter in ['а', 'б', 'в', 'г', 'д', 'е'] {
        assert_eq!(says(&format!("1{letter}")), format!("один {letter}"));
    }
}

#[test]
fn groups_of_a_telephone_number_do_not_run_on() {
    for digits in ["1201001000", "1001001000", "0201001000", "9123002345"] {
        let said = heard(&telephone(digits), &manifest());
        let said = said.replace(" Пауза между группами цифр", "");
        assert_eq!(spoken::telephone(&understood(&said)).as_deref(), Some(digits), "{said}");
    }
}

proptest! {
    #[test]
    fn a_telephone_number_is_understood_as_it_is_said(digits in "[1-9][0-9]{9}") {
        let said = heard(&telephone(&digits), &manifest());
        let said = said.replace(" Пауза между группами цифр", "");
        prop_assert_eq!(spoken::telephone(&understood(&said)), Some(digits), "{}", said);
    }
}

/// The words as a listener understands them.
fn understood(said: &str) -> Vec<spoken::NumberWord> {
    let vocabulary = spoken::vocabulary();
    let known = |word: &str| {
        // The recogniser writes no «ё».
        let word = word.replace('ё', "е");
        let known = vocabulary.iter().find(|(known, _)| known.replace('ё', "е") == word);
        known.unwrap_or_else(|| panic!("nobody understands {word}")).1
    };
    said.split(' ').map(known).collect()
}

#[test]
fn sentences_as_a_caller_hears_them() {
    let manifest = manifest();
    let counts = |number, noun, case| heard(&counted(number, noun, case), &manifest);
    assert_eq!(counts(0, Noun::Person, Case::Nominative), "ноль человек");
    assert_eq!(counts(0, Noun::Minute, Case::Genitive), "нуля минут");
    assert_eq!(counts(22, Noun::Minute, Case::Nominative), "двадцать две минуты");
    assert_eq!(counts(111, Noun::Hour, Case::Nominative), "сто одиннадцать часов");
    let places = |ahead| heard(&place(ahead), &manifest);
    assert_eq!(places(0), "Вы следующий в очереди");
    assert_eq!(places(20), "вы двадцать первый в очереди");
    let last = ORDINAL_MAX as usize - 1;
    assert_eq!(places(last), "вы две тысячи девятьсот девяносто девятый в очереди");
    assert_eq!(places(last + 1), "перед вами более двух тысяч человек");
    assert_eq!(places(usize::MAX), "перед вами более двух тысяч человек");
}

#[test]
fn waits_are_rounded_up_and_never_under_a_minute() {
    let manifest = manifest();
    let says = |seconds| heard(&expected_wait(Duration::from_secs(seconds)), &manifest);
    assert_eq!(says(0), "ожидание около одной минуты");
    assert_eq!(says(60), "ожидание около одной минуты");
    assert_eq!(says(61), "ожидание около двух минут");
    assert_eq!(says(300), "ожидание около пяти минут");
    assert_eq!(says(10 * 60 + 1), "ожидание около пятнадцати минут");
    assert_eq!(says(21 * 60), "ожидание около двадцати пяти минут");
    assert_eq!(says(56 * 60), "ожидание около одного часа");
    assert_eq!(says(60 * 60), "ожидание около одного часа");
    assert_eq!(says(61 * 60), "ожидание более одного часа");
    assert_eq!(says(150 * 60), "ожидание более двух часов");
    assert_eq!(
        says(u64::MAX),
        "ожидание более девятисот девяноста девяти тысяч девятисот девяноста девяти часов"
    );
}
