//! What the robot says of numbers is correct Russian: the pieces are written back to text through the
//! manifest's texts and compared with sentences that are made here in another way.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::PromptName;
use ivr::speak::{Case, NUMBER_MAX, Noun, counted, expected_wait, ordinal, place};

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

/// Words for 1 to 19 in the nominative (masculine) and the genitive, and the ordinal.
const TO_NINETEEN: [(&str, &str, &str); 19] = [
    ("один", "одного", "первый"),
    ("два", "двух", "второй"),
    ("три", "трёх", "третий"),
    ("четыре", "четырёх", "четвёртый"),
    ("пять", "пяти", "пятый"),
    ("шесть", "шести", "шестой"),
    ("семь", "семи", "седьмой"),
    ("восемь", "восьми", "восьмой"),
    ("девять", "девяти", "девятый"),
    ("десять", "десяти", "десятый"),
    ("одиннадцать", "одиннадцати", "одиннадцатый"),
    ("двенадцать", "двенадцати", "двенадцатый"),
    ("тринадцать", "тринадцати", "тринадцатый"),
    ("четырнадцать", "четырнадцати", "четырнадцатый"),
    ("пятнадцать", "пятнадцати", "пятнадцатый"),
    ("шестнадцать", "шестнадцати", "шестнадцатый"),
    ("семнадцать", "семнадцати", "семнадцатый"),
    ("восемнадцать", "восемнадцати", "восемнадцатый"),
    ("девятнадцать", "девятнадцати", "девятнадцатый"),
];

const TENS: [(&str, &str, &str); 8] = [
    ("двадцать", "двадцати", "двадцатый"),
    ("тридцать", "тридцати", "тридцатый"),
    ("сорок", "сорока", "сороковой"),
    ("пятьдесят", "пятидесяти", "пятидесятый"),
    ("шестьдесят", "шестидесяти", "шестидесятый"),
    ("семьдесят", "семидесяти", "семидесятый"),
    ("восемьдесят", "восьмидесяти", "восьмидесятый"),
    ("девяносто", "девяноста", "девяностый"),
];

const HUNDREDS: [(&str, &str, &str); 9] = [
    ("сто", "ста", "сотый"),
    ("двести", "двухсот", "двухсотый"),
    ("триста", "трёхсот", "трёхсотый"),
    ("четыреста", "четырёхсот", "четырёхсотый"),
    ("пятьсот", "пятисот", "пятисотый"),
    ("шестьсот", "шестисот", "шестисотый"),
    ("семьсот", "семисот", "семисотый"),
    ("восемьсот", "восьмисот", "восьмисотый"),
    ("девятьсот", "девятисот", "девятисотый"),
];

/// Three texts for each number: nominative, genitive, ordinal. Made by counting on from what is
/// known: the words of a hundred, then each of the first ninety-nine after it.
fn numerals() -> Vec<(String, String, String)> {
    let own = |&(n, g, o): &(&str, &str, &str)| (n.to_owned(), g.to_owned(), o.to_owned());
    let after = |head: &(&str, &str, &str), tail: &(String, String, String)| {
        let join = |a: &str, b: &str| format!("{a} {b}");
        // Of an ordinal only the last word changes.
        (join(head.0, &tail.0), join(head.1, &tail.1), join(head.0, &tail.2))
    };
    let mut below_hundred: Vec<_> = TO_NINETEEN.iter().map(own).collect();
    for ten in &TENS {
        let units: Vec<_> = below_hundred[..9].to_vec();
        below_hundred.push(own(ten));
        below_hundred.extend(units.iter().map(|unit| after(ten, unit)));
    }
    let mut all = below_hundred.clone();
    for hundred in &HUNDREDS {
        all.push(own(hundred));
        all.extend(below_hundred.iter().map(|rest| after(hundred, rest)));
    }
    all
}

/// Masculine words made feminine.
fn feminine(text: &str) -> String {
    let words = text.split(' ').map(|word| match word {
        "один" => "одна",
        "два" => "две",
        "одного" => "одной",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
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
fn every_number_agrees_with_its_noun_in_gender_number_and_case() {
    let manifest = manifest();
    let numerals = numerals();
    assert_eq!(numerals.len(), NUMBER_MAX as usize);
    for (number, (nominative, genitive, _)) in (1..).zip(&numerals) {
        let says = |noun, case| heard(&counted(number, noun, case), &manifest);
        let (f_nominative, f_genitive) = (feminine(nominative), feminine(genitive));
        let minutes = noun(&f_nominative, ["минута", "минуты", "минут"]);
        assert_eq!(says(Noun::Minute, Case::Nominative), format!("{f_nominative} {minutes}"));
        let seconds = noun(&f_nominative, ["секунда", "секунды", "секунд"]);
        assert_eq!(says(Noun::Second, Case::Nominative), format!("{f_nominative} {seconds}"));
        let hours = noun(nominative, ["час", "часа", "часов"]);
        assert_eq!(says(Noun::Hour, Case::Nominative), format!("{nominative} {hours}"));
        let people = noun(nominative, ["человек", "человека", "человек"]);
        assert_eq!(says(Noun::Person, Case::Nominative), format!("{nominative} {people}"));

        let minutes = noun(&f_genitive, ["минуты", "минут", "минут"]);
        assert_eq!(says(Noun::Minute, Case::Genitive), format!("{f_genitive} {minutes}"));
        let seconds = noun(&f_genitive, ["секунды", "секунд", "секунд"]);
        assert_eq!(says(Noun::Second, Case::Genitive), format!("{f_genitive} {seconds}"));
        let hours = noun(genitive, ["часа", "часов", "часов"]);
        assert_eq!(says(Noun::Hour, Case::Genitive), format!("{genitive} {hours}"));
        let people = noun(genitive, ["человека", "человек", "человек"]);
        assert_eq!(says(Noun::Person, Case::Genitive), format!("{genitive} {people}"));
    }
}

#[test]
fn every_place_is_an_ordinal() {
    let manifest = manifest();
    for (number, (.., expected)) in (1..).zip(numerals()) {
        assert_eq!(heard(&ordinal(number), &manifest), expected);
        if number > 1 {
            let said = heard(&place(number as usize - 1), &manifest);
            assert_eq!(said, format!("вы {expected} в очереди"));
        }
    }
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
    assert_eq!(places(998), "вы девятьсот девяносто девятый в очереди");
    assert_eq!(places(999), "перед вами более девятисот человек");
    assert_eq!(places(usize::MAX), "перед вами более девятисот человек");
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
    assert_eq!(says(u64::MAX), "ожидание более девятисот девяноста девяти часов");
}
