use super::*;

/// The meanings of words, all of which are known.
fn means(said: &str) -> Vec<NumberWord> {
    let vocabulary = vocabulary();
    let known = |word: &str| vocabulary.iter().find(|(known, _)| known == word).map(|(_, m)| *m);
    said.split_whitespace().map(|word| known(word).unwrap_or_else(|| panic!("{word}"))).collect()
}

#[test]
fn a_telephone_number_is_told_in_any_groups() {
    for said in [
        "восемь девятьсот двенадцать триста сорок пять шестьдесят семь восемьдесят девять",
        "плюс семь девять один два три четыре пять шесть семь восемь девять",
        "девятьсот двенадцать тридцать четыре пятьдесят шесть семь восемь девять",
    ] {
        assert_eq!(telephone(&means(said)).as_deref(), Some("9123456789"), "{said}");
    }
    assert_eq!(digits(&means("ноль пять сто один двадцать")).as_deref(), Some("0510120"));
    assert_eq!(telephone(&means("сто двадцать два")), None, "too short for a subscriber");
    assert_eq!(digits(&means("пять марта")), None);
    assert_eq!(digits(&[]), None);
}

#[test]
fn a_date_of_birth_in_the_ways_it_is_said() {
    let day = |year, month, day| Some(Date { year, month, day });
    for (said, told) in [
        ("двадцать третьего марта тысяча девятьсот пятьдесят второго года", day(1952, 3, 23)),
        ("двадцать третье марта пятьдесят второго", day(1952, 3, 23)),
        ("пятого ноль шестого сорок восьмого", day(1948, 6, 5)),
        ("первое января двухтысячного года", day(2000, 1, 1)),
        ("тридцать первого декабря две тысячи пятого", day(2005, 12, 31)),
        ("десятого десятого десятого", day(2010, 10, 10)),
        ("пятое мая девятнадцать сорок пять", day(1945, 5, 5)),
        ("двадцать девятое февраля две тысячи четвертого", day(2004, 2, 29)),
        ("двадцать девятое февраля две тысячи пятого", None),
        ("тридцать второе марта пятьдесят второго", None),
        ("марта пятьдесят второго", None),
        ("пятого тринадцатого сорок восьмого", None),
    ] {
        assert_eq!(date(&means(said), 2026), told, "{said}");
    }
}

#[test]
fn a_house_with_its_block_and_letter() {
    for (said, written) in [
        ("дом двенадцать", Some("12")),
        ("сто двадцать пять а", Some("125а")),
        ("дом пять корпус три", Some("5к3")),
        ("двадцать два дробь один", Some("22/1")),
        ("корпус три", None),
        ("пять три", None),
        ("дом", None),
    ] {
        assert_eq!(house(&means(said)).as_deref(), written, "{said}");
    }
}

#[test]
fn every_number_up_to_999_is_read_as_it_is_written() {
    for number in 0..1000_u32 {
        let words = words_of_digits(&number.to_string());
        assert_eq!(digits(&means(&words.join(" "))), Some(number.to_string()), "{words:?}");
    }
}
